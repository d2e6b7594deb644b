import { mapInPieces, type Turns } from '../../core/index.js';
import type { State, Value } from '../../model/index.js';
import { ALL_BUCKET, visibleBuckets } from '../interpreter/buckets.js';
import { type GroupPartial, type MergedGroups, mergeGroups } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { GroupStates, MergedTable } from '../interpreter/groups.js';
import { firstVisibleMs } from '../interpreter/visible-times.js';
import type { TimeseriesQuery } from '../native/query.js';
import { physicalInputs, scanGroups } from './aggregation.js';
import type { FinishContext, Outcome, ScanEngine } from './engine.js';
import { sortedGroups, timeOrder } from './group-order.js';
import { knownGroups } from './known-groups.js';
import { type OutputDimension, type OutputRow, OutputRows } from './output-rows.js';

/**
 * Aggregates per time bucket. Buckets between the first and the last visible row of each interval
 * are there even when no row of theirs matches the filter.
 */
export const timeseriesEngine: ScanEngine<TimeseriesQuery, GroupPartial> = {
  prepare: (query) => query,
  inputs: (query) =>
    physicalInputs(
      query,
      query.aggregations.flatMap((aggregator) => aggregator.inputs),
    ),
  withoutScan: (query, facts) => knownGroups(groupPlan(query), facts),
  groups: groupPlan,
  scan: (query, target) => scanGroups(query, groupPlan(query), target),
  candidates: () => null,
  asRows: () => null,
  enough: () => false,
  *finish(query, results, context) {
    const merged = yield* mergeGroups(
      results,
      0,
      query.aggregations,
      query.intervals.length,
      context.limits.maxGroups,
    );
    return yield* finishTimeseries(query, merged, context);
  },
};

function groupPlan(query: TimeseriesQuery): GroupPlan {
  return {
    granularity: query.granularity,
    dimensions: [],
    aggregations: query.aggregations,
    emptyCells: 'null',
    unnesting: true,
  };
}

function* finishTimeseries(
  query: TimeseriesQuery,
  { table, visible }: MergedGroups,
  { limits, showsState }: FinishContext,
): Turns<Outcome> {
  const fields = timeFields(query);
  const output = new OutputRows(query, fields);
  const { skipEmptyBuckets, grandTotal } = query.context;
  const isAll = query.granularity.kind === 'all';
  const shown = skipEmptyBuckets
    ? yield* filledBuckets(table)
    : zeroFilled(
        table,
        isAll ? [ALL_BUCKET] : visibleBuckets(query.granularity, visible, limits.maxResultRows),
      );
  if (query.descending) shown.reverse();
  if (query.limit !== null) shown.splice(query.limit);
  const allTimeMs = firstVisibleMs(visible) ?? query.intervals[0]?.startMs ?? 0;
  // One for all of them: whoever makes a row copies it.
  const cells = new Array<Value>(fields.length);
  const make = (timeMs: number | null, states: GroupStates) =>
    output.make(timeMs, cells.fill(timeMs), states);
  const rows = yield* mapInPieces(shown, ({ bucketMs, group }) =>
    make(
      isAll ? allTimeMs : bucketMs,
      group === null ? initialStates(query) : table.statesOf(group),
    ),
  );
  if (grandTotal) {
    rows.push(
      rows.length === 0
        ? output.makeNull()
        : make(null, allStates(query, totalStates(query, rows))),
    );
  }
  return {
    fields: output.fields(showsState),
    rows: yield* output.shown(rows, showsState),
  };
}

interface Bucket {
  readonly bucketMs: number;
  /** Null where it has no rows. */
  readonly group: number | null;
}

/** Those that have rows, ascending. */
function* filledBuckets(table: MergedTable): Turns<Bucket[]> {
  const groups = yield* sortedGroups(table.groupCount, [timeOrder(table)]);
  return groups.map((group) => ({ bucketMs: table.bucket(group), group }));
}

/** Buckets, whether they have rows or not. */
function zeroFilled(table: MergedTable, buckets: readonly number[]): Bucket[] {
  const groupOf = new Map<number, number>();
  for (let group = 0; group < table.groupCount; group++) groupOf.set(table.bucket(group), group);
  return buckets.map((bucketMs) => ({ bucketMs, group: groupOf.get(bucketMs) ?? null }));
}

/** `timestampResultField` puts the bucket time under a name of its own, which post-aggregators may read. */
function timeFields({ context }: TimeseriesQuery): OutputDimension[] {
  const name = context.timestampResultField;
  return name === null ? [] : [{ outputName: name, outputType: 'LONG' }];
}

const initialStates = (query: TimeseriesQuery): GroupStates =>
  allStates(
    query,
    query.aggregations.map((aggregator) => aggregator.initial()),
  );

const allStates = (query: TimeseriesQuery, states: readonly State[]): GroupStates => ({
  state: (aggregator) => states[aggregator]!,
  finalised: (aggregator) => query.aggregations[aggregator]!.finalise(states[aggregator]!),
});

/** All returned rows combined. */
const totalStates = (query: TimeseriesQuery, rows: readonly OutputRow[]): State[] =>
  query.aggregations.map((aggregator, i) =>
    rows.reduce<State>(
      (total, row) => aggregator.combine(total, row.states.state(i)),
      aggregator.initial(),
    ),
  );
