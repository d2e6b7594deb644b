import { invariant } from '../../core/index.js';
import {
  type CountMinShape,
  decodeCountMin,
  encodeCountMin,
  isCountMinShape,
  isSameShape,
  mostFew,
} from './count-min-bytes.js';

/**
 * How often each of many values came, never too few (Cormode, Muthukrishnan, "An improved data stream summary: the Count-Min
 * sketch and its applications", J. Algorithms 55(1), 2005). With conservative update (Estan, Varghese, "New directions in
 * traffic measurement and accounting", SIGCOMM 2002) errors are smaller, a few times where counts are skewed.
 *
 * A value is known by 32 bits of hash. In each of `depth` rows it has one of w = 2^lgWidth counters; what is least of them
 * is the estimate. The counter of row i is number ((h + i × g) mod 2^32) / 2^(32 - lgWidth), g = h × 0x9e3779b1 with its lowest bit set:
 * two hashes of which rows are made are as good as one for each (Kirsch and Mitzenmacher, 2006). A sketch of few hashes, up to a 16th
 * of its counters, has no counters but a list of them with exact counts.
 *
 * Error   Of a value: at most e / w of the total too many, but for a chance of e^-depth; of few, none but for equal hashes.
 * Merge   Plain: adds up, so that any order and grouping has the bytes of the whole. Conservative: no estimate is too small
 *         then, nor larger than that of a plain sketch; bytes depend on the order of what was added.
 * Memory  8 bytes a counter; 4 in bytes, while all are below 2^32. Of few hashes: an entry of a map each; 12 in bytes.
 *
 * Bytes: `count-min-bytes.ts`.
 */
export class CountMin {
  #shape: CountMinShape;
  /** Counts of hashes, as signed numbers of 32 bits, while they are few; else there are counters. */
  #few: Map<number, number> | null = null;
  #counters: Float64Array = NO_COUNTERS;
  #total = 0;

  constructor(shape: CountMinShape) {
    const { lgWidth, depth } = shape;
    invariant(isCountMinShape(shape), `Count-Min of ${depth} rows of 2^${lgWidth} counters`);
    this.#shape = shape;
    if (mostFew(shape) > 0) this.#few = new Map();
    else this.#counters = countersOf(shape);
  }

  /** A sketch of nothing takes on that of the first one that is merged into it. */
  get shape(): CountMinShape {
    return this.#shape;
  }

  /** How much was added. */
  get total(): number {
    return this.#total;
  }

  /** By how much an estimate is too large at most, but for a chance of e^-depth; 0 of few values, but for equal hashes. */
  get error(): number {
    return this.#few === null ? (Math.E / 2 ** this.shape.lgWidth) * this.#total : 0;
  }

  /** Adds `count`, a whole number of 1 or more, to the value of a hash, of which the lowest 32 bits count. */
  add(hash: number, count = 1): void {
    this.#total += count;
    if (this.#few === null) this.#count(hash, count);
    else this.#addToFew(this.#few, hash | 0, count);
  }

  #addToFew(few: Map<number, number>, hash: number, count: number): void {
    few.set(hash, (few.get(hash) ?? 0) + count);
    if (few.size > mostFew(this.#shape)) this.#spread(few);
  }

  /** From a list of hashes to counters. Conservative ones are the same in whatever order the hashes came. */
  #spread(few: ReadonlyMap<number, number>): void {
    this.#few = null;
    this.#counters = countersOf(this.#shape);
    for (const [hash, count] of entriesOf(few)) this.#count(hash, count);
  }

  #count(hash: number, count: number): void {
    const { lgWidth, depth, isConservative } = this.#shape;
    const counters = this.#counters;
    const least = isConservative ? this.#least(hash) + count : 0;
    const gap = gapOf(hash);
    for (let row = 0, at = hash; row < depth; row++, at = (at + gap) | 0) {
      const place = (row << lgWidth) + (at >>> (32 - lgWidth));
      if (!isConservative) counters[place]! += count;
      else if (counters[place]! < least) counters[place] = least;
    }
  }

  /** At least how much was added to the value of a hash. */
  estimate(hash: number): number {
    return this.#few === null ? this.#least(hash) : (this.#few.get(hash | 0) ?? 0);
  }

  #least(hash: number): number {
    const { lgWidth, depth } = this.#shape;
    const gap = gapOf(hash);
    let least = Number.POSITIVE_INFINITY;
    for (let row = 0, at = hash; row < depth; row++, at = (at + gap) | 0) {
      const counter = this.#counters[(row << lgWidth) + (at >>> (32 - lgWidth))]!;
      if (counter < least) least = counter;
    }
    return least;
  }

  /** Adds all that was added to `other`, which must have the same shape and stays as it is. */
  merge(other: CountMin): void {
    if (other.#total === 0) return;
    if (this.#total === 0) this.#become(other);
    else {
      invariant(isSameShape(this.shape, other.shape), 'merge of Count-Min sketches of two shapes');
      if (other.#few !== null)
        for (const [hash, count] of entriesOf(other.#few)) this.add(hash, count);
      else this.#addCounters(other);
    }
  }

  #become(other: CountMin): void {
    this.#shape = other.#shape;
    this.#total = other.#total;
    this.#few = other.#few === null ? null : new Map(other.#few);
    this.#counters = other.#counters.slice();
  }

  #addCounters(other: CountMin): void {
    if (this.#few !== null) this.#spread(this.#few);
    this.#total += other.#total;
    const [target, source] = [this.#counters, other.#counters];
    for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const few = this.#few === null ? null : entriesOf(this.#few);
    return encodeCountMin({
      shape: this.#shape,
      total: this.#total,
      few,
      counters: this.#counters,
    });
  }

  /** The sketch that `toBytes` wrote. Throws CorruptSketchError for anything it could not have written. */
  static fromBytes(bytes: Uint8Array): CountMin {
    const { shape, total, few, counters } = decodeCountMin(bytes);
    const sketch = new CountMin(shape);
    sketch.#total = total;
    sketch.#few = few === null ? null : new Map(few.map(([hash, count]) => [hash | 0, count]));
    sketch.#counters = counters;
    return sketch;
  }
}

const NO_COUNTERS = new Float64Array(0);

const countersOf = ({ depth, lgWidth }: CountMinShape) => new Float64Array(depth * 2 ** lgWidth);

/** By hash, as a number of 0 or more. */
const entriesOf = (few: ReadonlyMap<number, number>): [hash: number, count: number][] =>
  Array.from(few, ([hash, count]): [number, number] => [hash >>> 0, count]).sort(
    ([a], [b]) => a - b,
  );

const gapOf = (hash: number): number => Math.imul(hash, 0x9e3779b1) | 1;
