import { WordList } from './word-list.js';

/** By group: the one that it was a part of, and the code that tells it from the others. */
interface Split {
  readonly parents: Int32Array;
  readonly codes: Int32Array;
}

/**
 * Rows in groups of equal codes, told one dimension after the other: each splits the groups that the ones before it left.
 * It takes 8 bytes a row, and 8 a group for each dimension.
 */
export class RowGroups {
  #groupOf: Int32Array;
  #spare: Int32Array | null = null;
  #count: number;
  readonly #splits: Split[] = [];

  constructor(readonly rowCount: number) {
    this.#groupOf = new Int32Array(rowCount);
    this.#count = Math.min(1, rowCount);
  }

  get count(): number {
    return this.#count;
  }

  /** Splits groups by the codes of rows, which are [0, size). False, and nothing is changed, where there would be more than `most`. */
  split(codes: ArrayLike<number>, size: number, most: number): boolean {
    const finder =
      this.#count * size <= MOST_PLACES ? new PlaceFinder(this.#count, size) : new HashFinder();
    const groupOf = this.#groupOf;
    const next = this.#spare ?? new Int32Array(this.rowCount);
    for (let row = 0; row < groupOf.length; row++) {
      next[row] = finder.find(groupOf[row]!, codes[row]!);
      if (finder.count > most) {
        this.#spare = next;
        return false;
      }
    }
    this.#spare = groupOf;
    this.#groupOf = next;
    this.#count = finder.count;
    this.#splits.push(finder.found());
    return true;
  }

  /** By row. */
  get groupOf(): Int32Array {
    return this.#groupOf;
  }

  /**
   * About how many groups a split by these codes would make, told by some of the rows: hardly more than that, by Chao's lower bound
   * from those that are seen once and twice (A. Chao, 1984). All rows are looked at where they are few.
   */
  estimate(codes: ArrayLike<number>): number {
    const step = Math.ceil(this.rowCount / SAMPLE_ROWS);
    const { seen, about } = this.#seen(codes, step);
    return step === 1 ? seen : about;
  }

  /** The same, where these rows are some out of many. */
  estimateBySample(codes: ArrayLike<number>): number {
    return this.#seen(codes, 1).about;
  }

  /** Whether all rows of a group have the same code. */
  tell(codes: ArrayLike<number>): boolean {
    const known = new Int32Array(this.#count).fill(-1);
    for (let row = 0; row < this.rowCount; row++) {
      const group = this.#groupOf[row]!;
      if (known[group] === -1) known[group] = codes[row]!;
      else if (known[group] !== codes[row]) return false;
    }
    return true;
  }

  /** How many groups of every so many rows a split would make, and about how many there are likely to be of all. */
  #seen(codes: ArrayLike<number>, step: number): { seen: number; about: number } {
    const finder = new HashFinder();
    const seen = new WordList();
    for (let row = 0; row < this.rowCount; row += step) {
      const pair = finder.find(this.#groupOf[row]!, codes[row]!);
      if (pair === seen.count) seen.push(1);
      else seen.set(pair, seen.at(pair) + 1);
    }
    let [once, twice] = [0, 0];
    for (const count of seen.taken()) {
      if (count === 1) once++;
      else if (count === 2) twice++;
    }
    return { seen: finder.count, about: finder.count + once ** 2 / (2 * Math.max(1, twice)) };
  }

  /** How many groups there would be without a dimension, of which there are as many codes as `sizes` says. */
  countWithout(dimension: number, sizes: readonly number[]): number {
    return this.#regrouped(dimension, sizes).count;
  }

  /** The same rows without a dimension. */
  without(dimension: number, sizes: readonly number[]): RowGroups {
    const groups = this.#regrouped(dimension, sizes);
    const fewer = new RowGroups(this.rowCount);
    fewer.#groupOf = this.#groupOf.map((group) => groups.#groupOf[group]!);
    fewer.#count = groups.#count;
    fewer.#splits.push(...groups.#splits);
    return fewer;
  }

  /** Groups of groups. */
  #regrouped(dimension: number, sizes: readonly number[]): RowGroups {
    const groups = new RowGroups(this.#count);
    for (const [i, codes] of this.codes().entries()) {
      if (i !== dimension) groups.split(codes, sizes[i]!, this.#count);
    }
    return groups;
  }

  /** By dimension, by group. */
  codes(): Int32Array[] {
    const count = this.#count;
    const groups = Int32Array.from({ length: count }, (_, group) => group);
    const codes: Int32Array[] = [];
    for (const { parents, codes: own } of [...this.#splits].reverse()) {
      codes.unshift(groups.map((group) => own[group]!));
      for (let i = 0; i < count; i++) groups[i] = parents[groups[i]!]!;
    }
    return codes;
  }
}

/** Numbers pairs of a group and a code in the order in which they come. */
abstract class PairFinder {
  readonly #parents = new WordList();
  readonly #codes = new WordList();

  get count(): number {
    return this.#parents.count;
  }

  abstract find(group: number, code: number): number;

  found(): Split {
    return { parents: this.#parents.taken(), codes: this.#codes.taken() };
  }

  protected add(group: number, code: number): number {
    this.#parents.push(group);
    this.#codes.push(code);
    return this.#parents.count - 1;
  }

  protected is(pair: number, group: number, code: number): boolean {
    return this.#parents.at(pair) === group && this.#codes.at(pair) === code;
  }

  protected hash(pair: number): number {
    return hashOf(this.#parents.at(pair), this.#codes.at(pair));
  }
}

/** With a place for each pair that there may be. */
class PlaceFinder extends PairFinder {
  /** 1 more than the number of the pair; 0 where it has none. */
  readonly #places: Int32Array;

  constructor(
    groups: number,
    private readonly size: number,
  ) {
    super();
    this.#places = new Int32Array(groups * size);
  }

  find(group: number, code: number): number {
    const place = group * this.size + code;
    const known = this.#places[place]!;
    if (known > 0) return known - 1;
    const pair = this.add(group, code);
    this.#places[place] = pair + 1;
    return pair;
  }
}

/** Open addressing with linear probing, at most half full. */
class HashFinder extends PairFinder {
  #slots = new Int32Array(1 << 12);

  find(group: number, code: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(group, code) & mask; ; slot = (slot + 1) & mask) {
      const known = this.#slots[slot]!;
      if (known === 0) return this.#addAt(slot, group, code);
      if (this.is(known - 1, group, code)) return known - 1;
    }
  }

  #addAt(slot: number, group: number, code: number): number {
    const pair = this.add(group, code);
    this.#slots[slot] = pair + 1;
    if (2 * this.count > this.#slots.length) this.#grow();
    return pair;
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let pair = 0; pair < this.count; pair++) {
      let slot = this.hash(pair) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = pair + 1;
    }
    this.#slots = slots;
  }
}

/** The finaliser of MurmurHash3 (Appleby), over both. */
function hashOf(group: number, code: number): number {
  let hash = Math.imul(group, 0x9e3779b1) ^ code;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** A place for each pair is quickest, as long as the places fit into a cache. */
const MOST_PLACES = 1 << 20;

const SAMPLE_ROWS = 1 << 15;
