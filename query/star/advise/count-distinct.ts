import { ResourceLimitError } from '../../../core/index.js';
import { ETERNITY, formatInterval } from '../../../model/index.js';
import { parseNativeQuery } from '../../native/registry.js';
import type { QueryEngine } from '../../query-engine.js';
import type { TableSnapshot } from '../../tables.js';
import type { CountDistinct, DimensionSet } from './distinct-counts.js';
import type { Facts } from './facts.js';

/** Counts the combinations of dimensions in one segment of a snapshot, by queries of our own. Throws as queries do. */
export function segmentCounter(
  engine: QueryEngine,
  snapshot: TableSnapshot,
  facts: Facts,
  signal: AbortSignal,
): CountDistinct {
  const { part } = facts;
  const only: TableSnapshot = {
    parts: () => [part],
    schema: (name) => snapshot.schema(name),
    release: () => undefined,
  };
  return async (sets) => {
    const counts: number[] = [];
    for (const set of sets) {
      const query = parseNativeQuery(groupsOf(set, facts));
      try {
        const { rows, fields } = await engine.run(query, { snapshot: only, signal, isOwn: true });
        const field = fields.findIndex(({ name }) => name === 'n');
        counts.push(Number(rows[0]?.[field] ?? 0));
      } catch (error) {
        // More than a query may hold are too many for a tree as well.
        if (!(error instanceof ResourceLimitError)) throw error;
        counts.push(part.rowCount);
      }
    }
    return counts;
  };
}

/** How many groups there are: times are buckets, not dimensions. */
function groupsOf(set: DimensionSet, { part, types }: Facts) {
  const time = set.find(({ granularity }) => granularity !== undefined);
  const { dataSource } = part.id;
  const query = {
    queryType: 'groupBy',
    dataSource,
    intervals: formatInterval({ startMs: part.minTimeMs, endMs: part.maxTimeMs + 1 }),
    granularity: time?.granularity ?? 'all',
    dimensions: set
      .filter((each) => each !== time)
      .map(({ name }) => ({
        type: 'default',
        dimension: name,
        outputName: `d ${name}`,
        outputType: types.get(name) ?? 'STRING',
      })),
    // Trees that there are already cannot tell.
    context: { useStarTree: false },
  };
  return {
    queryType: 'groupBy',
    dataSource: { type: 'query', query },
    intervals: formatInterval(ETERNITY),
    granularity: 'all',
    aggregations: [{ type: 'count', name: 'n' }],
  };
}
