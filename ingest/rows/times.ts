import type { TimestampParser } from '../../model/index.js';
import type { RowFates } from './row-fates.js';

/** Formats in which a number is milliseconds as it stands. */
const MILLISECOND_FORMATS: ReadonlySet<string> = new Set(['auto', 'millis']);

/**
 * Reads a batch's timestamps; rows whose timestamp is missing or does not fit the format are lost.
 * Dates (of formats that have them) are times whatever the format says.
 */
export function parseTimes(
  values: ArrayLike<unknown> | null,
  rowCount: number,
  format: string,
  parse: TimestampParser,
  fates: RowFates,
): Float64Array {
  const times = new Float64Array(rowCount);
  const numbersAreMs = MILLISECOND_FORMATS.has(format.toLowerCase());
  for (let row = 0; row < rowCount; row++) {
    const value = values === null ? null : values[row];
    if (numbersAreMs && typeof value === 'number' && Number.isSafeInteger(value)) {
      times[row] = value + 0;
    } else if (value instanceof Date && Number.isSafeInteger(value.getTime())) {
      times[row] = value.getTime();
    } else {
      times[row] = parseOr(parse, value, row, fates);
    }
  }
  return times;
}

function parseOr(parse: TimestampParser, value: unknown, row: number, fates: RowFates): number {
  try {
    return parse(value);
  } catch (error) {
    fates.lose(row, 'timestamp', (error as Error).message);
    return 0;
  }
}
