import { type Long, parseLong, readLong, toLong } from '../../core/index.js';
import { bytesOf, checkLengths, wordsOf } from '../blocks.js';
import type { LongOffsets, LongWords, NumberColumn } from '../column.js';
import type { BlockSink, EncodingParameters, LoadedBlocks, WrittenIndex } from '../types.js';
import { longAt } from './long-at.js';

/** Numbers that ascend. */
export interface SortedValues {
  at(entry: number): Long;
}

/** Bytes of an entry. */
const WIDTHS: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, i64: 8, f32: 4, f64: 8 };

/**
 * Writes the numbers of some rows, which ascend, as the block `range.values`, and tells how to read it:
 *
 *     form    u8, u16 or u32: what is added to `base`, a LONG as text. i64, f32, f64: the number itself
 */
export function writeValues(
  column: NumberColumn,
  rows: Uint32Array,
  sink: BlockSink,
): EncodingParameters {
  if (column.kind === 'LONG') return writeLongs(column, rows, sink);
  const isDouble = column.kind === 'DOUBLE';
  const values = isDouble ? new Float64Array(rows.length) : new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column.values[rows[i]!]!;
  sink.block('range.values', [bytesOf(values)]);
  return { form: isDouble ? 'f64' : 'f32', base: '0' };
}

function writeLongs(
  column: LongWords | LongOffsets,
  rows: Uint32Array,
  sink: BlockSink,
): EncodingParameters {
  const base = longAt(column, rows[0]!)!;
  const span = BigInt(longAt(column, rows.at(-1)!)!) - BigInt(base);
  if (span >= 2n ** 32n && column.layout === 'words') {
    const words = new Uint32Array(2 * rows.length);
    for (let i = 0; i < rows.length; i++) {
      words[2 * i] = column.words[2 * rows[i]!]!;
      words[2 * i + 1] = column.words[2 * rows[i]! + 1]!;
    }
    sink.block('range.values', [bytesOf(words)]);
    return { form: 'i64', base: '0' };
  }
  const form = span < 2n ** 8n ? 'u8' : span < 2n ** 16n ? 'u16' : 'u32';
  const offsets = offsetsOf(form, rows.length);
  fillOffsets(column, rows, offsets);
  sink.block('range.values', [bytesOf(offsets)]);
  return { form, base: String(base) };
}

type Offsets = Uint8Array | Uint16Array | Uint32Array;

function offsetsOf(form: 'u8' | 'u16' | 'u32', length: number): Offsets {
  if (form === 'u8') return new Uint8Array(length);
  return form === 'u16' ? new Uint16Array(length) : new Uint32Array(length);
}

/** How far each value is above the first one: less than 2^32, so that the lowest words tell it. */
function fillOffsets(column: LongWords | LongOffsets, rows: Uint32Array, offsets: Offsets): void {
  const lowest = rows[0]!;
  for (let i = 0; i < rows.length; i++) {
    offsets[i] =
      column.layout === 'words'
        ? (column.words[2 * rows[i]!]! - column.words[2 * lowest]!) >>> 0
        : column.offsets[rows[i]!]! - column.offsets[lowest]!;
  }
}

/** What is wrong with the block or its parameters; null when nothing is. */
export function checkValues(written: WrittenIndex, entries: number): string | null {
  const { form, base } = written.parameters;
  const width = WIDTHS[String(form)];
  if (width === undefined || parseLong(String(base)) === null)
    return 'want parameters form and base';
  return checkLengths(written, { 'range.values': width * entries });
}

/** The numbers in their block. */
export function sortedValues({ parameters, bytes }: LoadedBlocks): SortedValues {
  const block = bytes('range.values');
  const { buffer, byteOffset, length } = block;
  const base = BigInt(String(parameters.base));
  const above = (offsets: Offsets): SortedValues => ({
    at: (entry) => toLong(base + BigInt(offsets[entry]!)),
  });
  switch (parameters.form) {
    case 'u8':
      return above(block);
    case 'u16':
      return above(new Uint16Array(buffer, byteOffset, length / 2));
    case 'u32':
      return above(wordsOf(block));
    case 'i64': {
      const words = wordsOf(block);
      return { at: (entry) => readLong(words, 2 * entry) };
    }
    case 'f32': {
      const floats = new Float32Array(buffer, byteOffset, length / 4);
      return { at: (entry) => floats[entry]! };
    }
    default: {
      const doubles = new Float64Array(buffer, byteOffset, length / 8);
      return { at: (entry) => doubles[entry]! };
    }
  }
}
