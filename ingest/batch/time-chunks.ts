import { type Granularity, type Interval, intersect } from '../../model/index.js';

/**
 * The time chunks that rows fall into. A row whose time lies in an existing chunk goes there; any
 * other into the bucket of the segment granularity that holds it, cut where existing chunks begin
 * and end, so that chunks never overlap.
 */
export class TimeChunks {
  /** In order of first use. */
  readonly #intervals: Interval[] = [];
  /** Ordinals in order of time. */
  readonly #byTime: number[] = [];

  /** `existing` is sorted and disjoint. */
  constructor(
    private readonly granularity: Granularity,
    private readonly existing: readonly Interval[],
  ) {}

  /** The chunks so far, by ordinal. */
  get intervals(): readonly Interval[] {
    return this.#intervals;
  }

  /**
   * Parts the rows by chunk. The result has an entry per chunk ordinal: its rows in their order, or
   * undefined where it has none.
   */
  partition(times: Float64Array, rows: Uint32Array): (Uint32Array | undefined)[] {
    const ordinals = this.#ordinalsOf(times, rows);
    const counts = new Uint32Array(this.#intervals.length);
    for (let i = 0; i < ordinals.length; i++) counts[ordinals[i]!]!++;
    if (counts.includes(rows.length)) {
      return Array.from(counts, (count) => (count > 0 ? rows : undefined));
    }
    const parts = Array.from(counts, (count) => (count > 0 ? new Uint32Array(count) : undefined));
    counts.fill(0);
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = ordinals[i]!;
      parts[ordinal]![counts[ordinal]!++] = rows[i]!;
    }
    return parts;
  }

  #ordinalsOf(times: Float64Array, rows: Uint32Array): Uint32Array {
    const ordinals = new Uint32Array(rows.length);
    let ordinal = -1;
    let startMs = 0;
    let endMs = 0;
    for (let i = 0; i < rows.length; i++) {
      const timeMs = times[rows[i]!]!;
      if (timeMs < startMs || timeMs >= endMs) {
        ordinal = this.#ordinalAt(timeMs);
        ({ startMs, endMs } = this.#intervals[ordinal]!);
      }
      ordinals[i] = ordinal;
    }
    return ordinals;
  }

  #ordinalAt(timeMs: number): number {
    const after = this.#firstAfter(timeMs);
    const known = this.#byTime[after - 1];
    if (known !== undefined && timeMs < this.#intervals[known]!.endMs) return known;
    const ordinal = this.#intervals.push(this.#chunkAt(timeMs)) - 1;
    this.#byTime.splice(after, 0, ordinal);
    return ordinal;
  }

  /** The position in `#byTime` of the first chunk that starts after the instant. */
  #firstAfter(timeMs: number): number {
    let low = 0;
    let high = this.#byTime.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#intervals[this.#byTime[middle]!]!.startMs <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #chunkAt(timeMs: number): Interval {
    const startMs = this.granularity.bucketStart(timeMs);
    let chunk: Interval = { startMs, endMs: this.granularity.nextBucket(startMs) };
    for (const interval of this.existing) {
      if (timeMs >= interval.startMs && timeMs < interval.endMs) return interval;
      if (intersect(chunk, interval) === null) continue;
      chunk =
        interval.startMs > timeMs
          ? { startMs: chunk.startMs, endMs: interval.startMs }
          : { startMs: interval.endMs, endMs: chunk.endMs };
    }
    return chunk;
  }
}
