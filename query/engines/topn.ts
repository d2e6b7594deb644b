import {
  castValue,
  compareBy,
  compareValues,
  type Ordering,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { visibleBuckets } from '../interpreter/buckets.js';
import { type GroupPartial, mergeGroups } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { GroupTable } from '../interpreter/group-table.js';
import type { Groups } from '../interpreter/groups.js';
import { firstVisibleMs } from '../interpreter/visible-times.js';
import type { TopNQuery } from '../native/query.js';
import { physicalInputs, scanGroups } from './aggregation.js';
import type { ScanEngine } from './engine.js';
import { knownGroups } from './known-groups.js';
import { type OutputRow, OutputRows } from './output-rows.js';
import { topOf } from './top-of.js';

/** Ranks the values of one dimension per time bucket: an exact group-by and a bounded heap. */
export const topNEngine: ScanEngine<TopNQuery, GroupPartial> = {
  prepare: (query) => query,
  inputs: (query) =>
    physicalInputs(query, [
      ...query.dimension.inputs,
      ...query.aggregations.flatMap((aggregator) => aggregator.inputs),
    ]),
  withoutScan: (query, facts) => knownGroups(query, groupPlan(query), facts),
  groups: groupPlan,
  scan: (query, target) => scanGroups(query, groupPlan(query), target),
  candidates,
  asRows: () => null,
  enough: () => false,
  finish(query, results, { limits, showsState }) {
    const { table, visible } = mergeGroups(
      results,
      1,
      query.aggregations,
      query.intervals.length,
      limits.maxGroups,
    );
    const output = new OutputRows(query, [query.dimension]);
    const groupsOf = groupsByBucket(table);
    const buckets = visibleBuckets(query.granularity, visible, limits.maxResultRows);
    const allTimeMs = firstVisibleMs(visible) ?? 0;
    const timeOf = (bucketMs: number) => (query.granularity.kind === 'all' ? allTimeMs : bucketMs);
    const rowOf = (group: number) => outputRow(output, table, timeOf(table.bucket(group)), group);
    const ranking = rankingOf(
      query,
      table,
      (group, name) => rowOf(group).values[output.indexOf(name)]!,
    );
    const rows = buckets.flatMap((bucketMs) =>
      firstOf(query, ranking, groupsOf.get(bucketMs) ?? []).map((group) =>
        output.shown(rowOf(group), showsState),
      ),
    );
    return { fields: output.fields(showsState), rows, buckets: buckets.map(timeOf) };
  },
};

/** Null where groups are ranked by what is seen in rows only. */
function candidates(query: TopNQuery, groups: Groups): number[] | null {
  const { metric, aggregations } = query;
  const isKnown =
    metric.by === 'dimension' || aggregations.some(({ name }) => name === metric.name);
  if (!isKnown) return null;
  const ranking = rankingOf(query, groups, () => null);
  return [...groupsByBucket(groups).values()].flatMap((each) => firstOf(query, ranking, each));
}

const firstOf = ({ threshold }: TopNQuery, { admits, compare }: Ranking, groups: number[]) =>
  topOf(groups.filter(admits), threshold, compare);

function groupPlan(query: TopNQuery): GroupPlan {
  return {
    granularity: query.granularity,
    dimensions: [query.dimension],
    aggregations: query.aggregations,
    emptyCells: 'skip',
    unnesting: true,
  };
}

function groupsByBucket(groups: Groups): Map<number, number[]> {
  const groupsOf = new Map<number, number[]>();
  for (let group = 0; group < groups.groupCount; group++) {
    const bucketMs = groups.bucket(group);
    const known = groupsOf.get(bucketMs);
    if (known === undefined) groupsOf.set(bucketMs, [group]);
    else known.push(group);
  }
  return groupsOf;
}

function outputRow(
  output: OutputRows,
  table: GroupTable,
  timeMs: number,
  group: number,
): OutputRow {
  const states = table.states.map((perGroup) => perGroup[group]!);
  return output.make(timeMs, [table.value(0, group)], states);
}

/** An order of groups, by their numbers. */
interface Ranking {
  admits(group: number): boolean;
  compare(a: number, b: number): number;
}

/** Metric descending, unless inverted; ties by the dimension's value, ascending. */
function rankingOf(
  query: TopNQuery,
  groups: Groups,
  postValue: (group: number, name: string) => Value,
): Ranking {
  const { metric, dimension } = query;
  const natural = compareValues(dimension.outputType);
  const valueIn = (group: number): Value => groups.value(0, group);
  const byValue = groups.order(0) ?? ((a, b) => natural(valueIn(a), valueIn(b)));
  if (metric.by === 'dimension') {
    const order = compareBy(metric.ordering, dimension.outputType);
    const sign = metric.inverted ? -1 : 1;
    const stop = stopValue(metric.previousStop, metric.ordering, dimension.outputType);
    return {
      admits: (group) => stop === null || sign * order(valueIn(group), stop) > 0,
      compare: (a, b) => sign * order(valueIn(a), valueIn(b)) || byValue(a, b),
    };
  }
  const ranker = [...query.aggregations, ...query.postAggregations].find(
    (ranked) => ranked.name === metric.name,
  )!;
  const sign = metric.inverted ? 1 : -1;
  const metrics = metricsOf(query, metric.name, groups, postValue);
  return {
    admits: () => true,
    compare: (a, b) => sign * ranker.compare(metrics[a]!, metrics[b]!) || byValue(a, b),
  };
}

/** What each group is ranked by. An aggregator is finalised alone; a post-aggregator needs the whole row. */
function metricsOf(
  query: TopNQuery,
  name: string,
  groups: Groups,
  postValue: (group: number, name: string) => Value,
): Value[] {
  const index = query.aggregations.findIndex((aggregator) => aggregator.name === name);
  const aggregator = query.aggregations[index];
  return Array.from({ length: groups.groupCount }, (_, group) =>
    aggregator === undefined
      ? postValue(group, name)
      : aggregator.finalise(groups.state(index, group)),
  );
}

/** Text orders compare the stop as text; the natural order wants it as a value of the dimension. */
const stopValue = (stop: string | null, ordering: Ordering, type: ValueType): Value =>
  stop === null || ordering !== 'natural' ? stop : castValue(stop, 'STRING', type);
