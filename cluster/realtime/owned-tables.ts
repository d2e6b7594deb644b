import { ConflictError, UnavailableError } from '../../core/index.js';
import type { PushWorker } from '../../ingest/index.js';
import type { PushTables } from '../metadata/push-tables.js';
import { chooseOwner, type TableOwners } from './table-owners.js';

/** What is needed of the push worker of this node. */
export type OwnWorker = Pick<
  PushWorker,
  'push' | 'replay' | 'declare' | 'handOff' | 'adopt' | 'stats'
>;

export interface OwnedTablesOptions {
  /** The name of this node, and of its log. */
  readonly self: string;
  readonly owners: TableOwners;
  readonly tables: Pick<PushTables, 'assignOwner' | 'closeLog' | 'logs'>;
  readonly worker: OwnWorker;
  /** The names of other realtime nodes that are alive. */
  others(): readonly string[];
}

const NOT_OWNER = 'notOwner';

/** Whether a node refused because the table is another one's: nothing was done. */
export const isNotOwner = (error: unknown): boolean =>
  error instanceof ConflictError && error.context[NOT_OWNER] !== undefined;

/** The tables whose rows this node takes. */
export class OwnedTables {
  /** The epoch in which the worker took the table up. */
  readonly #adopted = new Map<string, number>();
  readonly #running = new Set<Promise<unknown>>();
  #isDraining = false;

  constructor(private readonly options: OwnedTablesOptions) {}

  /** Works on a table of this node. Throws ConflictError (see `isNotOwner`) when it is none, UnavailableError while this node leaves. */
  async run<T>(table: string, work: (worker: OwnWorker) => Promise<T>): Promise<T> {
    await this.#check(table);
    // From here to the start of the work nothing is waited for, so that `drain` sees all that was let in.
    if (this.#isDraining) throw leaving(this.options.self);
    const running = work(this.options.worker);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #check(table: string): Promise<void> {
    const { self, owners, worker } = this.options;
    if (this.#isDraining) throw leaving(self);
    if ((await owners.of(table))?.node !== self) await owners.refresh();
    const owner = await owners.of(table);
    if (owner?.node !== self) {
      throw new ConflictError(
        `the table "${table}" is of the node "${owner?.node ?? ''}", not of ${self}; send it there`,
        { table, [NOT_OWNER]: self },
      );
    }
    if (this.#adopted.get(table) === owner.epoch) return;
    await worker.adopt();
    this.#adopted.set(table, owner.epoch);
  }

  /**
   * Leaves: takes nothing more, publishes everything, and gives the tables to other nodes. A table for which there is
   * none stays with this node, so that nobody takes rows of it until there is one again.
   */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.allSettled(this.#running);
    const { self, owners, tables, worker, others } = this.options;
    await owners.refresh();
    await worker.adopt();
    for (const { table } of await this.#openLogs()) await worker.handOff(table);
    for (const [table, { node, epoch }] of owners.all()) {
      if (node !== self) continue;
      const next = chooseOwner(owners.all().values(), others());
      if (next === null) return;
      await tables.assignOwner(table, next, epoch, 0);
      await owners.refresh();
    }
    await this.settleLost();
  }

  /** Publishes what this node has of tables that are not its own any more, and says that no more of them will come. */
  async settleLost(): Promise<void> {
    const { self, owners, tables, worker } = this.options;
    await owners.refresh();
    const isLost = ({ table }: { table: string }) => owners.all().get(table)?.node !== self;
    for (const { table } of (await this.#openLogs()).filter(isLost)) {
      this.#adopted.delete(table);
      await Promise.allSettled(this.#running);
      await worker.handOff(table);
      const state = (await this.#openLogs()).find((each) => each.table === table);
      if (state !== undefined) await tables.closeLog(table, self, state.position);
    }
  }

  async #openLogs() {
    const { self, tables } = this.options;
    return (await tables.logs()).filter(({ log, isOpen }) => log === self && isOpen);
  }
}

const leaving = (self: string): UnavailableError =>
  new UnavailableError(
    `node ${self} is leaving and gives its tables to others; send the batch again after the time in Retry-After`,
  );
