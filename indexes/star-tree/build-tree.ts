import { RecordSorter } from './sort-records.js';
import { STAR, type StarTree, type StarTreeSpec } from './star-tree.js';
import { WordList } from './word-list.js';

/** Null where there would be more than `maxRecords` records. */
export function buildStarTree(spec: StarTreeSpec): StarTree | null {
  return new TreeBuilder(spec).build();
}

class TreeBuilder {
  readonly #sorter: RecordSorter;
  readonly #codes: readonly WordList[];
  readonly #members = new WordList();
  readonly #memberEnds = new WordList();
  readonly #nodes = {
    codes: new WordList(),
    starts: new WordList(),
    ends: new WordList(),
    summed: new WordList(),
    firsts: new WordList(),
    lasts: new WordList(),
  };

  constructor(private readonly spec: StarTreeSpec) {
    this.#sorter = new RecordSorter(spec.sizes);
    this.#codes = spec.sizes.map(() => new WordList());
  }

  build(): StarTree | null {
    const { codes, rowCount } = this.spec;
    const rows = Int32Array.from({ length: rowCount }, (_, row) => row);
    this.#sorter.sort(rows, codes, 0);
    this.#merge(rows, codes, 0);
    const baseCount = this.#count;
    const root = this.#addNode(STAR, 0, baseCount);
    if (this.#isTooLarge || !this.#split(root, 0)) return null;
    this.#sum(root, 0);
    if (this.#isTooLarge) return null;
    const { codes: nodeCodes, starts, ends, summed, firsts, lasts } = this.#nodes;
    return {
      nodes: {
        codes: nodeCodes.taken(),
        starts: starts.taken(),
        ends: ends.taken(),
        summed: summed.taken(),
        firsts: firsts.taken(),
        lasts: lasts.taken(),
      },
      records: {
        count: this.#count,
        baseCount,
        codes: this.#codes.map((list) => list.taken()),
        members: this.#members.taken(),
        ends: this.#memberEnds.taken(),
      },
    };
  }

  get #count(): number {
    return this.#memberEnds.count;
  }

  get #isTooLarge(): boolean {
    return this.#count > this.spec.maxRecords;
  }

  #addNode(code: number, start: number, end: number): number {
    const { codes, starts, ends, summed, firsts, lasts } = this.#nodes;
    codes.push(code);
    starts.push(start);
    ends.push(end);
    for (const list of [summed, firsts, lasts]) list.push(0);
    return codes.count - 1;
  }

  /** Makes the children of a node, by dimension `depth`, and all below; false where records are too many. */
  #split(node: number, depth: number): boolean {
    const { starts, ends, firsts, lasts, codes } = this.#nodes;
    const [start, end] = [starts.at(node), ends.at(node)];
    if (depth === this.#codes.length || end - start <= this.spec.maxLeafRecords) return true;
    const column = this.#codes[depth]!;
    const first = codes.count;
    const hasStar = !this.spec.skipStar[depth] && column.at(start) !== column.at(end - 1);
    if (hasStar) this.#addStar(start, end, depth);
    for (let from = start; from < end; ) {
      const code = column.at(from);
      let to = from + 1;
      while (to < end && column.at(to) === code) to++;
      this.#addNode(code, from, to);
      from = to;
    }
    const last = codes.count;
    firsts.set(node, first);
    lasts.set(node, last);
    for (let child = first; child < last && !this.#isTooLarge; child++)
      this.#split(child, depth + 1);
    return !this.#isTooLarge;
  }

  /** A node of the records [start, end) without dimension `depth`. */
  #addStar(start: number, end: number, depth: number): void {
    const records = Int32Array.from({ length: end - start }, (_, i) => start + i);
    const codes = this.#codes.map((list) => list.words);
    this.#sorter.sort(records, codes, depth + 1);
    const from = this.#count;
    this.#merge(records, codes, depth + 1);
    this.#addNode(STAR, from, this.#count);
  }

  /** Adds a record for each run of members whose codes are equal from dimension `kept` on; before it they are, or do not count. */
  #merge(members: Int32Array, codes: StarTreeSpec['codes'], kept: number): void {
    const before = this.#members.count;
    this.#members.pushAll(members);
    for (let from = 0; from < members.length; ) {
      let to = from + 1;
      while (to < members.length && isSame(codes, members[from]!, members[to]!, kept)) to++;
      // The codes before the starred dimension are those of the node; its own is none.
      for (const [dimension, list] of this.#codes.entries()) {
        list.push(dimension === kept - 1 ? 0 : codes[dimension]![members[from]!]!);
      }
      this.#memberEnds.push(before + to);
      from = to;
    }
  }

  /** Gives the node, whose children are by dimension `depth`, and all below, the record of all their rows. */
  #sum(node: number, depth: number): number {
    const { starts, ends, firsts, lasts, codes, summed } = this.#nodes;
    const [first, last] = [firsts.at(node), lasts.at(node)];
    const children: number[] = [];
    for (let child = first; child < last; child++) children.push(this.#sum(child, depth + 1));
    const [start, end] = [starts.at(node), ends.at(node)];
    const record =
      first === last
        ? this.#sumOf(rangeOf(start, end), depth)
        : codes.at(first) === STAR
          ? children[0]!
          : this.#sumOf(children, depth);
    summed.set(node, record);
    return record;
  }

  /** The one record, or one made of all. */
  #sumOf(members: readonly number[], depth: number): number {
    if (members.length === 1) return members[0]!;
    for (const [dimension, list] of this.#codes.entries()) {
      list.push(dimension < depth ? list.at(members[0]!) : 0);
    }
    for (const member of members) this.#members.push(member);
    this.#memberEnds.push(this.#members.count);
    return this.#count - 1;
  }
}

const rangeOf = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i);

function isSame(codes: StarTreeSpec['codes'], a: number, b: number, kept: number): boolean {
  for (let dimension = kept; dimension < codes.length; dimension++) {
    if (codes[dimension]![a] !== codes[dimension]![b]) return false;
  }
  return true;
}
