import {
  ByteReader,
  ByteWriter,
  CorruptBytesError,
  CorruptSketchError,
  invariant,
  type Long,
} from '../../core/index.js';
import { CountMin } from './count-min.js';
import type { CountMinShape } from './count-min-bytes.js';
import { frequencyHash } from './frequency-hash.js';
import { byCount, type FrequentState, type FrequentValue } from './frequent-values.js';
import { readValue, writeValue } from './value-bytes.js';

const VERSION = 1;

/**
 * The values that are more than a share of all, by Count-Min (Cormode, Muthukrishnan, J. Algorithms 55(1), 2005, section 6.1):
 * beside the sketch it keeps those whose estimate reaches `share` × total when they come.
 *
 * Error   Every value that is `share` of all is listed, always. One that is listed came at most `error` of the sketch less
 *         often, e / w of the total, but for a chance of e^-depth.
 * Merge   Sketches add up, and who may be listed is asked of the sum. What is heavy in the whole is heavy in a part, so
 *         nothing is missed.
 * Memory  The sketch, and twice as many values as are listed, 64 at least.
 *
 * Bytes, little-endian:
 *
 *     offset  size  field
 *     0       1     version      u8, = 1
 *     1       1     of           u8, 0 texts, 1 longs
 *     2       2     zero
 *     4       4     countMinSize u32
 *     8       8     share        f64, more than 0 and at most 1
 *     16      …     countMin     see `count-min-bytes.ts`
 *     …       4     valueCount   u32
 *     …       …     values       i64, or the length u32 and UTF-8; by estimate, descending, equal ones ascending
 */
export class HeavyHitters {
  #of: FrequentState['of'];
  #share: number;
  readonly #counts: CountMin;
  /** Values that may be heavy, with their hashes. */
  #candidates = new Map<string | Long, number>();
  #room = LEAST_ROOM;

  constructor(of: FrequentState['of'], share: number, shape: CountMinShape) {
    invariant(isShare(share), `heavy hitters of a share of ${share}`);
    this.#of = of;
    this.#share = share;
    this.#counts = new CountMin(shape);
  }

  get of(): FrequentState['of'] {
    return this.#of;
  }

  get total(): number {
    return this.#counts.total;
  }

  get share(): number {
    return this.#share;
  }

  get shape(): CountMinShape {
    return this.#counts.shape;
  }

  /** Adds `count`, a whole number of 1 or more, to a value. */
  add(value: string | Long, count = 1): void {
    const known = this.#candidates.get(value);
    const hash = known ?? frequencyHash(value);
    this.#counts.add(hash, count);
    if (known !== undefined || !this.#isHeavy(hash)) return;
    this.#candidates.set(value, hash);
    if (this.#candidates.size > this.#room) this.#prune();
  }

  #isHeavy(hash: number): boolean {
    const count = this.#counts.estimate(hash);
    return count > 0 && count >= this.#share * this.#counts.total;
  }

  #prune(): void {
    for (const [value, hash] of this.#candidates) {
      if (!this.#isHeavy(hash)) this.#candidates.delete(value);
    }
    this.#room = Math.max(LEAST_ROOM, 2 * this.#candidates.size);
  }

  /** Adds all that was added to `other`, of the same values, share and shape, which stays as it is. */
  merge(other: HeavyHitters): void {
    if (other.total === 0) return;
    if (this.total === 0) {
      this.#of = other.#of;
      this.#share = other.#share;
    }
    invariant(this.#of === other.#of, `merge of ${other.#of} into ${this.#of}`);
    invariant(this.#share === other.#share, `merge of a share of ${other.#share}`);
    this.#counts.merge(other.#counts);
    for (const [value, hash] of other.#candidates) this.#candidates.set(value, hash);
    this.#prune();
  }

  /** The values that may be heavy, most frequent first; `count` is at most, `error` all but certain. */
  values(): FrequentValue[] {
    this.#prune();
    const most = Math.floor(this.#counts.error);
    return Array.from(this.#candidates, ([value, hash]) => {
      const count = this.#counts.estimate(hash);
      return { value, count, error: Math.min(count - 1, most) };
    }).sort(byCount);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const writer = new ByteWriter();
    const [counts, values] = [this.#counts.toBytes(), this.values()];
    writer.u8(VERSION);
    writer.u8(this.#of === 'texts' ? 0 : 1);
    writer.u16(0);
    writer.u32(counts.length);
    writer.f64(this.#share);
    writer.raw(counts);
    writer.u32(values.length);
    for (const { value } of values) writeValue(writer, value);
    return writer.toBytes();
  }

  /** Throws CorruptSketchError for what `toBytes` could not have written. */
  static fromBytes(bytes: Uint8Array): HeavyHitters {
    try {
      return HeavyHitters.#read(new ByteReader(bytes));
    } catch (error) {
      if (error instanceof CorruptBytesError) throw damaged(error.message);
      throw error;
    }
  }

  static #read(reader: ByteReader): HeavyHitters {
    const [version, kind, zero, size] = [reader.u8(), reader.u8(), reader.u16(), reader.u32()];
    if (version !== VERSION) throw damaged(`version ${version}, want ${VERSION}`);
    if (kind > 1 || zero !== 0) throw damaged(`values of kind ${kind}, then ${zero}`);
    const share = reader.f64();
    if (!isShare(share)) throw damaged(`a share of ${share}`);
    const counts = CountMin.fromBytes(reader.raw(size));
    const hitters = new HeavyHitters(kind === 0 ? 'texts' : 'longs', share, counts.shape);
    hitters.#counts.merge(counts);
    const values: (string | Long)[] = [];
    for (let left = reader.u32(); left > 0; left--) values.push(readValue(reader, hitters.#of));
    reader.expectEnd();
    for (const value of values) hitters.#candidates.set(value, frequencyHash(value));
    const listed = hitters.values();
    if (listed.length !== values.length || listed.some(({ value }, i) => value !== values[i])) {
      throw damaged('values that are not heavy, or out of order');
    }
    return hitters;
  }
}

export const isShare = (share: number): boolean => share > 0 && share <= 1;

const LEAST_ROOM = 64;

const damaged = (detail: string): CorruptSketchError =>
  new CorruptSketchError('heavy hitters', detail);
