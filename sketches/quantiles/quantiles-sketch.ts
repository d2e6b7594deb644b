import { invariant, Room, sortDoubles } from '../../core/index.js';
import { WeightedItems } from '../kll/weighted-items.js';
import type { Distribution } from './distribution.js';
import { hashOfItems } from './item-hash.js';

/**
 * Which of every `bound` neighbours in a sorted buffer goes on to stand for all of them: 0 … bound - 1, as
 * good as random.
 */
export type Choice = (sorted: Float64Array, bound: number) => number;

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
  private buffer = new Float64Array(MIN_BUFFER);
  private buffered = 0;
  private runs: (Float64Array | null)[] = [];

  constructor(
    private size: number,
    private readonly choose: Choice = chosenByItems,
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
    this.push(item);
  }

  /** Adds all items of `other`, which stays as it is. The k of both becomes the smaller one. */
  merge(other: QuantilesSketch): void {
    if (other.items === 0) return;
    if (other.size < this.size) this.shrink(other.size);
    this.least = Math.min(this.least, other.least);
    this.most = Math.max(this.most, other.most);
    this.items += other.items;
    this.take(other);
  }

  copy(): QuantilesSketch {
    const copy = new QuantilesSketch(this.size, this.choose);
    copy.items = this.items;
    copy.least = this.least;
    copy.most = this.most;
    copy.buffer = this.buffer.slice();
    copy.buffered = this.buffered;
    // Nobody writes to a run.
    copy.runs = [...this.runs];
    return copy;
  }

  /** What is kept: items of weight 1, ascending, and of each level its run or null. Not to be written to. */
  contents(): { buffer: Float64Array; runs: readonly (Float64Array | null)[] } {
    return { buffer: sortDoubles(this.buffer.slice(0, this.buffered)), runs: this.runs };
  }

  /** What is kept, in order. */
  weighted(): WeightedItems {
    const { buffer, runs } = this.contents();
    const parts = [buffer, ...runs.map((run) => run ?? new Float64Array())];
    const levels = [0];
    for (const part of parts) levels.push(levels.at(-1)! + part.length);
    const items = new Float64Array(levels.at(-1)!);
    for (const [level, part] of parts.entries()) items.set(part, levels[level]);
    return new WeightedItems({ levels, items });
  }

  /** The sketch of these contents; runs are ascending and the caller's no more. */
  static of(
    k: number,
    extremes: { min: number; max: number },
    buffer: Float64Array,
    runs: (Float64Array | null)[],
  ): QuantilesSketch {
    const sketch = new QuantilesSketch(k);
    for (const item of buffer) sketch.add(item);
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
    for (let i = 0; i < other.buffered; i++) this.push(other.buffer[i]!);
    for (const [level, run] of other.runs.entries()) {
      if (run === null) continue;
      this.carry(level + Math.log2(stride), stride === 1 ? run : this.everyNth(run, stride));
    }
  }

  private push(item: number): void {
    if (this.buffered === this.buffer.length) this.growBuffer();
    this.buffer[this.buffered++] = item;
    if (this.buffered < 2 * this.size) return;
    this.buffered = 0;
    this.carry(0, this.everyNth(sortDoubles(this.buffer), 2));
  }

  private growBuffer(): void {
    const larger = new Float64Array(Math.min(2 * this.size, 4 * this.buffer.length));
    larger.set(this.buffer);
    this.buffer = larger;
  }

  /** Puts a run on its level; where there is one, both together become one of the next level. */
  private carry(from: number, run: Float64Array): void {
    let level = from;
    let carried = run;
    while (this.runs.length <= level) this.runs.push(null);
    for (;;) {
      const there = this.runs[level] ?? null;
      this.runs[level] = there === null ? carried : null;
      if (there === null) return;
      carried = this.everyNth(merged(there, carried), 2);
      level++;
    }
  }

  private everyNth(sorted: Float64Array, stride: number): Float64Array {
    const kept = new Float64Array(sorted.length / stride);
    const offset = this.choose(sorted, stride);
    for (let i = 0; i < kept.length; i++) kept[i] = sorted[i * stride + offset]!;
    return kept;
  }

  private shrink(k: number): void {
    const before = this.copy();
    this.size = k;
    this.buffer = new Float64Array(Math.min(MIN_BUFFER, 2 * k));
    this.buffered = 0;
    this.runs = [];
    this.take(before);
  }
}

export const isQuantilesK = (k: number): boolean =>
  Number.isInteger(k) && k >= 2 && k <= 32_768 && Number.isInteger(Math.log2(k));

const MIN_BUFFER = 4;

/** Both together, in order, until the next call. */
function merged(a: Float64Array, b: Float64Array): Float64Array {
  const all = ROOM.doubles(a.length + b.length);
  let [i, j] = [0, 0];
  for (let at = 0; at < all.length; at++) {
    const isLeft = j === b.length || (i < a.length && a[i]! <= b[j]!);
    all[at] = isLeft ? a[i++]! : b[j++]!;
  }
  return all;
}

const ROOM = new Room();

const chosenByItems: Choice = (sorted, bound) => hashOfItems(sorted) % bound;
