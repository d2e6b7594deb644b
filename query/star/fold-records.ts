import type { Aggregator, State } from '../../model/index.js';
import { encodeGroups, type GroupPartial } from '../interpreter/group-partial.js';
import { type GroupPlan, RowGrouper } from '../interpreter/group-rows.js';
import { GroupTable } from '../interpreter/group-table.js';
import { type StateColumn, type StatePieces, stateColumn } from '../interpreter/state-column.js';
import { type JobLimits, ROWS_PER_CHECK, type ScanTarget } from '../interpreter/target.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import type { OpenScan } from '../interpreter/walk.js';
import type { TreeFold } from './plan-tree.js';
import { passingRecords, type RecordBatch } from './record-batch.js';
import { groupRecords, type RecordGroups } from './record-groups.js';
import { foldNumbers } from './record-numbers.js';
import { StoredPieces, storedForms } from './stored-pieces.js';
import type { FoundTree } from './tree-records.js';

/** Those records of trees that pass the query's filter. */
export function passingBatches(
  trees: readonly FoundTree[],
  limits: JobLimits,
  signal: AbortSignal,
): RecordBatch[] {
  const checkCancelled = () => signal.throwIfAborted();
  const batches: RecordBatch[] = [];
  let from = 0;
  for (const tree of trees) {
    checkCancelled();
    const { cursor, source } = tree;
    const scan = { target: targetOf(tree, limits, checkCancelled), cursor, source };
    const { records, scanned } = passingRecords(scan, tree);
    batches.push({ tree, scan, records, scanned, from });
    from += records.length;
  }
  return batches;
}

/** Folds the records of trees of several segments in this thread, into the same groups: it takes little time to begin. */
export function foldRecords(
  groups: GroupPlan,
  { keys: known, aggregators }: TreeFold,
  batches: readonly RecordBatch[],
  limits: JobLimits,
  signal: AbortSignal,
): GroupPartial {
  const plan = { ...groups, aggregations: aggregators };
  const rowsScanned = batches.reduce((sum, { scanned }) => sum + scanned, 0);
  const found = groupRecords(batches, plan, known, limits.maxGroups);
  if (found === null) return { ...foldByRecord(batches, plan, limits), rowsScanned };
  const { groupCount, buckets, keys } = found;
  const states = aggregators.map((aggregator) => {
    signal.throwIfAborted();
    return (
      foldNumbers(batches, aggregator, found) ??
      foldPieces(batches, aggregator, found) ??
      foldStates(batches, aggregator, found)
    );
  });
  const visible = noVisibleTimes(0);
  return {
    kind: 'groups',
    groupCount,
    buckets,
    keys,
    states,
    visible,
    rowsScanned,
    compiled: null,
  };
}

function targetOf(
  { segment }: FoundTree,
  limits: JobLimits,
  checkCancelled: () => void,
): ScanTarget {
  const extent = { from: 0, to: segment.rowCount };
  return {
    segment,
    extent,
    ranges: () => [extent],
    spans: [],
    limits,
    scratchSlot: null,
    givesBlocks: 'never',
    checkCancelled,
  };
}

/** Record by record, where one may fall into several groups. */
function foldByRecord(
  batches: readonly RecordBatch[],
  plan: GroupPlan,
  limits: JobLimits,
): GroupPartial {
  const { dimensions, aggregations } = plan;
  const table = new GroupTable(dimensions.length, aggregations, limits.maxGroups);
  for (const { scan, records } of batches) {
    const grouper = new RowGrouper(scan, plan, table);
    for (let i = 0; i < records.length; i++) {
      if (i % ROWS_PER_CHECK === 0) scan.target.checkCancelled();
      scan.cursor.row = records[i]!;
      grouper.add();
    }
  }
  return { ...encodeGroups(table, aggregations, noVisibleTimes(0), 0), compiled: null };
}

/** Sketches that are left as they are stored; null where they have to be folded. */
function foldPieces(
  batches: readonly RecordBatch[],
  aggregator: Aggregator,
  { groups, groupCount }: RecordGroups,
): StatePieces | null {
  const pieces = StoredPieces.of(aggregator, groupCount);
  if (pieces === null) return null;
  for (const { scan, records, from } of batches) {
    const { cursor } = scan;
    const stored = storedForms(cursor.column(aggregator.inputs[0]!), aggregator);
    if (stored === null) return null;
    for (let i = 0; i < records.length; i++) {
      cursor.row = records[i]!;
      const piece = stored();
      if (piece !== null) pieces.add(piece, groups[from + i]!);
    }
  }
  return pieces.column(() => aggregator.encode(aggregator.initial()) as Uint8Array);
}

/** States that only their aggregator knows. */
function foldStates(
  batches: readonly RecordBatch[],
  aggregator: Aggregator,
  { groups, groupCount }: RecordGroups,
): StateColumn {
  const states = Array.from({ length: groupCount }, () => aggregator.initial());
  for (const { scan, records, from } of batches) {
    foldAll(scan, aggregator, records, groups.subarray(from), states);
  }
  return stateColumn(states.map((state) => aggregator.encode(state)));
}

function foldAll(
  { cursor, source }: OpenScan,
  aggregator: Aggregator,
  records: Uint32Array,
  groups: Uint32Array,
  states: State[],
): void {
  const accumulator = aggregator.accumulator(source);
  for (let i = 0; i < records.length; i++) {
    cursor.row = records[i]!;
    states[groups[i]!] = accumulator.fold(states[groups[i]!]!);
  }
}
