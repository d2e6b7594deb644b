import { type Aggregator, type Filter, TRUE } from '../../model/index.js';
import type { SegmentCursor } from '../../segments/index.js';
import { bucketFinder } from '../interpreter/buckets.js';
import { encodeGroups, type GroupPartial } from '../interpreter/group-partial.js';
import { type GroupPlan, RowGrouper } from '../interpreter/group-rows.js';
import { GroupTable } from '../interpreter/group-table.js';
import { type JobLimits, ROWS_PER_CHECK, type ScanTarget } from '../interpreter/target.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import { type OpenScan, openScan } from '../interpreter/walk.js';
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
  let rowsScanned = 0;
  for (const tree of trees) {
    checkCancelled();
    const scan = openScan(targetOf(tree, limits, checkCancelled), query.virtualColumns);
    const records = seenRecords(scan, tree);
    rowsScanned += records.length;
    addRecords(scan, plan, passingRecords(scan, query.filter, records), table);
  }
  const partial = encodeGroups(table, aggregators, noVisibleTimes(0), rowsScanned);
  return { ...partial, compiled: null };
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

/** Those that lie in the spans. */
function seenRecords({ cursor }: OpenScan, { ranges, recordCount, spans }: FoundTree): Uint32Array {
  const records = new Uint32Array(recordCount);
  let count = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    for (let record = ranges[i]!; record < ranges[i + 1]!; record++) records[count++] = record;
  }
  if (spans === null) return records;
  return records.filter((record) => {
    cursor.row = record;
    const timeMs = cursor.timeMs();
    return spans.some(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs);
  });
}

/** Leaves may have records that do not pass. */
function passingRecords(
  { cursor, source }: OpenScan,
  filter: Filter | null,
  records: Uint32Array,
): Uint32Array {
  if (filter === null) return records;
  const passes = filter.predicate(source);
  return records.filter((record) => {
    cursor.row = record;
    return passes() === TRUE;
  });
}

function addRecords(
  scan: OpenScan,
  plan: GroupPlan,
  records: Uint32Array,
  table: GroupTable,
): void {
  const { cursor, target } = scan;
  const groups = groupsOf(scan, plan, records, table);
  if (groups === null) {
    const grouper = new RowGrouper(scan, plan, table);
    for (let i = 0; i < records.length; i++) {
      if (i % ROWS_PER_CHECK === 0) target.checkCancelled();
      cursor.row = records[i]!;
      grouper.add();
    }
    return;
  }
  for (const [i, aggregator] of plan.aggregations.entries()) {
    target.checkCancelled();
    foldAll(scan, aggregator, records, groups, table.states[i]!);
  }
}

/** The group of each record; null where some may be of several, or of none. */
function groupsOf(
  scan: OpenScan,
  { dimensions, granularity }: GroupPlan,
  records: Uint32Array,
  table: GroupTable,
): Uint32Array | null {
  const { cursor, source, target } = scan;
  const readers = dimensions.map((dimension) => dimension.reader(source));
  if (readers.some(({ multiValue }) => multiValue)) return null;
  const groups = new Uint32Array(records.length);
  const isAll = granularity.kind === 'all';
  if (isAll && readers.length === 0) {
    return records.length === 0 ? groups : groups.fill(table.group(0, []));
  }
  const bucketOf = bucketFinder(granularity);
  const cells = readers.map((reader, i) => {
    const { dictionary } = reader;
    if (dictionary === undefined) return () => table.ordinal(i, reader.get());
    const known: number[] = [];
    return () => {
      const id = dictionary.id();
      known[id] ??= table.ordinal(i, dictionary.value(id));
      return known[id];
    };
  });
  const ordinals = cells.map(() => 0);
  for (let i = 0; i < records.length; i++) {
    if (i % ROWS_PER_CHECK === 0) target.checkCancelled();
    cursor.row = records[i]!;
    for (let d = 0; d < cells.length; d++) ordinals[d] = cells[d]!();
    groups[i] = table.group(isAll ? 0 : bucketOf(cursor.timeMs()), ordinals);
  }
  return groups;
}

/** One aggregator at a time: most states are numbers, which take less time to add than calls that lead there. */
function foldAll(
  { cursor, source }: OpenScan,
  aggregator: Aggregator,
  records: Uint32Array,
  groups: Uint32Array,
  states: GroupTable['states'][number],
): void {
  const { combine } = aggregator;
  const get = storedNumbers(cursor, aggregator);
  if (get === null) {
    const accumulator = aggregator.accumulator(source);
    for (let i = 0; i < records.length; i++) {
      cursor.row = records[i]!;
      states[groups[i]!] = accumulator.fold(states[groups[i]!]!);
    }
    return;
  }
  for (let i = 0; i < records.length; i++) {
    cursor.row = records[i]!;
    states[groups[i]!] = combine(states[groups[i]!]!, get());
  }
}

/** How the numbers of a stored metric are read that an aggregator takes as they are; null where it does not. */
function storedNumbers(cursor: SegmentCursor, { form }: Aggregator) {
  if (form?.kind !== 'sum' && form?.kind !== 'min' && form?.kind !== 'max') return null;
  const reader = cursor.column(form.input.inputs[0]!);
  return form.input.expression === null && reader.type === form.type ? () => reader.get() : null;
}
