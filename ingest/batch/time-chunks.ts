import { type Granularity, type Interval, intersect } from '../../model/index.js';
import type { ChunkSpan } from '../../segments/index.js';
import type { ChunkInterval } from '../publisher.js';

/**
 * The time chunks that rows fall into. A row whose time lies in an existing chunk goes there, to the
 * first of them; any other into the bucket of the segment granularity that holds it, cut where
 * existing chunks begin and end, so that new chunks overlap with none but empty ones.
 */
export class TimeChunks {
  /** Those asked for so far: disjoint, in order of time. */
  readonly #spans: ChunkSpan[] = [];

  /** Of `existing` chunks that overlap, the earlier in the list hides the later. */
  constructor(
    private readonly granularity: Granularity,
    private readonly existing: readonly ChunkInterval[],
  ) {}

  /** The chunk of a time, and the times around it that go there too. A chunk is one object however often it is asked for. */
  spanAt(timeMs: number): ChunkSpan {
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

  #newSpan(timeMs: number): ChunkSpan {
    const { existing, granularity } = this;
    const home = existing.findIndex(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs);
    const chunk = existing[home];
    const shown = chunk === undefined ? null : cutAround(timeMs, chunk, existing.slice(0, home));
    if (chunk !== undefined && shown !== null && chunk.isEmpty !== true) return { ...shown, chunk };
    const startMs = granularity.bucketStart(timeMs);
    const bucket = { startMs, endMs: granularity.nextBucket(startMs) };
    const free = shown === null ? cutAround(timeMs, bucket, existing) : intersect(bucket, shown)!;
    return { ...free, chunk: free };
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
