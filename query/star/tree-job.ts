import { CorruptSegmentError, invariant } from '../../core/index.js';
import { findRecords, type StarNodes } from '../../indexes/index.js';
import { type Filter, type Interval, TRUE } from '../../model/index.js';
import { nodesOf, type PinnedSegment, type SegmentHandle } from '../../segments/index.js';
import { type CodeSet, hasCode, spanOfSet } from '../compiler/code-set.js';
import { Columns } from '../compiler/columns.js';
import { codesOfFilter } from '../compiler/filter-codes.js';
import type { ScanJob } from '../executor/executor.js';
import type { Casts } from '../interpreter/cast-segment.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import { noVisibleTimes, widen } from '../interpreter/visible-times.js';
import type { NativeQuery } from '../native/query.js';
import { openedSegment } from '../plan/opened-segments.js';
import type { PlannedPart } from '../plan/prune.js';
import type { TreePlan } from './plan-tree.js';

/** All times: those of records are the starts of buckets, which may lie before the query's interval. */
const ALWAYS: Interval = { startMs: Number.MIN_SAFE_INTEGER, endMs: Number.MAX_SAFE_INTEGER };
const NO_CASTS: Casts = new Map();
const NEVER: Interval = { startMs: 0, endMs: 0 };

/** The job of reading the records of a tree that answer a query. Its columns and nodes are in memory. */
export function treeJob(
  query: NativeQuery,
  { tree, conditions, isRead }: TreePlan,
  { facts }: PlannedPart,
  pinned: PinnedSegment,
): ScanJob {
  invariant(pinned.handle.kind === 'immutable', 'only files have trees');
  const { handle, nodes } = openedTree(pinned.handle, tree);
  const segment = openedSegment(handle);
  const columns = new Columns(segment, query.virtualColumns);
  const passing = conditions.map((filters) => passingCodes(columns, filters));
  const { ranges, recordCount } = findRecords(nodes, { passing, isRead });
  const spans = Array.from({ length: facts.intervalCount }, (_, i) =>
    i === facts.interval ? ALWAYS : NEVER,
  );
  return {
    source: { kind: 'segment', handle, casts: NO_CASTS },
    from: 0,
    to: segment.rowCount,
    rows: ranges,
    spans,
    rowsExpected: recordCount,
  };
}

type ImmutableSegmentHandle = Extract<SegmentHandle, { readonly kind: 'immutable' }>;

interface OpenTree {
  readonly handle: ImmutableSegmentHandle;
  readonly nodes: StarNodes;
}

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
  const open = { handle, nodes };
  trees[tree] = open;
  return open;
}

/** The codes for which all of some filters, each of which reads one column, are true. */
function passingCodes(columns: Columns, filters: readonly Filter[]): CodeSet | null {
  const sets = filters.flatMap((filter): CodeSet[] => {
    const column = columns.onlyCodes(filter.inputs);
    return column === null ? [] : [codesOfFilter(columns, filter, column, TRUE)];
  });
  if (sets.length < 2) return sets[0] ?? null;
  const size = Math.max(...sets.map((set) => spanOfSet(set).to));
  const table = Uint8Array.from({ length: size }, (_, code) =>
    sets.every((set) => hasCode(set, code)) ? 1 : 0,
  );
  return { kind: 'table', table };
}

/** What was seen of the rows: all of them, whatever the filter says. */
export function withTimesOf(
  partial: GroupPartial,
  { facts: { interval, intervalCount, minMs, maxMs } }: PlannedPart,
): GroupPartial {
  const visible = noVisibleTimes(intervalCount);
  widen(visible, interval, minMs, maxMs);
  return { ...partial, visible };
}
