import type { LongWords } from '../encodings/vector.js';
import type { FoldForm } from '../seal/fold.js';
import type { RecordOfRows } from './fold-by-record.js';

/**
 * LONGs as doubles where no sum of some of them is rounded, which are added in a fraction of the time; null where one may be, or where
 * some are null.
 */
export function smallLongs({ words, nulls, rowCount }: LongWords): Float64Array | null {
  if (nulls !== null) return null;
  const most = Math.floor(Number.MAX_SAFE_INTEGER / Math.max(1, rowCount));
  const numbers = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const number = (words[2 * row + 1]! | 0) * 2 ** 32 + words[2 * row]!;
    if (number > most || number < -most) return null;
    numbers[row] = number;
  }
  return numbers;
}

/** As `foldLongsByRecord`: each record has a row. */
export function foldSmallLongs(
  { recordOf, recordCount }: RecordOfRows,
  numbers: Float64Array,
  form: FoldForm,
): LongWords {
  const folded = new Float64Array(recordCount);
  if (form === 'sum') addUp(folded, numbers, recordOf);
  else if (form === 'min') lower(folded.fill(Number.POSITIVE_INFINITY), numbers, recordOf);
  else raise(folded.fill(Number.NEGATIVE_INFINITY), numbers, recordOf);
  const words = new Uint32Array(2 * recordCount);
  for (let record = 0; record < recordCount; record++) {
    const number = folded[record]!;
    words[2 * record] = number;
    words[2 * record + 1] = Math.floor(number / 2 ** 32);
  }
  return { kind: 'LONG', layout: 'words', rowCount: recordCount, words, nulls: null };
}

function addUp(sums: Float64Array, numbers: Float64Array, recordOf: Int32Array): void {
  for (let row = 0; row < recordOf.length; row++) sums[recordOf[row]!]! += numbers[row]!;
}

function lower(least: Float64Array, numbers: Float64Array, recordOf: Int32Array): void {
  for (let row = 0; row < recordOf.length; row++) {
    const number = numbers[row]!;
    const record = recordOf[row]!;
    if (number < least[record]!) least[record] = number;
  }
}

function raise(most: Float64Array, numbers: Float64Array, recordOf: Int32Array): void {
  for (let row = 0; row < recordOf.length; row++) {
    const number = numbers[row]!;
    const record = recordOf[row]!;
    if (number > most[record]!) most[record] = number;
  }
}
