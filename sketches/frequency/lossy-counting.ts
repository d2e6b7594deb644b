import { invariant, type Long } from '../../core/index.js';
import { decodeFrequent, encodeFrequent } from './frequent-bytes.js';
import {
  byCount,
  type FrequentState,
  type FrequentValue,
  isLossyWidth,
} from './frequent-values.js';

/**
 * The values that came more often than a share of all (Manku, Motwani, "Approximate frequency counts over data streams",
 * VLDB 2002, section 4.2). What comes is cut into buckets of `width`; at the end of each, values leave that cannot have
 * come more often than there were buckets.
 *
 * Error   No count is off by more than total / width; a value that came more often than that is an entry. Both always hold.
 * Merge   Counts of a value add up; where one summary does not have it, as often as it may have come there is added to count
 *         and error. The same bounds hold. Bytes depend on the order.
 * Memory  One entry of a map per value: at most width × ln(total / width) of them or so, far fewer where values are skewed.
 *
 * Bytes: `frequent-bytes.ts`, with the width as the capacity.
 */
export class LossyCounting {
  #of: FrequentState['of'];
  #width: number;
  #total = 0;
  /** How many buckets are full: how often a value that is no entry came, at most. */
  #absentCount = 0;
  #entries = new Map<string | Long, { count: number; error: number }>();

  constructor(of: FrequentState['of'], width: number) {
    invariant(isLossyWidth(width), `Lossy Counting with buckets of ${width}`);
    this.#of = of;
    this.#width = width;
  }

  /** Throws CorruptSketchError for what `toBytes` did not write. */
  static fromBytes(bytes: Uint8Array): LossyCounting {
    const { of, capacity, total, absentCount, entries } = decodeFrequent(bytes, 'lossyCounting');
    const summary = new LossyCounting(of, capacity);
    summary.#total = total;
    summary.#absentCount = absentCount;
    for (const { value, count, error } of entries) summary.#entries.set(value, { count, error });
    return summary;
  }

  /** What values are; of a summary of nothing, that of the first one that is merged into it. */
  get of(): FrequentState['of'] {
    return this.#of;
  }

  /** How much was added. */
  get total(): number {
    return this.#total;
  }

  get width(): number {
    return this.#width;
  }

  /** Adds `count`, a whole number of 1 or more, to a value. */
  add(value: string | Long, count = 1): void {
    const known = this.#entries.get(value);
    if (known !== undefined) known.count += count;
    else {
      const error = this.#absentCount;
      this.#entries.set(value, { count: count + error, error });
    }
    this.#total += count;
    this.#prune();
  }

  /** Lets go of what cannot have come more often than there are full buckets. */
  #prune(): void {
    if (this.#total < (this.#absentCount + 1) * this.#width) return;
    this.#absentCount = Math.floor(this.#total / this.#width);
    for (const [value, { count }] of this.#entries) {
      if (count <= this.#absentCount) this.#entries.delete(value);
    }
  }

  /** Adds all that was added to `other`, of the same kind of values and the same width, which stays as it is. */
  merge(other: LossyCounting): void {
    if (other.#total === 0) return;
    if (this.#total === 0) {
      this.#of = other.#of;
      this.#width = other.#width;
    }
    invariant(
      this.#of === other.#of && this.#width === other.#width,
      `merge of ${other.#of} in buckets of ${other.#width} into ${this.#of} in ${this.#width}`,
    );
    const missing = { count: this.#absentCount, error: this.#absentCount };
    for (const [value, entry] of this.#entries) {
      if (other.#entries.has(value)) continue;
      entry.count += other.#absentCount;
      entry.error += other.#absentCount;
    }
    for (const [value, { count, error }] of other.#entries) {
      const before = this.#entries.get(value) ?? missing;
      this.#entries.set(value, { count: before.count + count, error: before.error + error });
    }
    this.#total += other.#total;
    // Two parts of a bucket may fill one: no less is known of values that are no entry.
    this.#absentCount += other.#absentCount;
    this.#prune();
  }

  /** The values that may be `share` of all, from 0 to 1: every one that is, and none that is less than share - 1 / width. */
  above(share: number): FrequentValue[] {
    return this.#all().filter(({ count }) => count >= share * this.#total);
  }

  #all(): FrequentValue[] {
    return Array.from(this.#entries, ([value, entry]) => ({ value, ...entry })).sort(byCount);
  }

  state(): FrequentState {
    return {
      of: this.#of,
      capacity: this.#width,
      total: this.#total,
      absentCount: this.#absentCount,
      entries: this.#all(),
    };
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return encodeFrequent(this.state(), 'lossyCounting');
  }
}
