import { type JsonObject, VarveError } from '../../core/index.js';
import { loggedShape, roundedMs } from '../../query/index.js';
import type { AskedQuery, Outcome } from './asked-query.js';
import type { QueryTimes } from './query-times.js';

/** Of so many native queries of a statement the shapes are told. */
const MAX_SHAPES = 4;

/** What is logged of a query that took long: no values of its filters, nor anything else of the data. */
export function slowQueryLine(query: AskedQuery, times: QueryTimes, outcome: Outcome): JsonObject {
  const { id, type, priority, lane } = query.question;
  return {
    queryId: id,
    type,
    dataSource: query.tables,
    outcome: outcomeText(outcome),
    priority,
    lane,
    times: Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, roundedMs(ms)])),
    rowsScanned: query.sum('rowsScanned'),
    segments: query.sum('segments'),
    missingSegments: query.missingSegments,
    shapes: query.natives.slice(0, MAX_SHAPES).map((each) => ({ ...loggedShape(each.query) })),
  };
}

function outcomeText(outcome: Outcome): string {
  if (typeof outcome === 'string') return outcome;
  return outcome.error instanceof VarveError ? outcome.error.family : 'internal';
}
