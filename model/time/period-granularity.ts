import { UserError } from '../../core/index.js';
import {
  type Buckets,
  CalendarBuckets,
  ClockBuckets,
  FixedBuckets,
  SteppedBuckets,
} from './buckets.js';
import { DAY_MS } from './civil.js';
import type { Granularity } from './granularity.js';
import { formatInstant } from './instant.js';
import { clockMsOf, daysOf, monthsOf, type Period, parsePeriod } from './period.js';
import { type TimeZone, timeZoneOf } from './time-zone.js';

/** The Monday on which a week without an origin is counted. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** A granularity over `Buckets` that remembers the last bucket: rows mostly come in the order of time. */
export class BucketGranularity implements Granularity {
  #startMs = 0;
  #endMs = 0;

  constructor(
    readonly spec: unknown,
    readonly kind: 'duration' | 'period',
    readonly timeZone: string,
    private readonly buckets: Buckets,
  ) {}

  bucketStart(timeMs: number): number {
    if (timeMs >= this.#startMs && timeMs < this.#endMs) return this.#startMs;
    this.#startMs = this.buckets.start(timeMs);
    this.#endMs = this.buckets.next(this.#startMs);
    return this.#startMs;
  }

  nextBucket(startMs: number): number {
    return startMs === this.#startMs && this.#startMs !== this.#endMs
      ? this.#endMs
      : this.buckets.next(startMs);
  }
}

/**
 * The granularity of an ISO-8601 period in a zone. Without an origin (null) multiples count from
 * 1970-01-01T00:00 local time and a single week starts on Monday. Throws UserError for a period
 * that is none or is not longer than nothing.
 */
export function periodGranularity(
  period: string,
  originMs: number | null,
  timeZone: string,
): Granularity {
  const origin = originMs === null ? null : formatInstant(originMs);
  const spec = { type: 'period', period, timeZone, origin };
  return bucketGranularity(spec, period, originMs, timeZone, 'granularity');
}

/** `periodGranularity` with its JSON given and the path of the field for errors. */
export function bucketGranularity(
  spec: unknown,
  text: string,
  originMs: number | null,
  timeZone: string,
  field: string,
): Granularity {
  const period = parsePeriod(text);
  if (period === null || !isPositive(period)) {
    throw new UserError(
      `${field}.period: ${JSON.stringify(text)} is not an ISO-8601 period longer than nothing; write one such as "PT1H", "P1D" or "P1M"`,
      'query',
      `${field}.period`,
    );
  }
  const zone = timeZoneOf(timeZone, `${field}.timeZone`);
  return new BucketGranularity(spec, 'period', timeZone, bucketsOf(period, originMs, zone));
}

const isPositive = (period: Period): boolean => {
  const parts = Object.values(period);
  return parts.every((part) => part >= 0) && parts.some((part) => part > 0);
};

function bucketsOf(period: Period, givenOriginMs: number | null, zone: TimeZone): Buckets {
  const [months, days, clockMs] = [monthsOf(period), daysOf(period), clockMsOf(period)];
  const originMs = givenOriginMs ?? zone.instantOfLocal(0);
  const fixed = zone.fixedOffsetMs !== null;
  if (months > 0 && days + clockMs === 0) {
    return new CalendarBuckets('months', months, zone.localOf(originMs), zone);
  }
  if (months > 0) return new SteppedBuckets(period, originMs, zone);
  const isPlainWeek = givenOriginMs === null && period.weeks === 1 && days === 7 && clockMs === 0;
  if (fixed) {
    const start = isPlainWeek ? originMs + FIRST_MONDAY_MS : originMs;
    return new FixedBuckets(days * DAY_MS + clockMs, start);
  }
  if (days === 0) return clockBuckets(period, originMs, zone);
  if (clockMs > 0) return new SteppedBuckets(period, originMs, zone);
  const originLocalMs = isPlainWeek ? FIRST_MONDAY_MS : zone.localOf(originMs);
  return new CalendarBuckets('days', days, originLocalMs, zone);
}

/** One unit keeps to round local times; a mix of them (`PT1H30M`) is elapsed time and nothing else. */
function clockBuckets(period: Period, originMs: number, zone: TimeZone): Buckets {
  const units = Object.values(period).filter((part) => part !== 0).length;
  const sizeMs = clockMsOf(period);
  return units === 1
    ? new ClockBuckets(sizeMs, originMs, zone)
    : new FixedBuckets(sizeMs, originMs);
}
