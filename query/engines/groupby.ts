import { ResourceLimitError } from '../../core/index.js';
import { type Aggregator, compareValues, isGrouping } from '../../model/index.js';
import { type GroupPartial, mergeGroups, noGroups } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { GroupTable } from '../interpreter/group-table.js';
import type { Groups } from '../interpreter/groups.js';
import { type GroupRows, groupRows } from '../interpreter/groups-segment.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import type { GroupByQuery, OrderByColumn } from '../native/query.js';
import { physicalInputs, scanGroups } from './aggregation.js';
import type { FinishContext, Outcome, ScanEngine } from './engine.js';
import { comparatorOf, firstGroups } from './first-groups.js';
import { knownGroups } from './known-groups.js';
import { type OutputRow, OutputRows } from './output-rows.js';
import { shownStates } from './shown-states.js';
import { topOf } from './top-of.js';

/** Aggregates per time bucket and combination of dimension values. */
export const groupByEngine: ScanEngine<GroupByQuery, GroupPartial> = {
  prepare: (query) => query,
  inputs: (query) =>
    physicalInputs(query, [
      ...query.dimensions.flatMap((dimension) => dimension.inputs),
      ...query.aggregations.flatMap((aggregator) => aggregator.inputs),
    ]),
  withoutScan: (query, facts) =>
    // Unlike others it asks nobody for the visible times, and so may pass over segments that are partly visible.
    facts.excluded
      ? noGroups(
          query.dimensions.length,
          query.aggregations.length,
          noVisibleTimes(facts.intervalCount),
        )
      : knownGroups(query, groupPlan(query), facts),
  groups: groupPlan,
  scan: (query, target) => scanGroups(query, groupPlan(query), target),
  candidates: firstGroups,
  asRows,
  enough: () => false,
  finish(query, results, context) {
    const { table } = mergeGroups(
      results,
      query.dimensions.length,
      query.aggregations,
      query.intervals.length,
      context.limits.maxGroups,
    );
    return finishGroupBy(query, table, context);
  },
};

function groupPlan(query: GroupByQuery): GroupPlan {
  return {
    granularity: query.granularity,
    dimensions: query.dimensions,
    aggregations: query.aggregations,
    emptyCells: 'null',
    unnesting: query.context.multiValueUnnesting,
  };
}

/** finalise and post-aggregate ─► having ─► order ─► offset ─► limit */
function finishGroupBy(query: GroupByQuery, table: GroupTable, context: FinishContext): Outcome {
  const output = new OutputRows(query, query.dimensions);
  const inner = context.isInner ? asRows(query, table) : null;
  if (inner !== null) return { fields: inner.fields, rows: [], groups: inner };
  const groups = firstGroups(query, table);
  const made =
    groups === null
      ? outputRows(query, output, table, context.limits.maxGroups)
      : rowsOf(query, output, table, groups);
  const accepts = query.having?.compile(output.types);
  const rows = accepts === undefined ? made : made.filter((row) => accepts(output.view(row)));
  const { limit, offset } = query.limitSpec;
  const wanted = limit === null ? rows.length : Math.min(rows.length, offset + limit);
  const ordered = orderRows(query, output, rows, wanted).slice(offset, wanted);
  const { maxResultRows } = context.limits;
  if (ordered.length > maxResultRows) throw tooManyRows(maxResultRows, ordered.length);
  return {
    fields: output.fields(context.showsState),
    rows: ordered.map((row) => output.shown(row, context.showsState)),
  };
}

/** Whether all groups are the answer, as they are. */
const isPlain = ({ having, subtotals, limitSpec, postAggregations, aggregations }: GroupByQuery) =>
  having === null &&
  subtotals === null &&
  limitSpec.limit === null &&
  limitSpec.offset === 0 &&
  postAggregations.length === 0 &&
  !aggregations.some(isGrouping);

function asRows(query: GroupByQuery, groups: Groups): GroupRows | null {
  if (!isPlain(query)) return null;
  const showsState = shownStates(query.context.finalize, true);
  return groupRows({
    groups,
    fields: new OutputRows(query, query.dimensions).fields(showsState),
    timeOf: shownTime(query),
    aggregations: query.aggregations,
    showsState,
  });
}

function outputRows(
  query: GroupByQuery,
  output: OutputRows,
  table: GroupTable,
  maxGroups: number,
): OutputRow[] {
  if (query.subtotals === null) return rowsOf(query, output, table, null);
  const names = query.dimensions.map((dimension) => dimension.outputName);
  return query.subtotals.flatMap((kept) => {
    const keptNames = new Set(kept.map((dimension) => names[dimension]!));
    const subtotal = regroup(table, kept, query.aggregations, maxGroups);
    const rows = rowsOf(query, output, subtotal, null, keptNames);
    // Each grouping is ordered by itself; the concatenation is not sorted again by default.
    return topOf(rows, rows.length, defaultOrder(query));
  });
}

/** Rows of the given groups, of all when there are none given. */
function rowsOf(
  query: GroupByQuery,
  output: OutputRows,
  table: GroupTable,
  groups: readonly number[] | null,
  kept?: ReadonlySet<string>,
): OutputRow[] {
  const timeOf = shownTime(query);
  const rowOf = (group: number): OutputRow =>
    output.make(
      timeOf(table.buckets[group]!),
      query.dimensions.map((_, dimension) => table.value(dimension, group)),
      table.states.map((states) => states[group]!),
      kept,
    );
  return groups === null ? table.buckets.map((_, group) => rowOf(group)) : groups.map(rowOf);
}

/** With granularity `all` rows carry the start of the first interval, not of the data. */
function shownTime(query: GroupByQuery): (bucketMs: number) => number {
  const { fudgeTimestampMs } = query.context;
  if (fudgeTimestampMs !== null) return () => fudgeTimestampMs;
  if (query.granularity.kind !== 'all') return (bucketMs) => bucketMs;
  const startMs = query.intervals[0]?.startMs ?? 0;
  return () => startMs;
}

/** The groups of one subtotal: those of the full grouping, combined where they agree in `kept`. */
function regroup(
  full: GroupTable,
  kept: readonly number[],
  aggregations: readonly Aggregator[],
  maxGroups: number,
): GroupTable {
  const table = new GroupTable(full.dimensions.length, aggregations, maxGroups);
  const isKept = full.dimensions.map((_, dimension) => kept.includes(dimension));
  for (const [group, bucketMs] of full.buckets.entries()) {
    const ordinals = isKept.map((keep, dimension) =>
      table.ordinal(dimension, keep ? full.value(dimension, group) : null),
    );
    const target = table.group(bucketMs, ordinals);
    for (const [i, aggregator] of aggregations.entries()) {
      const states = table.states[i]!;
      states[target] = aggregator.combine(states[target]!, full.states[i]![group]!);
    }
  }
  return table;
}

type RowOrder = (a: OutputRow, b: OutputRow) => number;

/** The first `count` rows in the query's order. */
function orderRows(
  query: GroupByQuery,
  output: OutputRows,
  rows: readonly OutputRow[],
  count: number,
): OutputRow[] {
  const { columns } = query.limitSpec;
  const isSubtotals = query.subtotals !== null;
  if (columns.length === 0) {
    return isSubtotals ? rows.slice(0, count) : topOf(rows, count, defaultOrder(query));
  }
  const ties: RowOrder = isSubtotals ? () => 0 : defaultOrder(query);
  const byColumns = columns.map((column) => columnOrder(query, output, column));
  const orders = query.context.sortByDimsFirst
    ? [...byColumns, byTime, ties]
    : [byTime, ...byColumns, ties];
  return topOf(rows, count, chain(orders));
}

const byTime: RowOrder = (a, b) => Number(a.values[0]) - Number(b.values[0]);

/** Time, then dimensions from left to right in the order of their types, nulls first. */
function defaultOrder(query: GroupByQuery): RowOrder {
  const byDimensions = query.dimensions.map(({ outputType }, i): RowOrder => {
    const compare = compareValues(outputType);
    return (a, b) => compare(a.values[1 + i]!, b.values[1 + i]!);
  });
  return chain(
    query.context.sortByDimsFirst ? [...byDimensions, byTime] : [byTime, ...byDimensions],
  );
}

function chain<T>(orders: readonly ((a: T, b: T) => number)[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const order of orders) {
      const sign = order(a, b);
      if (sign !== 0) return sign;
    }
    return 0;
  };
}

/** A dimension by its `dimensionOrder`, an aggregator or post-aggregator by its own order. */
function columnOrder(query: GroupByQuery, output: OutputRows, column: OrderByColumn): RowOrder {
  const at = output.indexOf(column.name);
  const compare = comparatorOf(query, column);
  const sign = column.descending ? -1 : 1;
  return (a, b) => sign * compare(a.values[at]!, b.values[at]!);
}

const tooManyRows = (limit: number, amount: number): ResourceLimitError =>
  new ResourceLimitError(
    `the result has ${amount} rows, more than maxResultRows = ${limit}; give a limitSpec with a "limit", or raise maxResultRows`,
    limit,
    amount,
  );
