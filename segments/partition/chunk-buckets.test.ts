import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArenaPool, VirtualDisk } from '../../core/index.js';
import { type Interval, parseGranularity, type Value } from '../../model/index.js';
import { type Cell, compareElements } from '../cells.js';
import { openSegment } from '../immutable/load.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealChunks } from '../seal/seal-segments.js';
import { cellsOf, inputTypes, type PlainRow, rowsOf, schemaOf } from '../testing.js';
import type { PartitionValue, ShardBucket } from '../timeline/shard-spec.js';
import { hashBucket } from './bucket-hash.js';
import type { Partitioning } from './partitioning.js';

const pool = new ArenaPool({ arenaBytes: 8 << 20, maxBytes: 1 << 30, scratchBytes: 1 });

const chunkOf = (timeMs: number) => {
  const startMs = Math.floor(timeMs / 10) * 10;
  const chunk = CHUNKS.get(startMs) ?? { startMs, endMs: startMs + 10 };
  CHUNKS.set(startMs, chunk);
  return { ...chunk, chunk };
};
const CHUNKS = new Map<number, Interval>();

const text = fc.oneof(fc.constantFrom('a', 'b', 'c', ''), fc.string({ maxLength: 2 }));
const anyRow: fc.Arbitrary<PlainRow> = fc.record({
  __time: fc.nat(19),
  a: fc.option(text),
  b: fc.option(text),
  n: fc.option(fc.nat(12)),
  x: fc.nat(5),
});

const schema = (rollup: boolean) => ({
  ...schemaOf(
    { a: 'STRING', b: 'STRING', n: 'LONG' },
    [
      { type: 'count', name: 'count' },
      { type: 'longSum', name: 'x', fieldName: 'x' },
    ],
    { rollup, queryGranularity: parseGranularity('none', '') },
  ),
  chunkOf,
});

const some = (type: 'range' | 'single'): fc.Arbitrary<Partitioning> =>
  fc.record({
    type: fc.constant(type),
    dimensions:
      type === 'single'
        ? fc.constantFrom(['a'], ['n'], ['missing'])
        : fc.constantFrom(['a', 'b'], ['n', 'a'], ['b', 'missing', 'a']),
    boundaries: fc.constant(null),
    targetRows: fc.integer({ min: 1, max: 6 }),
    maxRows: fc.integer({ min: 6, max: 9 }),
  });
const anyPartitioning: fc.Arbitrary<Partitioning> = fc.oneof(
  some('range'),
  some('single'),
  fc.record({
    type: fc.constant('hashed' as const),
    dimensions: fc.constantFrom([], ['a'], ['b', 'n'], ['missing']),
    numShards: fc.option(fc.integer({ min: 1, max: 4 })),
    targetRows: fc.integer({ min: 1, max: 6 }),
  }),
);

/** `__time`, a, b, n, count, x, of each row of a file. */
type Row = readonly Value[];

const asText = (value: Value): PartitionValue => (value === null ? null : String(value));

function dimensionOf(row: Row, dimension: string): PartitionValue {
  const at = ['__time', 'a', 'b', 'n'].indexOf(dimension);
  return at < 0 ? null : asText(row[at]!);
}

function compareTo(row: Row, dimensions: readonly string[], tuple: readonly PartitionValue[]) {
  for (const [i, dimension] of dimensions.entries()) {
    const order = compareElements(dimensionOf(row, dimension), tuple[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Whether a row may be in a file of this bucket, straight from what Druid says of shard specs. */
function belongs(row: Row, bucket: ShardBucket): boolean {
  if (bucket.type === 'tombstone') return false;
  if (bucket.type === 'hashed') {
    const { partitionDimensions, numBuckets, bucketId } = bucket;
    if (partitionDimensions.length === 0) return true;
    const cells: Cell[] = partitionDimensions.map((dimension) => dimensionOf(row, dimension));
    return hashBucket(cells, numBuckets) === bucketId;
  }
  const [dimensions, start, end] =
    bucket.type === 'range'
      ? [bucket.dimensions, bucket.start, bucket.end]
      : [
          [bucket.dimension],
          bucket.start === null ? null : [bucket.start],
          bucket.end === null ? null : [bucket.end],
        ];
  return (
    (start === null || compareTo(row, dimensions, start) >= 0) &&
    (end === null || compareTo(row, dimensions, end) < 0)
  );
}

test('files of a chunk have all its rows once, each in its bucket, in stored order', () => {
  const batches = fc.array(fc.array(anyRow, { maxLength: 15 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(batches, fc.boolean(), anyPartitioning, (inputs, rollup, partitioning) => {
      const disk = new VirtualDisk();
      const mutable = inputs.map((rows) => {
        const segment = new MutableSegment(schema(rollup), pool);
        segment.append(rowsOf(rows, inputTypes(schema(rollup), { x: 'LONG' })));
        return segment.snapshot();
      });
      const name = (file: number) => `${file}`;
      const seal = (directory: string, options: { readonly partitioning?: Partitioning }) =>
        sealChunks(disk, directory, name, mutable, schema(rollup), {
          maxRowsPerSegment: 1000,
          ...options,
        }).map((each) => ({ ...each, rows: rowsIn(disk, each.sealed.path) }));
      const whole = seal('/whole', {});
      const parts = seal('/parts', { partitioning });
      for (const { interval, rows } of whole) {
        const ofChunk = parts.filter((each) => each.interval === interval);
        const found = ofChunk.flatMap((each) => each.rows.map(String));
        expect(found.sort()).toEqual(rows.map(String).sort());
        const order = new Map(rows.map((row, i) => [String(row), i]));
        for (const { bucket, rows: inside } of ofChunk) {
          expect(inside.length).toBeGreaterThan(0);
          for (const row of inside) expect(belongs(row, bucket!)).toBe(true);
          const places = inside.map((row) => order.get(String(row))!);
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
        const buckets = ofChunk.map(({ bucket }) => JSON.stringify(bucket));
        expect(new Set(buckets).size).toBe(buckets.length);
      }
    }),
  );
});

function rowsIn(disk: VirtualDisk, path: string): Row[] {
  const segment = openSegment(disk, path, pool);
  const cells = cellsOf(segment);
  segment.close();
  return cells;
}
