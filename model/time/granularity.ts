import {
  doubleToLong,
  isJsonObject,
  type JsonObject,
  parseLong,
  stringifyJson,
  UserError,
} from '../../core/index.js';
import { FixedBuckets } from './buckets.js';
import { parseInstant } from './instant.js';
import { ETERNITY } from './interval.js';
import { BucketGranularity, bucketGranularity } from './period-granularity.js';
import { checkTimeZone } from './time-zone.js';

/**
 * Cuts time into buckets. `bucketStart` is pure and monotone: the start of the bucket that holds
 * the instant; buckets are half-open, they abut and cover all time. Instants are milliseconds
 * since the epoch, UTC; beyond 2^53 boundaries are as coarse as doubles are.
 */
export interface Granularity {
  /** The JSON to send or store, simple names in lower case. */
  readonly spec: unknown;
  /** `all` is one bucket for everything; `none` is a bucket per millisecond. */
  readonly kind: 'all' | 'none' | 'duration' | 'period';
  /** The zone in which results are printed: `UTC` unless a period has its own. */
  readonly timeZone: string;
  bucketStart(timeMs: number): number;
  /** The start of the next bucket, for a `start` returned by `bucketStart`. */
  nextBucket(startMs: number): number;
}

export const ALL_GRANULARITY: Granularity = {
  spec: 'all',
  kind: 'all',
  timeZone: 'UTC',
  bucketStart: () => ETERNITY.startMs,
  nextBucket: () => ETERNITY.endMs,
};

export const NONE_GRANULARITY: Granularity = {
  spec: 'none',
  kind: 'none',
  timeZone: 'UTC',
  bucketStart: (timeMs) => timeMs,
  nextBucket: (startMs) => startMs + 1,
};

/** The simple names, each a period in UTC. */
const PERIODS_OF_NAMES: ReadonlyMap<string, string> = new Map([
  ['second', 'PT1S'],
  ['minute', 'PT1M'],
  ['five_minute', 'PT5M'],
  ['ten_minute', 'PT10M'],
  ['fifteen_minute', 'PT15M'],
  ['thirty_minute', 'PT30M'],
  ['hour', 'PT1H'],
  ['six_hour', 'PT6H'],
  ['eight_hour', 'PT8H'],
  ['day', 'P1D'],
  ['week', 'P1W'],
  ['month', 'P1M'],
  ['quarter', 'P3M'],
  ['year', 'P1Y'],
]);

/**
 * Reads a granularity: a simple name in any case, or an object of type `all`, `none`, `duration`
 * (`duration` ms, `origin`) or `period` (`period`, `timeZone`, `origin`). Throws UserError.
 */
export function parseGranularity(json: unknown, field: string): Granularity {
  if (typeof json === 'string') return granularityOfName(json, field);
  if (isJsonObject(json)) {
    const { type } = json;
    if (type === 'all' || type === 'none') return granularityOfName(type, field);
    if (type === 'duration') return durationGranularity(json, field);
    if (type === 'period') return granularityOfPeriod(json, field);
  }
  throw badValue(
    field,
    json,
    'give a name such as "hour", or an object of type all, none, duration or period',
  );
}

function granularityOfName(text: string, field: string): Granularity {
  const name = text.toLowerCase();
  if (name === 'all') return ALL_GRANULARITY;
  if (name === 'none') return NONE_GRANULARITY;
  const period = PERIODS_OF_NAMES.get(name);
  if (period !== undefined) return bucketGranularity(name, period, null, 'UTC', field);
  const names = ['all', 'none', ...PERIODS_OF_NAMES.keys()].join(', ');
  throw badValue(field, text, `use one of ${names}, or an object of type period`);
}

function durationGranularity(json: JsonObject, field: string): Granularity {
  const durationMs = wholeNumber(json.duration);
  if (durationMs === null || durationMs < 1) {
    throw badValue(`${field}.duration`, json.duration, 'give whole milliseconds, 1 or more');
  }
  const originMs = parseOrigin(json.origin, field) ?? 0;
  const spec = { type: 'duration', duration: durationMs, origin: json.origin ?? null };
  return new BucketGranularity(spec, 'duration', 'UTC', new FixedBuckets(durationMs, originMs));
}

function granularityOfPeriod(json: JsonObject, field: string): Granularity {
  const { period, origin } = json;
  if (typeof period !== 'string') {
    throw badValue(`${field}.period`, period, 'give an ISO-8601 period such as "PT1H"');
  }
  const given = json.timeZone ?? 'UTC';
  if (typeof given !== 'string') {
    throw badValue(`${field}.timeZone`, given, 'give a zone id such as "America/Los_Angeles"');
  }
  const timeZone = checkTimeZone(given, `${field}.timeZone`);
  const spec = { type: 'period', period, timeZone, origin: origin ?? null };
  return bucketGranularity(spec, period, parseOrigin(origin, field), timeZone, field);
}

/** An ISO-8601 instant or milliseconds; null when there is none. */
function parseOrigin(json: unknown, field: string): number | null {
  if (json === undefined || json === null) return null;
  const ms = typeof json === 'string' ? parseInstant(json) : wholeNumber(json);
  if (ms !== null) return ms;
  throw badValue(
    `${field}.origin`,
    json,
    'give an ISO-8601 instant such as "2020-01-01T00:00:00Z"',
  );
}

/** The safe integer that a JSON number or a text of digits gives, or null. */
function wholeNumber(json: unknown): number | null {
  const value = typeof json === 'string' ? parseLong(json) : json;
  return typeof value === 'number' && doubleToLong(value) === value ? value : null;
}

function badValue(field: string, json: unknown, remedy: string): UserError {
  const shown = (json === undefined ? 'nothing' : stringifyJson(json)).slice(0, 60);
  return new UserError(`${field}: got ${shown}; ${remedy}`, 'query', field);
}
