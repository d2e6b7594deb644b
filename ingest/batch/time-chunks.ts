import { type Granularity, type Interval, intersect } from '../../model/index.js';

/** Times of one chunk; a chunk that others hide in the middle has several. */
interface Span extends Interval {
  readonly ordinal: number;
}

/**
 * The time chunks that rows fall into. A row whose time lies in an existing chunk goes there, to the
 * first of them; any other into the bucket of the segment granularity that holds it, cut where
 * existing chunks begin and end, so that new chunks overlap with none.
 */
export class TimeChunks {
  /** In order of first use. */
  readonly #intervals: Interval[] = [];
  /** Disjoint, in order of time. */
  readonly #spans: Span[] = [];
  /** Ordinals of existing chunks in use. */
  readonly #ordinals = new Map<Interval, number>();

  /** Of `existing` chunks that overlap, the earlier in the list hides the later. */
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
        ({ ordinal, startMs, endMs } = this.#spanAt(timeMs));
      }
      ordinals[i] = ordinal;
    }
    return ordinals;
  }

  #spanAt(timeMs: number): Span {
    const after = this.#firstAfter(timeMs);
    const known = this.#spans[after - 1];
    if (known !== undefined && timeMs < known.endMs) return known;
    const span = this.#newSpan(timeMs);
    this.#spans.splice(after, 0, span);
    return span;
  }

  /** The position of the first span that starts after the instant. */
  #firstAfter(timeMs: number): number {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#spans[middle]!.startMs <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #newSpan(timeMs: number): Span {
    const { existing, granularity } = this;
    const home = existing.findIndex(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs);
    const chunk = existing[home];
    if (chunk !== undefined) {
      const ordinal = this.#ordinals.get(chunk) ?? this.#intervals.push(chunk) - 1;
      this.#ordinals.set(chunk, ordinal);
      return { ...cutAround(timeMs, chunk, existing.slice(0, home)), ordinal };
    }
    const startMs = granularity.bucketStart(timeMs);
    const bucket = { startMs, endMs: granularity.nextBucket(startMs) };
    const free = cutAround(timeMs, bucket, existing);
    return { ...free, ordinal: this.#intervals.push(free) - 1 };
  }
}

/** What of `interval` lies around the instant when `others`, which do not hold it, are cut out. */
function cutAround(timeMs: number, interval: Interval, others: readonly Interval[]): Interval {
  let { startMs, endMs } = interval;
  for (const other of others) {
    if (intersect(interval, other) === null) continue;
    if (other.startMs > timeMs) endMs = Math.min(endMs, other.startMs);
    else startMs = Math.max(startMs, other.endMs);
  }
  return { startMs, endMs };
}
