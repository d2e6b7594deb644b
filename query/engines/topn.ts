import { atOnce, mapInPieces, ResourceLimitError, type Turns } from '../../core/index.js';
import {
  castValue,
  compareBy,
  compareValues,
  type Ordering,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { ALL_BUCKET, visibleBuckets } from '../interpreter/buckets.js';
import { type GroupPartial, mergeGroups } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { Groups, MergedTable } from '../interpreter/groups.js';
import { firstVisibleMs } from '../interpreter/visible-times.js';
import type { TopNQuery } from '../native/query.js';
import { physicalInputs, scanGroups } from './aggregation.js';
import type { ScanEngine } from './engine.js';
import { chain, dimensionOrder, fieldOrder, type GroupOrder, reversed } from './group-order.js';
import { GroupView } from './group-view.js';
import { groupsByBucket } from './groups-by-bucket.js';
import { knownGroups } from './known-groups.js';
import { type OutputRow, OutputRows } from './output-rows.js';
import { firstNumbers, topOf } from './top-of.js';

/** Ranks the values of one dimension per time bucket: an exact group-by and a bounded heap. */
export const topNEngine: ScanEngine<TopNQuery, GroupPartial> = {
  prepare: (query) => query,
  inputs: (query) =>
    physicalInputs(query, [
      ...query.dimension.inputs,
      ...query.aggregations.flatMap((aggregator) => aggregator.inputs),
    ]),
  withoutScan: (query, facts) => knownGroups(groupPlan(query), facts),
  groups: groupPlan,
  scan: (query, target) => scanGroups(query, groupPlan(query), target),
  candidates,
  asRows: () => null,
  enough: () => false,
  *finish(query, results, { limits, showsState }) {
    const { table, visible } = yield* mergeGroups(
      results,
      1,
      query.aggregations,
      query.intervals.length,
      limits.maxGroups,
    );
    const output = new OutputRows(query, [query.dimension]);
    const buckets = visibleBuckets(query.granularity, visible, limits.maxResultRows);
    const allTimeMs = firstVisibleMs(visible) ?? 0;
    const timeOf = (bucketMs: number) => (query.granularity.kind === 'all' ? allTimeMs : bucketMs);
    const rowOf = (group: number) => outputRow(output, table, timeOf(table.bucket(group)), group);
    const view = new GroupView(query, [query.dimension], output, table, timeOf);
    const firstOf = yield* firstByBucket(query, table, yield* rankingOf(query, table, view));
    checkRows(firstOf, limits.maxResultRows);
    const first = buckets.flatMap((bucketMs) => firstOf.get(bucketMs) ?? []);
    const rows = yield* mapInPieces(first, rowOf);
    return {
      fields: output.fields(showsState),
      rows: yield* output.shown(rows, showsState),
      buckets: buckets.map(timeOf),
    };
  },
};

/** Throws ResourceLimitError where the answer has more rows than it may. */
function checkRows(firstOf: ReadonlyMap<number, readonly number[]>, limit: number): void {
  let amount = 0;
  for (const groups of firstOf.values()) amount += groups.length;
  if (amount <= limit) return;
  throw new ResourceLimitError(
    `the result has ${amount} rows, more than maxResultRows = ${limit}; ask for a smaller "threshold", or raise maxResultRows`,
    limit,
    amount,
  );
}

/** Null where groups are ranked by a post-aggregator: it may read the time that rows show, which is known at the end. */
function candidates(query: TopNQuery, groups: Groups): number[] | null {
  const { metric, aggregations, dimension } = query;
  const isKnown =
    metric.by === 'dimension' || aggregations.some(({ name }) => name === metric.name);
  if (!isKnown) return null;
  const output = new OutputRows(query, [dimension]);
  const view = new GroupView(query, [dimension], output, groups, (bucketMs) => bucketMs);
  const ranking = atOnce(rankingOf(query, groups, view));
  return [...atOnce(firstByBucket(query, groups, ranking)).values()].flat();
}

/** The first groups of each bucket. */
function* firstByBucket(
  { granularity, threshold }: TopNQuery,
  groups: Groups,
  { admits, order }: Ranking,
): Turns<Map<number, number[]>> {
  if (granularity.kind === 'all' && admits === null) {
    const { compare, ranks } = order;
    const count = Math.min(groups.groupCount, threshold);
    const first = yield* firstNumbers(groups.groupCount, count, compare, ranks);
    return new Map([[ALL_BUCKET, first]]);
  }
  const groupsOf = groupsByBucket(groups, admits);
  for (const [bucketMs, all] of groupsOf) {
    groupsOf.set(bucketMs, yield* topOf(all, threshold, order.compare));
  }
  return groupsOf;
}

function groupPlan(query: TopNQuery): GroupPlan {
  return {
    granularity: query.granularity,
    dimensions: [query.dimension],
    aggregations: query.aggregations,
    emptyCells: 'skip',
    unnesting: true,
  };
}

function outputRow(
  output: OutputRows,
  table: MergedTable,
  timeMs: number,
  group: number,
): OutputRow {
  return output.make(timeMs, [table.value(0, group)], table.statesOf(group));
}

interface Ranking {
  /** Whether a group takes part; null: all do. */
  readonly admits: ((group: number) => boolean) | null;
  readonly order: Pick<GroupOrder, 'compare' | 'ranks'>;
}

/** Metric descending, unless inverted; ties by the dimension's value, ascending. */
function* rankingOf(query: TopNQuery, groups: Groups, view: GroupView): Turns<Ranking> {
  const { metric, dimension, aggregations, postAggregations } = query;
  const natural = compareValues(dimension.outputType);
  const byValue = dimensionOrder(groups, 0, natural, true).compare;
  if (metric.by === 'dimension') {
    const order = compareBy(metric.ordering, dimension.outputType);
    const sign = metric.inverted ? -1 : 1;
    const stop = stopValue(metric.previousStop, metric.ordering, dimension.outputType);
    const byName = dimensionOrder(groups, 0, order, metric.ordering === 'natural');
    const { compare } = metric.inverted ? reversed(byName) : byName;
    return {
      admits: stop === null ? null : (group) => sign * order(groups.value(0, group), stop) > 0,
      order: { compare: chain([compare, byValue]), ranks: null },
    };
  }
  const aggregator = aggregations.find(({ name }) => name === metric.name);
  const ranker = aggregator ?? postAggregations.find(({ name }) => name === metric.name)!;
  const compareField = (a: Value, b: Value): number => ranker.compare(a, b);
  const byField = yield* fieldOrder(groups, view, metric.name, aggregator, compareField);
  const { compare, ranks } = metric.inverted ? byField : reversed(byField);
  return { admits: null, order: { compare: chain([compare, byValue]), ranks } };
}

/** Text orders compare the stop as text; the natural order wants it as a value of the dimension. */
const stopValue = (stop: string | null, ordering: Ordering, type: ValueType): Value =>
  stop === null || ordering !== 'natural' ? stop : castValue(stop, 'STRING', type);
