import type { Long } from '../core/index.js';
import type { Value } from '../model/index.js';
import type { TestRow } from './testing.js';

/**
 * For tests: native queries answered over plain row objects, written from the description of the
 * queries alone, one obvious step after the other. It knows a small language only: the filters,
 * aggregators and granularities that `random-queries-testing.ts` makes.
 */
export type NaiveQuery = Readonly<Record<string, unknown>> & {
  readonly intervals: readonly (readonly [number, number])[];
};

const BUCKET_MS: Readonly<Record<string, number>> = { hour: 3_600_000, day: 86_400_000, none: 1 };

interface Naive {
  readonly type: string;
  readonly name: string;
  readonly fieldName: string;
  readonly fn: string;
  readonly filter: NaiveFilter;
  readonly aggregator: Naive;
}

interface NaiveFilter {
  readonly type: string;
  readonly dimension: string;
  readonly value: string | null;
  readonly lower: string;
  readonly field: NaiveFilter;
  readonly fields: readonly NaiveFilter[];
}

/** Code point order, null first. */
export function naiveOrder(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return (a as Long) < (b as Long) ? -1 : (a as Long) > (b as Long) ? 1 : 0;
}

const elements = (cell: Value | undefined): readonly Value[] =>
  cell === undefined || cell === null ? [null] : Array.isArray(cell) ? cell : [cell];

/** true, false or null for unknown. */
function naiveFilter(filter: NaiveFilter | null, row: TestRow): boolean | null {
  if (filter === null) return true;
  const cells = elements(row[filter.dimension]);
  switch (filter.type) {
    case 'selector':
      if (filter.value === null) return cells.includes(null);
      if (cells.some((cell) => cell !== null && String(cell) === filter.value)) return true;
      return cells.includes(null) ? null : false;
    case 'bound': {
      const known = cells.filter((cell) => cell !== null);
      if (known.some((cell) => (cell as Long) >= BigInt(filter.lower))) return true;
      return cells.includes(null) ? null : false;
    }
    case 'not': {
      const inner = naiveFilter(filter.field, row);
      return inner === null ? null : !inner;
    }
    default: {
      const results = filter.fields.map((field) => naiveFilter(field, row));
      const decided = filter.type === 'or';
      if (results.includes(decided)) return decided;
      return results.includes(null) ? null : !decided;
    }
  }
}

const inIntervals = ({ intervals }: NaiveQuery, row: TestRow): boolean =>
  intervals.some(([start, end]) => row.__time >= start && row.__time < end);

const matching = (query: NaiveQuery, rows: readonly TestRow[]): TestRow[] =>
  rows.filter(
    (row) =>
      inIntervals(query, row) && naiveFilter(query.filter as NaiveFilter | null, row) === true,
  );

/** The value of one aggregator over some rows. */
function aggregate(spec: Naive, rows: readonly TestRow[]): Value {
  if (spec.type === 'count') return rows.length;
  if (spec.type === 'filtered') {
    return aggregate(
      spec.aggregator,
      rows.filter((row) => naiveFilter(spec.filter, row) === true),
    );
  }
  const values = rows.map((row) => row[spec.fieldName] ?? null).filter((value) => value !== null);
  if (spec.type === 'distinctCount') return new Set(values.flat()).size;
  if (values.length === 0) return null;
  if (spec.type === 'timeMax') return new Date(Math.max(...(values as number[]))).toISOString();
  if (spec.type === 'longSum') {
    const sum = values.reduce<bigint>((a, b) => a + BigInt(b as Long), 0n);
    return canonical(BigInt.asIntN(64, sum));
  }
  if (spec.type === 'doubleSum') return values.reduce<number>((a, b) => a + Number(b), 0);
  const sorted = [...values].sort(naiveOrder);
  return spec.type.endsWith('Max') ? sorted.at(-1)! : sorted[0]!;
}

const canonical = (value: bigint): Long =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

const outputs = (query: NaiveQuery, rows: readonly TestRow[]): Value[] =>
  (query.aggregations as readonly Naive[]).map((spec) => aggregate(spec, rows));

const isAll = (query: NaiveQuery): boolean => query.granularity === 'all';

const bucketOf = (query: NaiveQuery, timeMs: number): number => {
  if (isAll(query)) return 0;
  const width = BUCKET_MS[String(query.granularity)]!;
  return Math.floor(timeMs / width) * width;
};

/** All buckets from the first to the last visible row of each interval. */
function filledBuckets(query: NaiveQuery, rows: readonly TestRow[]): number[] {
  const buckets = new Set<number>();
  for (const [start, end] of query.intervals) {
    const times = rows.map((row) => row.__time).filter((time) => time >= start && time < end);
    if (times.length === 0) continue;
    const last = bucketOf(query, Math.max(...times));
    const width = isAll(query) ? 1 : BUCKET_MS[String(query.granularity)]!;
    for (let at = bucketOf(query, Math.min(...times)); at <= last; at += width) buckets.add(at);
  }
  return [...buckets].sort((a, b) => a - b);
}

/** The bucket's shown time: with `all`, that of the first visible row. */
function shownTime(query: NaiveQuery, rows: readonly TestRow[], bucket: number): number {
  if (!isAll(query)) return bucket;
  const times = rows.filter((row) => inIntervals(query, row)).map((row) => row.__time);
  return times.length === 0 ? query.intervals[0]![0] : Math.min(...times);
}

export function naiveTimeseries(query: NaiveQuery, rows: readonly TestRow[]): Value[][] {
  const { skipEmptyBuckets, grandTotal } = (query.context ?? {}) as Record<string, boolean>;
  const found = matching(query, rows);
  const inBucket = (bucket: number) =>
    found.filter((row) => bucketOf(query, row.__time) === bucket);
  let buckets = isAll(query) ? [0] : filledBuckets(query, rows);
  if (skipEmptyBuckets) buckets = buckets.filter((bucket) => inBucket(bucket).length > 0);
  if (query.descending === true) buckets.reverse();
  if (Number(query.limit ?? 0) > 0) buckets = buckets.slice(0, Number(query.limit));
  const answer = buckets.map((bucket): Value[] => [
    shownTime(query, rows, bucket),
    ...outputs(query, inBucket(bucket)),
  ]);
  if (grandTotal) {
    const totals =
      buckets.length === 0
        ? (query.aggregations as readonly Naive[]).map(() => null)
        : outputs(query, buckets.flatMap(inBucket));
    answer.push([null, ...totals]);
  }
  return answer;
}

/** Rows by the combinations of their dimension values. */
function groups(query: NaiveQuery, rows: readonly TestRow[], dimensions: readonly string[]) {
  const found = new Map<string, { bucket: number; values: Value[]; rows: TestRow[] }>();
  for (const row of rows) {
    let combinations: Value[][] = [[]];
    for (const dimension of dimensions) {
      combinations = combinations.flatMap((prefix) =>
        elements(row[dimension]).map((value) => [...prefix, value]),
      );
    }
    const bucket = bucketOf(query, row.__time);
    for (const values of combinations) {
      const key = [bucket, ...values].map((value) => `${typeof value}:${String(value)}`).join('|');
      const group = found.get(key) ?? { bucket, values, rows: [] };
      group.rows.push(row);
      found.set(key, group);
    }
  }
  return [...found.values()];
}

export function naiveTopN(query: NaiveQuery, rows: readonly TestRow[]): Value[][] {
  const dimension = query.dimension as { dimension: string };
  const metric = query.metric as string | { type: string; metric: string };
  const name = typeof metric === 'string' ? metric : metric.metric;
  const at = 2 + (query.aggregations as readonly Naive[]).findIndex((spec) => spec.name === name);
  const sign = typeof metric === 'string' ? -1 : 1;
  const all = groups(query, matching(query, rows), [dimension.dimension]);
  return filledBuckets(query, rows).flatMap((bucket) =>
    all
      .filter((group) => group.bucket === bucket)
      .map((group): Value[] => [
        shownTime(query, rows, bucket),
        group.values[0]!,
        ...outputs(query, group.rows),
      ])
      .sort((a, b) => sign * naiveOrder(a[at]!, b[at]!) || naiveOrder(a[1]!, b[1]!))
      .slice(0, Number(query.threshold)),
  );
}

export function naiveGroupBy(query: NaiveQuery, rows: readonly TestRow[]): Value[][] {
  const dimensions = (query.dimensions as readonly { dimension: string }[]).map((d) => d.dimension);
  const timeOf = (bucket: number) => (isAll(query) ? query.intervals[0]![0] : bucket);
  const answer = groups(query, matching(query, rows), dimensions).map((group): Value[] => [
    timeOf(group.bucket),
    ...group.values,
    ...outputs(query, group.rows),
  ]);
  const by = (columns: readonly number[]) => (a: Value[], b: Value[]) =>
    columns.reduce((order, i) => order || naiveOrder(a[i]!, b[i]!), 0);
  answer.sort(by([0, ...dimensions.map((_, i) => i + 1)]));
  const { limit, offset = 0 } = (query.limitSpec ?? {}) as { limit?: number; offset?: number };
  return answer.slice(offset, limit === undefined ? undefined : offset + limit);
}

/** All matching rows, in no order. */
export const naiveScan = (query: NaiveQuery, rows: readonly TestRow[]): Value[][] =>
  matching(query, rows).map((row) =>
    (query.columns as readonly string[]).map((column) => row[column] ?? null),
  );

export function naiveSearch(query: NaiveQuery, rows: readonly TestRow[]): Value[][] {
  const { value: part } = query.query as { value: string };
  const found = matching(query, rows);
  const hits = (query.searchDimensions as readonly string[]).flatMap((dimension) => {
    const values = new Set(found.flatMap((row) => elements(row[dimension])));
    return [...values]
      .filter((value) => value !== null && String(value).toLowerCase().includes(part.toLowerCase()))
      .map((value): Value[] => [
        shownTime(query, rows, 0),
        dimension,
        String(value),
        found.filter((row) => elements(row[dimension]).includes(value)).length,
      ]);
  });
  return hits.sort((a, b) => naiveOrder(a[2]!, b[2]!) || naiveOrder(a[1]!, b[1]!));
}

export function naiveTimeBoundary(query: NaiveQuery, rows: readonly TestRow[]): Value[][] {
  const times = matching(query, rows).map((row) => row.__time);
  return times.length === 0 ? [] : [[Math.min(...times), Math.max(...times)]];
}
