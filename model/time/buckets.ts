import { UserError } from '../../core/index.js';
import { addMonths, DAY_MS, HOUR_MS } from './civil.js';
import { monthNumber } from './instant.js';
import { type Period, shiftInZone } from './period.js';
import type { TimeZone } from './time-zone.js';

/** A partition of time into half-open buckets that abut. Instants are ms since the epoch, UTC. */
export interface Buckets {
  /** The start of the bucket that holds the instant. */
  start(ms: number): number;
  /** The start of the bucket after the one that starts at `startMs`. */
  next(startMs: number): number;
}

/** Buckets of `sizeMs`, one of which starts at `originMs`. */
export class FixedBuckets implements Buckets {
  constructor(
    private readonly sizeMs: number,
    private readonly originMs: number,
  ) {}

  start(ms: number): number {
    return Math.floor((ms - this.originMs) / this.sizeMs) * this.sizeMs + this.originMs;
  }

  next(startMs: number): number {
    return startMs + this.sizeMs;
  }
}

/**
 * Hours, minutes and seconds in a zone whose offset changes. Sizes are counted in elapsed time from
 * the origin, so a change by whole hours moves no boundary; a change by part of an hour (Lord Howe,
 * Kathmandu) moves the later ones, so that they stay on round local times, and ends a bucket early.
 */
export class ClockBuckets implements Buckets {
  readonly #originOffsetMs: number;

  constructor(
    private readonly sizeMs: number,
    private readonly originMs: number,
    private readonly zone: TimeZone,
  ) {
    this.#originOffsetMs = zone.offsetAt(originMs);
  }

  start(ms: number): number {
    let range = this.zone.rangeAt(ms);
    const slip = this.#slip(range.offsetMs);
    const origin = this.originMs - slip;
    const startMs = Math.floor((ms - origin) / this.sizeMs) * this.sizeMs + origin;
    while (startMs < range.startMs) {
      const earlier = this.zone.rangeAt(range.startMs - 1);
      if (this.#slip(earlier.offsetMs) !== slip) return range.startMs;
      range = earlier;
    }
    return startMs;
  }

  next(startMs: number): number {
    let range = this.zone.rangeAt(startMs);
    const slip = this.#slip(range.offsetMs);
    const origin = this.originMs - slip;
    const nextMs = (Math.floor((startMs - origin) / this.sizeMs) + 1) * this.sizeMs + origin;
    while (range.endMs < nextMs) {
      const later = this.zone.rangeAt(range.endMs);
      if (this.#slip(later.offsetMs) !== slip) return range.endMs;
      range = later;
    }
    return nextMs;
  }

  /** How far an offset moves the boundaries: what is left of its change since the origin after whole hours and sizes. */
  #slip(offsetMs: number): number {
    return ((offsetMs - this.#originOffsetMs) % HOUR_MS) % this.sizeMs;
  }
}

/**
 * Multiples of months or of days on the local calendar, counted from a local origin. A bucket starts
 * at the first instant whose wall clock shows its boundary or later, so a day may have 23 or 25 hours
 * and a day that a zone skipped has none. Where clocks went back over midnight, what is repeated of
 * the day before belongs to the day that had begun: Joda would go back to the earlier bucket.
 */
export class CalendarBuckets implements Buckets {
  /** The bucket found last. */
  #startMs = NaN;
  #endMs = NaN;

  /** `size` months or days, as `unit` says; `originLocalMs` is a wall-clock time. */
  constructor(
    private readonly unit: 'months' | 'days',
    private readonly size: number,
    private readonly originLocalMs: number,
    private readonly zone: TimeZone,
  ) {}

  start(ms: number): number {
    this.#locate(ms);
    return this.#startMs;
  }

  next(startMs: number): number {
    if (startMs !== this.#startMs) this.#locate(startMs);
    return this.#endMs;
  }

  /** Finds the bucket of an instant: guesses it from the wall clock, then puts that right. */
  #locate(ms: number): void {
    const local = this.zone.localOf(ms);
    const units =
      this.unit === 'days'
        ? (local - this.originLocalMs) / DAY_MS
        : monthNumber(local) - monthNumber(this.originLocalMs);
    let index = Math.floor(units / this.size);
    this.#startMs = this.#boundary(index);
    while (this.#startMs > ms) this.#startMs = this.#boundary(--index);
    this.#endMs = this.#boundary(++index);
    while (this.#endMs <= ms) {
      this.#startMs = this.#endMs;
      this.#endMs = this.#boundary(++index);
    }
  }

  #boundary(index: number): number {
    const count = index * this.size;
    const local =
      this.unit === 'days'
        ? this.originLocalMs + count * DAY_MS
        : addMonths(this.originLocalMs, count);
    return this.zone.firstInstantFrom(local);
  }
}

/** Boundaries that are remembered at most, in each direction. */
const STEPS_MAX = 1 << 20;

/**
 * A period of calendar and clock parts (`P1M2DT3H`), which no arithmetic can divide by: steps from
 * the origin to the instant once, and remembers every boundary on the way.
 */
export class SteppedBuckets implements Buckets {
  readonly #after: number[];
  readonly #before: number[];

  constructor(
    private readonly period: Period,
    private readonly originMs: number,
    private readonly zone: TimeZone,
  ) {
    this.#after = [originMs];
    this.#before = [originMs];
  }

  start(ms: number): number {
    if (ms >= this.originMs) {
      this.#step(this.#after, 1, (last) => last <= ms);
      return this.#after[lastIndex(this.#after, (boundary) => boundary <= ms)]!;
    }
    this.#step(this.#before, -1, (last) => last > ms);
    return this.#before[lastIndex(this.#before, (boundary) => boundary > ms) + 1]!;
  }

  next(startMs: number): number {
    if (startMs < this.originMs) {
      this.#step(this.#before, -1, (last) => last > startMs);
      return this.#before[lastIndex(this.#before, (boundary) => boundary > startMs)]!;
    }
    this.#step(this.#after, 1, (last) => last <= startMs);
    return this.#after[lastIndex(this.#after, (boundary) => boundary <= startMs) + 1]!;
  }

  /** Adds boundaries in one direction while the outermost one is not far enough. */
  #step(boundaries: number[], direction: 1 | -1, needsMore: (last: number) => boolean): void {
    let last = boundaries[boundaries.length - 1]!;
    while (needsMore(last)) {
      const stepped = shiftInZone(last, this.period, direction, this.zone);
      if (boundaries.length >= STEPS_MAX || stepped === last) throw tooFar(last);
      last = stepped;
      boundaries.push(last);
    }
  }
}

function tooFar(ms: number): UserError {
  return new UserError(
    `granularity: a period of calendar and clock parts is counted from its origin, and ${STEPS_MAX} steps reach only to ${ms} ms; give an origin near the data or a period of one unit`,
    'query',
    'granularity.origin',
  );
}

/** The last index at which `holds` is true; it holds at 0 and changes once. */
function lastIndex(sorted: readonly number[], holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (holds(sorted[middle]!)) low = middle;
    else high = middle - 1;
  }
  return low;
}
