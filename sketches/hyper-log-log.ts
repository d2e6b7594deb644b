import { CorruptSketchError, invariant, murmur3Of } from '../core/index.js';
import { estimateDense, estimateSparse, MAX_RANK } from './cardinality-estimate.js';
import { RANK_BITS, SPARSE_BUCKET_BITS, SparseRegisters } from './sparse-registers.js';

const VERSION = 1;
const HEADER_BYTES = 4;
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
 *     4       4n    entries[]  sparse: u32 each, bucket << 7 | rank, buckets ascending, no two equal
 *     4       m     ranks[]    dense: u8 each, 0 to 65
 */
export class HyperLogLog {
  private sparse: SparseRegisters | null = new SparseRegisters();
  /** Empty while sparse. */
  private registers = NO_REGISTERS;

  constructor(readonly lgK = 11) {
    invariant(
      Number.isInteger(lgK) && lgK >= MIN_LG_K && lgK <= MAX_LG_K,
      `HyperLogLog of 2^${lgK} buckets`,
    );
  }

  /** Adds a value by its 128-bit hash: the four words that `murmur3` writes. */
  addHash(hash: Uint32Array): void {
    const bucket = hash[0]! & (2 ** SPARSE_BUCKET_BITS - 1);
    const rank = hash[3] === 0 ? 33 + Math.clz32(hash[2]!) : 1 + Math.clz32(hash[3]!);
    if (this.sparse === null) this.raise(bucket, rank);
    else this.addEntry(((bucket << RANK_BITS) | rank) >>> 0);
  }

  /** Adds a text by its MurmurHash3 with seed 0. */
  addText(text: string): void {
    murmur3Of(text, 0, SCRATCH);
    this.addHash(SCRATCH);
  }

  /** Adds all that was added to `other`, which must have the same lgK and stays as it is. */
  merge(other: HyperLogLog): void {
    invariant(this.lgK === other.lgK, `merge of lgK ${other.lgK} into ${this.lgK}`);
    if (other.sparse !== null) {
      for (const entry of other.sparse.entries()) this.addEntry(entry);
      return;
    }
    if (this.sparse !== null) this.makeDense(this.sparse);
    const target = this.registers;
    const source = other.registers;
    for (let i = 0; i < target.length; i++) if (source[i]! > target[i]!) target[i] = source[i]!;
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
    const view = new DataView(bytes.buffer);
    for (const [i, entry] of entries.entries()) view.setUint32(HEADER_BYTES + 4 * i, entry, true);
    bytes.set(this.registers, HEADER_BYTES);
    return bytes;
  }

  /** The sketch that `toBytes` wrote. Throws CorruptSketchError for anything it could not have written. */
  static fromBytes(bytes: Uint8Array): HyperLogLog {
    if (bytes.length < HEADER_BYTES) throw damaged(`${bytes.length} bytes hold no header`);
    const [version = 0, lgK = 0, form = 0, reserved = 0] = bytes;
    if (version !== VERSION) throw damaged(`version ${version}, want ${VERSION}`);
    if (lgK < MIN_LG_K || lgK > MAX_LG_K) throw damaged(`lgK ${lgK} is outside 4 to 21`);
    if (form > DENSE || reserved !== 0) throw damaged(`form ${form}, reserved ${reserved}`);
    const sketch = new HyperLogLog(lgK);
    if (form === SPARSE) sketch.readEntries(bytes);
    else sketch.readRegisters(bytes.subarray(HEADER_BYTES));
    return sketch;
  }

  private readEntries(bytes: Uint8Array): void {
    const count = (bytes.length - HEADER_BYTES) / 4;
    if (!Number.isInteger(count)) throw damaged(`${bytes.length} bytes cut an entry`);
    if (count > this.sparseLimit()) throw damaged(`${count} sparse entries for lgK ${this.lgK}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let previousBucket = -1;
    for (let at = HEADER_BYTES; at < bytes.length; at += 4) {
      const entry = view.getUint32(at, true);
      const bucket = entry >>> RANK_BITS;
      const rank = entry & (2 ** RANK_BITS - 1);
      if (bucket <= previousBucket) throw damaged(`bucket ${bucket} is out of order`);
      if (rank < 1 || rank > MAX_RANK) throw damaged(`rank ${rank} of bucket ${bucket}`);
      previousBucket = bucket;
      this.addEntry(entry);
    }
  }

  private readRegisters(ranks: Uint8Array): void {
    if (ranks.length !== 2 ** this.lgK) throw damaged(`${ranks.length} ranks for lgK ${this.lgK}`);
    if (ranks.some((rank) => rank > MAX_RANK)) throw damaged(`a rank is beyond ${MAX_RANK}`);
    this.sparse = null;
    this.registers = Uint8Array.from(ranks);
  }

  private addEntry(entry: number): void {
    if (this.sparse === null) {
      this.raise(entry >>> RANK_BITS, entry & (2 ** RANK_BITS - 1));
      return;
    }
    this.sparse.add(entry);
    if (this.sparse.count > this.sparseLimit()) this.makeDense(this.sparse);
  }

  private makeDense(sparse: SparseRegisters): void {
    this.sparse = null;
    this.registers = new Uint8Array(2 ** this.lgK);
    for (const entry of sparse.entries()) this.addEntry(entry);
  }

  /** `bucket` may have more bits than lgK: the low ones count, in both forms the same. */
  private raise(bucket: number, rank: number): void {
    const index = bucket & (this.registers.length - 1);
    if (rank > this.registers[index]!) this.registers[index] = rank;
  }

  /** As many entries as take no more bytes than dense registers would. */
  private sparseLimit(): number {
    return 2 ** (this.lgK - 2);
  }
}

const NO_REGISTERS: Uint8Array<ArrayBuffer> = new Uint8Array(0);
const NO_ENTRIES = new Uint32Array(0);
const SCRATCH = new Uint32Array(4);

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('HyperLogLog', detail);
}
