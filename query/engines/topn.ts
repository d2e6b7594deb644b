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
import { excludedGroups, physicalInputs, scanGroups } from './aggregation.js';
import type { ScanEngine } from './engine.js';
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
  withoutScan: (query, facts) => excludedGroups(facts, 1, query.aggregations),
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
    const ranking = rankingOf(query, output, table);
    const rows = buckets.flatMap((bucketMs) => {
      const ranked = (groupsOf.get(bucketMs) ?? [])
        .map((group) => ranking.rank(group, timeOf(bucketMs)))
        .filter(ranking.admits);
      return topOf(ranked, query.threshold, ranking.compare).map(({ group }) =>
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

/** A group and what it is ranked by. */
interface Ranked {
  readonly group: number;
  readonly dimension: Value;
  readonly metric: Value;
}

interface Ranking {
  rank(group: number, timeMs: number): Ranked;
  admits(ranked: Ranked): boolean;
  compare(a: Ranked, b: Ranked): number;
}

/** Metric descending, unless inverted; ties by the dimension's value, ascending. */
function rankingOf(query: TopNQuery, output: OutputRows, table: GroupTable): Ranking {
  const { metric, dimension } = query;
  const natural = compareValues(dimension.outputType);
  const byValue = (a: Ranked, b: Ranked) => natural(a.dimension, b.dimension);
  if (metric.by === 'dimension') {
    const order = compareBy(metric.ordering, dimension.outputType);
    const sign = metric.inverted ? -1 : 1;
    const stop = stopValue(metric.previousStop, metric.ordering, dimension.outputType);
    return {
      rank: (group) => ({ group, dimension: table.value(0, group), metric: null }),
      admits: (ranked) => stop === null || sign * order(ranked.dimension, stop) > 0,
      compare: (a, b) => sign * order(a.dimension, b.dimension) || byValue(a, b),
    };
  }
  const ranker = [...query.aggregations, ...query.postAggregations].find(
    (ranked) => ranked.name === metric.name,
  )!;
  const sign = metric.inverted ? 1 : -1;
  const metricOf = metricReader(query, metric.name, output, table);
  return {
    rank: (group, timeMs) => ({
      group,
      dimension: table.value(0, group),
      metric: metricOf(group, timeMs),
    }),
    admits: () => true,
    compare: (a, b) => sign * ranker.compare(a.metric, b.metric) || byValue(a, b),
  };
}

/** An aggregator is finalised alone; a post-aggregator needs the whole row. */
function metricReader(
  query: TopNQuery,
  name: string,
  output: OutputRows,
  table: GroupTable,
): (group: number, timeMs: number) => Value {
  const index = query.aggregations.findIndex((aggregator) => aggregator.name === name);
  const aggregator = query.aggregations[index];
  if (aggregator !== undefined) {
    const states = table.states[index]!;
    return (group) => aggregator.finalise(states[group]!);
  }
  const at = output.indexOf(name);
  return (group, timeMs) => outputRow(output, table, timeMs, group).values[at]!;
}

/** Text orders compare the stop as text; the natural order wants it as a value of the dimension. */
const stopValue = (stop: string | null, ordering: Ordering, type: ValueType): Value =>
  stop === null || ordering !== 'natural' ? stop : castValue(stop, 'STRING', type);
