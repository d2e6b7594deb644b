import { UserError } from '../../core/index.js';
import { parseIso, type Separator } from './instant.js';
import { isZoneName, jodaParser } from './joda-parse.js';
import { isTimeZone, UTC } from './time-zone.js';

/** Milliseconds since the epoch of a row's raw timestamp. Throws a plain Error that gives the reason. */
export type TimestampParser = (value: unknown) => number;

/** Reads a timestamp that is there; null when it does not fit the format. */
type FormatReader = (value: string | number | bigint) => number | null;

const FORMATS: ReadonlyMap<string, FormatReader> = new Map<string, FormatReader>([
  ['auto', readAuto],
  ['iso', (value) => readIso(stripped(value), 'T')],
  ['posix', (value) => readWhole(value, 1000n, 1n)],
  ['millis', (value) => readWhole(value, 1n, 1n)],
  ['micro', (value) => readWhole(value, 1n, 1000n)],
  ['nano', (value) => readWhole(value, 1n, 1_000_000n)],
  ['ruby', readRuby],
]);

/**
 * Reads timestamps as a `timestampSpec` says: `format` is `auto`, `iso`, `posix`, `millis`, `micro`,
 * `nano`, `ruby` (any case) or a Joda-time pattern; `missingValue` is the ISO-8601 time of rows without one.
 * Throws UserError for a bad format, which `formatField` is the name of, or missingValue.
 */
export function timestampParser(
  format: string,
  missingValue: string | null,
  formatField = 'timestampSpec.format',
): TimestampParser {
  const read = FORMATS.get(format.toLowerCase()) ?? patternReader(format, formatField);
  const missingMs = missingValue === null ? null : parseMissingValue(missingValue);
  return (value) => {
    if (value === null || value === undefined) {
      if (missingMs !== null) return missingMs;
      throw new Error('the timestamp is missing');
    }
    if (!isRaw(value)) throw new Error(`a timestamp cannot be of type ${typeof value}`);
    if (typeof value === 'string' && stripped(value) === '') {
      throw new Error('the timestamp is empty');
    }
    const ms = read(value);
    if (ms !== null && Number.isSafeInteger(ms)) return ms;
    const shown = JSON.stringify(String(value).slice(0, 60));
    throw new Error(`the timestamp ${shown} is not of the format "${format}"`);
  };
}

const isRaw = (value: unknown): value is string | number | bigint =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';

function parseMissingValue(text: string): number {
  const ms = parseIso(text, UTC, 'T or blank');
  if (ms !== null && Number.isSafeInteger(ms)) return ms;
  throw new UserError(
    `timestampSpec.missingValue: got ${JSON.stringify(text)}; give an ISO-8601 time such as "2020-01-01T00:00:00Z"`,
    'spec',
    'timestampSpec.missingValue',
  );
}

function patternReader(pattern: string, field: string): FormatReader {
  const parse = jodaParser(pattern, 'UTC', field);
  return (value) => parse(stripped(value));
}

/** As text, without blanks and double quotes around it. */
function stripped(value: string | number | bigint): string {
  const text = String(value);
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  const isBare = first > 34 && first < 128 && last > 34 && last < 128;
  return isBare
    ? text
    : text
        .trim()
        .replace(/^"+|"+$/g, '')
        .trim();
}

function readIso(text: string, separator: Separator): number | null {
  return parseIso(text, UTC, separator);
}

/** A number, or digits only, is milliseconds; else ISO-8601, with a zone's name after it that shifts nothing. */
function readAuto(value: string | number | bigint): number | null {
  if (typeof value !== 'string') return readWhole(value, 1n, 1n);
  const text = stripped(value);
  if (/^\d+$/.test(text)) return readWhole(text, 1n, 1n);
  const ms = readIso(text, 'T or blank');
  if (ms !== null) return ms;
  const word = /^(.*\S)\s+([A-Za-z][\w/+-]*)$/.exec(text);
  if (word === null || !(isTimeZone(word[2]!) || isZoneName(word[2]!))) return null;
  return readIso(word[1]!, 'T or blank');
}

/** A whole number of units, times `multiplier`, by `divisor`, toward zero. JSON fractions are cut off first. */
function readWhole(
  value: string | number | bigint,
  multiplier: bigint,
  divisor: bigint,
): number | null {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null;
    const whole = Math.trunc(value);
    if (divisor === 1n) return whole * Number(multiplier) + 0;
    return Number((BigInt(whole) * multiplier) / divisor);
  }
  const text = stripped(value);
  if (!/^[+-]?\d{1,19}$/.test(text)) return null;
  return Number((BigInt(text.replace(/^\+/, '')) * multiplier) / divisor);
}

/** Seconds with a fraction. */
function readRuby(value: string | number | bigint): number | null {
  const text = stripped(value);
  const seconds = typeof value === 'number' ? value : Number(text);
  return text === '' || !Number.isFinite(seconds) ? null : Math.trunc(seconds * 1000) + 0;
}
