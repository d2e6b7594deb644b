import { invariant, type Random } from '../../core/index.js';
import type { Distribution } from '../quantiles/distribution.js';
import { levelCapacity, MAX_LEVELS, totalCapacity } from './capacity.js';
import { coin, raise, sortItems } from './halve.js';
import { decodeKll, encodeKll, type KllNumbers, type KllState } from './kll-image.js';
import { mergedState } from './kll-merge.js';
import { WeightedItems } from './weighted-items.js';

const DEFAULT_KLL_K = 200;
const LEAST_K = 8;
const MOST_K = 65_535;

/**
 * Quantiles and ranks of doubles or floats, approximately (Karnin, Lang, Liberty, "Optimal quantile approximation in streams",
 * FOCS 2016, arXiv:1603.05346), laid out and compacted as Apache DataSketches does it.
 *
 * Levels hold items; an item of level h stands for 2^h values. Values come in at level 0. Where there is no room, the
 * lowest level that has its share of it is compacted: its items are sorted, and every second one goes up, the even or the
 * odd ones by chance.
 *
 * Error   The rank of a quantile is off by `rankError` of all values or less, in 99 of 100 sketches: 1.33 % for k 200.
 *         Up to k values nothing is lost.
 * Merge   Any grouping and order has the same error; the bytes depend on both, and on chance.
 * Chance  is an argument: the same values in the same order with the same chance give the same bytes. Without one, the items
 *         that are compacted decide.
 * Memory  8 bytes an item; about 3k of them, and 8 for each doubling of the values.
 *
 * Bytes: `kll-image.ts`.
 */
export class KllSketch implements Distribution {
  #state: KllState;
  /** By level, of as many levels as there are. */
  #capacities: number[];

  constructor(
    private readonly random: Random | null,
    k = DEFAULT_KLL_K,
    readonly of: KllNumbers = 'doubles',
  ) {
    invariant(isKllK(k), `KLL of k ${k}`);
    this.#state = emptyState(k);
    this.#capacities = capacitiesOf(this.#state);
  }

  /** The sketch that `toBytes` or DataSketches wrote. Throws CorruptSketchError for anything that they could not have written. */
  static fromBytes(
    bytes: Uint8Array,
    random: Random | null,
    of: KllNumbers = 'doubles',
  ): KllSketch {
    const sketch = new KllSketch(random, DEFAULT_KLL_K, of);
    sketch.#become(decodeKll(bytes, of));
    return sketch;
  }

  get k(): number {
    return this.#state.k;
  }

  /** How many values were added. */
  get n(): number {
    return this.#state.count;
  }

  /** Of all values; NaN when there is none. */
  get min(): number {
    return this.#state.count === 0 ? Number.NaN : this.#state.min;
  }

  get max(): number {
    return this.#state.count === 0 ? Number.NaN : this.#state.max;
  }

  /** By how much a rank may be off, as a part of 1. */
  get rankError(): number {
    const { minK, levels } = this.#state;
    return levels.length === 2 ? 0 : 2.296 / minK ** 0.9723;
  }

  /** Adds a value, of floats the nearest one; NaN is none. */
  add(number: number): void {
    const value = this.of === 'floats' ? Math.fround(number) : number;
    if (Number.isNaN(value)) return;
    const state = this.#state;
    if (state.levels[0] === 0) this.#compact();
    if (state.count === 0 || value < state.min) state.min = value;
    if (state.count === 0 || value > state.max) state.max = value;
    state.count++;
    state.isSorted = false;
    state.items[--state.levels[0]!] = value;
  }

  /** Adds the numbers from one place to another. */
  addAll(numbers: Float64Array, from: number, to: number): void {
    for (let i = from; i < to; i++) this.add(numbers[i]!);
  }

  /** Adds all that was added to `other`, a sketch of the same kind of numbers, which stays as it is. */
  merge(other: KllSketch): void {
    invariant(this.of === other.of, `merge of KLL of ${other.of} into ${this.of}`);
    const from = (other === this ? other.copy() : other).#state;
    if (from.count === 0) return;
    const { minK, min, max, count } = this.#state;
    const isLossy = from.levels.length > 2;
    const lowest = from.items.slice(from.levels[0], from.levels[1]);
    for (let i = 0; i < lowest.length; i++) this.add(lowest[i]!);
    if (isLossy) this.#become(mergedState(this.#state, from, this.random));
    const state = this.#state;
    state.count = count + from.count;
    state.min = count === 0 ? from.min : Math.min(min, from.min);
    state.max = count === 0 ? from.max : Math.max(max, from.max);
    state.minK = isLossy ? Math.min(minK, from.minK) : minK;
  }

  /** Which part of the values is smaller than `value`, or is not larger where `inclusive`; null when there are none. */
  rank(value: number, inclusive = true): number | null {
    return this.#state.count === 0 ? null : this.weighted().rank(value, inclusive);
  }

  /** A value of which `rank` is about `fraction`, one of [0, 1]; null when there are none. */
  quantile(fraction: number, inclusive = true): number | null {
    return this.#state.count === 0 ? null : this.weighted().quantile(fraction, inclusive);
  }

  /** The items in order; for many questions. */
  weighted(): WeightedItems {
    return new WeightedItems(this.#state);
  }

  copy(): KllSketch {
    const copy = new KllSketch(this.random, this.k, this.of);
    const { items, levels } = this.#state;
    copy.#become({ ...this.#state, items: items.slice(), levels: levels.slice() });
    return copy;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return encodeKll(this.#state, this.of);
  }

  #become(state: KllState): void {
    this.#state = state;
    this.#capacities = capacitiesOf(state);
  }

  /** Makes room at level 0. */
  #compact(): void {
    const level = this.#levelToCompact();
    if (level === this.#state.levels.length - 2) this.#addLevel();
    const { items, levels } = this.#state;
    const start = levels[level]!;
    const end = levels[level + 1]!;
    const odd = (end - start) & 1;
    const [from, length] = [start + odd, end - start - odd];
    if (level === 0) sortItems(items, from, end);
    const above = levels[level + 2]! - end;
    const turn = MAX_LEVELS * this.#state.count + level;
    raise(items, from, length, above, coin(this.random, items, from, length, turn));
    const freed = length / 2;
    levels[level + 1]! -= freed;
    levels[level] = levels[level + 1]! - odd;
    if (odd === 1) items[levels[level]!] = items[start]!;
    if (level === 0) return;
    // What is freed goes to the lowest level.
    items.copyWithin(levels[0]! + freed, levels[0]!, start);
    for (let lower = 0; lower < level; lower++) levels[lower]! += freed;
  }

  /** The lowest that is full. There is one: all together are. */
  #levelToCompact(): number {
    const { levels } = this.#state;
    let level = 0;
    while (levels[level + 1]! - levels[level]! < this.#capacities[level]!) level++;
    return level;
  }

  #addLevel(): void {
    const state = this.#state;
    const more = levelCapacity(state.k, state.levels.length, 0);
    const items = new Float64Array(state.items.length + more);
    items.set(state.items, more);
    state.items = items;
    state.levels = state.levels.map((start) => start + more);
    state.levels.push(items.length);
    this.#capacities = capacitiesOf(state);
  }
}

function emptyState(k: number): KllState {
  const items = new Float64Array(totalCapacity(k, 1));
  const levels = [items.length, items.length];
  return { k, minK: k, count: 0, isSorted: false, min: 0, max: 0, levels, items };
}

export const isKllK = (k: number): boolean => Number.isInteger(k) && k >= LEAST_K && k <= MOST_K;

const capacitiesOf = ({ k, levels }: KllState): number[] =>
  Array.from({ length: levels.length - 1 }, (_, level) =>
    levelCapacity(k, levels.length - 1, level),
  );
