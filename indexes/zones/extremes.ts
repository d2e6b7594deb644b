import { extremesOf, isNull, LONG_MAX, LONG_MIN, type Long, toLong } from '../../core/index.js';
import { compareNumbers } from '../../model/index.js';
import type {
  CodedColumn,
  CodeLists,
  DoubleVector,
  FloatVector,
  LongOffsets,
  LongWords,
  NumberColumn,
} from '../column.js';

/** Rows of a zone: whole bytes of a null bitmap. */
export const ZONE_ROWS = 4096;

export const zoneCount = (rowCount: number): number => Math.ceil(rowCount / ZONE_ROWS);

/** By zone the smallest and the largest value that is not null; where all are null the smallest is above the largest. */
export type ZoneExtremes =
  | { readonly kind: 'codes'; readonly least: Uint32Array; readonly most: Uint32Array }
  | { readonly kind: 'longs'; readonly least: BigInt64Array; readonly most: BigInt64Array }
  | { readonly kind: 'doubles'; readonly least: Float64Array; readonly most: Float64Array };

export function zoneExtremes(column: CodedColumn | NumberColumn): ZoneExtremes {
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
function codeExtremes(column: CodedColumn): ZoneExtremes {
  const { lists, rowCount } = column;
  const zones = zoneCount(rowCount);
  const least = new Uint32Array(zones);
  const most = new Uint32Array(zones);
  const ends = lists === null ? null : listExtremes(lists, column.size);
  for (let zone = 0; zone < zones; zone++) {
    const from = zone * ZONE_ROWS;
    const ids = column.ids.subarray(from, Math.min(rowCount, from + ZONE_ROWS));
    least[zone] = leastOf(ids, ends?.least ?? null);
    most[zone] = mostOf(ids, ends?.most ?? null);
  }
  return { kind: 'codes', least, most };
}

type Codes = Uint8Array | Uint16Array | Uint32Array;

/** The smallest id, or of what the ids stand for. */
function leastOf(ids: Codes, codeOf: Uint32Array | null): number {
  let least = 0xffffffff;
  for (let i = 0; i < ids.length; i++) {
    const code = codeOf === null ? ids[i]! : codeOf[ids[i]!]!;
    if (code < least) least = code;
  }
  return least;
}

function mostOf(ids: Codes, codeOf: Uint32Array | null): number {
  let most = 0;
  for (let i = 0; i < ids.length; i++) {
    const code = codeOf === null ? ids[i]! : codeOf[ids[i]!]!;
    if (code > most) most = code;
  }
  return most;
}

/** By list the smallest and the largest code of its elements. */
function listExtremes({ offsets, codes }: CodeLists, none: number) {
  const least = new Uint32Array(offsets.length - 1);
  const most = new Uint32Array(offsets.length - 1);
  for (let list = 0; list < least.length; list++) {
    const elements = codes.subarray(offsets[list]!, offsets[list + 1]!);
    const isEmpty = elements.length === 0;
    least[list] = isEmpty ? none : leastOf(elements, null);
    most[list] = isEmpty ? none : mostOf(elements, null);
  }
  return { least, most };
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
export function zoneNulls(column: CodedColumn | NumberColumn): Uint32Array | null {
  if (column.kind === 'STRING' || column.nulls === null) return null;
  const { nulls, rowCount } = column;
  const counts = new Uint32Array(zoneCount(rowCount));
  for (let row = 0; row < rowCount; row++) {
    if (isNull(nulls, row)) counts[Math.floor(row / ZONE_ROWS)]!++;
  }
  return counts;
}
