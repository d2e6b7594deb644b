import {
  CorruptSketchError,
  invariant,
  type Long,
  murmur3Half,
  UserError,
  utf8Encode,
} from '../../core/index.js';

/**
 * Which values there may be: a Bloom filter of blocks (Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom
 * Filters", WEA 2007) that has all its bits of a value in one block of 512, from two halves of one hash (Kirsch and
 * Mitzenmacher, "Less Hashing, Same Performance", ESA 2006). It is the BloomKFilter of Apache Hive and Druid, bit for bit.
 *
 * Error   What was added is always found. Of other values about 5 % are found as well once `maxEntries` were added; somewhat
 *         more than that, since blocks are not filled evenly. More entries: more errors.
 * Merge   The same bytes in any order and grouping. Only filters of one size can be merged.
 * Bytes   Big-endian: hash functions k u8, longs n i32 (a multiple of 8), the longs. Bit i of a block is bit (i >> 3) of its
 *         long (i & 7).
 */
export class BloomKFilter {
  private constructor(
    private readonly hashCount: number,
    /** Low and high word of each long. */
    private readonly words: Uint32Array,
  ) {}

  /** An empty filter for so many values, of 5 % false positives. */
  static empty(maxEntries: number): BloomKFilter {
    invariant(isBloomSize(maxEntries), `bloom filter of ${maxEntries} entries`);
    const bits = Math.floor((-maxEntries * Math.log(FALSE_POSITIVES)) / Math.LN2 ** 2);
    const hashCount = Math.max(1, Math.round((bits / maxEntries) * Math.LN2));
    const longs = Math.ceil(bits / 64);
    return new BloomKFilter(hashCount, new Uint32Array(2 * (longs + BLOCK - (longs % BLOCK))));
  }

  /** How many bits are set. */
  get bitCount(): number {
    let count = 0;
    for (const word of this.words) {
      for (let rest = word; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
    }
    return count;
  }

  add(value: BloomValue): void {
    this.visit(value, (at, mask) => {
      this.words[at]! |= mask;
      return true;
    });
  }

  /** False: it was not added. */
  has(value: BloomValue): boolean {
    return this.visit(value, (at, mask) => (this.words[at]! & mask) !== 0);
  }

  /** Adds what `other` has. Throws UserError for one of another size. */
  merge(other: BloomKFilter): void {
    if (other.hashCount !== this.hashCount || other.words.length !== this.words.length) {
      const sizes = [this, other].map(({ words }) => words.length * 32).join(' and ');
      const wanted = 'want bloom filters of one size (maxNumEntries)';
      throw new UserError(`${wanted}; got ${sizes} bits`, 'query', 'maxNumEntries');
    }
    for (let i = 0; i < this.words.length; i++) this.words[i]! |= other.words[i]!;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const view = new DataView(new ArrayBuffer(HEADER_BYTES + 4 * this.words.length));
    view.setUint8(0, this.hashCount);
    view.setInt32(1, this.words.length / 2);
    for (let i = 0; i < this.words.length; i++) {
      view.setUint32(HEADER_BYTES + 4 * (i ^ 1), this.words[i]!);
    }
    return new Uint8Array(view.buffer);
  }

  /** Throws CorruptSketchError unless they are a header and as many longs as it says. */
  static ofBytes(bytes: Uint8Array): BloomKFilter {
    if (bytes.length < HEADER_BYTES) throw damaged(`${bytes.length} bytes hold no header`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const [hashCount, longs] = [view.getInt8(0), view.getInt32(1)];
    if (hashCount < 1) throw damaged(`${hashCount} hash functions`);
    if (longs < BLOCK || longs % BLOCK !== 0) throw damaged(`${longs} longs, want blocks of 8`);
    const wanted = HEADER_BYTES + 8 * longs;
    if (bytes.length !== wanted) throw damaged(`${bytes.length} bytes, want ${wanted}`);
    const words = Uint32Array.from({ length: 2 * longs }, (_, i) =>
      view.getUint32(HEADER_BYTES + 4 * (i ^ 1)),
    );
    return new BloomKFilter(hashCount, words);
  }

  /** Calls `see` with the bits of a value until it says no; whether it never did. */
  private visit(value: BloomValue, see: (at: number, mask: number) => boolean): boolean {
    hashOf(value);
    const [low, high] = [HASH[0]! | 0, HASH[1]! | 0];
    const start = BLOCK * (positive(low + high) % (this.words.length / (2 * BLOCK)));
    for (let i = 1; i <= this.hashCount; i++) {
      const combined = positive(low + Math.imul(i + 1, high));
      const bit = (combined >>> 3) & 63;
      const at = 2 * (start + (combined & (BLOCK - 1))) + (bit >>> 5);
      if (!see(at, 1 << (bit & 31))) return false;
    }
    return true;
  }
}

/** A value by its type: texts by their UTF-8, numbers by their bits, which differ between types. */
export type BloomValue =
  | { readonly type: 'STRING'; readonly value: string }
  | { readonly type: 'LONG'; readonly value: Long }
  | { readonly type: 'DOUBLE' | 'FLOAT'; readonly value: number }
  | null;

export const isBloomSize = (maxEntries: number): boolean =>
  Number.isInteger(maxEntries) && maxEntries >= 1 && maxEntries <= 10_000_000;

/** Writes the hash to HASH. */
function hashOf(value: BloomValue): void {
  if (value === null) HASH.set(NULL_HASH);
  else if (value.type === 'STRING') murmur3Half(utf8Encode(value.value), HASH);
  else if (value.type === 'FLOAT') {
    VIEW.setFloat32(0, value.value, true);
    murmur3Half(EIGHT.subarray(0, 4), HASH);
  } else {
    if (value.type === 'LONG') VIEW.setBigInt64(0, BigInt(value.value));
    else VIEW.setFloat64(0, value.value);
    murmur3Half(EIGHT, HASH);
  }
}

/** Java's `x < 0 ? ~x : x` of an int. */
const positive = (x: number): number => ((x | 0) < 0 ? ~x : x | 0);

const FALSE_POSITIVES = Math.fround(0.05);
/** Longs. */
const BLOCK = 8;
const HEADER_BYTES = 5;
const HASH = new Uint32Array(2);
/** 2862933555777941757. */
const NULL_HASH = Uint32Array.of(0x87b0b0fd, 0x27bb2ee6);
const EIGHT = new Uint8Array(8);
const VIEW = new DataView(EIGHT.buffer);

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('bloom filter', detail);
}
