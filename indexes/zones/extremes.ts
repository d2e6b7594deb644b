import { extremesOf, isNull, LONG_MAX, LONG_MIN, type Long, toLong } from '../../core/index.js';
import { compareNumbers } from '../../model/index.js';
import type {
  CodedColumn,
  DoubleVector,
  FloatVector,
  IndexableColumn,
  LongOffsets,
  LongWords,
} from '../column.js';

/** Rows of a zone: whole bytes of a null bitmap. */
export const ZONE_ROWS = 4096;

export const zoneCount = (rowCount: number): number => Math.ceil(rowCount / ZONE_ROWS);

/** By zone the smallest and the largest value that is not null; where all are null the smallest is above the largest. */
export type ZoneExtremes =
  | { readonly kind: 'codes'; readonly least: Uint32Array; readonly most: Uint32Array }
  | { readonly kind: 'longs'; readonly least: BigInt64Array; readonly most: BigInt64Array }
  | { readonly kind: 'doubles'; readonly least: Float64Array; readonly most: Float64Array };

export function zoneExtremes(column: IndexableColumn): ZoneExtremes {
  switch (column.kind) {
    case 'STRING':
      return codeExtremes(column);
    case 'LONG':
      return longExtremes(column);
    default:
      return doubleExtremes(column);
  }
}

/** Of lists, those of the elements; a cell without elements has code `size`. */
function codeExtremes({ ids, lists, size, rowCount }: CodedColumn): ZoneExtremes {
  const zones = zoneCount(rowCount);
  const least = new Uint32Array(zones).fill(0xffffffff);
  const most = new Uint32Array(zones);
  const add = (zone: number, code: number) => {
    if (code < least[zone]!) least[zone] = code;
    if (code > most[zone]!) most[zone] = code;
  };
  for (let row = 0; row < rowCount; row++) {
    const zone = Math.floor(row / ZONE_ROWS);
    const id = ids[row]!;
    if (lists === null) add(zone, id);
    else {
      const end = lists.offsets[id + 1]!;
      if (lists.offsets[id] === end) add(zone, size);
      for (let at = lists.offsets[id]!; at < end; at++) add(zone, lists.codes[at]!);
    }
  }
  return { kind: 'codes', least, most };
}

function longExtremes(column: LongWords | LongOffsets): ZoneExtremes {
  const zones = zoneCount(column.rowCount);
  const least = new BigInt64Array(zones).fill(LONG_MAX);
  const most = new BigInt64Array(zones).fill(LONG_MIN);
  for (let zone = 0; zone < zones; zone++) {
    const from = zone * ZONE_ROWS;
    const to = Math.min(column.rowCount, from + ZONE_ROWS);
    const found =
      column.layout === 'words' ? ofWords(column, from, to) : ofOffsets(column, from, to);
    if (found === null) continue;
    least[zone] = BigInt(found.min);
    most[zone] = BigInt(found.max);
  }
  return { kind: 'longs', least, most };
}

interface Extremes {
  readonly min: Long;
  readonly max: Long;
}

const ofWords = ({ words, nulls }: LongWords, from: number, to: number): Extremes | null =>
  extremesOf(words.subarray(2 * from, 2 * to), to - from, nulls?.subarray(from >>> 3) ?? null);

function ofOffsets(
  { base, offsets, nulls }: LongOffsets,
  from: number,
  to: number,
): Extremes | null {
  let min = 2 ** 32;
  let max = -1;
  for (let row = from; row < to; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    const offset = offsets[row]!;
    if (offset < min) min = offset;
    if (offset > max) max = offset;
  }
  const valueAt = (offset: number) => toLong(BigInt(base) + BigInt(offset));
  return max < 0 ? null : { min: valueAt(min), max: valueAt(max) };
}

/** In the order of `compareNumbers`, which NaN is the last of. */
function doubleExtremes({ values, nulls, rowCount }: DoubleVector | FloatVector): ZoneExtremes {
  const zones = zoneCount(rowCount);
  const least = new Float64Array(zones).fill(Number.NaN);
  const most = new Float64Array(zones).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    const zone = Math.floor(row / ZONE_ROWS);
    const value = values[row]!;
    if (compareNumbers(value, least[zone]!) < 0) least[zone] = value;
    if (compareNumbers(value, most[zone]!) > 0) most[zone] = value;
  }
  return { kind: 'doubles', least, most };
}

/** How many rows of each zone are null; null when none is. */
export function zoneNulls(column: IndexableColumn): Uint32Array | null {
  if (column.kind === 'STRING' || column.nulls === null) return null;
  const { nulls, rowCount } = column;
  const counts = new Uint32Array(zoneCount(rowCount));
  for (let row = 0; row < rowCount; row++) {
    if (isNull(nulls, row)) counts[Math.floor(row / ZONE_ROWS)]!++;
  }
  return counts;
}
