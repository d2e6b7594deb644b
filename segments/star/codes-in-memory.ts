import { type Long, toLong } from '../../core/index.js';
import type { DictionaryReader, Value } from '../../model/index.js';
import { isNull, nullBitmapBytes } from '../null-bitmap.js';
import type { ColumnMemory } from '../seal/input.js';
import { unsignedIn } from '../seal/number-columns.js';
import { readLong } from '../words.js';

/** Rows by codes that ascend as values do, each of which some row has; a null of numbers is last. */
export interface Coded {
  readonly codes: ArrayLike<number>;
  readonly values: readonly Value[];
}

/** The codes that rows are stored with, or small integers as such. Null where values have to be looked at. */
export function codesInMemory(
  memory: ColumnMemory,
  rowCount: number,
  dictionary: DictionaryReader | undefined,
): Coded | null {
  const { scan, buffer } = memory;
  const { layout, address, width, size } = scan;
  if (layout === 'ids' && scan.texts?.isSorted === true) {
    const values = Array.from({ length: size }, (_, id) => dictionary!.value(id));
    return { codes: unsignedIn(buffer, address, width, rowCount), values };
  }
  if (layout === 'codes') return withNulls(memory, rowCount, numbersIn(memory));
  if (layout !== 'deltas' || width > 2) return null;
  const { base, unit } = scan;
  const numbers = Array.from({ length: 2 ** (8 * width) }, (_, delta) =>
    toLong(BigInt(base) + BigInt(unit * delta)),
  );
  return withNulls(memory, rowCount, numbers);
}

/** The numbers that codes stand for. */
function numbersIn({ scan, buffer }: ColumnMemory): Long[] {
  const { type, size, values } = scan;
  if (type === 'LONG') {
    const words = new Uint32Array(buffer, values!, 2 * size);
    return Array.from({ length: size }, (_, code) => readLong(words, 2 * code));
  }
  return type === 'FLOAT'
    ? [...new Float32Array(buffer, values!, size)]
    : [...new Float64Array(buffer, values!, size)];
}

/** Codes of the numbers that rows have, and of null. */
function withNulls(
  { scan, buffer }: ColumnMemory,
  rowCount: number,
  numbers: readonly Long[],
): Coded {
  const stored = unsignedIn(buffer, scan.address, scan.width, rowCount);
  const nulls =
    scan.nulls === null ? null : new Uint8Array(buffer, scan.nulls, nullBitmapBytes(rowCount));
  const isUsed = new Uint8Array(numbers.length);
  for (let row = 0; row < rowCount; row++) {
    if (nulls === null || !isNull(nulls, row)) isUsed[stored[row]!] = 1;
  }
  const codeOf = new Uint32Array(numbers.length);
  const values: Value[] = [];
  for (const [number, is] of isUsed.entries()) {
    if (is === 0) continue;
    codeOf[number] = values.length;
    values.push(numbers[number]!);
  }
  const codes = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    codes[row] = nulls !== null && isNull(nulls, row) ? values.length : codeOf[stored[row]!]!;
  }
  return { codes, values: nulls === null ? values : [...values, null] };
}
