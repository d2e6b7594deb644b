import { UserError } from '../core/index.js';
import { ETERNITY } from '../model/index.js';
import {
  type Advice,
  advise,
  factsOf,
  type QueryEngine,
  type QueryLog,
  segmentCounter,
} from '../query/index.js';

/** How long the counting for one piece of advice may take. */
export interface AdviceOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

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
    const records = this.#log().records(table);
    const snapshot = this.engine.snapshot([table]);
    try {
      const facts = factsOf(snapshot, table, snapshot.parts(table, [ETERNITY]));
      if (facts === null) return await advise(table, records, null, async () => []);
      const count = segmentCounter(this.engine, snapshot, facts, options);
      return await advise(table, records, facts, count);
    } finally {
      snapshot.release();
    }
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
