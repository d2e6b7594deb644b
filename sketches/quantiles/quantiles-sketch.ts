import { invariant, mergeDoubles, sortDoubles } from '../../core/index.js';
import { WeightedItems } from '../kll/weighted-items.js';
import type { Distribution } from './distribution.js';
import { hashOfItems } from './item-hash.js';

/**
 * Which of every `bound` neighbours in a sorted buffer goes on to stand for all of them: 0 … bound - 1, as
 * good as random. `turn` is another number every time that a sketch asks.
 */
export type Choice = (sorted: Float64Array, bound: number, turn: number) => number;

/**
 * Approximate quantiles of doubles: the mergeable sketch of Agarwal, Cormode, Huang, Phillips, Wei and Yi ("Mergeable
 * Summaries", PODS 2012, section 4), which Apache DataSketches calls classic quantiles.
 *
 * Items come into a buffer of 2k. A full buffer is sorted, and every other item of it goes on, as a run of k items
 * that stand for two each. Two runs of one level become one of the next level in the same way. So level i, where
 * there is a run, holds k sorted items of weight 2^(i + 1), and runs are where the bits of n / 2k are.
 *
 * Error   Exact up to 2k items. Beyond, a rank is off by 1.576 / k^0.9726 of all (1.41 % for k = 128) at most, in 99 of 100.
 * Merge   Any grouping is as good; which items remain depends on it. The rest does not: n, min and max.
 * Chance  Which half goes on is decided by the items themselves unless another choice is given, so that equal input
 *         gives equal bytes.
 * Bytes   `quantiles-image.ts`.
 */
export class QuantilesSketch implements Distribution {
  private items = 0;
  private least = Number.POSITIVE_INFINITY;
  private most = Number.NEGATIVE_INFINITY;
  private buffered = 0;
  private runs: (Float64Array | null)[] = [];
  /** A run that is none any more: the next one comes to lie there. */
  private spare: Float64Array | null = null;

  constructor(
    private size: number,
    private readonly choose: Choice = chosenByItems,
    private buffer: Float64Array = NONE,
  ) {
    invariant(isQuantilesK(size), `quantiles sketch of k = ${size}`);
  }

  /** How many items of each level are kept. */
  get k(): number {
    return this.size;
  }

  /** How many items were added. */
  get n(): number {
    return this.items;
  }

  /** The smallest item; NaN when there is none. */
  get min(): number {
    return this.items === 0 ? Number.NaN : this.least;
  }

  get max(): number {
    return this.items === 0 ? Number.NaN : this.most;
  }

  /** Adds an item; NaN is none. */
  add(item: number): void {
    if (Number.isNaN(item)) return;
    if (item < this.least) this.least = item;
    if (item > this.most) this.most = item;
    this.items++;
    if (this.buffered === this.buffer.length) this.growBuffer(1);
    this.buffer[this.buffered++] = item;
    if (this.buffered === 2 * this.size) this.compact();
  }

  /** Adds the items [from, to), of which NaN are none. */
  addAll(items: Float64Array, from: number, to: number): void {
    for (let at = from; at < to; ) at = this.addSome(items, at, to);
  }

  /** Adds all items of `other`, which stays as it is. The k of both becomes the smaller one. */
  merge(other: QuantilesSketch): void {
    if (other.items === 0) return;
    if (other.size < this.size) this.shrink(other.size);
    this.least = Math.min(this.least, other.least);
    this.most = Math.max(this.most, other.most);
    this.items += other.items;
    this.take(other === this ? other.copy() : other);
  }

  copy(): QuantilesSketch {
    const copy = new QuantilesSketch(this.size, this.choose);
    copy.items = this.items;
    copy.least = this.least;
    copy.most = this.most;
    copy.buffer = this.buffer.slice();
    copy.buffered = this.buffered;
    copy.runs = this.runs.map((run) => run?.slice() ?? null);
    return copy;
  }

  /** What is kept: the first `buffered` items of a buffer, of weight 1, in any order, and of each level its run or null. Not to be written to. */
  contents(): {
    readonly buffer: Float64Array;
    readonly buffered: number;
    readonly runs: readonly (Float64Array | null)[];
  } {
    return { buffer: this.buffer, buffered: this.buffered, runs: this.runs };
  }

  /** What is kept, in order. */
  weighted(): WeightedItems {
    const levels = [0, this.buffered];
    for (const run of this.runs) levels.push(levels.at(-1)! + (run?.length ?? 0));
    const items = new Float64Array(levels.at(-1)!);
    for (let i = 0; i < this.buffered; i++) items[i] = this.buffer[i]!;
    for (const [level, run] of this.runs.entries()) {
      if (run !== null) items.set(run, levels[level + 1]);
    }
    return new WeightedItems({ levels, items });
  }

  /** The sketch of these contents; runs are ascending. The arrays are the caller's no more. */
  static of(
    k: number,
    extremes: { min: number; max: number },
    buffer: Float64Array,
    runs: (Float64Array | null)[],
  ): QuantilesSketch {
    const sketch = new QuantilesSketch(k, chosenByItems, buffer);
    sketch.buffered = buffer.length;
    sketch.items = buffer.length;
    sketch.runs = runs;
    for (const [level, run] of runs.entries()) {
      if (run !== null) sketch.items += k * 2 ** (level + 1);
    }
    sketch.least = extremes.min;
    sketch.most = extremes.max;
    return sketch;
  }

  /** Takes over what another sketch keeps; counts and extremes are the caller's business. */
  private take(other: QuantilesSketch): void {
    const stride = other.size / this.size;
    for (let from = 0; from < other.buffered; ) {
      if (this.buffered === this.buffer.length) this.growBuffer(other.buffered - from);
      const to = Math.min(other.buffered, from + this.buffer.length - this.buffered);
      for (let i = from; i < to; i++) this.buffer[this.buffered++] = other.buffer[i]!;
      from = to;
      if (this.buffered === 2 * this.size) this.compact();
    }
    for (const [level, run] of other.runs.entries()) {
      if (run === null) continue;
      const kept = stride === 1 ? run : this.everyNth(run.slice(), stride, level);
      this.carry(level + Math.log2(stride), kept);
    }
  }

  /** Adds as many of the items [from, to) as there is room for in the buffer. Where those that are left begin. */
  private addSome(items: Float64Array, from: number, to: number): number {
    if (this.buffered === this.buffer.length) this.growBuffer(to - from);
    const { buffer } = this;
    let { buffered, least, most } = this;
    let at = from;
    for (; at < to && buffered < buffer.length; at++) {
      const item = items[at]!;
      if (item < least) least = item;
      if (item > most) most = item;
      buffer[buffered] = item;
      // NaN is overwritten by the next one.
      if (!Number.isNaN(item)) buffered++;
    }
    this.items += buffered - this.buffered;
    this.least = least;
    this.most = most;
    this.buffered = buffered;
    if (buffered === 2 * this.size) this.compact();
    return at;
  }

  private growBuffer(more: number): void {
    const { length } = this.buffer;
    const wanted = Math.max(MIN_BUFFER, 4 * length, 2 ** Math.ceil(Math.log2(length + more)));
    const larger = new Float64Array(Math.min(2 * this.size, wanted));
    larger.set(this.buffer);
    this.buffer = larger;
  }

  /** The full buffer becomes a run. */
  private compact(): void {
    this.buffered = 0;
    this.carry(0, this.everyNth(sortDoubles(this.buffer), 2, 0));
  }

  /** Puts a run on its level; where there is one, both together become one of the next level. */
  private carry(from: number, run: Float64Array): void {
    let level = from;
    let carried = run;
    while (this.runs.length <= level) this.runs.push(null);
    for (;;) {
      const there = this.runs[level] ?? null;
      if (there === null) break;
      this.runs[level] = null;
      this.spare = there;
      level++;
      carried = this.everyNth(mergeDoubles(there, carried), 2, level);
    }
    const kept = this.spare ?? new Float64Array(this.size);
    kept.set(carried);
    this.runs[level] = kept;
    this.spare = null;
  }

  /** They lie where the first of all lay. */
  private everyNth(sorted: Float64Array, stride: number, level: number): Float64Array {
    const count = sorted.length / stride;
    const offset = this.choose(sorted, stride, 64 * this.items + level);
    for (let i = 0; i < count; i++) sorted[i] = sorted[i * stride + offset]!;
    return sorted.subarray(0, count);
  }

  private shrink(k: number): void {
    const before = this.copy();
    this.size = k;
    this.buffer = NONE;
    this.buffered = 0;
    this.runs = [];
    this.take(before);
  }
}

export const isQuantilesK = (k: number): boolean =>
  Number.isInteger(k) && k >= 2 && k <= 32_768 && (k & (k - 1)) === 0;

const MIN_BUFFER = 4;

const NONE = new Float64Array();

const chosenByItems: Choice = (sorted, bound, turn) => hashOfItems(sorted, turn) % bound;
