import { invariant } from '../../core/index.js';
import type { Bounds } from '../bounds.js';
import { CouponSet } from './coupon-set.js';
import {
  compositeEstimate,
  couponError,
  couponEstimate,
  INVERSES,
  registerError,
} from './hll-estimate.js';

/** How registers are stored: in 4, 6 or 8 bits each. It makes no difference but of size. */
export type HllType = 'HLL_4' | 'HLL_6' | 'HLL_8';

/**
 * Counts distinct values approximately, as Apache DataSketches' HLL sketch does, so that its images can be exchanged.
 *
 * A value's 128-bit hash (seed 9001) makes a coupon: its low 26 bits an address, the high 6 bits a rank (leading zeros of
 * the second half + 1, 63 at most). The first coupons are kept as they are; more become 2^lgK registers, each the
 * highest rank of the addresses with its low bits (Flajolet et al., "HyperLogLog", AofA 2007).
 *
 * Error   As coupons 0.005 %; as registers relative standard error 1.04 / √(2^lgK) (1.6 % for lgK 12), or
 *         0.83 / √(2^lgK) in order of arrival (Cohen, "All-Distances Sketches, Revisited", PODS 2014, calls it HIP).
 * Merge   Commutative, associative, idempotent: the estimate depends only on the set of values and the smallest
 *         lgK of those that had registers. A merged sketch has no order of arrival.
 * Bytes   `hll-image.ts`.
 */
export class HllSketch {
  private coupons: CouponSet | null = new CouponSet();
  /** Empty while there are coupons. */
  private ranks = NO_RANKS;
  private arrival: Arrival | null = null;
  private logK: number;

  /** With `isInOrder`, values are added one after another, and never merged before they are estimated. */
  constructor(
    lgK: number,
    readonly type: HllType = 'HLL_4',
    private isInOrder = false,
  ) {
    invariant(
      Number.isInteger(lgK) && lgK >= MIN_LG_K && lgK <= MAX_LG_K,
      `HLL sketch of 2^${lgK} registers`,
    );
    this.logK = lgK;
  }

  /** A sketch of these registers, which are the caller's no more; `arrival` when they are in order. */
  static ofRegisters(
    ranks: Uint8Array<ArrayBuffer>,
    type: HllType,
    arrival: Arrival | null,
  ): HllSketch {
    const sketch = new HllSketch(Math.log2(ranks.length), type, arrival !== null);
    sketch.coupons = null;
    sketch.ranks = ranks;
    sketch.arrival = arrival;
    return sketch;
  }

  get lgK(): number {
    return this.logK;
  }

  /** Adds a value by its hash: four words, `value-hash.ts`. */
  add(hash: Uint32Array): void {
    this.addCoupon(couponOf(hash));
  }

  addCoupon(coupon: number): void {
    if (this.coupons === null) this.raise(coupon);
    else {
      this.coupons.add(coupon);
      if (this.coupons.count > couponLimit(this.logK)) this.makeRegisters(this.coupons);
    }
  }

  /** Adds all that was added to `other`, which stays as it is. Registers of both become as few as the fewer. */
  merge(other: HllSketch): void {
    this.forgetOrder();
    if (other.coupons !== null) {
      for (const coupon of other.coupons.unsorted()) this.addCoupon(coupon);
      return;
    }
    if (other.logK < this.logK) this.fold(other.logK);
    if (this.coupons !== null) this.makeRegisters(this.coupons);
    const { ranks } = this;
    const mask = ranks.length - 1;
    for (let i = 0; i < other.ranks.length; i++) {
      const rank = other.ranks[i]!;
      if (rank > ranks[i & mask]!) ranks[i & mask] = rank;
    }
  }

  /** About how many distinct values were added; 0 exactly when none was. */
  estimate(): number {
    if (this.coupons !== null) return couponEstimate(this.coupons.count);
    return this.arrival?.estimate ?? compositeEstimate(this.ranks);
  }

  /**
   * The estimate, and bounds about `deviations` standard deviations below and above. Errors of few registers are skewed: of
   * 16 the truth lies outside of 3 deviations 16 times in 1000, of 32 10 times, of 256 and more 3 times, as of a normal one.
   */
  bounds(deviations: number): Bounds {
    const estimate = this.estimate();
    const isInOrder = this.arrival !== null;
    const error = this.coupons === null ? registerError(this.logK, isInOrder) : couponError();
    const atLeast = this.coupons?.count ?? registersInUse(this.ranks);
    return {
      estimate,
      lower: Math.max(atLeast, estimate / (1 + deviations * error)),
      upper: estimate / (1 - deviations * error),
    };
  }

  /** From now on the estimate does not depend on the order of arrival. */
  private forgetOrder(): void {
    this.isInOrder = false;
    this.arrival = null;
  }

  /** What the sketch holds; not to be written to. */
  contents(): { coupons: CouponSet | null; ranks: Uint8Array; arrival: Arrival | null } {
    return { coupons: this.coupons, ranks: this.ranks, arrival: this.arrival };
  }

  copy(): HllSketch {
    const copy = new HllSketch(this.logK, this.type, this.isInOrder);
    copy.coupons = this.coupons?.copy() ?? null;
    copy.ranks = this.ranks.slice();
    copy.arrival = this.arrival === null ? null : { ...this.arrival };
    return copy;
  }

  private raise(coupon: number): void {
    const { ranks, arrival } = this;
    const index = coupon & (ranks.length - 1);
    const rank = coupon >>> ADDRESS_BITS;
    const before = ranks[index]!;
    if (rank <= before) return;
    ranks[index] = rank;
    if (arrival === null) return;
    // A value that raises a register stands for as many as it takes, on the average, until one does.
    arrival.estimate += ranks.length / arrival.inverseSum;
    arrival.inverseSum += INVERSES[rank]! - INVERSES[before]!;
  }

  private makeRegisters(coupons: CouponSet): void {
    const estimate = couponEstimate(coupons.count);
    this.coupons = null;
    this.ranks = new Uint8Array(2 ** this.logK);
    for (const coupon of coupons.unsorted()) this.raise(coupon);
    if (this.isInOrder) this.arrival = { estimate, inverseSum: inverseSum(this.ranks) };
  }

  /** Fewer registers; of coupons nothing changes until there are too many. */
  private fold(lgK: number): void {
    const { ranks } = this;
    this.logK = lgK;
    if (this.coupons !== null) return;
    const mask = 2 ** lgK - 1;
    this.ranks = ranks.slice(0, mask + 1);
    for (let i = 0; i < ranks.length; i++) {
      if (ranks[i]! > this.ranks[i & mask]!) this.ranks[i & mask] = ranks[i]!;
    }
  }
}

/** What is known while values come one after another: the estimate so far, and Σ 2^-rank over all registers. */
export interface Arrival {
  estimate: number;
  inverseSum: number;
}

/** Of the four words that `murmur3` writes. */
export function couponOf(hash: Uint32Array): number {
  const zeros = hash[3] === 0 ? 32 + Math.clz32(hash[2]!) : Math.clz32(hash[3]!);
  return (((Math.min(zeros, 62) + 1) << ADDRESS_BITS) | (hash[0]! & ADDRESS_MASK)) >>> 0;
}

/** Σ 2^-rank: a sum of powers of two that a double holds exactly, unless ranks are very unlike. */
export function inverseSum(ranks: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < ranks.length; i++) sum += INVERSES[ranks[i]!]!;
  return sum;
}

function registersInUse(ranks: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < ranks.length; i++) if (ranks[i] !== 0) count++;
  return count;
}

/** More coupons than these become registers. */
export const couponLimit = (lgK: number): number => (lgK < 8 ? MAX_LIST : 3 << (lgK - 5));

/** More coupons than these are written as a set. */
export const MAX_LIST = 7;

export const ADDRESS_BITS = 26;
export const ADDRESS_MASK = 2 ** ADDRESS_BITS - 1;
export const MIN_LG_K = 4;
export const MAX_LG_K = 21;
const NO_RANKS: Uint8Array<ArrayBuffer> = new Uint8Array(0);
