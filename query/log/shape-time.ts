import { ETERNITY, type Granularity, type Interval, parseGranularity } from '../../model/index.js';
import { type Grains, grainsOf, readsTimeAlone } from '../compiler/time-pieces.js';
import type { QueryNames } from '../plan/query-names.js';

interface Rung {
  readonly name: string;
  readonly period: string;
  readonly granularity: Granularity;
}

/** Simple granularities, from coarse to fine. */
export const LADDER: readonly Rung[] = Object.entries({
  year: 'P1Y',
  quarter: 'P3M',
  month: 'P1M',
  week: 'P1W',
  day: 'P1D',
  six_hour: 'PT6H',
  hour: 'PT1H',
  thirty_minute: 'PT30M',
  fifteen_minute: 'PT15M',
  five_minute: 'PT5M',
  minute: 'PT1M',
  second: 'PT1S',
}).map(([name, period]) => ({ name, period, granularity: parseGranularity(name, 'granularity') }));

/** As many buckets are looked at to see whether others fit them: what a segment's own buckets are, the planner asks for itself. */
const BUCKETS_TRIED = 100;

/** What a query reads of `__time`. */
export class TimeReads {
  readonly #grains: Grains[number][] = [];
  readonly #own: Granularity[] = [];
  #isExact = false;

  constructor(
    private readonly names: QueryNames,
    private readonly intervals: readonly Interval[],
  ) {}

  add(granularity: Granularity): void {
    this.#own.push(granularity);
    this.#grains.push(granularity);
  }

  /** The stored columns behind names, sorted; none where it is `__time` alone, which is remembered. */
  others(inputs: readonly string[]): string[] {
    const stored = this.names.storedBehind(inputs);
    if (!readsTimeAlone(stored)) return [...stored].sort();
    const grains = grainsOf(this.names, inputs);
    if (grains === null) this.#isExact = true;
    else this.#grains.push(...grains);
    return [];
  }

  /** The JSON of the coarsest granularity whose buckets nothing of this cuts: `none` where it reads single milliseconds, null where nothing is read. */
  granularity(): unknown {
    if (this.#isExact) return 'none';
    if (this.#grains.length === 0) return null;
    const candidates = [
      ...this.#own.filter(isLocal),
      ...LADDER.map(({ granularity }) => granularity),
    ];
    return candidates.find((each) => this.#fits(each))?.spec ?? 'none';
  }

  #fits(granularity: Granularity): boolean {
    const from = this.intervals[0]?.startMs ?? 0;
    let start = granularity.bucketStart(from === ETERNITY.startMs ? 0 : from);
    for (let i = 0; i < BUCKETS_TRIED; i++) {
      const next = granularity.nextBucket(start);
      const last = next - 1;
      if (this.#grains.some((grain) => grain.bucketStart(start) !== grain.bucketStart(last)))
        return false;
      start = next;
    }
    return true;
  }
}

/** Of a period in a time zone of its own, without an origin. */
const isLocal = ({ kind, timeZone, spec }: Granularity): boolean =>
  kind === 'period' && timeZone !== 'UTC' && !Object(spec).origin;
