import { invariant } from '../../core/index.js';
import { CounterHeap } from '../frequency/counter-heap.js';
import { frequencyHash } from '../frequency/frequency-hash.js';
import { Chance } from './chance.js';
import {
  decodeReservoir,
  encodeReservoir,
  isSampleSize,
  type ReservoirState,
  type SampledKind,
  type SampledValue,
} from './reservoir-bytes.js';

/** A value of a sample, and the key by which it was chosen. */
interface Keyed {
  readonly value: SampledValue;
  readonly weight: number;
  readonly key: number;
}

/**
 * A random sample without replacement of at most `capacity` values, each chosen by its weight: algorithm A-ExpJ (Efraimidis, Spirakis,
 * "Weighted random sampling with a reservoir", Information Processing Letters 97(5), 2006). Of weights of 1 it is a uniform one, by
 * the same steps as algorithm L (Li, "Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n)))", ACM TOMS 20(4), 1994).
 *
 * A value of weight w has a key, exponential of rate w, and the `capacity` smallest keys are the sample; the largest of these is
 * the threshold. What weight passes before the next value that gets in is exponential of the threshold, so that others cost
 * one subtraction.
 *
 * Chance     From the seed, the values of the sample and their salts: equal input gives equal bytes. Parts of other rows choose
 *            independently, as far as values or salts differ.
 * Guarantee  That of drawing one value after the other by weight from those that are left: exact, not approximate. Uniform: all
 *            sets of `capacity` values are equally likely; a share of the rows is off by √(p (1 - p) / capacity).
 * Merge      By keys. These are not kept: given threshold, values and weights they are drawn again, which is the same
 *            distribution. Parts may be merged in any order and grouping; bytes depend on it.
 * Memory     8 bytes a value and weight, and 16 for key and heap.
 *
 * Bytes: `reservoir-bytes.ts`.
 */
export class Reservoir {
  #of: SampledKind;
  #capacity: number;
  #values: SampledValue[] = [];
  #weights: number[] = [];
  #count = 0;
  #totalWeight = 0;
  #isWeighted = false;
  #threshold = Number.POSITIVE_INFINITY;
  #chance: Chance;
  /** Once the sample is full and more comes: keys below 0, so that the largest key is the least of a heap. */
  #keys: { readonly negated: Float64Array; readonly heap: CounterHeap } | null = null;
  /** The weight that passes before the next value gets in. */
  #jump = 0;

  constructor(of: SampledKind, capacity: number, seed: number) {
    invariant(isSampleSize(capacity), `a sample of ${capacity}`);
    this.#of = of;
    this.#capacity = capacity;
    this.#chance = new Chance(seed);
  }

  /** Throws CorruptSketchError for what `toBytes` did not write. */
  static fromBytes(bytes: Uint8Array): Reservoir {
    const state = decodeReservoir(bytes);
    const sample = new Reservoir(state.of, state.capacity, 0);
    sample.#values = [...state.values];
    sample.#weights = [...state.weights];
    sample.#count = state.count;
    sample.#totalWeight = state.totalWeight;
    sample.#isWeighted = state.isWeighted;
    sample.#threshold = state.threshold;
    sample.#chance = new Chance(...state.chance);
    return sample;
  }

  /** What values are; of a sample of nothing, that of the first one that is merged into it. */
  get of(): SampledKind {
    return this.#of;
  }

  /** How many values were added. */
  get count(): number {
    return this.#count;
  }

  /** The sample, in no particular order. */
  get values(): readonly SampledValue[] {
    return this.#values;
  }

  /** Adds a value of a weight that `isWeight`. The salt, of which 32 bits count, tells it from equal ones of other parts. */
  add(value: SampledValue, weight = 1, salt = 0): void {
    this.#count++;
    this.#totalWeight += weight;
    if (weight !== 1) this.#isWeighted = true;
    if (this.#values.length < this.#capacity) {
      this.#values.push(value);
      this.#weights.push(weight);
      this.#chance.stir(frequencyHash(value) + salt);
      return;
    }
    if (this.#keys === null) this.#drawKeys();
    this.#jump -= weight;
    if (this.#jump <= 0) this.#replace(value, weight, salt);
  }

  /** The value takes the place of the one with the largest key, with a smaller key than that. */
  #replace(value: SampledValue, weight: number, salt: number): void {
    const { negated, heap } = this.#keys!;
    const place = heap.least;
    negated[place] = -this.#keyWithin(weight);
    heap.grew(place);
    this.#values[place] = value;
    this.#weights[place] = weight;
    this.#chance.stir(frequencyHash(value) + salt);
    this.#leap(negated[heap.least]!);
  }

  #leap(leastNegated: number): void {
    this.#threshold = -leastNegated;
    this.#jump = this.#chance.exponential() / this.#threshold;
  }

  /** An exponential key below the threshold; a positive number, however large or small the weight. */
  #keyWithin(weight: number, chance = this.#chance): number {
    const key = this.#hasAll
      ? chance.exponential() / weight
      : -Math.log1p(chance.fraction() * Math.expm1(-weight * this.#threshold)) / weight;
    return Math.max(Number.MIN_VALUE, Math.min(key, this.#threshold, Number.MAX_VALUE));
  }

  #drawKeys(): void {
    const negated = new Float64Array(this.#capacity);
    const heap = new CounterHeap(negated);
    for (const [place, { key }] of this.#keyed(this.#chance).entries()) {
      negated[place] = -key;
      heap.push();
    }
    this.#keys = { negated, heap };
    this.#leap(negated[heap.least]!);
  }

  /** The sample with keys: below the threshold all but one, which is the threshold. */
  #keyed(chance: Chance): Keyed[] {
    const most = this.#hasAll ? -1 : this.#largest(chance);
    return this.#values.map((value, place) => {
      const weight = this.#weights[place]!;
      const key = place === most ? this.#threshold : this.#keyWithin(weight, chance);
      return { value, weight, key };
    });
  }

  /** Whose key is the threshold: by f / F of an exponential of its weight there. */
  #largest(chance: Chance): number {
    const odds = this.#weights.map((weight) => weight / Math.expm1(weight * this.#threshold));
    let left = chance.fraction() * odds.reduce((sum, odd) => sum + odd, 0);
    const place = odds.findIndex((odd) => {
      left -= odd;
      return left < 0;
    });
    return Math.max(0, place);
  }

  /**
   * Adds all that was added to `other`, of the same kind of values, which stays as it is. Where this one is larger and `other`
   * has lost values, it becomes as small.
   */
  merge(other: Reservoir): void {
    if (other.#count === 0) return;
    if (this.#count === 0) this.#of = other.#of;
    invariant(this.#of === other.#of, `merge of ${other.#of} into ${this.#of}`);
    for (const word of other.#chance.state) this.#chance.stir(word);
    if (other.#hasAll) this.#addAll(other.#values, other.#weights);
    else {
      const [values, weights, hasAll] = [this.#values, this.#weights, this.#hasAll];
      this.#join(other);
      if (hasAll) this.#addAll(values, weights);
    }
  }

  get #hasAll(): boolean {
    return this.#threshold === Number.POSITIVE_INFINITY;
  }

  #addAll(values: readonly SampledValue[], weights: readonly number[]): void {
    for (const [i, value] of values.entries()) this.add(value, weights[i]!);
  }

  /** With one that has lost values: the smallest keys of both, or of the other one if this one has all of its own. */
  #join(other: Reservoir): void {
    const mine = this.#hasAll ? [] : this.#keyed(this.#chance);
    this.#capacity = Math.min(this.#capacity, other.#capacity);
    const all = [...mine, ...other.#keyed(this.#chance)];
    const threshold = Float64Array.from(all, ({ key }) => key).sort()[this.#capacity - 1]!;
    const kept = all.filter(({ key }) => key <= threshold).slice(0, this.#capacity);
    this.#count = other.#count + (this.#hasAll ? 0 : this.#count);
    this.#totalWeight = other.#totalWeight + (this.#hasAll ? 0 : this.#totalWeight);
    this.#isWeighted ||= other.#isWeighted;
    this.#values = kept.map(({ value }) => value);
    this.#weights = kept.map(({ weight }) => weight);
    this.#threshold = threshold;
    this.#keys = null;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return encodeReservoir(this.state());
  }

  state(): ReservoirState {
    return {
      of: this.#of,
      capacity: this.#capacity,
      count: this.#count,
      totalWeight: this.#totalWeight,
      isWeighted: this.#isWeighted,
      threshold: this.#threshold,
      chance: this.#chance.state,
      values: this.#values,
      weights: this.#weights,
    };
  }
}
