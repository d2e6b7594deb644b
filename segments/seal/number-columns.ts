import { type Long, toLong } from '../../core/index.js';
import { widthFor } from '../encodings/checks.js';
import type {
  DoubleVector,
  FloatVector,
  LongOffsets,
  LongVector,
  LongWords,
} from '../encodings/vector.js';
import { isNull, nullBitmapBytes, setNull } from '../null-bitmap.js';
import { readLong, writeLong } from '../words.js';
import { ColumnRoom } from './column-room.js';
import { type ColumnMemory, memoryOf, readAs, type SealInput } from './input.js';
import type { Picks } from './picks.js';

/** A LONG column of one input, an entry per row; `nulls` is a null bitmap, or null where no row is. */
export type LongColumn = {
  readonly nulls: Uint8Array | null;
  /** No value is outside of it; null where nothing is known. */
  readonly range: { readonly min: Long; readonly max: Long } | null;
} & (
  | { readonly layout: 'longs'; readonly words: Uint32Array }
  | {
      readonly layout: 'deltas';
      readonly deltas: Uint8Array | Uint16Array | Uint32Array;
      readonly base: Long;
      /** The LONG is base + unit × delta. */
      readonly unit: number;
    }
  | { readonly layout: 'constant'; readonly base: Long }
);

/** A DOUBLE or FLOAT column of one input, likewise. */
export type DoubleColumn = { readonly nulls: Uint8Array | null } & (
  | { readonly layout: 'values'; readonly values: Float64Array | Float32Array }
  | { readonly layout: 'constant'; readonly base: number }
);

/** The column as LONG, cast where it is of another type; one that is missing is null. */
export function longColumn(input: SealInput, name: string): LongColumn {
  const { rowCount } = input.segment;
  const reader = input.cursor.column(name);
  if (!reader.exists) {
    const range = { min: 0, max: 0 };
    return { layout: 'constant', base: 0, nulls: allNull(rowCount), range };
  }
  const memory = memoryOf(input, name, reader, 'LONG');
  if (memory === null) return readLongs(input, name);
  return longsIn(memory, rowCount, rangeOf(input, name));
}

function rangeOf({ segment }: SealInput, name: string): LongColumn['range'] {
  const stats = segment.columns.find((column) => column.name === name)?.stats;
  const { min = null, max = null } = stats ?? {};
  if (typeof min === 'string' || typeof max === 'string') return null;
  return min === null || max === null ? null : { min, max };
}

/** The column as `type`, likewise. */
export function doubleColumn(
  input: SealInput,
  name: string,
  type: 'DOUBLE' | 'FLOAT',
): DoubleColumn {
  const { rowCount } = input.segment;
  const reader = input.cursor.column(name);
  if (!reader.exists) return { layout: 'constant', base: 0, nulls: allNull(rowCount) };
  const memory = memoryOf(input, name, reader, type);
  return memory === null ? readDoubles(input, name, type) : doublesIn(memory, rowCount);
}

export function longsIn(
  { scan, buffer }: ColumnMemory,
  rowCount: number,
  range: LongColumn['range'],
): LongColumn {
  const { layout, address, base, unit, width } = scan;
  const nulls = nullsIn({ scan, buffer }, rowCount);
  if (layout === 'constant') return { layout, base, nulls, range };
  if (layout === 'codes') {
    return { layout: 'longs', words: decodedLongs({ scan, buffer }, rowCount), nulls, range };
  }
  if (layout === 'longs') {
    return { layout, words: new Uint32Array(buffer, address, 2 * rowCount), nulls, range };
  }
  const deltas = unsignedIn(buffer, address, width, rowCount);
  return { layout: 'deltas', deltas, base, unit, nulls, range };
}

export function doublesIn({ scan, buffer }: ColumnMemory, rowCount: number): DoubleColumn {
  const { layout, address, base } = scan;
  const nulls = nullsIn({ scan, buffer }, rowCount);
  if (layout === 'constant') return { layout, base: Number(base), nulls };
  if (layout === 'codes') {
    return { layout: 'values', values: decodedDoubles({ scan, buffer }, rowCount), nulls };
  }
  const values =
    layout === 'floats'
      ? new Float32Array(buffer, address, rowCount)
      : new Float64Array(buffer, address, rowCount);
  return { layout: 'values', values, nulls };
}

/** The numbers that codes stand for. */
function decodedLongs({ scan, buffer }: ColumnMemory, rowCount: number): Uint32Array {
  const codes = unsignedIn(buffer, scan.address, scan.width, rowCount);
  const values = new Uint32Array(buffer, scan.values!, 2 * scan.size);
  const words = new Uint32Array(2 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    words[2 * row] = values[2 * codes[row]!]!;
    words[2 * row + 1] = values[2 * codes[row]! + 1]!;
  }
  return words;
}

function decodedDoubles({ scan, buffer }: ColumnMemory, rowCount: number): Float64Array {
  const codes = unsignedIn(buffer, scan.address, scan.width, rowCount);
  const values =
    scan.type === 'FLOAT'
      ? new Float32Array(buffer, scan.values!, scan.size)
      : new Float64Array(buffer, scan.values!, scan.size);
  const doubles = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) doubles[row] = values[codes[row]!]!;
  return doubles;
}

/** Unsigned integers of `width` bytes in memory. */
export function unsignedIn(
  buffer: ArrayBufferLike,
  address: number,
  width: number,
  count: number,
): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return new Uint8Array(buffer, address, count);
  return width === 2
    ? new Uint16Array(buffer, address, count)
    : new Uint32Array(buffer, address, count);
}

const nullsIn = ({ scan, buffer }: ColumnMemory, rowCount: number): Uint8Array | null =>
  scan.nulls === null ? null : new Uint8Array(buffer, scan.nulls, nullBitmapBytes(rowCount));

const allNull = (rowCount: number): Uint8Array =>
  new Uint8Array(nullBitmapBytes(rowCount)).fill(255);

/** Through the cursor, row by row. */
function readLongs(input: SealInput, name: string): LongColumn {
  const { rowCount } = input.segment;
  const words = new Uint32Array(2 * rowCount);
  const nulls = readAll(input, name, 'LONG', (row, value) => writeLong(words, 2 * row, value));
  return { layout: 'longs', words, nulls, range: null };
}

function readDoubles(input: SealInput, name: string, type: 'DOUBLE' | 'FLOAT'): DoubleColumn {
  const values = new Float64Array(input.segment.rowCount);
  const nulls = readAll(input, name, type, (row, value) => {
    values[row] = Number(value);
  });
  return { layout: 'values', values, nulls };
}

function readAll(
  input: SealInput,
  name: string,
  type: 'LONG' | 'DOUBLE' | 'FLOAT',
  put: (row: number, value: Long) => void,
): Uint8Array | null {
  const { rowCount } = input.segment;
  const read = readAs(input, name, type);
  let nulls: Uint8Array | null = null;
  for (let row = 0; row < rowCount; row++) {
    input.cursor.row = row;
    const value = read();
    if (value !== null) put(row, value as Long);
    else {
      nulls ??= new Uint8Array(nullBitmapBytes(rowCount));
      setNull(nulls, row);
    }
  }
  return nulls;
}

/** The rows that `picks` take, of one column of all inputs; as valid as an array of `room`. */
export function gatherLongs(
  columns: readonly LongColumn[],
  picks: readonly Picks[],
  rowCount: number,
  room = new ColumnRoom(),
): LongVector {
  const range = commonRange(columns);
  if (range === null) return gatherWords(columns, picks, rowCount, room);
  const { base, span } = range;
  const offsets = room.unsigned(widthFor(span), rowCount);
  for (const pick of picks) gatherOffsetsOf(columns[pick.input]!, pick, base, offsets);
  const nulls = gatherNulls(columns, picks, rowCount);
  return { kind: 'LONG', layout: 'offsets', rowCount, base, offsets, nulls };
}

/** As `gatherLongs`, whatever the values are. */
export function gatherWords(
  columns: readonly LongColumn[],
  picks: readonly Picks[],
  rowCount: number,
  room = new ColumnRoom(),
): LongWords {
  const words = room.words(2 * rowCount);
  for (const pick of picks) gatherWordsOf(columns[pick.input]!, pick, words);
  const nulls = gatherNulls(columns, picks, rowCount);
  return { kind: 'LONG', layout: 'words', rowCount, words, nulls };
}

/** The smallest value of all columns, and how far above it the largest is; null where that is 2^32 or more. */
function commonRange(
  columns: readonly LongColumn[],
): { readonly base: Long; readonly span: number } | null {
  let min: bigint | null = null;
  let max: bigint | null = null;
  for (const { range } of columns) {
    if (range === null) return null;
    const [low, high] = [BigInt(range.min), BigInt(range.max)];
    if (min === null || low < min) min = low;
    if (max === null || high > max) max = high;
  }
  if (min === null || max === null || max - min >= 2n ** 32n) return null;
  return { base: toLong(min), span: Number(max - min) };
}

/** Storing keeps numbers modulo 2^32 or what offsets hold, which is enough: differences are smaller. */
function gatherOffsetsOf(
  column: LongColumn,
  { rows, targets }: Picks,
  base: Long,
  offsets: LongOffsets['offsets'],
): void {
  if (column.layout === 'longs') {
    const { words } = column;
    const baseWord = lowWord(base);
    for (let i = 0; i < rows.length; i++) offsets[targets[i]!] = words[2 * rows[i]!]! - baseWord;
    return;
  }
  const shift = lowWord(BigInt(column.base) - BigInt(base));
  if (column.layout === 'constant') {
    for (let i = 0; i < rows.length; i++) offsets[targets[i]!] = shift;
    return;
  }
  const { deltas, unit } = column;
  for (let i = 0; i < rows.length; i++) offsets[targets[i]!] = unit * deltas[rows[i]!]! + shift;
}

const lowWord = (value: Long): number => Number(BigInt.asUintN(32, BigInt(value)));

function gatherWordsOf(column: LongColumn, { rows, targets }: Picks, words: Uint32Array): void {
  if (column.layout === 'longs') {
    const source = column.words;
    for (let i = 0; i < rows.length; i++) {
      const from = 2 * rows[i]!;
      const to = 2 * targets[i]!;
      words[to] = source[from]!;
      words[to + 1] = source[from + 1]!;
    }
    return;
  }
  const base = new Uint32Array(2);
  writeLong(base, 0, column.base);
  const [baseLow = 0, baseHigh = 0] = base;
  if (column.layout === 'constant') {
    for (let i = 0; i < rows.length; i++) {
      const to = 2 * targets[i]!;
      words[to] = baseLow;
      words[to + 1] = baseHigh;
    }
    return;
  }
  const { deltas, unit } = column;
  for (let i = 0; i < rows.length; i++) {
    const to = 2 * targets[i]!;
    // Nothing is 2^52 or more above the base.
    const low = baseLow + unit * deltas[rows[i]!]!;
    words[to] = low;
    words[to + 1] = baseHigh + Math.floor(low / 2 ** 32);
  }
}

/** As `gatherLongs`. */
export function gatherDoubles(
  columns: readonly DoubleColumn[],
  picks: readonly Picks[],
  rowCount: number,
  kind: 'DOUBLE' | 'FLOAT',
  room = new ColumnRoom(),
): DoubleVector | FloatVector {
  const values = kind === 'DOUBLE' ? room.doubles(rowCount) : room.floats(rowCount);
  for (const { input, rows, targets } of picks) {
    const column = columns[input]!;
    if (column.layout === 'constant') {
      for (let i = 0; i < rows.length; i++) values[targets[i]!] = column.base;
    } else {
      const source = column.values;
      for (let i = 0; i < rows.length; i++) values[targets[i]!] = source[rows[i]!]!;
    }
  }
  const nulls = gatherNulls(columns, picks, rowCount);
  return values instanceof Float64Array
    ? { kind: 'DOUBLE', rowCount, values, nulls }
    : { kind: 'FLOAT', rowCount, values, nulls };
}

/** Null when no row that is taken is null. */
function gatherNulls(
  columns: readonly { readonly nulls: Uint8Array | null }[],
  picks: readonly Picks[],
  rowCount: number,
): Uint8Array | null {
  let gathered: Uint8Array | null = null;
  for (const { input, rows, targets } of picks) {
    const { nulls } = columns[input]!;
    if (nulls === null) continue;
    for (let i = 0; i < rows.length; i++) {
      if (!isNull(nulls, rows[i]!)) continue;
      gathered ??= new Uint8Array(nullBitmapBytes(rowCount));
      setNull(gathered, targets[i]!);
    }
  }
  return gathered;
}

/** The truncated times of all rows, counted through all inputs. */
export function timesOf(
  inputs: readonly SealInput[],
  rowCount: number,
  truncate: (timeMs: number) => number,
): Float64Array {
  const times = new Float64Array(rowCount);
  for (const input of inputs) {
    const column = longColumn(input, '__time');
    const rows = input.segment.rowCount;
    for (let row = 0; row < rows; row++) times[input.base + row] = truncate(timeAt(column, row));
  }
  return times;
}

/** Row times are safe integers and never null. */
function timeAt(column: LongColumn, row: number): number {
  if (column.layout === 'longs') return readLong(column.words, 2 * row) as number;
  const base = column.base as number;
  return column.layout === 'constant' ? base : base + column.unit * column.deltas[row]!;
}
