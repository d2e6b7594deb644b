import { atOnce, ResourceLimitError, type Turns } from '../../core/index.js';
import { isGrouping } from '../../model/index.js';
import { type GroupPartial, mergeGroups, noGroups } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { Groups, MergedTable } from '../interpreter/groups.js';
import { type GroupRows, groupRows } from '../interpreter/groups-segment.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import type { GroupByQuery } from '../native/query.js';
import { physicalInputs, scanGroups } from './aggregation.js';
import type { FinishContext, Outcome, ScanEngine } from './engine.js';
import { firstGroups } from './first-groups.js';
import { GroupView } from './group-view.js';
import { knownGroups } from './known-groups.js';
import { type OutputRow, OutputRows } from './output-rows.js';
import { shownStates } from './shown-states.js';
import { rowsOf, subtotalRows } from './subtotals.js';

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
      : knownGroups(groupPlan(query), facts),
  groups: groupPlan,
  scan: (query, target) => scanGroups(query, groupPlan(query), target),
  candidates,
  asRows,
  enough: () => false,
  *finish(query, results, context) {
    const { table } = yield* mergeGroups(
      results,
      query.dimensions.length,
      query.aggregations,
      query.intervals.length,
      context.limits.maxGroups,
    );
    return yield* finishGroupBy(query, table, context);
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
function* finishGroupBy(
  query: GroupByQuery,
  table: MergedTable,
  context: FinishContext,
): Turns<Outcome> {
  const output = new OutputRows(query, query.dimensions);
  const inner = context.takesGroups ? asRows(query, table) : null;
  if (inner !== null) return { fields: inner.fields, rows: [], groups: inner };
  const { maxGroups, maxResultRows } = context.limits;
  checkRows(mostRows(query, table), maxResultRows);
  const ordered =
    query.subtotals === null
      ? yield* chosenRows(query, output, table)
      : yield* subtotalRows(query, output, table, maxGroups, shownTime(query));
  checkRows(ordered.length, maxResultRows);
  return {
    fields: output.fields(context.showsState),
    rows: yield* output.shown(ordered, context.showsState),
  };
}

const viewOf = (query: GroupByQuery, output: OutputRows, groups: Groups): GroupView =>
  new GroupView(query, query.dimensions, output, groups, shownTime(query));

/** Without subtotals. */
function* chosenRows(
  query: GroupByQuery,
  output: OutputRows,
  table: MergedTable,
): Turns<OutputRow[]> {
  const first = yield* firstGroups(query, table, viewOf(query, output, table));
  const chosen = first.slice(query.limitSpec.offset);
  return yield* rowsOf(query, output, table, chosen, shownTime(query));
}

/** What the having filter and the limit leave of some groups may be in the answer. */
function candidates(query: GroupByQuery, groups: Groups): number[] | null {
  const { having, subtotals, limitSpec } = query;
  if (subtotals !== null || (having === null && limitSpec.limit === null)) return null;
  const output = new OutputRows(query, query.dimensions);
  return atOnce(firstGroups(query, groups, viewOf(query, output, groups)));
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

/** With granularity `all` rows carry the start of the first interval, not of the data. */
function shownTime(query: GroupByQuery): (bucketMs: number) => number {
  const { fudgeTimestampMs } = query.context;
  if (fudgeTimestampMs !== null) return () => fudgeTimestampMs;
  if (query.granularity.kind !== 'all') return (bucketMs) => bucketMs;
  const startMs = query.intervals[0]?.startMs ?? 0;
  return () => startMs;
}

/** How many rows there will be, where that is known before they are put in order; else 0. */
function mostRows({ having, subtotals, limitSpec }: GroupByQuery, { groupCount }: Groups): number {
  if (having !== null || subtotals !== null) return 0;
  const { limit, offset } = limitSpec;
  return Math.min(groupCount - offset, limit ?? Number.POSITIVE_INFINITY);
}

/** Throws ResourceLimitError. */
function checkRows(amount: number, limit: number): void {
  if (amount <= limit) return;
  throw new ResourceLimitError(
    `the result has ${amount} rows, more than maxResultRows = ${limit}; give a limitSpec with a "limit", or raise maxResultRows`,
    limit,
    amount,
  );
}
