import { UserError } from '../core/index.js';
import {
  type Advice,
  type AdviceOptions,
  adviseTable,
  type QueryEngine,
  type QueryLog,
} from '../query/index.js';

/** Proposes star-trees for the queries that the log has. */
export class Advisor {
  constructor(
    private readonly engine: QueryEngine,
    /** Null where the configuration wants none. */
    private readonly log: QueryLog | null,
  ) {}

  /** The tables that were asked something. Throws UserError where no log is kept. */
  tables(): string[] {
    return [
      ...new Set(
        this.#log()
          .records()
          .map(({ table }) => table),
      ),
    ].sort();
  }

  /** Throws UserError where no log is kept, and as queries do. */
  async advise(table: string, options: AdviceOptions): Promise<Advice> {
    return adviseTable(this.engine, table, this.#log().records(table), options);
  }

  #log(): QueryLog {
    if (this.log !== null) return this.log;
    throw new UserError(
      'queryLog.enabled is false, so nobody knows what is asked; set it to true and come back when the usual queries have run',
      'request',
      'queryLog.enabled',
    );
  }
}
