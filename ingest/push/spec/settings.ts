import { z } from 'zod';
import { parsePeriod } from '../../../model/index.js';
import { countField, readFields, settings, textField } from '../../spec/fields.js';

/** What to do with rows of a kind: store them; refuse them, listed in the answer; or put them aside quietly. */
export type RowPolicy = 'accept' | 'reject' | 'deadLetter';

/** When rows count as late or of the future; all in milliseconds. */
export interface TimeSettings {
  /** A source's watermark stays this far behind the latest time that it has shown. */
  readonly outOfOrdernessMs: number;
  /** A source that was silent for longer no longer holds the watermark back. */
  readonly idleTimeoutMs: number;
  /** Rows are late when they are older than the watermark by more than this. */
  readonly allowedLatenessMs: number;
  readonly late: RowPolicy;
  /** Rows are of the future when they are ahead of their arrival by more than this; null: never. */
  readonly maxFutureMs: number | null;
  readonly future: RowPolicy;
  /** The LONG column that gets each row's time of arrival. */
  readonly arrivalColumn: string | null;
}

export interface LimitSettings {
  /** Of a row as it came. */
  readonly maxRowBytes: number;
  /** Null: no limit. */
  readonly rowsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
}

/** How much is remembered to know retries. */
export interface DedupSettings {
  /** Of each producer. */
  readonly sequences: number;
  readonly producers: number;
  readonly keys: number;
}

/** When collected rows are published: whichever comes first. */
export interface HandoffSettings {
  readonly maxRows: number;
  readonly periodMs: number;
}

const DAY_MS = 86_400_000;
const MAX_DURATION_MS = 36_500 * DAY_MS;

const WANT_DURATION =
  'want milliseconds or a period such as "PT10S", not negative, without months and years';

/** A duration: an ISO-8601 period without months and years, or milliseconds. */
const durationField = <D extends number | null>(whenAbsent: D) =>
  z
    .union([z.string(), z.int()], { error: WANT_DURATION })
    .transform((value) => (typeof value === 'number' ? value : periodMs(value)))
    .refine((ms) => ms >= 0 && ms <= MAX_DURATION_MS, WANT_DURATION)
    .nullish()
    .transform((ms) => ms ?? whenAbsent);

/** Milliseconds of a period; NaN when it is none, or has no fixed length. */
function periodMs(text: string): number {
  const period = parsePeriod(text);
  if (period === null || period.years !== 0 || period.months !== 0) return Number.NaN;
  const { weeks, days, hours, minutes, seconds, millis } = period;
  return (weeks * 7 + days) * DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis;
}

const policyField = z
  .enum(['accept', 'reject', 'deadLetter'], { error: 'want "accept", "reject" or "deadLetter"' })
  .nullish()
  .transform((policy): RowPolicy => policy ?? 'accept');

const Time = settings({
  outOfOrderness: durationField(10_000),
  idleTimeout: durationField(60_000),
  allowedLateness: durationField(0),
  late: policyField,
  maxFuture: durationField(null),
  future: policyField,
  arrivalColumn: textField(null),
});

const Limits = settings({
  maxRowBytes: countField(2 ** 20, 1),
  rowsPerSecond: countField(null, 1),
  bytesPerSecond: countField(null, 1),
});

/** How much may be remembered of one kind. */
const MAX_REMEMBERED = 100_000;

const rememberedField = (whenAbsent: number) =>
  countField(whenAbsent, 1).refine(
    (count) => count <= MAX_REMEMBERED,
    `want an integer from 1 to ${MAX_REMEMBERED}`,
  );

const Dedup = settings({
  sequences: rememberedField(1_000),
  producers: rememberedField(10_000),
  keys: rememberedField(100_000),
});

const Handoff = settings({
  maxRows: countField(1_000_000, 1),
  period: durationField(600_000),
});

/** Reads `time`. */
export function readTime(json: unknown, field: string): TimeSettings {
  const { outOfOrderness, idleTimeout, allowedLateness, maxFuture, ...others } = readFields(
    Time,
    json ?? {},
    field,
  );
  return {
    ...others,
    outOfOrdernessMs: outOfOrderness,
    idleTimeoutMs: idleTimeout,
    allowedLatenessMs: allowedLateness,
    maxFutureMs: maxFuture,
  };
}

/** Reads `limits`. */
export const readLimits = (json: unknown, field: string): LimitSettings =>
  readFields(Limits, json ?? {}, field);

/** Reads `dedup`. */
export const readDedup = (json: unknown, field: string): DedupSettings =>
  readFields(Dedup, json ?? {}, field);

/** Reads `handoff`. */
export function readHandoff(json: unknown, field: string): HandoffSettings {
  const { maxRows, period } = readFields(Handoff, json ?? {}, field);
  return { maxRows, periodMs: period };
}
