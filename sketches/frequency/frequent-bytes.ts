import { ByteReader, ByteWriter, CorruptBytesError, CorruptSketchError } from '../../core/index.js';
import {
  byCount,
  type FrequentState,
  type FrequentValue,
  isLossyWidth,
  MAX_CAPACITY,
} from './frequent-values.js';
import { readValue, writeValue } from './value-bytes.js';

const VERSION = 1;

/** The summaries that have these bytes, by their number in them. */
const ALGORITHMS = ['spaceSaving', 'lossyCounting'] as const;

type Algorithm = (typeof ALGORITHMS)[number];

/**
 * Frequent values, little-endian:
 *
 *     offset  size  field
 *     0       1     version      u8, = 1
 *     1       1     of           u8, 0 texts, 1 longs
 *     2       1     algorithm    u8, 0 SpaceSaving, 1 Lossy Counting
 *     3       1     zero
 *     4       4     capacity     u32, counters, or the width of a bucket
 *     8       8     total        u64
 *     16      8     absentCount  u64; of Lossy Counting total / capacity, rounded down, and less than every count
 *     24      4     entryCount   u32, of SpaceSaving at most the capacity
 *     28      …     entries      by count, descending, equal ones by value, ascending; of each:
 *                                count u64, error u64, then i64, or the length u32 and UTF-8
 */
export function encodeFrequent(
  state: FrequentState,
  algorithm: Algorithm,
): Uint8Array<ArrayBuffer> {
  const { of, capacity, total, absentCount, entries } = state;
  const writer = new ByteWriter();
  writer.u8(VERSION);
  writer.u8(of === 'texts' ? 0 : 1);
  writer.u16(ALGORITHMS.indexOf(algorithm));
  writer.u32(capacity);
  writer.size(total);
  writer.size(absentCount);
  writer.u32(entries.length);
  for (const { value, count, error } of entries) {
    writer.size(count);
    writer.size(error);
    writeValue(writer, value);
  }
  return writer.toBytes();
}

/** Throws CorruptSketchError for what `encodeFrequent` could not have written. */
export function decodeFrequent(bytes: Uint8Array, algorithm: Algorithm): FrequentState {
  try {
    return decode(new ByteReader(bytes), algorithm);
  } catch (error) {
    if (error instanceof CorruptBytesError) throw damaged(error.message);
    throw error;
  }
}

function decode(reader: ByteReader, algorithm: Algorithm): FrequentState {
  const [version, kind, other, capacity] = [reader.u8(), reader.u8(), reader.u16(), reader.u32()];
  if (version !== VERSION) throw damaged(`version ${version}, want ${VERSION}`);
  if (kind > 1) throw damaged(`values of kind ${kind}`);
  if (other !== ALGORITHMS.indexOf(algorithm)) throw damaged(`algorithm ${other}`);
  const [total, absentCount, entryCount] = [reader.size(), reader.size(), reader.u32()];
  const of = kind === 0 ? 'texts' : 'longs';
  const entries: FrequentValue[] = [];
  const state = { of, capacity, total, absentCount, entries } as const;
  CHECKS[algorithm](state, entryCount);
  for (let i = 0; i < entryCount; i++) {
    const [count, error] = [reader.size(), reader.size()];
    const entry = { value: readValue(reader, of), count, error };
    if (error >= count) throw damaged(`a count of ${count} with an error of ${error}`);
    if (i > 0 && byCount(entries[i - 1]!, entry) >= 0) throw damaged(`entry ${i} is out of order`);
    if (algorithm === 'lossyCounting') checkLossy(entry, absentCount);
    entries.push(entry);
  }
  reader.expectEnd();
  if (new Set(entries.map(({ value }) => value)).size < entryCount) throw damaged('a value twice');
  return state;
}

const CHECKS: Record<Algorithm, (state: FrequentState, entryCount: number) => void> = {
  spaceSaving({ capacity }, entryCount) {
    if (capacity > 0 && capacity <= MAX_CAPACITY && entryCount <= capacity) return;
    throw damaged(`${entryCount} entries of ${capacity}`);
  },
  lossyCounting({ capacity, total, absentCount }) {
    if (!isLossyWidth(capacity)) throw damaged(`buckets of ${capacity}`);
    if (absentCount === Math.floor(total / capacity)) return;
    throw damaged(`${absentCount} full buckets of ${capacity} in ${total}`);
  },
};

/** Throws CorruptSketchError for an entry that would have left. */
function checkLossy({ count, error }: FrequentValue, absentCount: number): void {
  if (count > absentCount && error <= absentCount) return;
  throw damaged(`a count of ${count} with an error of ${error} after ${absentCount} buckets`);
}

const damaged = (detail: string): CorruptSketchError =>
  new CorruptSketchError('frequent values', detail);
