import type { State } from '../../model/index.js';
import { ALL_BUCKET, visibleBuckets } from '../interpreter/buckets.js';
import { type GroupPartial, type MergedGroups, mergeGroups } from '../interpreter/group-partial.js';
import { firstVisibleMs } from '../interpreter/visible-times.js';
import type { TimeseriesQuery } from '../native/query.js';
import { excludedGroups, physicalInputs, scanGroups } from './aggregation.js';
import type { FinishContext, Outcome, ScanEngine, ShowsState } from './engine.js';
import { type OutputRow, OutputRows } from './output-rows.js';

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
  withoutScan: (query, facts) => excludedGroups(facts, 0, query.aggregations),
  scan: (query, target) =>
    scanGroups(
      query,
      {
        granularity: query.granularity,
        dimensions: [],
        aggregations: query.aggregations,
        emptyCells: 'null',
        unnesting: true,
      },
      target,
    ),
  enough: () => false,
  finish(query, results, context) {
    const merged = mergeGroups(
      results.map((result) => result.partial),
      0,
      query.aggregations,
      query.intervals.length,
      context.limits.maxGroups,
    );
    return finishTimeseries(query, merged, context);
  },
};

function finishTimeseries(
  query: TimeseriesQuery,
  { table, visible }: MergedGroups,
  { limits, showsState }: FinishContext,
): Outcome {
  const output = new OutputRows(query, []);
  const groupOf = new Map(table.buckets.map((bucketMs, group) => [bucketMs, group]));
  const statesOf = (bucketMs: number): State[] => {
    const group = groupOf.get(bucketMs);
    return query.aggregations.map((aggregator, i) =>
      group === undefined ? aggregator.initial() : table.states[i]![group]!,
    );
  };
  const { skipEmptyBuckets, grandTotal } = query.context;
  const isAll = query.granularity.kind === 'all';
  let buckets = skipEmptyBuckets
    ? [...groupOf.keys()].sort((a, b) => a - b)
    : isAll
      ? [ALL_BUCKET]
      : visibleBuckets(query.granularity, visible, limits.maxResultRows);
  if (query.descending) buckets.reverse();
  if (query.limit !== null) buckets = buckets.slice(0, query.limit);
  const allTimeMs = firstVisibleMs(visible) ?? query.intervals[0]?.startMs ?? 0;
  const rows = buckets.map((bucketMs) =>
    output.make(isAll ? allTimeMs : bucketMs, [], statesOf(bucketMs)),
  );
  if (grandTotal) rows.push(totalRow(query, output, rows));
  return shownWithTime(query, output, rows, showsState);
}

/** All returned rows combined, with no time. */
function totalRow(
  query: TimeseriesQuery,
  output: OutputRows,
  rows: readonly OutputRow[],
): OutputRow {
  if (rows.length === 0) return output.makeNull();
  const states = query.aggregations.map((aggregator, i) =>
    rows.reduce<State>(
      (total, row) => aggregator.combine(total, row.states[i]!),
      aggregator.initial(),
    ),
  );
  return output.make(null, [], states);
}

/** The result, with the bucket time under the name of `timestampResultField` too when that is asked for. */
function shownWithTime(
  query: TimeseriesQuery,
  output: OutputRows,
  rows: readonly OutputRow[],
  showsState: ShowsState,
): Outcome {
  const fields = output.fields(showsState);
  const shown = rows.map((row) => output.shown(row, showsState));
  const name = query.context.timestampResultField;
  if (name === null || output.indexOf(name) >= 0) return { fields, rows: shown };
  return {
    fields: [...fields, { name, type: 'LONG' }],
    rows: shown.map((row) => [...row, row[0]!]),
  };
}
