import {
  ByteReader,
  ByteWriter,
  CorruptBytesError,
  CorruptSketchError,
  utf8Decode,
  utf8Encode,
} from '../../core/index.js';
import {
  byCount,
  type FrequentState,
  type FrequentValue,
  MAX_CAPACITY,
} from './frequent-values.js';

const VERSION = 1;

/**
 * Frequent values, little-endian:
 *
 *     offset  size  field
 *     0       1     version      u8, = 1
 *     1       1     of           u8, 0 texts, 1 longs
 *     2       2     zero
 *     4       4     capacity     u32
 *     8       8     total        u64
 *     16      8     absentCount  u64
 *     24      4     entryCount   u32, at most the capacity
 *     28      …     entries      by count, descending, equal ones by value, ascending; of each:
 *                                count u64, error u64, then i64, or the length u32 and UTF-8
 */
export function encodeFrequent(state: FrequentState): Uint8Array<ArrayBuffer> {
  const { of, capacity, total, absentCount, entries } = state;
  const writer = new ByteWriter();
  writer.u8(VERSION);
  writer.u8(of === 'texts' ? 0 : 1);
  writer.u16(0);
  writer.u32(capacity);
  writer.size(total);
  writer.size(absentCount);
  writer.u32(entries.length);
  for (const { value, count, error } of entries) {
    writer.size(count);
    writer.size(error);
    if (typeof value === 'string') writeText(writer, value);
    else writer.long(value);
  }
  return writer.toBytes();
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = utf8Encode(text);
  writer.u32(bytes.length);
  writer.raw(bytes);
}

/** Throws CorruptSketchError for what `encodeFrequent` could not have written. */
export function decodeFrequent(bytes: Uint8Array): FrequentState {
  try {
    return decode(new ByteReader(bytes));
  } catch (error) {
    if (error instanceof CorruptBytesError) throw damaged(error.message);
    throw error;
  }
}

function decode(reader: ByteReader): FrequentState {
  const [version, of, zero, capacity] = [reader.u8(), reader.u8(), reader.u16(), reader.u32()];
  if (version !== VERSION) throw damaged(`version ${version}, want ${VERSION}`);
  if (of > 1 || zero !== 0) throw damaged(`values of kind ${of}, then ${zero}`);
  const [total, absentCount, entryCount] = [reader.size(), reader.size(), reader.u32()];
  if (capacity === 0 || capacity > MAX_CAPACITY || entryCount > capacity) {
    throw damaged(`${entryCount} entries of ${capacity}`);
  }
  const entries: FrequentValue[] = [];
  for (let i = 0; i < entryCount; i++) {
    const [count, error] = [reader.size(), reader.size()];
    const value = of === 0 ? readText(reader) : reader.long();
    const entry = { value, count, error };
    if (error >= count) throw damaged(`a count of ${count} with an error of ${error}`);
    if (i > 0 && byCount(entries[i - 1]!, entry) >= 0) throw damaged(`entry ${i} is out of order`);
    entries.push(entry);
  }
  reader.expectEnd();
  if (new Set(entries.map(({ value }) => value)).size < entryCount) throw damaged('a value twice');
  return { of: of === 0 ? 'texts' : 'longs', capacity, total, absentCount, entries };
}

function readText(reader: ByteReader): string {
  const bytes = reader.raw(reader.u32());
  const text = utf8Decode(bytes);
  if (Buffer.compare(utf8Encode(text), bytes) !== 0) throw damaged('a text that is no UTF-8');
  return text;
}

const damaged = (detail: string): CorruptSketchError =>
  new CorruptSketchError('frequent values', detail);
