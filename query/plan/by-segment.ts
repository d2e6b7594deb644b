import { UserError } from '../../core/index.js';
import { type Interval, intersect } from '../../model/index.js';
import { segmentIdText } from '../../segments/index.js';
import type { Outcome } from '../engines/engine.js';
import { joinsOf, leafOf } from '../expansion/sources.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type { TablePart, TableSnapshot } from '../tables.js';
import { partsIn, tableNames } from './query-tables.js';

/** Most groups that a topN shows of a segment, unless the context says `minTopNThreshold`. */
const MIN_THRESHOLD = 1000;

/** The answer of each segment that a query reads, as they are before they are merged: no limit, `having` or total is applied. */
export async function answerBySegment(
  query: NativeQuery,
  snapshot: TableSnapshot,
  answer: (query: NativeQuery, snapshot: TableSnapshot) => Promise<Outcome>,
): Promise<Outcome> {
  const names = tableNames(leafOf(query.dataSource));
  if (names === null || joinsOf(query.dataSource).length > 0) {
    throw new UserError(
      'context.bySegment: asks for the answer of each segment, and the data source is more than segments; name a table or a union of tables, or leave it out',
      'context',
      'context.bySegment',
    );
  }
  const asked = ofOneSegment(query);
  const segments = [];
  for (const part of partsIn(snapshot, names, query)) {
    const outcome = await answer(asked, only(part, snapshot));
    const interval = visibleIn(part, query.intervals);
    segments.push({ segmentId: segmentIdText(part.id), interval, ...outcome });
  }
  return { fields: [], rows: [], segments };
}

/** Without what is done with merged answers. */
function ofOneSegment({ spec, context: { all }, ...query }: NativeQuery): NativeQuery {
  // Nobody asks it often.
  const uncached = { useCache: false, populateCache: false };
  const context = { ...all, ...uncached, bySegment: false, grandTotal: false };
  const changed = { ...spec, context };
  switch (query.queryType) {
    case 'timeseries':
      return parseNativeQuery({ ...changed, limit: null });
    case 'groupBy':
      return parseNativeQuery({ ...changed, limitSpec: null, having: null, subtotalsSpec: null });
    case 'topN': {
      const least = Number(all.minTopNThreshold ?? MIN_THRESHOLD);
      return parseNativeQuery({ ...changed, threshold: Math.max(query.threshold, least) });
    }
    default:
      return parseNativeQuery(changed);
  }
}

const only = (part: TablePart, snapshot: TableSnapshot): TableSnapshot => ({
  parts: (name) => (name === part.id.dataSource ? [part] : []),
  schema: (name) => snapshot.schema(name),
  release: () => undefined,
});

/** From where on to where the query can see rows of the segment. */
function visibleIn({ interval }: TablePart, intervals: readonly Interval[]): Interval {
  const seen = intervals.flatMap((each) => intersect(each, interval) ?? []);
  return {
    startMs: seen[0]?.startMs ?? interval.startMs,
    endMs: seen.at(-1)?.endMs ?? interval.endMs,
  };
}
