import { ConflictError, type Logger, UnavailableError } from '../../core/index.js';
import type { EngineStats, PushWorker } from '../../ingest/index.js';
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
  readonly #running = new Set<Promise<unknown>>();
  #isDraining = false;

  constructor(private readonly options: OwnedTablesOptions) {}

  /** Works on a table of this node; throws an error that is `isNotOwner` when it is none, or when this node leaves. */
  async run<T>(table: string, work: (worker: OwnWorker) => Promise<T>): Promise<T> {
    await this.#check(table);
    // From here to the start of the work nothing is waited for, so that `drain` sees all that was let in.
    if (this.#isDraining) throw this.#leaving(table);
    const running = work(this.options.worker);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  stats(): Promise<EngineStats> {
    return this.options.worker.stats();
  }

  async #check(table: string): Promise<void> {
    const { self, owners, worker } = this.options;
    if (this.#isDraining) throw this.#leaving(table);
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
   * Leaves: takes nothing more, publishes everything, and gives the tables to other nodes. Where there is none, the tables
   * stay this node's, which takes them up again when it is back. What cannot be published now stays in the log.
   */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.allSettled(this.#running);
    const { self, owners, tables, logger } = this.options;
    await owners.refresh();
    const open = new Set(
      (await tables.logs()).flatMap((each) => (each.log === self ? each.table : [])),
    );
    for (const [table, { node, epoch }] of owners.all()) {
      if (node !== self) continue;
      try {
        await this.#moveAway(table, epoch, open.has(table));
      } catch (err) {
        logger.error({ table, err }, 'a table stays with this node, which leaves');
      }
    }
  }

  async #moveAway(table: string, epoch: number, isOpen: boolean): Promise<void> {
    const { self, owners, tables, worker, others } = this.options;
    const to = chooseOwner(owners.all().values(), others()) ?? self;
    if (isOpen) {
      // Its state may still be on its way here, when this process has not taken rows of it.
      await worker.adopt(table);
      await worker.handOff(table);
      await tables.move({ table, from: self, epoch, to, ...(await worker.give(table)) });
    } else if (to !== self) {
      await tables.move({ table, from: self, epoch, to, position: null, state: null });
    }
    await owners.refresh();
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

  #leaving(table: string): UnavailableError {
    const { self } = this.options;
    return new UnavailableError(
      `node ${self} is leaving and gives its tables to others; send the batch again after the time in Retry-After`,
      { table, [NOT_TAKEN]: self },
    );
  }
}
