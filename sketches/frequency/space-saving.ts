import { invariant, type Long } from '../../core/index.js';
import { CounterHeap } from './counter-heap.js';
import { decodeFrequent, encodeFrequent } from './frequent-bytes.js';
import {
  byCount,
  type FrequentState,
  type FrequentValue,
  MAX_CAPACITY,
} from './frequent-values.js';

/**
 * The values that came most often (Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements in
 * data streams", ICDT 2005): `capacity` counters, of which a new value takes over the smallest.
 *
 * Error   A value that came more often than total / capacity is an entry; no error, and no count of a value that is none,
 *         is larger than that. Up to `capacity` distinct values all counts are exact.
 * Merge   Counts of a value add up; where one summary does not have it, its `absentCount` is added to count and error
 *         (Cafaro, Pulimeno, Tempesta, "A parallel space saving algorithm for frequent items and the Hurwitz zeta
 *         distribution", Information Sciences 329, 2016). The same bound holds. Bytes depend on the order.
 * Memory  One entry of a map and 24 bytes per counter.
 *
 * Bytes: `frequent-bytes.ts`.
 */
export class SpaceSaving {
  #of: FrequentState['of'];
  readonly #capacity: number;
  #values: (string | Long)[] = [];
  #places = new Map<string | Long, number>();
  #counts: Float64Array;
  #errors: Float64Array;
  #heap: CounterHeap;
  #total = 0;
  #absentCount = 0;

  constructor(of: FrequentState['of'], capacity: number) {
    invariant(
      Number.isInteger(capacity) && capacity > 0 && capacity <= MAX_CAPACITY,
      `SpaceSaving of ${capacity} counters`,
    );
    this.#of = of;
    this.#capacity = capacity;
    this.#counts = new Float64Array(capacity);
    this.#errors = new Float64Array(capacity);
    this.#heap = new CounterHeap(this.#counts);
  }

  /** A summary of what is known; entries may be more than the capacity, in any order. */
  static of({ of, capacity, total, absentCount, entries }: FrequentState): SpaceSaving {
    const summary = new SpaceSaving(of, capacity);
    summary.#total = total;
    const kept = [...entries].sort(byCount).slice(0, capacity);
    const left = entries.length > capacity ? nthCount(entries, capacity) : 0;
    summary.#absentCount = Math.max(absentCount, left);
    for (const { value, count, error } of kept) summary.#put(value, count, error);
    return summary;
  }

  static fromBytes(bytes: Uint8Array): SpaceSaving {
    return SpaceSaving.of(decodeFrequent(bytes, 'spaceSaving'));
  }

  /** Adds `count`, more than 0, to a value. */
  add(value: string | Long, count = 1): void {
    this.#total += count;
    const place = this.#places.get(value);
    if (place !== undefined) {
      this.#counts[place]! += count;
      this.#heap.grew(place);
    } else if (this.#values.length < this.#capacity) {
      this.#put(value, this.#absentCount + count, this.#absentCount);
    } else this.#replace(value, count);
  }

  /** What values are; of a summary of nothing, that of the first one that is merged into it. */
  get of(): FrequentState['of'] {
    return this.#of;
  }

  /** How much was added. */
  get total(): number {
    return this.#total;
  }

  /** Adds all that was added to `other`, of the same kind of values, which stays as it is. */
  merge(other: SpaceSaving): void {
    if (other.#total === 0) return;
    if (this.#total > 0) this.#become(this.#merged(other));
    else this.#become(SpaceSaving.of({ ...other.state(), capacity: this.#capacity }));
  }

  #become(other: SpaceSaving): void {
    this.#of = other.#of;
    this.#values = other.#values;
    this.#places = other.#places;
    this.#counts = other.#counts;
    this.#errors = other.#errors;
    this.#heap = other.#heap;
    this.#total = other.#total;
    this.#absentCount = other.#absentCount;
  }

  #merged(other: SpaceSaving): SpaceSaving {
    invariant(this.of === other.of, `merge of ${other.of} into ${this.of}`);
    const [a, b] = [this.state(), other.state()];
    const entries = new Map<string | Long, FrequentValue>();
    for (const { value, count, error } of a.entries) {
      const more = b.absentCount;
      entries.set(value, { value, count: count + more, error: error + more });
    }
    for (const { value, count, error } of b.entries) {
      const known = entries.get(value);
      const before = known ?? { count: a.absentCount, error: a.absentCount };
      const more = known === undefined ? 0 : b.absentCount;
      entries.set(value, {
        value,
        count: before.count - more + count,
        error: before.error - more + error,
      });
    }
    return SpaceSaving.of({
      ...a,
      total: a.total + b.total,
      absentCount: a.absentCount + b.absentCount,
      entries: [...entries.values()],
    });
  }

  state(): FrequentState {
    const entries = this.#values.map((value, place) => ({
      value,
      count: this.#counts[place]!,
      error: this.#errors[place]!,
    }));
    entries.sort(byCount);
    return {
      of: this.#of,
      capacity: this.#capacity,
      total: this.#total,
      absentCount: this.#absentCount,
      entries,
    };
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return encodeFrequent(this.state(), 'spaceSaving');
  }

  #put(value: string | Long, count: number, error: number): void {
    const place = this.#values.push(value) - 1;
    this.#places.set(value, place);
    this.#counts[place] = count;
    this.#errors[place] = error;
    this.#heap.push();
  }

  /** The value takes over the smallest counter: it may have been there before. */
  #replace(value: string | Long, count: number): void {
    const place = this.#heap.least;
    this.#absentCount = Math.max(this.#absentCount, this.#counts[place]!);
    this.#places.delete(this.#values[place]!);
    this.#places.set(value, place);
    this.#values[place] = value;
    this.#errors[place] = this.#absentCount;
    this.#counts[place] = this.#absentCount + count;
    this.#heap.grew(place);
  }
}

/** The largest count that the first `n` entries leave. */
function nthCount(entries: readonly FrequentValue[], n: number): number {
  return entries.map(({ count }) => count).sort((a, b) => b - a)[n]!;
}
