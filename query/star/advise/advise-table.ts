import { QueryTimeoutError } from '../../../core/index.js';
import { ETERNITY } from '../../../model/index.js';
import { Deadline } from '../../deadline.js';
import type { ShapeRecord } from '../../log/query-log.js';
import type { QueryEngine } from '../../query-engine.js';
import type { Advice } from './advice.js';
import { advise } from './advise.js';
import { segmentCounter } from './count-distinct.js';
import { factsOf } from './facts.js';

/** How long counting may take, all in all, and whether anybody still wants to know. */
export interface AdviceOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What a table's logged queries would gain by star-trees, counted in one of its segments. Throws as queries do. */
export async function adviseTable(
  engine: QueryEngine,
  table: string,
  records: readonly ShapeRecord[],
  { timeoutMs, signal }: AdviceOptions,
): Promise<Advice> {
  const snapshot = engine.snapshot([table]);
  const deadline = new Deadline(null, timeoutMs, signal);
  try {
    const facts = factsOf(snapshot, table, snapshot.parts(table, [ETERNITY]));
    const count =
      facts === null ? async () => [] : segmentCounter(engine, snapshot, facts, deadline.signal);
    return await advise(table, records, facts, count);
  } catch (error) {
    if (!(error instanceof QueryTimeoutError)) throw error;
    throw new QueryTimeoutError(
      `to count combinations of dimensions in a segment of ${table} takes more than ${timeoutMs} ms; ask with a longer timeout`,
    );
  } finally {
    deadline.end();
    snapshot.release();
  }
}
