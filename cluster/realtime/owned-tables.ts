import { ConflictError, type Logger, UnavailableError } from '../../core/index.js';
import type { EngineStats, PushWorker } from '../../ingest/index.js';
import type { LogHold } from '../metadata/push-logs.js';
import type { PushTables } from '../metadata/push-tables.js';
import { chooseOwner, type TableOwners } from './table-owners.js';

/** What is needed of the push worker of this node. */
export type OwnWorker = Pick<
  PushWorker,
  'push' | 'replay' | 'declare' | 'handOff' | 'adopt' | 'give' | 'stats'
>;

export interface OwnedTablesOptions {
  /** The name of this node, and of its log. */
  readonly self: string;
  /** Of its log: a node that holds it no more moves nothing. */
  readonly hold: LogHold;
  readonly owners: TableOwners;
  readonly tables: Pick<PushTables, 'move' | 'logs'>;
  readonly worker: OwnWorker;
  /** The names of other realtime nodes that are alive. */
  others(): readonly string[];
  readonly logger: Logger;
}

const NOT_TAKEN = 'notTakenBy';

/** Whether a node refused because the table is another one's, or will be soon: nothing was done. */
export const isNotOwner = (error: unknown): boolean =>
  (error instanceof ConflictError || error instanceof UnavailableError) &&
  error.context[NOT_TAKEN] !== undefined;

/** The tables whose rows this node takes. */
export class OwnedTables {
  /** By table: the epoch in which the worker took it up. */
  readonly #adopted = new Map<string, number>();
  /** What is being done with each table. */
  readonly #running = new Map<string, Set<Promise<unknown>>>();
  /** Tables that go to other nodes. */
  readonly #leaving = new Set<string>();
  #isLeaving = false;

  constructor(private readonly options: OwnedTablesOptions) {}

  /** Works on a table of this node; throws an error that is `isNotOwner` when it is none, or when it goes to another one. */
  async run<T>(table: string, work: (worker: OwnWorker) => Promise<T>): Promise<T> {
    await this.#check(table);
    // From here to the start of the work nothing is waited for, so that `drain` sees all that was let in.
    this.#checkStays(table);
    const job = work(this.options.worker);
    const running = this.#running.get(table) ?? new Set();
    this.#running.set(table, running.add(job));
    try {
      return await job;
    } finally {
      running.delete(job);
    }
  }

  stats(): Promise<EngineStats> {
    return this.options.worker.stats();
  }

  async #check(table: string): Promise<void> {
    const { self, owners, worker } = this.options;
    this.#checkStays(table);
    if ((await owners.of(table)).node !== self) await owners.refresh();
    const { node, epoch } = await owners.of(table);
    if (node !== self) throw this.#notOwner(table);
    if (this.#adopted.get(table) === epoch) return;
    try {
      await worker.adopt(table);
    } catch (error) {
      if (error instanceof ConflictError) throw this.#notOwner(table);
      throw error;
    }
    this.#adopted.set(table, epoch);
  }

  /**
   * Leaves: publishes everything, and gives one table after the other to other nodes. Where there is none, the tables stay this
   * node's, which takes them up again when it is back. False: what could not be published stays in the log.
   */
  async drain(): Promise<boolean> {
    await this.#giveAll();
    this.#isLeaving = true;
    // Some may have come meanwhile.
    return this.#giveAll();
  }

  async #giveAll(): Promise<boolean> {
    const { self, owners, tables, logger } = this.options;
    await owners.refresh();
    const logs = (await tables.logs()).filter(({ log }) => log === self);
    const open = new Set(logs.map(({ table }) => table));
    let isAllGiven = true;
    for (const [table, { node, epoch }] of owners.all()) {
      if (node !== self) continue;
      try {
        if (open.has(table)) await this.#giveOpen(table, epoch);
        else await this.#giveClosed(table, epoch);
        await owners.refresh();
      } catch (err) {
        logger.error({ table, err }, 'a table stays with this node, which leaves');
        isAllGiven = false;
      }
    }
    return isAllGiven;
  }

  async #giveOpen(table: string, epoch: number): Promise<void> {
    const { self, hold, tables, worker } = this.options;
    // Its state may still be on its way here, when this process has not taken rows of it.
    await worker.adopt(table);
    // Most of it goes while rows are still taken.
    await worker.handOff(table);
    this.#leaving.add(table);
    await Promise.allSettled(this.#running.get(table) ?? []);
    await worker.handOff(table);
    const given = await worker.give(table);
    await tables.move({ table, from: self, epoch, to: this.#next() ?? self, hold, ...given });
  }

  async #giveClosed(table: string, epoch: number): Promise<void> {
    const { self, hold, tables } = this.options;
    this.#leaving.add(table);
    const to = this.#next();
    if (to === null) return;
    await tables.move({ table, from: self, epoch, to, hold, position: null, state: null });
  }

  #next(): string | null {
    return chooseOwner(this.options.owners.all().values(), this.options.others());
  }

  #checkStays(table: string): void {
    if (!this.#isLeaving && !this.#leaving.has(table)) return;
    const { self } = this.options;
    throw new UnavailableError(
      `node ${self} is leaving and gives its tables to others; send the batch again after the time in Retry-After`,
      { table, [NOT_TAKEN]: self },
    );
  }

  #notOwner(table: string): ConflictError {
    const { self } = this.options;
    return new ConflictError(
      `the table "${table}" is not of the node "${self}"; send it to its owner`,
      {
        table,
        [NOT_TAKEN]: self,
      },
    );
  }
}
