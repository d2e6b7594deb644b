import { type Long, UserError } from '../../../../core/index.js';
import { timeZoneOf } from '../../../../model/index.js';

/** 2015-01-01T00:00:00, from which ORC counts seconds, in the zone of the writer. */
const EPOCH_MS = Date.UTC(2015, 0, 1);

/** Below this, a part of a second belongs to the second above: Java's division rounds toward zero. */
const MILLISECOND_NANOS = 1_000_000;

/**
 * Makes milliseconds of seconds and nanoseconds. A time without a zone is what clocks in the zone of the writer showed; it is read as if
 * they had been in UTC, as Druid reads it there. Throws UserError for an unknown zone.
 */
export function timestamps(zone: string): (seconds: Long, nanos: Long) => number {
  const offsetAt = offsetOf(zone === '' ? 'UTC' : zone);
  const epochMs = EPOCH_MS - offsetAt(EPOCH_MS);
  return (seconds, nanos) => {
    const part = unpackNanos(nanos);
    let ms = epochMs + Number(seconds) * 1000;
    if (ms < 0 && part >= MILLISECOND_NANOS) ms -= 1000;
    return ms + offsetAt(ms) + Math.floor(part / MILLISECOND_NANOS);
  };
}

/**
 * The lowest 3 bits tell how many zeros were cut off the end, less 1. Some writers have negative parts of seconds before 1970, as
 * integers of 64 bits without sign.
 */
function unpackNanos(packed: Long): number {
  const zeros = Number(BigInt(packed) & 7n);
  const digits =
    typeof packed === 'bigint' ? Number(BigInt.asIntN(32, packed >> 3n)) : Math.floor(packed / 8);
  return zeros === 0 ? digits : digits * 10 ** (zeros + 1);
}

function offsetOf(zone: string): (ms: number) => number {
  try {
    const found = timeZoneOf(zone);
    return (ms) => found.offsetAt(ms);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new RangeError(`there is no time zone ${JSON.stringify(zone)}`);
  }
}
