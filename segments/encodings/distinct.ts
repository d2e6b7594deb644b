import { type Long, toLong } from '../../core/index.js';
import { isNull } from '../null-bitmap.js';
import { writeLong } from '../words.js';
import { bytesOf, type Width, widthFor } from './checks.js';
import type { DoubleVector, Facts, FloatVector, LongVector } from './vector.js';

/** More distinct values than a code of two bytes tells apart are not few. */
const MAX_CODES = 2 ** 16;

/** With each number behind a code, a scan of a column that is hardly smaller would be slower: it must be so many times smaller. */
const SHARE = 3;

/** The distinct numbers of a column, ascending, and which of them each row holds: 0 where it is null. */
export interface DistinctNumbers {
  readonly size: number;
  /** As the column's values are stored. */
  readonly bytes: Uint8Array;
  readonly codes: Uint16Array;
}

export type NumberVector = LongVector | DoubleVector | FloatVector;

/** Asked for several times while a vector is written. */
const known = new WeakMap<NumberVector, DistinctNumbers | null>();

/**
 * Null where the numbers are not so few that they and a code for each row take a third of the bytes of the numbers alone,
 * and where there is -0 or NaN among them, which are equal to other bits.
 */
export function distinctNumbers(vector: NumberVector, facts: Facts): DistinctNumbers | null {
  let distinct = known.get(vector);
  if (distinct === undefined) {
    distinct = findDistinct(vector, facts);
    known.set(vector, distinct);
  }
  return distinct;
}

/** Tells the distinct numbers of a vector that is made of them: it can be stored with a dictionary however many they are. */
export function knowDistinct(vector: NumberVector, distinct: DistinctNumbers): void {
  known.set(vector, distinct);
}

/** Bytes of a dictionary of so many numbers, and of a code for each row. */
export const dictionaryBytes = (
  kind: NumberVector['kind'],
  size: number,
  rowCount: number,
): number => size * valueBytes(kind) + rowCount * codeWidth(size);

export const codeWidth = (size: number): 1 | 2 => (size <= 2 ** 8 ? 1 : 2);

export const valueBytes = (kind: NumberVector['kind']): 4 | 8 => (kind === 'FLOAT' ? 4 : 8);

function findDistinct(vector: NumberVector, { min, max }: Facts): DistinctNumbers | null {
  const plain = min === null || max === null ? null : plainWidth(vector, min as Long, max as Long);
  if (plain === null) return null;
  const { kind, rowCount } = vector;
  const isFew = (size: number) =>
    size <= MAX_CODES && SHARE * dictionaryBytes(kind, size, rowCount) <= rowCount * plain;
  const interned = isFew(1) ? intern(vector, isFew) : null;
  return interned === null ? null : sorted(vector, interned);
}

/** Bytes of a number without a dictionary; null where that is too narrow to bother. */
function plainWidth(vector: NumberVector, min: Long, max: Long): Width | 8 | null {
  if (vector.kind !== 'LONG') return valueBytes(vector.kind);
  const span = BigInt(max) - BigInt(min);
  const width = span < 2n ** 32n ? widthFor(Number(span)) : 8;
  return width < 4 ? null : width;
}

/** Numbers in order of arrival, each by a row that holds it, and which of them each row holds. */
interface Interned {
  readonly rows: number[];
  readonly codes: Uint16Array;
}

/** Null as soon as they are not few, or one of them is -0 or NaN. */
function intern(vector: NumberVector, isFew: (size: number) => boolean): Interned | null {
  const { nulls, rowCount } = vector;
  const { words, stride } = keysOf(vector);
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * Math.min(rowCount, MAX_CODES)))).fill(
    -1,
  );
  const mask = slots.length - 1;
  const rows: number[] = [];
  const codes = new Uint16Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    const low = words[stride * row]!;
    const high = stride === 2 ? words[2 * row + 1]! : 0;
    let slot = hashOf(low, high) & mask;
    for (;;) {
      const code = slots[slot]!;
      if (code < 0) {
        if (isDoubtful(vector, row) || !isFew(rows.length + 1)) return null;
        codes[row] = rows.length;
        slots[slot] = rows.length;
        rows.push(row);
        break;
      }
      const at = rows[code]!;
      if (words[stride * at] === low && (stride === 1 || words[2 * at + 1] === high)) {
        codes[row] = code;
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  return { rows, codes };
}

/** The bits of the numbers, in one word or two. */
function keysOf(vector: NumberVector): { readonly words: Uint32Array; readonly stride: 1 | 2 } {
  if (vector.kind !== 'LONG') {
    const { buffer, byteOffset, byteLength } = vector.values;
    const words = new Uint32Array(buffer, byteOffset, byteLength / 4);
    return { words, stride: vector.kind === 'FLOAT' ? 1 : 2 };
  }
  if (vector.layout === 'words') return { words: vector.words, stride: 2 };
  const { offsets } = vector;
  return { words: offsets instanceof Uint32Array ? offsets : Uint32Array.from(offsets), stride: 1 };
}

function hashOf(low: number, high: number): number {
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** Equal to a number of other bits, or to none. */
function isDoubtful(vector: NumberVector, row: number): boolean {
  if (vector.kind === 'LONG') return false;
  const value = vector.values[row]!;
  return Number.isNaN(value) || Object.is(value, -0);
}

function sorted(vector: NumberVector, { rows, codes }: Interned): DistinctNumbers {
  const order = orderOf(vector, rows);
  const rankOf = new Uint16Array(rows.length);
  for (const [rank, code] of order.entries()) rankOf[code] = rank;
  const { nulls, rowCount } = vector;
  for (let row = 0; row < rowCount; row++) {
    codes[row] = nulls !== null && isNull(nulls, row) ? 0 : rankOf[codes[row]!]!;
  }
  const ascending = Array.from(order, (code) => rows[code]!);
  return { size: rows.length, bytes: bytesOf(numbersAt(vector, ascending)), codes };
}

/** Codes of the numbers, ascending. */
function orderOf(vector: NumberVector, rows: readonly number[]): Uint16Array {
  const order = Uint16Array.from(rows, (_, code) => code);
  if (vector.kind !== 'LONG') {
    const values = Float64Array.from(rows, (row) => vector.values[row]!);
    return order.sort((a, b) => values[a]! - values[b]!);
  }
  const { words, stride } = keysOf(vector);
  const low = Uint32Array.from(rows, (row) => words[stride * row]!);
  const high = Int32Array.from(rows, (row) => (stride === 2 ? words[2 * row + 1]! : 0));
  return order.sort((a, b) => high[a]! - high[b]! || low[a]! - low[b]!);
}

/** The numbers of some rows, as they are stored. */
function numbersAt(vector: NumberVector, rows: readonly number[]): ArrayBufferView {
  if (vector.kind === 'DOUBLE') return Float64Array.from(rows, (row) => vector.values[row]!);
  if (vector.kind === 'FLOAT') return Float32Array.from(rows, (row) => vector.values[row]!);
  const words = new Uint32Array(2 * rows.length);
  for (const [i, row] of rows.entries()) {
    if (vector.layout === 'words') words.set(vector.words.subarray(2 * row, 2 * row + 2), 2 * i);
    else writeLong(words, 2 * i, toLong(BigInt(vector.base) + BigInt(vector.offsets[row]!)));
  }
  return words;
}
