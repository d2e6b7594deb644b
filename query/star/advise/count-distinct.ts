import type { JsonObject } from '../../../core/index.js';
import { formatInterval } from '../../../model/index.js';
import { LADDER } from '../../log/shape-time.js';
import { parseNativeQuery } from '../../native/registry.js';
import type { QueryEngine } from '../../query-engine.js';
import type { TableSnapshot } from '../../tables.js';
import type { CountDistinct, DimensionSet } from './distinct-counts.js';
import type { Facts } from './facts.js';

/** As many are counted in one scan: more take more memory, fewer more scans. */
const SETS_PER_SCAN = 16;

export interface CountOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Counts the combinations of dimensions in one segment of a snapshot, by queries of our own. Throws as queries do. */
export function segmentCounter(
  engine: QueryEngine,
  snapshot: TableSnapshot,
  { part }: Facts,
  { timeoutMs, signal }: CountOptions,
): CountDistinct {
  const only: TableSnapshot = {
    parts: () => [part],
    schema: (name) => snapshot.schema(name),
    release: () => undefined,
  };
  const { minTimeMs, maxTimeMs } = part;
  const shared = {
    queryType: 'timeseries',
    dataSource: part.id.dataSource,
    intervals: formatInterval({ startMs: minTimeMs, endMs: maxTimeMs + 1 }),
    granularity: 'all',
    // Trees that it has cannot tell.
    context: { timeout: timeoutMs, useStarTree: false },
  };
  const options = { snapshot: only, isOwn: true, ...(signal && { signal }) };
  return async (sets) => {
    const counts: number[] = [];
    for (let from = 0; from < sets.length; from += SETS_PER_SCAN) {
      const some = sets.slice(from, from + SETS_PER_SCAN);
      const query = parseNativeQuery({ ...shared, ...countsOf(some) });
      const { fields, rows } = await engine.run(query, options);
      const at = some.map((_, i) => fields.findIndex(({ name }) => name === `c${i}`));
      counts.push(...at.map((field) => Math.round(Number(rows[0]?.[field] ?? 0))));
    }
    return counts;
  };
}

/** An aggregator for each set, and the times that they count. */
function countsOf(sets: readonly DimensionSet[]): JsonObject {
  const times = new Map<string, JsonObject>();
  const columnOf = ({ name, granularity }: DimensionSet[number]): string => {
    if (granularity === undefined) return name;
    const expression = floorOf(granularity);
    const virtual = `time ${expression}`;
    times.set(virtual, { type: 'expression', name: virtual, expression, outputType: 'LONG' });
    return virtual;
  };
  const aggregations = sets.map((set, i) => ({
    type: 'cardinality',
    name: `c${i}`,
    byRow: true,
    fields: set.map(columnOf),
  }));
  return { aggregations, virtualColumns: [...times.values()] };
}

/** The start of the bucket, of a granularity of the ladder or of a period. */
function floorOf(granularity: unknown): string {
  const rung = LADDER.find(({ name }) => name === granularity);
  const { period, timeZone } =
    rung === undefined ? Object(granularity) : { ...rung, timeZone: 'UTC' };
  return `timestamp_floor(__time, '${String(period)}', null, '${String(timeZone ?? 'UTC')}')`;
}
