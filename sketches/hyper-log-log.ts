import { CorruptSketchError, InternalError } from '../core/index.js';
import { estimateDense, estimateSparse, MAX_RANK } from './cardinality-estimate.js';
import { entryOfText, RANK_BITS } from './sketch-entry.js';
import { SparseRegisters } from './sparse-registers.js';

const VERSION = 1;
export const HEADER_BYTES = 4;
const SPARSE = 0;
const DENSE = 1;
const MIN_LG_K = 4;
const MAX_LG_K = 21;

/**
 * Counts distinct values approximately (Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog: the
 * analysis of a near-optimal cardinality estimation algorithm", AofA 2007).
 *
 * m = 2^lgK buckets. The low bits of the first half of a value's 128-bit hash choose a bucket; the
 * bucket keeps the highest rank (leading zeros + 1) seen of the second half. The default lgK of 11
 * is the precision of Druid's hyperUnique.
 *
 * Error   Relative standard error 1.04 / √m (2.3 % for lgK 11) for any count, of which bias is at
 *         most 0.6 / m. While at most m / 4 values (512 for lgK 11) have come, 25 bits of bucket
 *         number are kept instead ("sparse"), and the estimate is off by less than one as a rule.
 * Merge   Commutative, associative, idempotent: the state, and so the bytes, depend only on the set
 *         of hashes added, the form too: dense when more than m / 4 of the 2^25 buckets are hit.
 * Memory  m bytes dense; sparse from 32 bytes up to 2m.
 *
 * Bytes, little-endian:
 *
 *     offset  size  field
 *     0       1     version    u8, = 1
 *     1       1     lgK        u8, 4 to 21
 *     2       1     form       u8, 0 sparse, 1 dense
 *     3       1     reserved   u8, = 0
 *     4       4n    entries[]  sparse: u32 each (`sketch-entry.ts`), buckets ascending, no two equal
 *     4       m     ranks[]    dense: u8 each, 0 to 65
 */
export class HyperLogLog {
  private sparse: SparseRegisters | null;
  /** Empty while sparse. */
  private registers = NO_REGISTERS;

  constructor(readonly lgK = DEFAULT_LG_K) {
    // Its message would take as long as all the rest.
    if (!(Number.isInteger(lgK) && lgK >= MIN_LG_K && lgK <= MAX_LG_K)) {
      throw new InternalError(`HyperLogLog of 2^${lgK} buckets`);
    }
    this.sparse = NOTHING;
  }

  /** The sketch to which these were added: ascending, no two of one bucket. The array is the caller's no more. */
  static ofEntries(entries: Uint32Array<ArrayBuffer>): HyperLogLog {
    const sketch = new HyperLogLog();
    sketch.sparse = SparseRegisters.ofSorted(entries);
    sketch.limitSparse(sketch.sparse);
    return sketch;
  }

  /** A dense sketch of these ranks. The array is the caller's no more. */
  static ofRegisters(ranks: Uint8Array<ArrayBuffer>): HyperLogLog {
    const sketch = new HyperLogLog(Math.log2(ranks.length));
    sketch.sparse = null;
    sketch.registers = ranks;
    return sketch;
  }

  /** Adds a value by its entry: `entryOfText` and its like. */
  addEntry(entry: number): void {
    if (this.sparse === null) this.raise(entry);
    else {
      if (this.sparse === NOTHING) this.sparse = new SparseRegisters();
      this.sparse.add(entry);
      this.limitSparse(this.sparse);
    }
  }

  addText(text: string): void {
    this.addEntry(entryOfText(text));
  }

  /** Adds all that was added to `other`, which must have the same lgK and stays as it is. */
  merge(other: HyperLogLog): void {
    if (this.lgK !== other.lgK) throw new InternalError(`lgK ${other.lgK} into ${this.lgK}`);
    if (other.sparse === null) this.mergeRegisters(other.registers);
    else if (this.sparse === NOTHING) this.sparse = other.sparse.copy();
    else if (this.sparse === null) for (const entry of other.sparse.unsorted()) this.raise(entry);
    else {
      this.sparse.merge(other.sparse);
      this.limitSparse(this.sparse);
    }
  }

  /** About how many distinct values were added; 0 exactly when none was. */
  estimate(): number {
    return this.sparse === null ? estimateDense(this.registers) : estimateSparse(this.sparse.count);
  }

  copy(): HyperLogLog {
    const copy = new HyperLogLog(this.lgK);
    copy.sparse = this.sparse?.copy() ?? null;
    copy.registers = this.registers.slice();
    return copy;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const entries = this.sparse?.sorted() ?? NO_ENTRIES;
    const bytes = new Uint8Array(HEADER_BYTES + 4 * entries.length + this.registers.length);
    bytes[0] = VERSION;
    bytes[1] = this.lgK;
    bytes[2] = this.sparse === null ? DENSE : SPARSE;
    new Uint32Array(bytes.buffer, HEADER_BYTES, entries.length).set(entries);
    bytes.set(this.registers, HEADER_BYTES);
    return bytes;
  }

  /** The sketch that `toBytes` wrote. Throws CorruptSketchError for anything it could not have written. */
  static fromBytes(bytes: Uint8Array): HyperLogLog {
    return HyperLogLog.over(new Uint8Array(bytes));
  }

  /** The same of a sketch as they are all made, so that it can be merged with others: one of other precision is damage. */
  static ofDefault(bytes: Uint8Array): HyperLogLog {
    const sketch = HyperLogLog.fromBytes(bytes);
    if (sketch.lgK !== DEFAULT_LG_K) throw damaged(`lgK ${sketch.lgK}, want ${DEFAULT_LG_K}`);
    return sketch;
  }

  /** `fromBytes`, of bytes that nobody writes any more: the sketch may go on to read them. */
  static over(bytes: Uint8Array<ArrayBuffer>): HyperLogLog {
    if (bytes.length < HEADER_BYTES) throw damaged(`${bytes.length} bytes hold no header`);
    // One by one: an iterator would cost more than all the rest.
    const version = bytes[0]!;
    const lgK = bytes[1]!;
    const form = bytes[2]!;
    const reserved = bytes[3]!;
    if (version !== VERSION) throw damaged(`version ${version}, want ${VERSION}`);
    if (lgK < MIN_LG_K || lgK > MAX_LG_K) throw damaged(`lgK ${lgK} is outside 4 to 21`);
    if (form > DENSE || reserved !== 0) throw damaged(`form ${form}, reserved ${reserved}`);
    const sketch = new HyperLogLog(lgK);
    if (form === SPARSE) sketch.readEntries(bytes);
    else sketch.readRegisters(bytes.subarray(HEADER_BYTES));
    return sketch;
  }

  private readEntries(bytes: Uint8Array<ArrayBuffer>): void {
    const count = (bytes.length - HEADER_BYTES) / 4;
    if (!Number.isInteger(count)) throw damaged(`${bytes.length} bytes cut an entry`);
    if (count > sparseLimit(this.lgK)) throw damaged(`${count} sparse entries for lgK ${this.lgK}`);
    const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    // Little-endian, as every machine is that we run on.
    const entries = new Uint32Array(buffer, byteOffset + HEADER_BYTES, count);
    let previousBucket = -1;
    for (let i = 0; i < count; i++) {
      const entry = entries[i]!;
      const bucket = entry >>> RANK_BITS;
      const rank = entry & RANK_MASK;
      if (bucket <= previousBucket) throw damaged(`bucket ${bucket} is out of order`);
      if (rank < 1 || rank > MAX_RANK) throw damaged(`rank ${rank} of bucket ${bucket}`);
      previousBucket = bucket;
    }
    this.sparse = SparseRegisters.ofSorted(entries);
  }

  private readRegisters(ranks: Uint8Array): void {
    if (ranks.length !== 2 ** this.lgK) throw damaged(`${ranks.length} ranks for lgK ${this.lgK}`);
    for (let i = 0; i < ranks.length; i++) {
      if (ranks[i]! > MAX_RANK) throw damaged(`a rank is beyond ${MAX_RANK}`);
    }
    this.sparse = null;
    this.registers = new Uint8Array(ranks);
  }

  /** More entries than may be become registers. */
  private limitSparse(sparse: SparseRegisters): void {
    if (sparse.count <= sparseLimit(this.lgK)) return;
    this.sparse = null;
    this.registers = new Uint8Array(2 ** this.lgK);
    for (const entry of sparse.unsorted()) this.raise(entry);
  }

  private mergeRegisters(source: Uint8Array): void {
    const before = this.sparse;
    if (before !== null) {
      this.sparse = null;
      this.registers = new Uint8Array(source);
      for (const entry of before.unsorted()) this.raise(entry);
      return;
    }
    const target = this.registers;
    for (let i = 0; i < target.length; i++) if (source[i]! > target[i]!) target[i] = source[i]!;
  }

  /** Of the bits of a bucket the low ones count, in both forms the same. */
  private raise(entry: number): void {
    const { registers } = this;
    const index = (entry >>> RANK_BITS) & (registers.length - 1);
    const rank = entry & RANK_MASK;
    if (rank > registers[index]!) registers[index] = rank;
  }
}

/** Of a sketch as it is made unless something else is asked for. */
export const DEFAULT_LG_K = 11;

/** The first word of a sketch's bytes. */
export const sparseHeader = (lgK: number): number => VERSION | (lgK << 8) | (SPARSE << 16);
export const denseHeader = (lgK: number): number => VERSION | (lgK << 8) | (DENSE << 16);

/** As many entries as take no more bytes than dense registers would. */
export const sparseLimit = (lgK: number): number => 1 << (lgK - 2);

const NO_REGISTERS: Uint8Array<ArrayBuffer> = new Uint8Array(0);
const NO_ENTRIES = new Uint32Array(0);
/** Of all sketches that nothing was added to; nothing ever is. */
const NOTHING = new SparseRegisters();
/** Not a power in a loop: it would be computed every time. */
const RANK_MASK = 2 ** RANK_BITS - 1;

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('HyperLogLog', detail);
}
