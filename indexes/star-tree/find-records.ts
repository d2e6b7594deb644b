import { type CodeSet, hasCode } from '../codes.js';
import { STAR, type StarNodes } from './star-tree.js';

/** What a query needs of a tree's dimensions, in split order. */
export interface StarTreeQuery {
  /** Codes that may pass; null where all do. */
  readonly passing: readonly (CodeSet | null)[];
  /** Whether somebody looks at a record's code: where groups differ in it, or a condition reads it. */
  readonly isRead: readonly boolean[];
}

/** Records that answer a query, each row in exactly one of them. They have codes in all dimensions that are read. */
export interface FoundRecords {
  /** Ascending and apart: [first, last + 1) of each, side by side. */
  readonly ranges: Uint32Array;
  readonly recordCount: number;
}

/**
 * Goes down the tree level by level. A node is left for its summed record as soon as no dimension below it is read; a star child stands
 * for all others where its dimension is not. Records of leaves may have codes that do not pass: whoever reads them looks again.
 */
export function findRecords(nodes: StarNodes, query: StarTreeQuery): FoundRecords {
  const found: number[] = [];
  let level = [0];
  for (let depth = 0; level.length > 0; depth++)
    level = nextLevel(nodes, query, level, depth, found);
  const ranges = joined(found);
  let recordCount = 0;
  for (let i = 0; i < ranges.length; i += 2) recordCount += ranges[i + 1]! - ranges[i]!;
  return { ranges, recordCount };
}

/** Takes what the nodes of a level give, and tells those of their children, by dimension `depth`, that are to be looked at. */
function nextLevel(
  nodes: StarNodes,
  query: StarTreeQuery,
  level: readonly number[],
  depth: number,
  found: number[],
): number[] {
  const { starts, ends, summed, firsts, lasts } = nodes;
  const isDone = !query.isRead.includes(true, depth);
  const next: number[] = [];
  for (const node of level) {
    if (isDone) found.push(summed[node]!, summed[node]! + 1);
    else if (firsts[node] === lasts[node]) found.push(starts[node]!, ends[node]!);
    else addChildren(nodes, query, node, depth, next);
  }
  return next;
}

function addChildren(
  { codes, firsts, lasts }: StarNodes,
  { passing, isRead }: StarTreeQuery,
  node: number,
  depth: number,
  next: number[],
): void {
  const [first, last] = [firsts[node]!, lasts[node]!];
  const hasStar = codes[first] === STAR;
  if (hasStar && !isRead[depth]) {
    next.push(first);
    return;
  }
  const set = passing[depth]!;
  const from = hasStar ? first + 1 : first;
  if (set?.kind !== 'ranges') {
    for (let child = from; child < last; child++) {
      if (set === null || hasCode(set, codes[child]!)) next.push(child);
    }
    return;
  }
  // Mostly one code is asked for, of many.
  for (const range of set.ranges) {
    const start = firstChildFrom(codes, range.from, from, last);
    for (let child = start; child < last && codes[child]! < range.to; child++) next.push(child);
  }
}

/** The first of some children whose code is not below `code`. */
function firstChildFrom(codes: Int32Array, code: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (codes[middle]! < code) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ranges in ascending order, those that abut as one. */
function joined(ranges: readonly number[]): Uint32Array {
  const sorted = isAscending(ranges) ? Uint32Array.from(ranges) : inOrder(ranges);
  let count = 0;
  for (let i = 0; i < sorted.length; i += 2) {
    if (count > 0 && sorted[count - 1] === sorted[i]) sorted[count - 1] = sorted[i + 1]!;
    else {
      sorted[count++] = sorted[i]!;
      sorted[count++] = sorted[i + 1]!;
    }
  }
  return count === sorted.length ? sorted : sorted.slice(0, count);
}

function isAscending(ranges: readonly number[]): boolean {
  for (let i = 2; i < ranges.length; i += 2) if (ranges[i]! < ranges[i - 2]!) return false;
  return true;
}

function inOrder(ranges: readonly number[]): Uint32Array {
  // Little-endian, as every machine is that we run on: the start of a range is the high word.
  const words = new Uint32Array(ranges.length);
  for (let i = 0; i < ranges.length; i += 2) {
    words[i] = ranges[i + 1]!;
    words[i + 1] = ranges[i]!;
  }
  new BigUint64Array(words.buffer).sort();
  for (let i = 0; i < words.length; i += 2) {
    const end = words[i]!;
    words[i] = words[i + 1]!;
    words[i + 1] = end;
  }
  return words;
}
