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
    const ranking = rankingOf(query, output, table, timeOf);
    const rows = buckets.flatMap((bucketMs) => {
      const groups = (groupsOf.get(bucketMs) ?? []).filter(ranking.admits);
      return topOf(groups, query.threshold, ranking.compare).map((group) =>
        output.shown(outputRow(output, table, timeOf(bucketMs), group), showsState),
      );
    });
    return { fields: output.fields(showsState), rows, buckets: buckets.map(timeOf) };
  },
};

function groupPlan(query: TopNQuery): GroupPlan {
  return {
    granularity: query.granularity,
    dimensions: [query.dimension],
    aggregations: query.aggregations,
    emptyCells: 'skip',
    unnesting: true,
  };
}

function groupsByBucket(table: GroupTable): Map<number, number[]> {
  const groupsOf = new Map<number, number[]>();
  for (const [group, bucketMs] of table.buckets.entries()) {
    const groups = groupsOf.get(bucketMs);
    if (groups === undefined) groupsOf.set(bucketMs, [group]);
    else groups.push(group);
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
  output: OutputRows,
  table: GroupTable,
  timeOf: (bucketMs: number) => number,
): Ranking {
  const { metric, dimension } = query;
  const natural = compareValues(dimension.outputType);
  const valueIn = (group: number): Value => table.value(0, group);
  const byValue = (a: number, b: number) => natural(valueIn(a), valueIn(b));
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
  const metrics = metricsOf(query, metric.name, output, table, timeOf);
  return {
    admits: () => true,
    compare: (a, b) => sign * ranker.compare(metrics[a]!, metrics[b]!) || byValue(a, b),
  };
}

/** What each group is ranked by. An aggregator is finalised alone; a post-aggregator needs the whole row. */
function metricsOf(
  query: TopNQuery,
  name: string,
  output: OutputRows,
  table: GroupTable,
  timeOf: (bucketMs: number) => number,
): Value[] {
  const index = query.aggregations.findIndex((aggregator) => aggregator.name === name);
  const aggregator = query.aggregations[index];
  if (aggregator !== undefined) {
    return table.states[index]!.map((state) => aggregator.finalise(state));
  }
  const at = output.indexOf(name);
  return table.buckets.map(
    (bucketMs, group) => outputRow(output, table, timeOf(bucketMs), group).values[at]!,
  );
}

/** Text orders compare the stop as text; the natural order wants it as a value of the dimension. */
const stopValue = (stop: string | null, ordering: Ordering, type: ValueType): Value =>
  stop === null || ordering !== 'natural' ? stop : castValue(stop, 'STRING', type);
