import { CorruptSketchError, invariant } from '../../core/index.js';

const VERSION = 1;
const HEADER_BYTES = 16;
const CONSERVATIVE_FLAG = 1;
const MIN_LG_WIDTH = 1;
const MAX_LG_WIDTH = 24;
const MAX_DEPTH = 16;

export interface CountMinShape {
  /** Counters of a row: 2^lgWidth. */
  readonly lgWidth: number;
  readonly depth: number;
  /** Only counters that have to grow do: smaller errors, and other bytes. */
  readonly isConservative: boolean;
}

/**
 * How often each of many values came, never too few (Cormode, Muthukrishnan, "An improved data stream summary: the Count-Min
 * sketch and its applications", J. Algorithms 55(1), 2005). With conservative update (Estan, Varghese, "New directions in
 * traffic measurement and accounting", SIGCOMM 2002) errors are smaller, a few times where counts are skewed.
 *
 * A value is known by 32 bits of hash. In each of `depth` rows it has one of w = 2^lgWidth counters; what is least of them
 * is the estimate. The counter of row i is number ((h + i × g) mod 2^32) / 2^(32 - lgWidth), g = h × 0x9e3779b1 with its lowest bit set:
 * two hashes of which rows are made are as good as one for each (Kirsch and Mitzenmacher, 2006).
 *
 * Error   Of a value: at most e / w of the total too many, but for a chance of e^-depth.
 * Merge   Plain: adds up, so that any order and grouping has the bytes of the whole. Conservative: no estimate is too small
 *         then, nor larger than that of a plain sketch; bytes depend on the order of what was added.
 * Memory  8 bytes a counter; 4 in bytes, while all are below 2^32.
 *
 * Bytes, little-endian:
 *
 *     offset  size  field
 *     0       1     version       u8, = 1
 *     1       1     flags         u8, 1 conservative
 *     2       1     lgWidth       u8, 1 to 24
 *     3       1     depth         u8, 1 to 16
 *     4       1     counterBytes  u8, 4 or 8, as few as will do
 *     5       3     zero
 *     8       8     total         u64, of what was added
 *     16      …     counters[]    u32 or u64 each, row by row
 */
export class CountMin {
  #shape: CountMinShape;
  #counters: Float64Array;
  #total = 0;

  constructor(shape: CountMinShape) {
    const { lgWidth, depth } = shape;
    invariant(isIn(lgWidth, MIN_LG_WIDTH, MAX_LG_WIDTH), `Count-Min of 2^${lgWidth} counters`);
    invariant(isIn(depth, 1, MAX_DEPTH), `Count-Min of ${depth} rows`);
    this.#shape = shape;
    this.#counters = new Float64Array(depth * 2 ** lgWidth);
  }

  /** A sketch of nothing takes on that of the first one that is merged into it. */
  get shape(): CountMinShape {
    return this.#shape;
  }

  /** How much was added. */
  get total(): number {
    return this.#total;
  }

  /** By how much an estimate is too large at most, but for a chance of e^-depth. */
  get error(): number {
    return (Math.E / 2 ** this.shape.lgWidth) * this.#total;
  }

  /** Adds `count` to the value of a hash, of which the lowest 32 bits count. */
  add(hash: number, count = 1): void {
    const { lgWidth, depth, isConservative } = this.shape;
    const counters = this.#counters;
    this.#total += count;
    const least = isConservative ? this.estimate(hash) + count : 0;
    const gap = gapOf(hash);
    for (let row = 0, at = hash; row < depth; row++, at = (at + gap) | 0) {
      const place = (row << lgWidth) + (at >>> (32 - lgWidth));
      if (!isConservative) counters[place]! += count;
      else if (counters[place]! < least) counters[place] = least;
    }
  }

  /** At least how much was added to the value of a hash. */
  estimate(hash: number): number {
    const { lgWidth, depth } = this.shape;
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
    if (this.#total === 0) {
      this.#shape = other.#shape;
      this.#total = other.#total;
      this.#counters = other.#counters.slice();
      return;
    }
    invariant(isSameShape(this.shape, other.shape), 'merge of Count-Min sketches of two shapes');
    this.#total += other.#total;
    const [target, source] = [this.#counters, other.#counters];
    for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const { lgWidth, depth, isConservative } = this.shape;
    const counters = this.#counters;
    const width = widthOf(counters);
    const bytes = new Uint8Array(HEADER_BYTES + width * counters.length);
    const view = new DataView(bytes.buffer);
    bytes.set([VERSION, isConservative ? CONSERVATIVE_FLAG : 0, lgWidth, depth, width]);
    view.setBigUint64(8, BigInt(this.#total), true);
    if (width === 4) new Uint32Array(bytes.buffer, HEADER_BYTES).set(counters);
    else {
      for (const [i, counter] of counters.entries())
        view.setBigUint64(HEADER_BYTES + 8 * i, BigInt(counter), true);
    }
    return bytes;
  }

  /** The sketch that `toBytes` wrote. Throws CorruptSketchError for anything it could not have written. */
  static fromBytes(bytes: Uint8Array): CountMin {
    if (bytes.length < HEADER_BYTES) throw damaged(`${bytes.length} bytes hold no header`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const [version, flags, lgWidth, depth] = [bytes[0]!, bytes[1]!, bytes[2]!, bytes[3]!];
    const width = bytes[4]!;
    if (version !== VERSION) throw damaged(`version ${version}, want ${VERSION}`);
    if (flags > CONSERVATIVE_FLAG || (view.getUint32(4, true) & ~0xff) !== 0) {
      throw damaged(`flags ${flags}, or bytes that are not zero`);
    }
    if (!isIn(lgWidth, MIN_LG_WIDTH, MAX_LG_WIDTH) || !isIn(depth, 1, MAX_DEPTH)) {
      throw damaged(`${depth} rows of 2^${lgWidth} counters`);
    }
    const wanted = HEADER_BYTES + width * depth * 2 ** lgWidth;
    if ((width !== 4 && width !== 8) || bytes.length !== wanted) {
      throw damaged(`${bytes.length} bytes, want ${wanted} with counters of ${width}`);
    }
    const isConservative = flags === CONSERVATIVE_FLAG;
    const sketch = new CountMin({ lgWidth, depth, isConservative });
    sketch.#read(view, width);
    return sketch;
  }

  #read(view: DataView, width: number): void {
    const { depth, lgWidth, isConservative } = this.shape;
    const counters = this.#counters;
    const at = (offset: number) =>
      width === 4 ? view.getUint32(offset, true) : Number(view.getBigUint64(offset, true));
    this.#total = Number(view.getBigUint64(8, true));
    for (let i = 0; i < counters.length; i++) counters[i] = at(HEADER_BYTES + width * i);
    if (widthOf(counters) !== width) throw damaged(`counters of ${width} bytes, all below 2^32`);
    if (!Number.isSafeInteger(this.#total)) throw damaged('a total beyond 2^53');
    for (let row = 0; row < depth; row++) {
      const sum = sumOf(counters.subarray(row << lgWidth, (row + 1) << lgWidth));
      // What is added is in one counter of each row, in full or, conservatively, at most.
      if (isConservative ? sum > this.#total : sum !== this.#total) {
        throw damaged(`row ${row} sums up to ${sum} of ${this.#total}`);
      }
    }
  }
}

const gapOf = (hash: number): number => Math.imul(hash, 0x9e3779b1) | 1;

const isIn = (number: number, least: number, most: number): boolean =>
  Number.isInteger(number) && number >= least && number <= most;

export const isSameShape = (a: CountMinShape, b: CountMinShape): boolean =>
  a.lgWidth === b.lgWidth && a.depth === b.depth && a.isConservative === b.isConservative;

const widthOf = (counters: Float64Array): 4 | 8 =>
  counters.some((counter) => counter >= 2 ** 32) ? 8 : 4;

const sumOf = (counters: Float64Array): number =>
  counters.reduce((sum, counter) => sum + counter, 0);

const damaged = (detail: string): CorruptSketchError => new CorruptSketchError('Count-Min', detail);
