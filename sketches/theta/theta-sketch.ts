import { invariant } from '../../core/index.js';
import { scatteredStep } from '../scattered-step.js';

/**
 * Counts distinct values approximately, and so that sets can be intersected and subtracted (Dasgupta, Lang, Rhodes,
 * Thaler, "A Framework for Estimating Stream Expression Cardinalities", ICDT 2016). It keeps the k = 2^lgK
 * smallest hashes; theta, the smallest hash that it did not keep, says which share of all hashes they are.
 *
 * Error   Exact up to k distinct values; beyond, relative standard error 1 / √(k - 1) (0.8 % for lgK 14).
 *         An estimate from r kept hashes after set operations has about 1 / √r.
 * Merge   Commutative, associative, idempotent: bytes and estimate depend only on the set of hashes added. Between
 *         trims up to 3k / 2 hashes are kept; what is shown has k at most.
 * Bytes   Those of Apache DataSketches: `theta-image.ts`.
 *
 * A hash is the first half of the value's 128 bits without its lowest bit: 63 bits, as two words. The table has
 * 2^n slots of [low word, high word], open addressing, linear probing, at most three quarters full, 0 where free.
 */
export class ThetaSketch {
  private slots = new Uint32Array(2 * MIN_SLOTS);
  private used = 0;
  private thetaLow = 0xffffffff;
  private thetaHigh = MAX_THETA_HIGH;
  /** Whether nothing was ever added. A sketch may keep no hash and yet not be empty. */
  isEmpty = true;

  constructor(readonly lgK: number) {
    invariant(
      Number.isInteger(lgK) && lgK >= MIN_LG_K && lgK <= MAX_LG_K,
      `theta sketch of 2^${lgK} hashes`,
    );
  }

  /** A sketch of these facts. Of `hashes` those count that are distinct, not 0 and below theta. */
  static of(lgK: number, theta: bigint, hashes: BigUint64Array, isEmpty: boolean): ThetaSketch {
    const sketch = new ThetaSketch(lgK);
    sketch.isEmpty = isEmpty;
    sketch.lowerTheta(Number(theta & 0xffff_ffffn), Number(theta >> 32n));
    const words = wordsOf(hashes);
    const slotCount = 2 ** Math.ceil(Math.log2((4 / 3) * hashes.length + 1));
    sketch.slots = new Uint32Array(2 * Math.min(2 ** (lgK + 1), Math.max(MIN_SLOTS, slotCount)));
    for (let at = 0; at < words.length; at += 2) sketch.addWords(words[at]!, words[at + 1]!);
    return sketch;
  }

  /** The hashes of this sketch that the other has too, or those that it has not, as far as both know: below both thetas. */
  chosen(other: ThetaSketch, areCommon: boolean): ThetaSketch {
    const chosen = new ThetaSketch(Math.max(this.lgK, other.lgK));
    for (const sketch of [this, other]) {
      sketch.trim();
      chosen.lowerTheta(sketch.thetaLow, sketch.thetaHigh);
    }
    const { slots } = this;
    const step = 2 * scatteredStep(slots.length / 2);
    for (let i = 0, at = 0; i < slots.length; i += 2, at = (at + step) & (slots.length - 2)) {
      const [low, high] = [slots[at]!, slots[at + 1]!];
      if (other.has(low, high) === areCommon) chosen.addWords(low, high);
    }
    chosen.isEmpty = chosen.used === 0 && chosen.theta === MAX_THETA;
    return chosen;
  }

  /** Adds a value by its hash: four words, `value-hash.ts`. */
  add(hash: Uint32Array): void {
    this.isEmpty = false;
    const [low, high] = [hash[0]!, hash[1]!];
    this.addWords(((low >>> 1) | (high << 31)) >>> 0, high >>> 1);
  }

  /** Adds all that was added to `other`, which stays as it is but for a trim. */
  merge(other: ThetaSketch): void {
    if (other.isEmpty) return;
    this.isEmpty = false;
    this.lowerTheta(other.thetaLow, other.thetaHigh);
    const { slots } = other;
    const step = 2 * scatteredStep(slots.length / 2);
    for (let i = 0, at = 0; i < slots.length; i += 2, at = (at + step) & (slots.length - 2)) {
      this.addWords(slots[at]!, slots[at + 1]!);
    }
  }

  /** About how many distinct values were added. */
  estimate(): number {
    this.trim();
    return this.used * (MAX_THETA_NUMBER / Number(this.theta));
  }

  /** The kept hashes, ascending, at most k. */
  hashes(): BigUint64Array<ArrayBuffer> {
    this.trim();
    return this.sorted();
  }

  /** How many hashes are kept. */
  get count(): number {
    this.trim();
    return this.used;
  }

  /** All kept hashes lie below; `MAX_THETA` when none was left out. */
  get theta(): bigint {
    this.trim();
    return (BigInt(this.thetaHigh) << 32n) | BigInt(this.thetaLow);
  }

  copy(): ThetaSketch {
    const copy = new ThetaSketch(this.lgK);
    copy.slots = this.slots.slice();
    copy.used = this.used;
    copy.thetaLow = this.thetaLow;
    copy.thetaHigh = this.thetaHigh;
    copy.isEmpty = this.isEmpty;
    return copy;
  }

  private addWords(low: number, high: number): void {
    if (high > this.thetaHigh || (high === this.thetaHigh && low >= this.thetaLow)) return;
    if ((low | high) === 0 || !this.put(low, high)) return;
    const slotCount = this.slots.length / 2;
    if (4 * this.used <= 3 * slotCount) return;
    if (slotCount < 2 ** (this.lgK + 1)) this.rebuild(2 * slotCount, this.sorted());
    else this.trim();
  }

  /** Puts a hash into the table; false when it is there. */
  private put(low: number, high: number): boolean {
    const { slots } = this;
    const at = this.place(low, high);
    if ((slots[at]! | slots[at + 1]!) !== 0) return false;
    slots[at] = low;
    slots[at + 1] = high;
    this.used++;
    return true;
  }

  private has(low: number, high: number): boolean {
    const at = this.place(low, high);
    return (this.slots[at]! | this.slots[at + 1]!) !== 0;
  }

  /** Where a hash is, or the free slot where it belongs. */
  private place(low: number, high: number): number {
    const { slots } = this;
    const mask = slots.length - 2;
    // High words lie below theta's, low words anywhere.
    for (let at = (low << 1) & mask; ; at = (at + 2) & mask) {
      const [foundLow, foundHigh] = [slots[at]!, slots[at + 1]!];
      if ((foundLow === low && foundHigh === high) || (foundLow | foundHigh) === 0) return at;
    }
  }

  /** Leaves the k smallest hashes; the next one is theta then. */
  private trim(): void {
    const k = 2 ** this.lgK;
    if (this.used <= k) return;
    const sorted = this.sorted();
    const theta = sorted[k]!;
    this.thetaLow = Number(theta & 0xffff_ffffn);
    this.thetaHigh = Number(theta >> 32n);
    this.rebuild(this.slots.length / 2, sorted.subarray(0, k));
  }

  private lowerTheta(low: number, high: number): void {
    if (high > this.thetaHigh || (high === this.thetaHigh && low >= this.thetaLow)) return;
    this.thetaLow = low;
    this.thetaHigh = high;
    const theta = (BigInt(high) << 32n) | BigInt(low);
    const sorted = this.sorted();
    const end = sorted.findIndex((hash) => hash >= theta);
    if (end >= 0) this.rebuild(this.slots.length / 2, sorted.subarray(0, end));
  }

  private rebuild(slotCount: number, hashes: BigUint64Array<ArrayBuffer>): void {
    const words = wordsOf(hashes);
    this.slots = new Uint32Array(2 * slotCount);
    this.used = 0;
    for (let at = 0; at < words.length; at += 2) this.put(words[at]!, words[at + 1]!);
  }

  private sorted(): BigUint64Array<ArrayBuffer> {
    const { slots } = this;
    const hashes = new BigUint64Array(this.used);
    const words = wordsOf(hashes);
    let end = 0;
    for (let at = 0; at < slots.length; at += 2) {
      if ((slots[at]! | slots[at + 1]!) === 0) continue;
      words[end++] = slots[at]!;
      words[end++] = slots[at + 1]!;
    }
    return hashes.sort();
  }
}

/** The same bytes. Little-endian, as every machine is that we run on. */
function wordsOf({ buffer, byteOffset, length }: BigUint64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, 2 * length);
}

/** Theta of a sketch that left no hash out. */
export const MAX_THETA = 2n ** 63n - 1n;

/** The same as a double, which is what estimates are divided by. */
export const MAX_THETA_NUMBER = 2 ** 63;

const MAX_THETA_HIGH = 0x7fffffff;
const MIN_SLOTS = 8;
export const MIN_LG_K = 4;
const MAX_LG_K = 26;
