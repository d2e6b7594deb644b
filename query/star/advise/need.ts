import { type JsonObject, stringifyJson } from '../../../core/index.js';
import { type Granularity, parseGranularity } from '../../../model/index.js';
import type { ShapeRecord } from '../../log/query-log.js';
import { LADDER } from '../../log/shape-time.js';
import { cutInterval, fitOf } from './asked-planner.js';
import type { DistinctCounts } from './distinct-counts.js';
import type { Reads } from './expected-records.js';
import type { Facts } from './facts.js';
import { dimensionsOf } from './reasons.js';
import type { WouldBeDimension, WouldBeTree } from './would-be-tree.js';

/** What queries of a shape need of a tree, and what they took. */
export interface Need {
  readonly record: ShapeRecord;
  /** Without `__time`. */
  readonly dimensions: readonly string[];
  /** Granularities that the tree's own has to fit into, as JSON: of time that is read, and of intervals that cut segments where that helps. */
  readonly times: readonly unknown[];
  readonly metrics: readonly JsonObject[];
  /** In all: rows that are looked at, and time that it takes, without any tree. */
  readonly rows: number;
  readonly ms: number;
}

/** Records of trees are read about as fast as rows are. */
export function needOf(record: ShapeRecord, msPerRow: number, facts: Facts): Need {
  const { shape, rows, totalMs, treeRecords, treeRows } = record;
  const spared = Math.max(0, treeRows - treeRecords);
  const need = {
    record,
    dimensions: dimensionsOf(shape),
    times: shape.time === null ? [] : [shape.time],
    metrics: shape.aggregations.map(({ spec }) => spec),
    rows: rows + spared,
    ms: totalMs + spared * msPerRow,
  };
  const { aligned } = shape.span;
  if (aligned === null || cutInterval(shape, facts) === null) return need;
  // With times cut as intervals are, a tree may answer for a part of a segment.
  const finer = { ...need, times: [...need.times, aligned] };
  const tree = treeFor([finer], facts, null);
  return fitOf(tree, shape, facts) === 'all' ? finer : need;
}

/** The tree that answers all of these. Without counts the order of its dimensions is any. */
export function treeFor(
  needs: readonly Need[],
  facts: Facts,
  counts: DistinctCounts | null,
): WouldBeTree {
  const names = new Set(needs.flatMap(({ dimensions }) => dimensions));
  const times = needs.flatMap((need) => need.times);
  const dimensions = [...names].map((name) => ({
    name,
    skipStar: needs.every((need) => need.dimensions.includes(name)),
  }));
  const granularity = coarsestOf(times, facts);
  const time: WouldBeDimension[] =
    granularity === null ? [] : [{ name: '__time', skipStar: needs.every(readsTime), granularity }];
  const all = [...dimensions, ...time];
  return { dimensions: counts === null ? all : inOrder(all, counts), metrics: metricsOf(needs) };
}

const readsTime = ({ record }: Need): boolean => record.shape.time !== null;

/** Those that all queries read first, since nothing is ever added up over them; then, as in the rest, the one of the most values. */
function inOrder(dimensions: readonly WouldBeDimension[], counts: DistinctCounts) {
  return [...dimensions].sort(
    (a, b) =>
      Number(b.skipStar) - Number(a.skipStar) ||
      counts.of([b]) - counts.of([a]) ||
      (a.name < b.name ? -1 : 1),
  );
}

/** Each once, the count of rows with them: hardly any query goes without, and it takes next to nothing. */
function metricsOf(needs: readonly Need[]): JsonObject[] {
  const byText = new Map<string, JsonObject>([['{"type":"count"}', { type: 'count' }]]);
  for (const spec of needs.flatMap(({ metrics }) => metrics)) byText.set(stringifyJson(spec), spec);
  return [...byText.values()];
}

/** The coarsest granularity of which buckets lie in one of each of these; null where there are none. */
function coarsestOf(times: readonly unknown[], { part }: Facts): unknown {
  if (times.length === 0) return null;
  const asked = [...new Map(times.map((spec) => [stringifyJson(spec), spec])).values()].map(
    (spec) => parseGranularity(spec, ''),
  );
  const candidates = [...asked, ...LADDER.map(({ granularity }) => granularity)];
  const found = candidates.find((each) =>
    asked.every((other) => fitsInto(each, other, part.minTimeMs, part.maxTimeMs)),
  );
  return found?.spec ?? 'second';
}

/** As many buckets are looked at. */
const BUCKETS_TRIED = 1000;

function fitsInto(fine: Granularity, coarse: Granularity, fromMs: number, toMs: number): boolean {
  let start = fine.bucketStart(fromMs);
  for (let i = 0; start <= toMs && i < BUCKETS_TRIED; i++) {
    const next = fine.nextBucket(start);
    if (coarse.bucketStart(start) !== coarse.bucketStart(next - 1)) return false;
    start = next;
  }
  return true;
}

/** What queries of the shape read of a tree's dimensions. */
export function readsOf({ record, dimensions, times }: Need, facts: Facts): Reads {
  const reads = new Map(dimensions.map((name) => [name, 1]));
  for (const { columns, kind, values } of record.shape.conditions) {
    const [name, ...others] = columns;
    const count = facts.cardinality(name!);
    // Lists of values pass about as many; of other conditions nobody knows.
    if (others.length > 0 || kind !== 'in' || count === null) continue;
    reads.set(name!, Math.min(reads.get(name!)!, values / count));
  }
  if (times.length > 0) reads.set('__time', 1);
  return reads;
}
