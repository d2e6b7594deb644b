import type {
  AuditEntry,
  AuditInfo,
  HistoryRange,
  SettingsTable,
} from '../metadata/settings-table.js';
import { type CoordinatorConfig, mergeConfig, storedConfig } from './dynamic-config.js';
import { DEFAULT_WORKERS, readWorkerConfig, type WorkerConfig } from './worker-config.js';

const NOBODY: AuditInfo = { author: '', comment: '', ip: '' };

/** What is set under one name each. */
type Name = 'coordinator.config' | 'worker.config' | 'worker.disabled';

/** What operators have set of the coordinator: its dynamic configuration, and how nodes are chosen for tasks. */
export class CoordinatorSettings {
  constructor(private readonly settings: SettingsTable) {}

  async config(): Promise<CoordinatorConfig> {
    return storedConfig(await this.#get('coordinator.config'));
  }

  /** Sets the fields that are given; the others stay. Throws UserError. */
  async setConfig(json: unknown, who: AuditInfo): Promise<void> {
    await this.#set('coordinator.config', mergeConfig(await this.config(), json), who);
  }

  /** Null where nobody has set any: then the default ones hold. */
  async workers(): Promise<WorkerConfig | null> {
    const json = await this.#get('worker.config');
    return json === null ? null : readWorkerConfig(json);
  }

  async workersInForce(): Promise<WorkerConfig> {
    return (await this.workers()) ?? DEFAULT_WORKERS;
  }

  /** Replaces all of it. Throws UserError. */
  setWorkers(json: unknown, who: AuditInfo): Promise<void> {
    return this.#set('worker.config', readWorkerConfig(json).json, who);
  }

  /** Hosts that are to have no more tasks. */
  async disabledWorkers(): Promise<ReadonlySet<string>> {
    return new Set((await this.#get('worker.disabled')) as string[] | null);
  }

  /** Gives those that are disabled from now on. */
  async setWorkerEnabled(host: string, isEnabled: boolean): Promise<ReadonlySet<string>> {
    const disabled = new Set(await this.disabledWorkers());
    if (isEnabled) disabled.delete(host);
    else disabled.add(host);
    await this.#set('worker.disabled', [...disabled].sort(), NOBODY);
    return disabled;
  }

  history(name: Name, range: HistoryRange): Promise<AuditEntry[]> {
    return this.settings.history('coordinator', name, range);
  }

  #get(name: Name): Promise<unknown> {
    return this.settings.get('coordinator', name);
  }

  #set(name: Name, value: unknown, who: AuditInfo): Promise<void> {
    return this.settings.set('coordinator', name, value, who);
  }
}
