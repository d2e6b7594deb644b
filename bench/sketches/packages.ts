import { loadPeerModule } from '../query/peer.js';
import { countError, falsePositives, rankError, relative, topError } from './input.js';
import type { Subject } from './subject.js';

/** What of the packages is used here; they are not there unless they are installed below bench/. */
interface BloomFilters {
  readonly BloomFilter: {
    create(
      count: number,
      errorRate: number,
    ): Saved & {
      add(text: string): void;
      has(text: string): boolean;
    };
  };
  readonly HyperLogLog: new (registers: number) => TheirHyperLogLog;
  readonly CountMinSketch: new (columns: number, rows: number) => TheirCountMin;
  readonly TopK: new (
    k: number,
    errorRate: number,
    accuracy: number,
  ) => Saved & {
    add(text: string): void;
    values(): { readonly value: string; readonly frequency: number }[];
  };
}

interface Saved {
  saveAsJSON(): object;
}

interface TheirHyperLogLog extends Saved {
  update(text: string): void;
  count(): number;
  merge(other: TheirHyperLogLog): TheirHyperLogLog;
}

interface TheirCountMin extends Saved {
  update(text: string): void;
  count(text: string): number;
  merge(other: TheirCountMin): void;
}

interface TDigestModule {
  readonly TDigest: new () => TheirTDigest;
}

interface TheirTDigest {
  push(number: number): void;
  push_centroid(centroids: object[]): void;
  compress(): void;
  percentile(fraction: number): number;
  toArray(): object[];
}

const jsonBytes = (value: object): number => Buffer.byteLength(JSON.stringify(value));

/** npm's, of the same sizes as ours where they have one. Numbers are texts to `bloom-filters`. */
export function packageSubjects(): readonly Subject<unknown>[] {
  const { module: filters, version } = loadPeerModule<BloomFilters>('bloom-filters');
  const { module: digests, version: digestVersion } = loadPeerModule<TDigestModule>('tdigest');
  const of = (name: string) => `bloom-filters ${version}: ${name}`;

  const bloom: Subject<ReturnType<BloomFilters['BloomFilter']['create']>> = {
    task: 'filter',
    name: of('BloomFilter, 5 %'),
    make: (count) => filters.BloomFilter.create(count, 0.05),
    fill(sketch, { distinct }, from, to) {
      for (let i = from; i < to; i++) sketch.add(String(distinct[i]));
    },
    merge: null,
    sizeBytes: (sketch) => jsonBytes(sketch.saveAsJSON()),
    error: (sketch) => falsePositives((number) => sketch.has(String(number))),
  };

  const hyperLogLog: Subject<TheirHyperLogLog> = {
    task: 'distinct',
    name: of('HyperLogLog, 2^11'),
    make: () => new filters.HyperLogLog(2 ** 11),
    fill(sketch, { distinct }, from, to) {
      for (let i = from; i < to; i++) sketch.update(String(distinct[i]));
    },
    merge: (target, source) => target.merge(source),
    sizeBytes: (sketch) => jsonBytes(sketch.saveAsJSON()),
    error: (sketch, { distinct }) => relative(sketch.count(), distinct.length),
  };

  const countMin: Subject<TheirCountMin> = {
    task: 'counts',
    name: of('CountMinSketch, 5 × 2^12'),
    make: () => new filters.CountMinSketch(2 ** 12, 5),
    fill(sketch, { skewed }, from, to) {
      for (let i = from; i < to; i++) sketch.update(String(skewed[i]));
    },
    merge: (target, source) => target.merge(source),
    sizeBytes: (sketch) => jsonBytes(sketch.saveAsJSON()),
    error: (sketch, { skewed }) => countError(skewed, (number) => sketch.count(String(number))),
  };

  const topK: Subject<InstanceType<BloomFilters['TopK']>> = {
    task: 'top',
    name: of('TopK, 100, 0.1 %'),
    make: () => new filters.TopK(100, 0.001, 0.99),
    fill(sketch, { skewed }, from, to) {
      for (let i = from; i < to; i++) sketch.add(String(skewed[i]));
    },
    merge: null,
    sizeBytes: (sketch) => jsonBytes(sketch.saveAsJSON()),
    error: (sketch, { skewed }) =>
      topError(
        skewed,
        new Map(sketch.values().map(({ value, frequency }) => [Number(value), frequency])),
      ),
  };

  const tDigest: Subject<TheirTDigest> = {
    task: 'quantiles',
    name: `tdigest ${digestVersion}, 100`,
    make: () => new digests.TDigest(),
    fill(sketch, { amounts }, from, to) {
      for (let i = from; i < to; i++) sketch.push(amounts[i]!);
    },
    merge: (target, source) => target.push_centroid(source.toArray()),
    sizeBytes: (sketch) => jsonBytes(sketch.toArray()),
    error(sketch, { amounts }) {
      sketch.compress();
      return rankError(amounts, (fraction) => sketch.percentile(fraction));
    },
  };
  return [hyperLogLog, bloom, countMin, topK, tDigest] as readonly Subject<unknown>[];
}
