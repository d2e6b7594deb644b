import {
  type ByteReader,
  type ByteWriter,
  CorruptBytesError,
  type Long,
  utf8Decode,
  utf8Encode,
} from '../../core/index.js';
import type { FrequentState } from './frequent-values.js';

/** A value, little-endian: of longs i64; of texts the length u32, then UTF-8. */
export function writeValue(writer: ByteWriter, value: string | Long): void {
  if (typeof value !== 'string') {
    writer.long(value);
    return;
  }
  const bytes = utf8Encode(value);
  writer.u32(bytes.length);
  writer.raw(bytes);
}

/** Throws CorruptBytesError for bytes that end too early, or are no UTF-8. */
export function readValue(reader: ByteReader, of: FrequentState['of']): string | Long {
  if (of === 'longs') return reader.long();
  const bytes = reader.raw(reader.u32());
  const text = utf8Decode(bytes);
  if (Buffer.compare(utf8Encode(text), bytes) !== 0) {
    throw new CorruptBytesError(reader.offset, 'a text that is no UTF-8');
  }
  return text;
}
