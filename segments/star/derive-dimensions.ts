import { type Granularity, parseGranularity } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { describeColumn } from '../format/stats.js';
import type { TreeDimensionDefinition } from '../schema.js';

/** More texts than these are looked for one by one: few rows have each. */
const MOST_TEXTS = 10_000;
/** More whole numbers than these are rather measured than grouped by. */
const MOST_NUMBERS = 1000;
/** Columns beyond these are left to definitions that name them. */
const MOST_COLUMNS = 24;
/** Texts that have so many values are wanted most: fewer tell little, more are looked for one by one. */
const [FEW_TEXTS, MANY_TEXTS] = [20, 500];
/** Of the time that a file spans. */
const MOST_BUCKETS = 400;
const GRANULARITIES = ['minute', 'hour', 'day', 'month', 'year'].map((name) =>
  parseGranularity(name, 'granularity'),
);

/** A dimension that trees may have. */
export interface DerivedDimension {
  readonly definition: TreeDimensionDefinition;
  readonly isTime: boolean;
  /** Rather a quantity. */
  readonly isNumber: boolean;
}

/**
 * Dimensions that trees of these columns may have, the most wanted first: texts of some values, time, the finer granularity before a
 * coarser one, of which a tree has one; texts of few values, texts of many, and numbers.
 */
export function deriveDimensions(columns: readonly ColumnEntry[]): DerivedDimension[] {
  const found = columns.flatMap((entry) => {
    const count = valueCount(entry);
    return count === null ? [] : [{ name: entry.name, isText: entry.type === 'STRING', count }];
  });
  const time = columns.find(({ role }) => role === 'time');
  const texts = found.filter(({ isText }) => isText);
  const isSome = ({ count }: Found) => count >= FEW_TEXTS && count <= MANY_TEXTS;
  const [first, ...some] = fewestFirst(texts.filter(isSome));
  return [
    ...(first === undefined ? [] : [first]),
    ...(time === undefined ? [] : granularitiesOf(time)).map(timeDimension),
    ...some,
    ...fewestFirst(texts.filter((each) => !isSome(each))),
    ...fewestFirst(found.filter(({ isText }) => !isText)),
  ].slice(0, MOST_COLUMNS);
}

interface Found {
  readonly name: string;
  readonly isText: boolean;
  readonly count: number;
}

const fewestFirst = (found: readonly Found[]): DerivedDimension[] =>
  [...found]
    .sort((a, b) => a.count - b.count)
    .map(({ name, isText }) => ({
      definition: { name, skipStar: false },
      isTime: false,
      isNumber: !isText,
    }));

const timeDimension = (granularity: Granularity): DerivedDimension => ({
  definition: { name: '__time', skipStar: false, granularity },
  isTime: true,
  isNumber: false,
});

/** How many values a column has, or may have; null where queries hardly group by them. */
function valueCount(entry: ColumnEntry): number | null {
  const { role, type, multiValue, stats } = entry;
  if (role !== 'dimension' || multiValue) return null;
  if (type === 'STRING') return atMost(MOST_TEXTS, stats.cardinality ?? Number.POSITIVE_INFINITY);
  if (type !== 'LONG') return null;
  const { min, max } = describeColumn(entry).stats;
  const span = min === null || max === null ? 0 : Number(BigInt(max) - BigInt(min)) + 1;
  return atMost(MOST_NUMBERS, stats.cardinality ?? span);
}

const atMost = (most: number, count: number): number | null => (count <= most ? count : null);

/** The finest of which there are not many buckets, and a coarser one. */
function granularitiesOf(time: ColumnEntry): Granularity[] {
  const { min, max } = describeColumn(time).stats;
  if (min === null || max === null) return [];
  const first = GRANULARITIES.findIndex((each) => hasFewBuckets(each, Number(min), Number(max)));
  return first === -1 ? [] : GRANULARITIES.slice(first, first + 2);
}

function hasFewBuckets(granularity: Granularity, minMs: number, maxMs: number): boolean {
  let start = granularity.bucketStart(minMs);
  for (let count = 0; count < MOST_BUCKETS; count++) {
    if (start > maxMs) return true;
    start = granularity.nextBucket(start);
  }
  return false;
}
