import type { DoubleVector, FloatVector, LongWords } from '../encodings/vector.js';
import { isNull, nullBitmapBytes, setNull } from '../null-bitmap.js';
import type { FoldForm } from '../seal/fold.js';

/** Which record each row is a part of. */
export interface RecordOfRows {
  readonly recordOf: Int32Array;
  readonly recordCount: number;
}

/** The numbers of the rows of each record as one, null where all are; rows count in their order. Sums wrap at 64 bits. */
export function foldLongsByRecord(
  { recordOf, recordCount }: RecordOfRows,
  { words, nulls }: LongWords,
  form: FoldForm,
): LongWords {
  const folded = new Uint32Array(2 * recordCount);
  const isSeen = new Uint8Array(recordCount);
  for (let row = 0; row < recordOf.length; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    const record = recordOf[row]!;
    const [low, high] = [words[2 * row]!, words[2 * row + 1]! | 0];
    if (isSeen[record] === 0) {
      isSeen[record] = 1;
      folded[2 * record] = low;
      folded[2 * record + 1] = high;
    } else if (form === 'sum') {
      const sum = folded[2 * record]! + low;
      folded[2 * record] = sum;
      folded[2 * record + 1]! += high + (sum >= 2 ** 32 ? 1 : 0);
    } else {
      const [lowest, highest] = [folded[2 * record]!, folded[2 * record + 1]! | 0];
      const isLess = high < highest || (high === highest && low < lowest);
      if (isLess !== (form === 'min')) continue;
      folded[2 * record] = low;
      folded[2 * record + 1] = high;
    }
  }
  return {
    kind: 'LONG',
    layout: 'words',
    rowCount: recordCount,
    words: folded,
    nulls: unseen(isSeen),
  };
}

/** As `foldLongsByRecord`; FLOAT sums are rounded at every step. */
export function foldDoublesByRecord(
  { recordOf, recordCount }: RecordOfRows,
  { kind, values, nulls }: DoubleVector | FloatVector,
  form: FoldForm,
): DoubleVector | FloatVector {
  const folded = kind === 'DOUBLE' ? new Float64Array(recordCount) : new Float32Array(recordCount);
  const isSeen = new Uint8Array(recordCount);
  for (let row = 0; row < recordOf.length; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    const record = recordOf[row]!;
    const value = values[row]!;
    if (isSeen[record] === 0) {
      isSeen[record] = 1;
      folded[record] = value;
    } else if (form === 'sum') folded[record]! += value;
    else {
      const most = folded[record]!;
      folded[record] = form === 'min' ? Math.min(most, value) : Math.max(most, value);
    }
  }
  const nothing = unseen(isSeen);
  return folded instanceof Float64Array
    ? { kind: 'DOUBLE', rowCount: recordCount, values: folded, nulls: nothing }
    : { kind: 'FLOAT', rowCount: recordCount, values: folded, nulls: nothing };
}

/** Null where all were seen. */
function unseen(isSeen: Uint8Array): Uint8Array | null {
  if (!isSeen.includes(0)) return null;
  const nulls = new Uint8Array(nullBitmapBytes(isSeen.length));
  for (const [i, is] of isSeen.entries()) if (is === 0) setNull(nulls, i);
  return nulls;
}
