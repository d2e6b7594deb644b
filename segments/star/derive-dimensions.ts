import { type Granularity, parseGranularity } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { describeColumn } from '../format/stats.js';
import type { TreeDimensionDefinition } from '../schema.js';

/** More texts than these are looked for one by one: few rows have each. */
const MOST_TEXTS = 10_000;
/** More whole numbers than these are rather measured than grouped by. */
const MOST_NUMBERS = 100;
/** Columns beyond these are left to definitions that name them. */
const MOST_COLUMNS = 10;
/** Of the time that a file spans. */
const MOST_BUCKETS = 400;
const GRANULARITIES = ['minute', 'hour', 'day', 'month', 'year'].map((name) =>
  parseGranularity(name, 'granularity'),
);

/** Dimensions that a tree of these columns may have, the most wanted first: time, then texts and numbers, those of the fewest values before others. */
export function deriveDimensions(columns: readonly ColumnEntry[]): TreeDimensionDefinition[] {
  const found = columns.flatMap((entry) => {
    const count = valueCount(entry);
    return count === null ? [] : [{ name: entry.name, isText: entry.type === 'STRING', count }];
  });
  // Few whole numbers may as well be quantities.
  found.sort((a, b) => Number(b.isText) - Number(a.isText) || a.count - b.count);
  const time = columns.find(({ role }) => role === 'time');
  const granularity = time === undefined ? null : granularityOf(time);
  return [
    ...(granularity === null ? [] : [{ name: '__time', skipStar: false, granularity }]),
    ...found.slice(0, MOST_COLUMNS).map(({ name }) => ({ name, skipStar: false })),
  ];
}

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

/** The finest of which there are not many buckets. */
function granularityOf(time: ColumnEntry): Granularity | null {
  const { min, max } = describeColumn(time).stats;
  if (min === null || max === null) return null;
  return GRANULARITIES.find((each) => hasFewBuckets(each, Number(min), Number(max))) ?? null;
}

function hasFewBuckets(granularity: Granularity, minMs: number, maxMs: number): boolean {
  let start = granularity.bucketStart(minMs);
  for (let count = 0; count < MOST_BUCKETS; count++) {
    if (start > maxMs) return true;
    start = granularity.nextBucket(start);
  }
  return false;
}
