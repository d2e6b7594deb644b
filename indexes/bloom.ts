import { murmur3Word } from '../core/index.js';
import { bytesOf, checkLengths, countOf, wordsOf } from './blocks.js';
import type { CodedColumn, LongOffsets, LongWords } from './column.js';
import { longAt } from './range/long-at.js';
import { NO_ROWS } from './rows/row-set.js';
import type { ColumnIndex, IndexKind, IndexPredicate, LoadedBlocks, RowAnswer } from './types.js';
import { hashOfLong, hashOfText } from './value-hash.js';

/** Strings of more distinct values have a filter without being asked: fewer are found in their dictionary at once. */
const MANY_VALUES = 4096;

/** For one wrong "maybe" in a hundred: -log2(0.01) / ln 2. */
const BITS_PER_VALUE = 9.6;
/** Fewer would say "maybe" more than once in ten times. */
const LEAST_BITS_PER_VALUE = 4.8;
const MOST_BYTES = 1 << 20;
const MOST_PROBES = 32;

/**
 * Whether a value may be in the column at all: a Bloom filter (Bloom, 1970) whose probes are made of two hashes
 * (Kirsch and Mitzenmacher, 2006), both made of one: 32 bits are enough for as many values as fit.
 *
 *     parameters    of: texts or longs; probes: bits that each value sets
 *     bloom.bits    u32 words; value with hash h sets the bits (h + i × g) mod 2^32 mod (number of bits), i in
 *                   [0, probes), g = h × 0x9e3779b1 mod 2^32, with its lowest bit set. h is MurmurHash3_x86_32 with seed 0:
 *                   of a text's UTF-8, of a LONG's 8 bytes, little-endian
 */
export const bloom: IndexKind = {
  name: 'bloom',
  isPacked: true,

  askedFor: ['STRING', 'LONG'],
  isUsual: (column, bitmap) => bitmap && column.kind === 'STRING' && column.size > MANY_VALUES,

  build(column, sink) {
    if (column.kind !== 'STRING' && column.kind !== 'LONG') return null;
    const hashes = column.kind === 'STRING' ? hashesOfTexts(column) : hashesOfLongs(column);
    const mostBits = 8 * MOST_BYTES;
    if (hashes.length === 0 || LEAST_BITS_PER_VALUE * hashes.length > mostBits) return null;
    const wanted = Math.min(mostBits, BITS_PER_VALUE * hashes.length);
    const bits = new Uint32Array(Math.ceil(wanted / 32));
    const best = Math.round((32 * bits.length * Math.LN2) / hashes.length);
    const probes = Math.min(best, MOST_PROBES);
    for (let i = 0; i < hashes.length; i++) addHash(bits, probes, hashes[i]!);
    sink.block('bloom.bits', [bytesOf(bits)]);
    return { of: column.kind === 'STRING' ? 'texts' : 'longs', probes };
  },

  check(written) {
    const probes = countOf(written, 'probes');
    if (probes === null || probes < 1 || probes > MOST_PROBES) return 'want parameter probes';
    const { of } = written.parameters;
    if (of !== 'texts' && of !== 'longs') return 'want parameter of';
    const length = written.blocks[0]?.length ?? 0;
    return length === 0 || length % 4 !== 0
      ? 'block "bloom.bits" is missing or no words'
      : checkLengths(written, { 'bloom.bits': length });
  },

  attach: (blocks) => new BloomFilter(blocks),
};

/** Of every text but null. */
function hashesOfTexts({ size, hasNull, texts }: CodedColumn): Uint32Array {
  const { bytes, offsets } = texts();
  const first = hasNull ? 1 : 0;
  const hashes = new Uint32Array(size - first);
  for (let code = first; code < size; code++) {
    hashes[code - first] = murmur3Word(bytes, offsets[code]!, offsets[code + 1]!);
  }
  return hashes;
}

/** Of the values, each once. */
function hashesOfLongs(column: LongWords | LongOffsets): Uint32Array {
  const hashes = new Uint32Array(column.rowCount);
  let count = 0;
  for (let row = 0; row < column.rowCount; row++) {
    const value = longAt(column, row);
    if (value !== null) hashes[count++] = hashOfLong(value);
  }
  hashes.subarray(0, count).sort();
  let distinct = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0 || hashes[i] !== hashes[i - 1]) hashes[distinct++] = hashes[i]!;
  }
  return hashes.subarray(0, distinct);
}

const gapOf = (hash: number): number => Math.imul(hash, 0x9e3779b1) | 1;

function addHash(bits: Uint32Array, probes: number, hash: number): void {
  const size = 32 * bits.length;
  const gap = gapOf(hash);
  for (let i = 0, at = hash; i < probes; i++, at = (at + gap) | 0) {
    const bit = (at >>> 0) % size;
    bits[bit >>> 5]! |= 1 << (bit & 31);
  }
}

function hasHash(bits: Uint32Array, probes: number, hash: number): boolean {
  const size = 32 * bits.length;
  const gap = gapOf(hash);
  for (let i = 0, at = hash; i < probes; i++, at = (at + gap) | 0) {
    const bit = (at >>> 0) % size;
    if (((bits[bit >>> 5]! >>> (bit & 31)) & 1) === 0) return false;
  }
  return true;
}

/** Says that there are no rows, or nothing. */
class BloomFilter implements ColumnIndex {
  readonly #bits: Uint32Array;
  readonly #probes: number;
  readonly #hasTexts: boolean;

  constructor({ parameters, bytes }: LoadedBlocks) {
    this.#bits = wordsOf(bytes('bloom.bits'));
    this.#probes = parameters.probes as number;
    this.#hasTexts = parameters.of === 'texts';
  }

  estimate(predicate: IndexPredicate): number | null {
    return this.#isAbsent(predicate) ? 0 : null;
  }

  rows(predicate: IndexPredicate): RowAnswer | null {
    return this.#isAbsent(predicate) ? { rows: NO_ROWS, exact: true } : null;
  }

  #isAbsent(predicate: IndexPredicate): boolean {
    if (predicate.kind === 'texts') {
      return this.#hasTexts && predicate.texts.every((text) => !this.#mayHold(hashOfText(text)));
    }
    return (
      predicate.kind === 'numbers' &&
      !this.#hasTexts &&
      predicate.ranges.length === 0 &&
      predicate.points.every((point) => !this.#mayHold(hashOfLong(point)))
    );
  }

  #mayHold(hash: number): boolean {
    return hasHash(this.#bits, this.#probes, hash);
  }
}
