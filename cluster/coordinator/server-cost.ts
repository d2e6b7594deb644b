import type { Interval } from '../../model/index.js';
import type { KnownSegment } from './cluster-state.js';
import { intervalCost } from './interval-cost.js';

/** Segments further apart cost nothing, as in Druid's caching strategy: it would be 2^-45 of what those of one time cost. */
const FAR_MS = 45 * 86_400_000;

/** How many segments of an interval there are, of all tables and of each. */
interface Bucket {
  readonly interval: Interval;
  count: number;
  readonly byTable: Map<string, number>;
}

/**
 * What a segment costs beside those of one server: the sum over all pairs, twice for those of its own table. Segments of one interval
 * cost the same, so that only intervals are gone through.
 */
export class ServerCost {
  readonly #buckets = new Map<string, Bucket>();

  constructor(segments: Iterable<KnownSegment>) {
    for (const segment of segments) this.add(segment);
  }

  add(segment: KnownSegment): void {
    this.#change(segment, 1);
  }

  remove(segment: KnownSegment): void {
    this.#change(segment, -1);
  }

  /** Of a segment that is not one of them. */
  of({ id }: KnownSegment): number {
    let sum = 0;
    const { startMs, endMs } = id.interval;
    for (const { interval, count, byTable } of this.#buckets.values()) {
      if (interval.startMs - endMs > FAR_MS || startMs - interval.endMs > FAR_MS) continue;
      const pairs = count + (byTable.get(id.dataSource) ?? 0);
      sum += pairs * intervalCost(id.interval, interval);
    }
    return sum;
  }

  #change({ id }: KnownSegment, by: 1 | -1): void {
    const { startMs, endMs } = id.interval;
    const key = `${startMs}/${endMs}`;
    const bucket = this.#buckets.get(key) ?? {
      interval: id.interval,
      count: 0,
      byTable: new Map(),
    };
    bucket.count += by;
    bucket.byTable.set(id.dataSource, (bucket.byTable.get(id.dataSource) ?? 0) + by);
    if (bucket.count === 0) this.#buckets.delete(key);
    else this.#buckets.set(key, bucket);
  }
}
