import type {
  AuditEntry,
  AuditInfo,
  HistoryRange,
  SettingsTable,
} from '../metadata/settings-table.js';
import { type CoordinatorConfig, mergeConfig, storedConfig } from './dynamic-config.js';
import { DEFAULT_WORKERS, readWorkerConfig, type WorkerConfig } from './worker-config.js';

/** What is set under one name each. */
type Name = 'coordinator.config' | 'worker.config';

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
