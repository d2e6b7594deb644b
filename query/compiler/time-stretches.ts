import type { Interval } from '../../model/index.js';
import type { Grains } from './time-pieces.js';

/** Instants [startMs, endMs), within which nothing changes that depends on time alone. */
export interface TimeStretch {
  readonly startMs: number;
  readonly endMs: number;
  /** The span it lies in; -1 where in none. */
  readonly span: number;
  /** Stretches in which the same holds are of one class; -1 where the span is. */
  readonly class: number;
}

/** More stretches than this are not looked at. */
const MAX_STRETCHES = 65_536;

/** The stretches of time that rows come to lie in, found as they come up. */
export class TimeStretches {
  /** Ascending, apart. */
  readonly #stretches: TimeStretch[] = [];
  #last: TimeStretch | null = null;

  constructor(
    private readonly grains: Grains,
    private readonly spans: readonly Interval[],
    /** Gives the class of what holds at a row. */
    private readonly classAt: (row: number, timeMs: number, span: number) => number,
  ) {}

  /** The stretch that the time of a row lies in; null when there are too many. */
  stretchOf(row: number, timeMs: number): TimeStretch | null {
    const last = this.#last;
    if (last !== null && timeMs >= last.startMs && timeMs < last.endMs) return last;
    const at = this.#firstEndingAfter(timeMs);
    let stretch = this.#stretches[at];
    if (stretch === undefined || timeMs < stretch.startMs) {
      if (this.#stretches.length === MAX_STRETCHES) return null;
      stretch = this.#newStretch(row, timeMs);
      this.#stretches.splice(at, 0, stretch);
    }
    this.#last = stretch;
    return stretch;
  }

  #firstEndingAfter(timeMs: number): number {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#stretches[middle]!.endMs <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #newStretch(row: number, timeMs: number): TimeStretch {
    let startMs = Number.NEGATIVE_INFINITY;
    let endMs = Number.POSITIVE_INFINITY;
    const span = this.spans.findIndex((each) => timeMs >= each.startMs && timeMs < each.endMs);
    if (span < 0) {
      for (const each of this.spans) {
        if (each.startMs >= each.endMs) continue;
        if (each.endMs <= timeMs) startMs = Math.max(startMs, each.endMs);
        else endMs = Math.min(endMs, each.startMs);
      }
      return { startMs, endMs, span, class: -1 };
    }
    startMs = this.spans[span]!.startMs;
    endMs = this.spans[span]!.endMs;
    for (const grain of this.grains) {
      const start = grain.bucketStart(timeMs);
      startMs = Math.max(startMs, start);
      endMs = Math.min(endMs, grain.nextBucket(start));
    }
    return { startMs, endMs, span, class: this.classAt(row, timeMs, span) };
  }
}
