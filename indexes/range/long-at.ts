import { isNull, type Long, readLong, toLong } from '../../core/index.js';
import type { LongOffsets, LongWords } from '../column.js';

/** The value of a row; null where it is null. */
export function longAt(column: LongWords | LongOffsets, row: number): Long | null {
  if (column.nulls !== null && isNull(column.nulls, row)) return null;
  if (column.layout === 'words') return readLong(column.words, 2 * row);
  const { base, offsets } = column;
  if (typeof base === 'number') {
    const sum = base + offsets[row]!;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toLong(BigInt(base) + BigInt(offsets[row]!));
}
