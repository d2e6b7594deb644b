import { Pace, type Turns } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { KnownSegment } from './cluster-state.js';
import { intervalCost, reachOf } from './interval-cost.js';

/** Segments further apart cost nothing, as in Druid's caching strategy: it would be 2^-45 of what those of one time cost. */
const FAR_MS = 45 * 86_400_000;

/** Segments that begin within one of these are summed up together for those that are before or behind all of them. */
const ERA_MS = 86_400_000;

/** How many segments of an interval there are, of all tables and of each. */
interface Bucket {
  readonly interval: Interval;
  count: number;
  readonly byTable: Map<string, number>;
}

/** What the segments of an era come to for one before or behind all of them: of all tables and of each, twice for those of its own. */
interface EraSums {
  readonly span: Interval;
  readonly before: Sum;
  readonly behind: Sum;
}

interface Sum {
  all: number;
  readonly byTable: Map<string, number>;
}

/**
 * What a segment costs beside those of one server: the sum over all pairs, twice for those of its own table. Segments of one interval
 * cost the same, and the cost of two that do not overlap is a product in which each has a factor of its own, and the gap another. So
 * that it takes a step for each day that is near, and one for each interval of its own day.
 */
export class ServerCost {
  readonly #eras = new Map<number, Era>();

  constructor(segments: Iterable<KnownSegment>) {
    for (const segment of segments) this.add(segment);
  }

  add({ id }: KnownSegment): void {
    const number = eraOf(id.interval);
    let era = this.#eras.get(number);
    if (era === undefined) {
      era = new Era();
      this.#eras.set(number, era);
    }
    era.change(id.interval, id.dataSource, 1);
  }

  remove({ id }: KnownSegment): void {
    const number = eraOf(id.interval);
    const era = this.#eras.get(number);
    era?.change(id.interval, id.dataSource, -1);
    if (era?.isEmpty) this.#eras.delete(number);
  }

  /** Does beforehand what is asked for of all days that are near. */
  *sumUp(): Turns<void> {
    const pace = new Pace();
    for (const era of this.#eras.values()) {
      if (pace.isDue(era.sumUp())) yield;
    }
  }

  /** Of a segment; `isThere` tells that it is one of them, and is not to count beside itself. */
  of({ id }: KnownSegment, isThere = false): number {
    let sum = 0;
    for (const era of this.#eras.values()) sum += era.costOf(id.interval, id.dataSource, isThere);
    return sum;
  }
}

const eraOf = ({ startMs }: Interval): number => Math.floor(startMs / ERA_MS);

class Era {
  readonly #buckets = new Map<string, Bucket>();
  /** Null: something has changed since. */
  #sums: EraSums | null = null;

  get isEmpty(): boolean {
    return this.#buckets.size === 0;
  }

  change(interval: Interval, table: string, by: 1 | -1): void {
    this.#sums = null;
    const key = keyOf(interval);
    const bucket = this.#buckets.get(key) ?? { interval, count: 0, byTable: new Map() };
    bucket.count += by;
    bucket.byTable.set(table, (bucket.byTable.get(table) ?? 0) + by);
    if (bucket.count === 0) this.#buckets.delete(key);
    else this.#buckets.set(key, bucket);
  }

  /** Gives how many steps it took. */
  sumUp(): number {
    if (this.#sums !== null) return 1;
    this.#sums = sumsOf(this.#buckets.values());
    return this.#buckets.size * (1 + this.#sums.before.byTable.size);
  }

  costOf(of: Interval, table: string, isThere: boolean): number {
    this.#sums ??= sumsOf(this.#buckets.values());
    const { span, before, behind } = this.#sums;
    if (of.startMs - span.endMs > FAR_MS || span.startMs - of.endMs > FAR_MS) return 0;
    if (span.endMs <= of.startMs) {
      return reachOf(of, of.startMs - span.endMs) * sumFor(before, table);
    }
    if (span.startMs >= of.endMs) {
      return reachOf(of, span.startMs - of.endMs) * sumFor(behind, table);
    }
    return this.#exactly(of, table, isThere);
  }

  #exactly(of: Interval, table: string, isThere: boolean): number {
    let sum = 0;
    for (const { interval, count, byTable } of this.#buckets.values()) {
      if (interval.startMs - of.endMs > FAR_MS || of.startMs - interval.endMs > FAR_MS) continue;
      const isOwn = isThere && interval.startMs === of.startMs && interval.endMs === of.endMs;
      const pairs = count + (byTable.get(table) ?? 0) - (isOwn ? 2 : 0);
      if (pairs > 0) sum += pairs * intervalCost(of, interval);
    }
    return sum;
  }
}

const keyOf = ({ startMs, endMs }: Interval): string => `${startMs}/${endMs}`;

function sumsOf(buckets: Iterable<Bucket>): EraSums {
  const all = [...buckets];
  const startMs = all.reduce((least, { interval }) => Math.min(least, interval.startMs), Infinity);
  const endMs = all.reduce((most, { interval }) => Math.max(most, interval.endMs), -Infinity);
  const sums = {
    span: { startMs, endMs },
    before: { all: 0, byTable: new Map<string, number>() },
    behind: { all: 0, byTable: new Map<string, number>() },
  };
  for (const { interval, count, byTable } of all) {
    addTo(sums.before, reachOf(interval, endMs - interval.endMs), count, byTable);
    addTo(sums.behind, reachOf(interval, interval.startMs - startMs), count, byTable);
  }
  return sums;
}

function addTo(sum: Sum, reach: number, count: number, byTable: Bucket['byTable']): void {
  sum.all += reach * count;
  for (const [table, own] of byTable) {
    sum.byTable.set(table, (sum.byTable.get(table) ?? 0) + reach * own);
  }
}

const sumFor = ({ all, byTable }: Sum, table: string): number => all + (byTable.get(table) ?? 0);
