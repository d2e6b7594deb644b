import { isJsonObject, type JsonObject } from '../../core/index.js';
import type { TaskStore } from '../../ingest/index.js';
import { ETERNITY } from '../../model/index.js';
import type { AuditInfo, SettingsTable } from '../metadata/settings-table.js';
import { parseSupervisor } from './registry.js';
import type { Supervisor } from './supervisor.js';
import { type SupervisorState, supervisorState } from './supervisor-state.js';

/** What a supervisor was at a time. */
export interface SupervisorVersion {
  readonly id: string;
  readonly timeMs: number;
  /** Null where what it was before is not remembered. */
  readonly dataSource: string | null;
  /** Null: it was terminated. */
  readonly json: JsonObject | null;
}

/** The supervisors that operators have posted: they stand in the metadata, and whoever leads does what they say. */
export class Supervisors {
  constructor(
    private readonly settings: SettingsTable,
    private readonly tasks: Pick<TaskStore, 'list'>,
  ) {}

  /** In the order of their ids. */
  async all(): Promise<Supervisor[]> {
    return [...(await this.settings.all('supervisors')).values()].map(stored);
  }

  /** Null where there is none of this id. */
  async get(id: string): Promise<Supervisor | null> {
    const json = await this.settings.get('supervisors', id);
    return json === null ? null : stored(json);
  }

  /** Begins one, or replaces the one of its id. Throws UserError. */
  async post(json: JsonObject, who: AuditInfo): Promise<Supervisor> {
    const supervisor = parseSupervisor(json);
    await this.settings.set('supervisors', supervisor.id, supervisor.json, who);
    return supervisor;
  }

  /** Suspends supervisors, or resumes them; gives them as they are since. */
  async setSuspended(
    supervisors: readonly Supervisor[],
    suspended: boolean,
    who: AuditInfo,
  ): Promise<Supervisor[]> {
    const changed = supervisors.map(({ json }) => parseSupervisor({ ...json, suspended }));
    await this.settings.setAll('supervisors', jsonById(changed), who);
    return changed;
  }

  /** Ends supervisors for good; tasks that they have submitted go on. */
  async terminate(supervisors: readonly Supervisor[], who: AuditInfo): Promise<void> {
    const nothing = new Map(supervisors.map(({ id }) => [id, null]));
    await this.settings.setAll('supervisors', nothing, who);
  }

  /** How supervisors fare, in their order. */
  async states(supervisors: readonly Supervisor[]): Promise<SupervisorState[]> {
    const tasks = supervisors.length === 0 ? [] : await this.tasks.list();
    return supervisors.map((each) => supervisorState(each, tasks));
  }

  /** What became of a supervisor, or of all (null): newest first. */
  async history(id: string | null): Promise<SupervisorVersion[]> {
    const changes = await this.settings.history('supervisors', id, { interval: ETERNITY });
    const dataSources = new Map<string, string>();
    const versions = changes.map(({ name, timeMs, value }) => {
      const json = isJsonObject(value) ? value : null;
      if (json !== null) dataSources.set(name, stored(json).dataSource);
      return { id: name, timeMs, dataSource: dataSources.get(name) ?? null, json };
    });
    return versions.reverse();
  }
}

const stored = (json: unknown): Supervisor => parseSupervisor(json as JsonObject);

const jsonById = (supervisors: readonly Supervisor[]): Map<string, JsonObject> =>
  new Map(supervisors.map(({ id, json }) => [id, json]));
