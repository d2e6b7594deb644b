import { CorruptSketchError, invariant, UserError } from '../../core/index.js';
import { type BloomValue, bloomHash } from './bloom-hash.js';

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
    bloomHash(value, HASH, 0);
    this.addHash(HASH[0]!, HASH[1]!);
  }

  /** Adds the value of a hash; see `bloomHash`. */
  addHash(low: number, high: number): void {
    const block = this.blockOf(low, high);
    for (let i = 1; i <= this.hashCount; i++) {
      const bits = bitsOf(i, low, high);
      this.words[block + wordOf(bits)]! |= maskOf(bits);
    }
  }

  /** False: it was not added. */
  has(value: BloomValue): boolean {
    bloomHash(value, HASH, 0);
    const [low, high] = [HASH[0]!, HASH[1]!];
    const block = this.blockOf(low, high);
    for (let i = 1; i <= this.hashCount; i++) {
      const bits = bitsOf(i, low, high);
      if ((this.words[block + wordOf(bits)]! & maskOf(bits)) === 0) return false;
    }
    return true;
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

  /** Where the block of a hash begins. */
  private blockOf(low: number, high: number): number {
    const wordsPerBlock = 2 * BLOCK;
    return wordsPerBlock * (positive(low + high) % (this.words.length / wordsPerBlock));
  }
}

export const isBloomSize = (maxEntries: number): boolean =>
  Number.isInteger(maxEntries) && maxEntries >= 1 && maxEntries <= 10_000_000;

/** What tells the i-th bit of a value: of its block the long (3 bits), and in it the bit (6 bits). */
const bitsOf = (i: number, low: number, high: number): number =>
  positive(low + Math.imul(i + 1, high));

const wordOf = (bits: number): number => 2 * (bits & (BLOCK - 1)) + ((bits >>> 8) & 1);

const maskOf = (bits: number): number => 1 << ((bits >>> 3) & 31);

/** Java's `x < 0 ? ~x : x` of an int. */
const positive = (x: number): number => ((x | 0) < 0 ? ~x : x | 0);

const FALSE_POSITIVES = Math.fround(0.05);
/** Longs. */
const BLOCK = 8;
const HEADER_BYTES = 5;
const HASH = new Uint32Array(2);

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('bloom filter', detail);
}
