import { TRUE } from '../../model/index.js';
import { encodeGroups, type GroupPartial } from '../interpreter/group-partial.js';
import { type GroupPlan, RowGrouper } from '../interpreter/group-rows.js';
import { GroupTable } from '../interpreter/group-table.js';
import { type JobLimits, ROWS_PER_CHECK, type ScanTarget } from '../interpreter/target.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import { openScan } from '../interpreter/walk.js';
import type { NativeQuery } from '../native/query.js';
import type { TreeFold } from './plan-tree.js';
import type { FoundTree } from './tree-records.js';

/** Folds the records of trees of several segments in this thread, into one table: it takes little time to begin. */
export function foldRecords(
  query: NativeQuery,
  groups: GroupPlan,
  { aggregators }: TreeFold,
  trees: readonly FoundTree[],
  limits: JobLimits,
  signal: AbortSignal,
): GroupPartial {
  const plan = { ...groups, aggregations: aggregators };
  const table = new GroupTable(plan.dimensions.length, aggregators, limits.maxGroups);
  const checkCancelled = () => signal.throwIfAborted();
  let recordCount = 0;
  for (const tree of trees) {
    checkCancelled();
    addRecords(query, plan, tree, table, { limits, checkCancelled });
    recordCount += tree.recordCount;
  }
  const partial = encodeGroups(table, aggregators, noVisibleTimes(0), recordCount);
  return { ...partial, compiled: null };
}

function addRecords(
  { filter, virtualColumns }: NativeQuery,
  plan: GroupPlan,
  { segment, ranges, spans }: FoundTree,
  table: GroupTable,
  shared: Pick<ScanTarget, 'limits' | 'checkCancelled'>,
): void {
  const extent = { from: 0, to: segment.rowCount };
  const target: ScanTarget = {
    ...shared,
    segment,
    extent,
    ranges: () => [extent],
    spans: [],
    scratchSlot: null,
    givesBlocks: 'never',
  };
  const scan = openScan(target, virtualColumns);
  const { cursor, source } = scan;
  const grouper = new RowGrouper(scan, plan, table);
  const passes = filter?.predicate(source) ?? null;
  const isSeen = (timeMs: number) =>
    spans!.some(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs);
  let unchecked = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    for (let record = ranges[i]!; record < ranges[i + 1]!; record++) {
      if (++unchecked % ROWS_PER_CHECK === 0) shared.checkCancelled();
      cursor.row = record;
      if (spans !== null && !isSeen(cursor.timeMs())) continue;
      if (passes === null || passes() === TRUE) grouper.add();
    }
  }
}
