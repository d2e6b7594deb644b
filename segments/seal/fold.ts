import type { DoubleVector, FloatVector, LongWords } from '../encodings/vector.js';
import { isNull, nullBitmapBytes, setNull } from '../null-bitmap.js';

/** How two stored numbers become one; nulls do not count. */
export type FoldForm = 'sum' | 'min' | 'max';

/** Rows [starts[i], starts[i + 1]) of a vector become row i; null where all of them are. Sums wrap at 64 bits. */
export function foldLongs(vector: LongWords, starts: Uint32Array, form: FoldForm): LongWords {
  const { words, nulls } = vector;
  const rowCount = starts.length - 1;
  const folded = new Uint32Array(2 * rowCount);
  const foldedNulls = nulls === null ? null : new Uint8Array(nullBitmapBytes(rowCount));
  for (let i = 0; i < rowCount; i++) {
    let low = 0;
    let high = 0;
    let isNothing = true;
    for (let row = starts[i]!; row < starts[i + 1]!; row++) {
      if (nulls !== null && isNull(nulls, row)) continue;
      const nextLow = words[2 * row]!;
      const nextHigh = words[2 * row + 1]! | 0;
      if (isNothing) {
        low = nextLow;
        high = nextHigh;
        isNothing = false;
      } else if (form === 'sum') {
        const sum = low + nextLow;
        high = (high + nextHigh + (sum >= 2 ** 32 ? 1 : 0)) | 0;
        low = sum >>> 0;
      } else {
        const isLess = nextHigh < high || (nextHigh === high && nextLow < low);
        if (isLess === (form === 'min')) {
          low = nextLow;
          high = nextHigh;
        }
      }
    }
    folded[2 * i] = low;
    folded[2 * i + 1] = high;
    if (isNothing && foldedNulls !== null) setNull(foldedNulls, i);
  }
  return { kind: 'LONG', layout: 'words', rowCount, words: folded, nulls: someNulls(foldedNulls) };
}

/** As `foldLongs`. Row after row: sums do not depend on anything else. FLOAT sums are rounded at every step. */
export function foldDoubles(
  vector: DoubleVector | FloatVector,
  starts: Uint32Array,
  form: FoldForm,
): DoubleVector | FloatVector {
  const { values, nulls } = vector;
  const rowCount = starts.length - 1;
  const folded = vector.kind === 'DOUBLE' ? new Float64Array(rowCount) : new Float32Array(rowCount);
  const foldedNulls = nulls === null ? null : new Uint8Array(nullBitmapBytes(rowCount));
  for (let i = 0; i < rowCount; i++) {
    let isNothing = true;
    for (let row = starts[i]!; row < starts[i + 1]!; row++) {
      if (nulls !== null && isNull(nulls, row)) continue;
      const next = values[row]!;
      if (isNothing) folded[i] = next;
      else if (form === 'sum') folded[i]! += next;
      else folded[i] = form === 'min' ? Math.min(folded[i]!, next) : Math.max(folded[i]!, next);
      isNothing = false;
    }
    if (isNothing && foldedNulls !== null) setNull(foldedNulls, i);
  }
  const kept = someNulls(foldedNulls);
  return folded instanceof Float64Array
    ? { kind: 'DOUBLE', rowCount, values: folded, nulls: kept }
    : { kind: 'FLOAT', rowCount, values: folded, nulls: kept };
}

/** Null when no bit is set. */
const someNulls = (nulls: Uint8Array | null): Uint8Array | null =>
  nulls?.some((byte) => byte !== 0) ? nulls : null;
