import type { TimestampParser } from '../../model/index.js';
import { ABSENT, LONG, TIME } from '../input/ndjson/tags.js';
import { BLANK } from '../input/ndjson/time-form.js';
import type { TokenColumn } from '../input/ndjson/token-column.js';
import type { RawColumn } from './raw-column.js';
import type { RowFates } from './row-fates.js';

/** Formats in which a whole number is an instant, and how many milliseconds its unit has. */
const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['auto', 1],
  ['millis', 1],
  ['posix', 1000],
]);

/**
 * Reads a batch's timestamps, which may be those of the column itself; rows whose timestamp is missing or does not fit the format are lost.
 * Dates (of formats that have them) are times whatever the format says.
 */
export function parseTimes(
  column: RawColumn | null,
  rowCount: number,
  format: string,
  parse: TimestampParser,
  fates: RowFates,
): Float64Array {
  const name = format.toLowerCase();
  const tokens = column?.tokens ?? null;
  if (tokens !== null && areInstants(tokens, name)) return tokens.doubles;
  const times = new Float64Array(rowCount);
  if (tokens !== null) {
    parseTokens(tokens, times, name, (row) => parseOr(parse, tokens.value(row), row, fates));
    return times;
  }
  const values = column?.values ?? null;
  const unitMs = UNITS_MS.get(name) ?? Number.NaN;
  for (let row = 0; row < rowCount; row++) {
    const value = values === null ? null : values[row];
    const ms = Number.isSafeInteger(value) ? (value as number) * unitMs + 0 : Number.NaN;
    if (Number.isSafeInteger(ms)) {
      times[row] = ms;
    } else if (value instanceof Date && Number.isSafeInteger(value.getTime())) {
      times[row] = value.getTime();
    } else {
      times[row] = parseOr(parse, value, row, fates);
    }
  }
  return times;
}

/** Whether all texts are instants already, as the format writes them. */
function areInstants({ mask, ids }: TokenColumn, format: string): boolean {
  if (mask !== TIME || (format !== 'auto' && format !== 'iso')) return false;
  let forms = 0;
  for (let row = 0; row < ids.length; row++) forms |= ids[row]!;
  return format === 'auto' || (forms & BLANK) === 0;
}

/** Texts that are instants already and whole numbers as they are; `parseRow` the others. */
function parseTokens(
  { tags, ids, doubles }: TokenColumn,
  times: Float64Array,
  format: string,
  parseRow: (row: number) => number,
): void {
  const unitMs = UNITS_MS.get(format) ?? Number.NaN;
  const readsIso = format === 'auto' || format === 'iso';
  const readsBlank = format === 'auto';
  for (let row = 0; row < times.length; row++) {
    const tag = tags[row] ?? ABSENT;
    const isInstant = tag === TIME && readsIso && (readsBlank || (ids[row]! & BLANK) === 0);
    const ms = isInstant ? doubles[row]! : tag === LONG ? doubles[row]! * unitMs + 0 : Number.NaN;
    times[row] = Number.isSafeInteger(ms) ? ms : parseRow(row);
  }
}

function parseOr(parse: TimestampParser, value: unknown, row: number, fates: RowFates): number {
  try {
    return parse(value);
  } catch (error) {
    fates.lose(row, 'timestamp', (error as Error).message);
    return 0;
  }
}
