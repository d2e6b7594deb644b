import { CorruptSegmentError, invariant } from '../../core/index.js';
import { type FoundRecords, findRecords, type StarNodes } from '../../indexes/index.js';
import { type Filter, type Interval, type RowSource, TRUE } from '../../model/index.js';
import {
  nodesOf,
  type PinnedSegment,
  type Segment,
  type SegmentCursor,
  type SegmentHandle,
  type WantedParts,
} from '../../segments/index.js';
import { bytesOfSet, type CodeSet, hasCode, sizeOfSet, spanOfSet } from '../compiler/code-set.js';
import { type CodeColumn, Columns } from '../compiler/columns.js';
import { codesOfFilter, codesOfTexts } from '../compiler/filter-codes.js';
import { noVisibleTimes, type VisibleTimes, widen } from '../interpreter/visible-times.js';
import { rowsOfSpan, timeAt } from '../interpreter/walk.js';
import { openedSegment } from '../plan/opened-segments.js';
import type { PlannedPart } from '../plan/prune.js';
import type { TablePart } from '../tables.js';
import { KnownLookups } from './known-lookups.js';
import type { ShapePlan, TreePlan } from './plan-tree.js';
import { FIRST, isSeen, LAST, type SeenBuckets, seesAll } from './time-cut.js';

/** A tree in memory, and the rows that it is of where something has to be read of them. */
export interface PinnedTree extends PinnedSegment {
  readonly rows: SegmentHandle | null;
}

/** What a plan reads, in memory: at once where it is there already. */
export function pinTree(part: TablePart, plan: TreePlan): PinnedTree | Promise<PinnedTree> {
  const wanted = plan.wantsFirstTime ? [plan.wanted, TIMES] : [plan.wanted];
  const pinned = wanted.map((each) => part.pinLoaded?.(each) ?? null);
  if (pinned.every((pin) => pin !== null)) return joinedPins(pinned);
  return pinAll(pinned.map((pin, i) => pin ?? part.pin(wanted[i]!)));
}

/** All, or none where one fails. */
async function pinAll(pinning: readonly (PinnedSegment | Promise<PinnedSegment>)[]) {
  const pins = await Promise.allSettled(pinning);
  const pinned = pins.flatMap((pin) => (pin.status === 'fulfilled' ? pin.value : []));
  const failed = pins.find((pin) => pin.status === 'rejected');
  if (failed === undefined) return joinedPins(pinned);
  for (const pin of pinned) pin.release();
  throw failed.reason;
}

const TIMES: WantedParts = { columns: [] };

const joinedPins = ([tree, rows]: readonly PinnedSegment[]): PinnedTree => ({
  handle: tree!.handle,
  rows: rows?.handle ?? null,
  release() {
    tree!.release();
    rows?.release();
  },
});

/** A condition on the code that records have of a column. */
export interface RecordTest {
  readonly column: CodeColumn;
  readonly codes: CodeSet;
}

/** What a question comes to in one tree, whatever the intervals. */
interface TreeLookup {
  readonly columns: Columns;
  readonly cursor: SegmentCursor;
  readonly source: RowSource;
  /** By dimension: the codes that may pass. */
  readonly passing: readonly (CodeSet | null)[];
  readonly tests: readonly RecordTest[];
  readonly predicates: readonly Filter[];
  /** About which part of records passes the tests. */
  readonly share: number;
  /** Null where nobody has asked, or they are too many ranges to be kept. */
  whole: WholeRecords | null;
}

/** Records of a tree all of whose rows are seen. */
interface WholeRecords extends FoundRecords {
  /** Those of them that pass; null where nobody has looked, or they are too many to be kept. */
  passing: Uint32Array | null;
  /** By `KnownCodes.generation`: the numbers of their values + 1. */
  readonly keys: WeakMap<object, Uint32Array>;
}

/** Records of a tree that answer a query. */
export interface FoundTree extends FoundRecords {
  readonly handle: ImmutableSegmentHandle;
  readonly segment: Segment;
  readonly columns: Columns;
  readonly cursor: SegmentCursor;
  /** The columns of the tree and the query's virtual columns, at the cursor's record. */
  readonly source: RowSource;
  /** Records of leaves have to start in one of these; null where all do. */
  readonly spans: readonly Interval[] | null;
  /** The same as a condition on the codes of `__time`. */
  readonly inSpans: RecordTest | null;
  /** What is kept of the records where all do. */
  readonly whole: WholeRecords | null;
  /** What records of leaves have to pass, which others do: with `predicates` all of the query's filter. */
  readonly tests: readonly RecordTest[];
  /** About which part of records passes them. */
  readonly share: number;
  /** Those conditions that no codes stand for. */
  readonly predicates: readonly Filter[];
  /** What was seen of the rows: all inside the intervals, whatever the filter says. */
  readonly visible: VisibleTimes;
}

type ImmutableSegmentHandle = Extract<SegmentHandle, { readonly kind: 'immutable' }>;

/** Finds the records that answer a query. What is read of the tree is in memory. Throws CorruptSegmentError. */
export function foundRecords(
  plan: TreePlan,
  planned: PlannedPart,
  { handle: rows, rows: timed }: PinnedTree,
): FoundTree {
  invariant(rows.kind === 'immutable', 'only files have trees');
  const { seen } = plan;
  const tree = openedTree(rows, plan.tree);
  const { handle, segment } = tree;
  const lookup = lookedUp(tree, plan.shape);
  const { columns, cursor, source, tests, share, predicates } = lookup;
  const isCut = !seesAll(seen);
  const starts = isCut ? startsOf(columns) : [];
  const seenTimes = isCut ? seenCodes(starts, seen) : null;
  const whole = seenTimes === null ? allRecords(tree, plan, lookup) : null;
  const { ranges, recordCount } = whole ?? recordsAt(tree, plan, lookup, seenTimes!);
  const visible = noVisibleTimes(planned.facts.intervalCount);
  for (const each of seen) {
    const times = timed === null ? visibleTimes(starts, each, planned) : rowTimes(timed, each);
    if (times !== null) widen(visible, each.interval, times.minMs, times.maxMs);
  }
  return {
    handle,
    segment,
    columns,
    cursor,
    source,
    spans: isCut ? seen.map(({ from, to }) => ({ startMs: from, endMs: to })) : null,
    inSpans: seenTimes && { column: columns.codes('__time')!, codes: seenTimes },
    whole,
    tests,
    share,
    predicates,
    visible,
    ranges,
    recordCount,
  };
}

/** Where all rows are seen. */
function allRecords({ nodes }: OpenTree, { isRead }: TreePlan, lookup: TreeLookup): WholeRecords {
  if (lookup.whole !== null) return lookup.whole;
  const found = findRecords(nodes, { passing: lookup.passing, isRead });
  const whole = { ...found, passing: null, keys: new WeakMap<object, Uint32Array>() };
  if (knownLookups.takes(found.ranges.byteLength)) lookup.whole = whole;
  return whole;
}

/** Those that may lie in buckets of some codes. */
const recordsAt = (
  { nodes }: OpenTree,
  { isRead, time }: TreePlan,
  { passing }: TreeLookup,
  seenTimes: CodeSet,
): FoundRecords =>
  findRecords(nodes, { passing: passing.with(time, bothSets(passing[time]!, seenTimes)), isRead });

interface OpenTree {
  readonly handle: ImmutableSegmentHandle;
  readonly nodes: StarNodes;
  readonly segment: Segment;
}

/** What queries of the same question need not find out again. */
export const knownLookups = new KnownLookups<OpenTree, ShapePlan, TreeLookup>();

/** By handle of the rows, by tree. */
const opened = new WeakMap<ImmutableSegmentHandle, OpenTree[]>();

/** A tree and its nodes, which this thread checks once for as long as the same parts are in memory. Throws CorruptSegmentError. */
function openedTree(rows: ImmutableSegmentHandle, tree: number): OpenTree {
  const trees = opened.get(rows) ?? [];
  opened.set(rows, trees);
  const known = trees[tree];
  if (known !== undefined) return known;
  const handle = { ...rows, tree };
  const nodes = nodesOf(handle);
  if (nodes === null)
    throw new CorruptSegmentError(rows.path, 0, `star-tree ${tree} has damaged nodes`);
  const segment = openedSegment(handle);
  if (!hasTimes(segment))
    throw new CorruptSegmentError(rows.path, 0, `star-tree ${tree} has times that are no instants`);
  const open = { handle, nodes, segment };
  trees[tree] = open;
  return open;
}

/** Whether what codes of `__time` stand for are numbers of milliseconds. */
function hasTimes(segment: Segment): boolean {
  const times = new Columns(segment, []).codes('__time');
  for (let code = 0; code < (times?.size ?? 0); code++) {
    if (typeof times!.value(code) !== 'number') return false;
  }
  return true;
}

function lookedUp(tree: OpenTree, shape: ShapePlan): TreeLookup {
  const known = knownLookups.of(tree).get(shape);
  if (known !== undefined) return known;
  const made = lookUp(tree, shape);
  if (knownLookups.takes(bytesOf(made))) knownLookups.of(tree).add(shape, made);
  return made;
}

const bytesOf = ({ passing }: TreeLookup): number =>
  passing.reduce((sum, set) => sum + (set === null ? 0 : bytesOfSet(set)), 0);

function lookUp(
  { segment }: OpenTree,
  { conditions, conjuncts, virtualColumns }: ShapePlan,
): TreeLookup {
  const columns = new Columns(segment, virtualColumns);
  const passing = conditions.map((filters) => passingCodes(columns, filters));
  const settled = new Set(conditions.filter((_, i) => passing[i] !== null).flat());
  const tests = conditions.flatMap((filters, i): RecordTest[] => {
    const codes = passing[i] ?? null;
    return codes === null ? [] : [{ column: columns.onlyCodes(filters[0]!.inputs)!, codes }];
  });
  return {
    columns,
    ...columns.rows(),
    passing,
    tests,
    share: tests.reduce((share, { column, codes }) => (share * sizeOfSet(codes)) / column.size, 1),
    predicates: conjuncts.filter((each) => !settled.has(each)),
    whole: null,
  };
}

/** The codes for which all of some filters, each of which reads one column, are true. */
function passingCodes(columns: Columns, filters: readonly Filter[]): CodeSet | null {
  return filters.reduce<CodeSet | null>(
    (set, filter) => bothSets(set, codesOf(columns, filter)),
    null,
  );
}

function codesOf(columns: Columns, filter: Filter): CodeSet | null {
  const column = columns.onlyCodes(filter.inputs);
  if (column === null) return null;
  const { form } = filter;
  const isPlain =
    form?.kind === 'values' &&
    column.scan.layout === 'ids' &&
    columns.virtual(form.column) === null;
  const texts = isPlain ? form.texts : null;
  const named = texts && codesOfTexts(columns, filter, texts, column, TRUE);
  return named ?? codesOfFilter(columns, filter, column, TRUE);
}

/** The codes that are in both; null stands for all. */
function bothSets(a: CodeSet | null, b: CodeSet | null): CodeSet | null {
  if (a === null || b === null) return a ?? b;
  const table = Uint8Array.from(
    { length: Math.min(spanOfSet(a).to, spanOfSet(b).to) },
    (_, code) => (hasCode(a, code) && hasCode(b, code) ? 1 : 0),
  );
  return { kind: 'table', table };
}

/** By code: when buckets of a tree start, ascending. A row lies in each. */
function startsOf(columns: Columns): readonly number[] {
  const codes = columns.codes('__time');
  invariant(codes !== null, 'times of a tree have codes');
  return Array.from({ length: codes.size }, (_, code) => codes.value(code) as number);
}

const seenCodes = (starts: readonly number[], seen: readonly SeenBuckets[]): CodeSet => ({
  kind: 'table',
  table: Uint8Array.from(starts, (start) => (isSeen(seen, start) ? 1 : 0)),
});

interface Times {
  readonly minMs: number;
  readonly maxMs: number;
}

/** As exactly as zero-filling needs it: the times of a segment's first and last row, or the starts of buckets. */
function visibleTimes(
  starts: readonly number[],
  { from, to }: SeenBuckets,
  { facts: { minMs, maxMs } }: PlannedPart,
): Times | null {
  const [isFromStart, isToEnd] = [from === FIRST, to === LAST];
  const first = isFromStart ? minMs : starts.find((start) => start >= from);
  const last = isToEnd ? maxMs : starts.findLast((start) => start < to);
  if (first === undefined || last === undefined) return null;
  const isEmpty = !isFromStart && !isToEnd && first > last;
  return isEmpty ? null : { minMs: first, maxMs: last };
}

/** The times of the first and last row that are seen. Rows of files are sorted by time. */
function rowTimes(rows: SegmentHandle, { from, to }: SeenBuckets): Times | null {
  const cursor = openedSegment(rows).cursor();
  const all = { from: 0, to: cursor.rowCount };
  const seen = rowsOfSpan(cursor, all, { startMs: from, endMs: to });
  if (seen.from >= seen.to) return null;
  return { minMs: timeAt(cursor, seen.from), maxMs: timeAt(cursor, seen.to - 1) };
}
