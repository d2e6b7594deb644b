import { invariant } from '../../core/index.js';
import { MAX_THETA, MAX_THETA_NUMBER, MIN_LG_K } from '../theta/theta-sketch.js';

/** What a tuple sketch keeps: hashes ascending, `width` doubles of each, hash by hash. */
export interface TupleEntries {
  readonly hashes: BigUint64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
}

/**
 * A theta sketch (`theta/theta-sketch.ts`: hashes, theta, errors of counts) that also keeps `width` doubles of every key: their
 * sums over all that was added of it. So it tells of distinct keys what they add up to: user by user, say, not row by row.
 * What Apache DataSketches calls an array-of-doubles sketch, the mode of addition.
 *
 * Error   Of counts as theta sketches. A sum of all values, estimated as that of the kept ones over theta, has a variance of
 *         (1 - θ) / θ times the sum of squares of the values of all keys (Horvitz, Thompson, JASA 47, 1952).
 * Merge   Hashes and theta are those of the whole in any order and grouping, and so are values as far as sums of doubles are:
 *         in full where they are whole numbers below 2^53.
 * Memory  8 × (1 + width) bytes a hash, and 4 bytes a slot of the index; up to 3k / 2 hashes before a trim.
 * Bytes   `tuple-image.ts`.
 *
 * Entries lie in order of arrival; an open index of 2^n slots, at most three quarters full, has their numbers from 1 on.
 */
export class TupleSketch {
  #lows = new Uint32Array(FEW);
  #highs = new Uint32Array(FEW);
  #values: Float64Array;
  #index = new Uint32Array(2 * FEW);
  #used = 0;
  #thetaLow = 0xffffffff;
  #thetaHigh = 0x7fffffff;
  /** Whether nothing was ever added. A sketch may keep no hash and yet not be empty. */
  isEmpty = true;

  #width: number;

  constructor(
    readonly lgK: number,
    width: number,
  ) {
    invariant(Number.isInteger(lgK) && lgK >= MIN_LG_K && lgK <= 26, `tuple sketch of 2^${lgK}`);
    invariant(isTupleWidth(width), `tuple sketch of ${width} values`);
    this.#width = width;
    this.#values = new Float64Array(FEW * width);
  }

  /** How many values a key has; an empty sketch takes on that of the first one that is merged into it. */
  get width(): number {
    return this.#width;
  }

  /** A sketch of these facts. Of entries those count that have a hash that is not 0 and below theta. */
  static of(
    shape: { readonly lgK: number; readonly width: number },
    theta: bigint,
    isEmpty: boolean,
    { hashes, values }: TupleEntries,
  ): TupleSketch {
    const { lgK, width } = shape;
    const sketch = new TupleSketch(lgK, width);
    sketch.isEmpty = isEmpty;
    sketch.#lowerTheta(Number(theta & 0xffff_ffffn), Number(theta >> 32n));
    const words = new Uint32Array(hashes.buffer, hashes.byteOffset, 2 * hashes.length);
    for (let i = 0; i < hashes.length; i++) {
      sketch.#put(words[2 * i]!, words[2 * i + 1]!, values, i * width);
    }
    return sketch;
  }

  /** Adds `width` values to the key of a hash: four words, `value-hash.ts`. */
  add(hash: Uint32Array, values: Float64Array): void {
    this.isEmpty = false;
    const [low, high] = [hash[0]!, hash[1]!];
    this.#put(((low >>> 1) | (high << 31)) >>> 0, high >>> 1, values, 0);
  }

  /** Adds all that was added to `other`, of the same width, which stays as it is. */
  merge(other: TupleSketch): void {
    if (other.isEmpty) return;
    if (this.isEmpty) {
      this.#width = other.#width;
      this.#values = new Float64Array(this.#lows.length * other.#width);
    }
    invariant(this.width === other.width, `merge of ${other.width} values into ${this.width}`);
    this.isEmpty = false;
    this.#lowerTheta(other.#thetaLow, other.#thetaHigh);
    // A sketch may be merged into itself: what it holds now is what counts.
    const { width } = this;
    const [lows, highs, used] = [other.#lows, other.#highs, other.#used];
    const values = other === this ? other.#values.slice() : other.#values;
    for (let i = 0; i < used; i++) this.#put(lows[i]!, highs[i]!, values, i * width);
  }

  /** The keys of this sketch that the other has too, values added up, or those that it has not: below both thetas. */
  chosen(other: TupleSketch, areCommon: boolean): TupleSketch {
    const { width } = this;
    const chosen = new TupleSketch(Math.max(this.lgK, other.lgK), width);
    for (const sketch of [this, other]) {
      sketch.#trim();
      chosen.#lowerTheta(sketch.#thetaLow, sketch.#thetaHigh);
    }
    for (let i = 0; i < this.#used; i++) {
      const [low, high] = [this.#lows[i]!, this.#highs[i]!];
      const there = other.#index[other.#slot(low, high)]!;
      if (there > 0 !== areCommon) continue;
      chosen.#put(low, high, this.#values, i * width);
      if (areCommon) chosen.#put(low, high, other.#values, (there - 1) * width);
    }
    chosen.isEmpty = chosen.#used === 0 && chosen.theta === MAX_THETA;
    return chosen;
  }

  /** About how many distinct keys were added. */
  estimate(): number {
    return this.count * (MAX_THETA_NUMBER / Number(this.theta));
  }

  /** How many entries are kept, at most k. */
  get count(): number {
    this.#trim();
    return this.#used;
  }

  /** All kept hashes lie below; `MAX_THETA` when none was left out. */
  get theta(): bigint {
    this.#trim();
    return (BigInt(this.#thetaHigh) << 32n) | BigInt(this.#thetaLow);
  }

  entries(): TupleEntries {
    this.#trim();
    const { width } = this;
    const words = new Uint32Array(2 * this.#used);
    const values = new Float64Array(this.#used * width);
    for (const [to, from] of this.#order().entries()) {
      words[2 * to] = this.#lows[from]!;
      words[2 * to + 1] = this.#highs[from]!;
      values.set(this.#values.subarray(from * width, (from + 1) * width), to * width);
    }
    return { hashes: new BigUint64Array(words.buffer), values };
  }

  /** Adds the values from an offset on to the entry of a hash, which may be new. */
  #put(low: number, high: number, values: Float64Array, offset: number): void {
    if (!isBelow(low, high, this.#thetaLow, this.#thetaHigh) || (low | high) === 0) return;
    const slot = this.#slot(low, high);
    const known = this.#index[slot]!;
    const entry = known === 0 ? this.#append(low, high) : known - 1;
    if (known === 0) this.#index[slot] = entry + 1;
    const { width } = this;
    const sums = this.#values;
    for (let i = 0; i < width; i++) sums[entry * width + i]! += values[offset + i]!;
    if (known === 0) this.#makeRoom();
  }

  #append(low: number, high: number): number {
    const entry = this.#used++;
    this.#lows[entry] = low;
    this.#highs[entry] = high;
    return entry;
  }

  /** Leaves a free place for one more entry. */
  #makeRoom(): void {
    const most = 1.5 * 2 ** this.lgK;
    if (this.#used >= most) this.#trim();
    if (this.#used < this.#lows.length) return;
    const size = Math.min(2 * this.#lows.length, most);
    this.#take(this.#order(), size);
  }

  /** Where the number of a hash is in the index, or the free slot where it belongs. */
  #slot(low: number, high: number): number {
    const index = this.#index;
    const mask = index.length - 1;
    for (let at = low & mask; ; at = (at + 1) & mask) {
      const entry = index[at]! - 1;
      if (entry < 0 || (this.#lows[entry] === low && this.#highs[entry] === high)) return at;
    }
  }

  /** Leaves the k smallest hashes; the next one is theta then. */
  #trim(): void {
    const k = 2 ** this.lgK;
    if (this.#used <= k) return;
    const order = this.#order();
    this.#thetaLow = this.#lows[order[k]!]!;
    this.#thetaHigh = this.#highs[order[k]!]!;
    this.#take(order.subarray(0, k), this.#lows.length);
  }

  #lowerTheta(low: number, high: number): void {
    if (!isBelow(low, high, this.#thetaLow, this.#thetaHigh)) return;
    this.#thetaLow = low;
    this.#thetaHigh = high;
    const kept = this.#order().filter((i) => isBelow(this.#lows[i]!, this.#highs[i]!, low, high));
    if (kept.length < this.#used) this.#take(kept, this.#lows.length);
  }

  /** The numbers of entries, by hash. */
  #order(): Uint32Array {
    const [lows, highs] = [this.#lows, this.#highs];
    const order = Uint32Array.from({ length: this.#used }, (_, i) => i);
    return order.sort((a, b) => highs[a]! - highs[b]! || lows[a]! - lows[b]!);
  }

  /** Keeps only these entries, with room for `size`. */
  #take(kept: Uint32Array, size: number): void {
    const { width } = this;
    const [lows, highs, values] = [this.#lows, this.#highs, this.#values];
    this.#lows = new Uint32Array(size);
    this.#highs = new Uint32Array(size);
    this.#values = new Float64Array(size * width);
    this.#index = new Uint32Array(2 ** Math.ceil(Math.log2((4 / 3) * size)));
    this.#used = 0;
    for (const from of kept) {
      const [low, high] = [lows[from]!, highs[from]!];
      const entry = this.#append(low, high);
      this.#index[this.#slot(low, high)] = entry + 1;
      this.#values.set(values.subarray(from * width, (from + 1) * width), entry * width);
    }
  }
}

/** An image has one byte for it. */
export const isTupleWidth = (width: number): boolean =>
  Number.isInteger(width) && width >= 1 && width <= 255;

const isBelow = (low: number, high: number, thanLow: number, thanHigh: number): boolean =>
  high < thanHigh || (high === thanHigh && low < thanLow);

const FEW = 8;
