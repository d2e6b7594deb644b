import { type CodeSet, hasCode } from '../codes.js';
import { STAR, type StarNodes } from './star-tree.js';
import { WordList } from './word-list.js';

/** What a query needs of a tree's dimensions, in split order. */
export interface StarTreeQuery {
  /** Codes that pass; null where all do. One dimension's codes are a set of its own: these are and-ed. */
  readonly passing: readonly (CodeSet | null)[];
  /** Whether groups differ in it. */
  readonly isGrouped: readonly boolean[];
}

/** Records that answer a query, each row in exactly one of them. */
export interface FoundRecords {
  /** Ascending and apart: [first, last + 1) of each, side by side. */
  readonly ranges: Int32Array;
  readonly recordCount: number;
  /** Dimensions whose codes have still to be looked at, in all records. */
  readonly remaining: readonly number[];
}

/**
 * Goes down the tree level by level. A node is left for its summed record as soon as no dimension below it is asked for;
 * a star child stands for all others, where its dimension neither parts groups nor has to be looked at later.
 */
export function findRecords(nodes: StarNodes, query: StarTreeQuery): FoundRecords {
  return new Search(nodes, query).run();
}

class Search {
  readonly #found: number[] = [];
  /** Dimensions whose filter is left to whoever reads the records: some records are of leaves above them. */
  #remaining: number[] | null = null;

  constructor(
    private readonly nodes: StarNodes,
    private readonly query: StarTreeQuery,
  ) {}

  run(): FoundRecords {
    let level = [0];
    for (let depth = 0; level.length > 0; depth++) level = this.#level(level, depth);
    const ranges = joined(this.#found);
    let recordCount = 0;
    for (let i = 0; i < ranges.length; i += 2) recordCount += ranges[i + 1]! - ranges[i]!;
    return { ranges, recordCount, remaining: this.#remaining ?? [] };
  }

  /** Takes what the nodes of a level give, and tells their children. Those are by dimension `depth`. */
  #level(level: readonly number[], depth: number): number[] {
    const { starts, ends, summed, firsts, lasts } = this.nodes;
    const isDone = !this.#isAsked(depth);
    const next: number[] = [];
    // Of one level: whether a star child may be taken must not depend on which node comes first.
    if (!isDone && level.some((node) => firsts[node] === lasts[node])) this.#leaveToReader(depth);
    for (const node of level) {
      if (isDone) this.#take(summed[node]!, summed[node]! + 1);
      else if (firsts[node] === lasts[node]) this.#take(starts[node]!, ends[node]!);
      else this.#children(node, depth, next);
    }
    return next;
  }

  /** Whether dimension `depth`, or a later one, is filtered or parts groups. */
  #isAsked(depth: number): boolean {
    const { passing, isGrouped } = this.query;
    for (let dimension = depth; dimension < passing.length; dimension++) {
      if (passing[dimension] !== null || isGrouped[dimension]) return true;
    }
    return false;
  }

  #leaveToReader(depth: number): void {
    this.#remaining ??= this.query.passing.flatMap((set, dimension) =>
      set !== null && dimension >= depth ? [dimension] : [],
    );
  }

  #children(node: number, depth: number, next: number[]): void {
    const { codes, firsts, lasts } = this.nodes;
    const [first, last] = [firsts[node]!, lasts[node]!];
    const hasStar = codes[first] === STAR;
    const isRead = this.query.isGrouped[depth]! || (this.#remaining?.includes(depth) ?? false);
    const set = this.query.passing[depth]!;
    const others = hasStar ? first + 1 : first;
    const passing: number[] = [];
    for (let child = others; child < last; child++) {
      if (set === null || hasCode(set, codes[child]!)) passing.push(child);
    }
    if (hasStar && !isRead && passing.length === last - others) next.push(first);
    else for (const child of passing) next.push(child);
  }

  #take(start: number, end: number): void {
    this.#found.push(start, end);
  }
}

/** Ranges in ascending order, those that abut as one. */
function joined(ranges: readonly number[]): Int32Array {
  // Little-endian, as every machine is that we run on: the start of a range is the high word.
  const words = new Uint32Array(ranges.length);
  for (let i = 0; i < ranges.length; i += 2) {
    words[i] = ranges[i + 1]!;
    words[i + 1] = ranges[i]!;
  }
  new BigUint64Array(words.buffer).sort();
  const list = new WordList();
  for (let i = 0; i < words.length; i += 2) {
    const [end, start] = [words[i]!, words[i + 1]!];
    if (list.count > 0 && list.at(list.count - 1) === start) list.set(list.count - 1, end);
    else {
      list.push(start);
      list.push(end);
    }
  }
  return list.taken();
}
