import { beforeEach, describe, expect, test } from 'vitest';
import { CorruptSegmentError, NotFoundError, VirtualDisk } from '../../core/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { put } from '../fuzz/read-all-testing.js';
import { treeSample } from '../fuzz/sample-testing.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { packSegment } from '../packed/pack.js';
import { sealSegments } from '../seal/seal-segments.js';
import { inputTypes, rowsOf, schemaOf, testPool } from '../testing.js';
import { inspectSegment } from './inspect-segment.js';

const SCHEMA = schemaOf({ city: 'STRING', wide: 'LONG', price: 'DOUBLE' });
const ROW_COUNT = 600;
const ALL = { verify: true, measurePacked: true };
let disk: VirtualDisk;

/** /d/s, and /p, its deep-storage form. */
beforeEach(() => {
  disk = new VirtualDisk();
  const segment = new MutableSegment(SCHEMA, testPool());
  const rows = Array.from({ length: ROW_COUNT }, (_, i) => ({
    __time: 60_000 * i,
    city: i % 5 === 0 ? null : `city ${i % 40}`,
    wide: BigInt(i % 7) * 2n ** 60n,
    price: i / 100,
  }));
  segment.append(rowsOf(rows, inputTypes(SCHEMA)));
  const options = { maxRowsPerSegment: 1e6 };
  sealSegments(disk, '/d', () => 's', [segment.snapshot()], SCHEMA, options);
  packSegment(disk, '/d/s', '/p');
});

function damage(path: string, at: number): void {
  const bytes = disk.readFile(path);
  bytes[at]! ^= 1;
  const file = disk.create(path);
  file.write(bytes);
  file.close();
}

describe('inspectSegment', () => {
  test('tells what each column is stored as, and what that was chosen over', () => {
    const inspection = inspectSegment(disk, '/d/s', ALL);
    expect(inspection).toMatchObject({
      form: 'segment',
      rowCount: ROW_COUNT,
      minTimeMs: 0,
      maxTimeMs: 60_000 * (ROW_COUNT - 1),
      sizeBytes: disk.readFile('/d/s').length,
      packedBytes: disk.readFile('/p').length,
      isVerified: true,
    });
    expect(inspection.columns).toMatchObject([
      { encoding: 'long.delta', sizeBytes: 2 * ROW_COUNT, runnerUp: { encoding: 'long.raw' } },
      { encoding: 'string.dictionary', cardinality: 33, hasNulls: true, runnerUp: null },
      {
        encoding: 'long.dictionary',
        cardinality: 7,
        sizeBytes: 7 * 8 + ROW_COUNT,
        min: 0,
        max: 6n * 2n ** 60n,
        runnerUp: { encoding: 'long.raw', sizeBytes: 8 * ROW_COUNT },
      },
      { encoding: 'double.raw', cardinality: null, runnerUp: null },
    ]);
  });

  test('tells the same of the deep-storage form', () => {
    const expected = { ...inspectSegment(disk, '/d/s', ALL), form: 'packed' };
    expect(inspectSegment(disk, '/p', ALL)).toEqual(expected);
  });

  test('tells of star-trees, what each is of and takes, of both forms', () => {
    put(disk, '/t', treeSample());
    packSegment(disk, '/t', '/packed');
    const { trees, sizeBytes, packedBytes } = inspectSegment(disk, '/t', ALL);
    const [first, second] = readSegmentDirectory(disk, '/t').trees;
    expect(trees).toMatchObject([
      {
        dimensions: [
          { name: 'city', skipStar: false, cardinality: 3 },
          { name: '__time', granularity: 'hour', skipStar: true, cardinality: 4 },
          { name: 'size', skipStar: false, cardinality: 4 },
        ],
        metrics: [{ name: 'rows' }, { name: 'sum' }, { name: 'users' }],
        maxLeafRecords: 3,
        recordCount: first!.rowCount,
      },
      { metrics: [{ name: 'rows' }, { name: 'sum', aggregator: { type: 'longSum' } }] },
    ]);
    expect(trees[1]!.recordCount).toBe(second!.rowCount);
    for (const tree of trees) {
      const nodeBytes = 6 * 4 * tree.nodeCount;
      expect(tree.sizeBytes).toBeGreaterThan(nodeBytes + tree.recordCount * tree.dimensions.length);
      expect(tree.share).toBe(tree.sizeBytes / sizeBytes);
      expect(tree.packedBytes).toBeLessThan(tree.sizeBytes);
    }
    expect(trees[0]!.packedBytes! + trees[1]!.packedBytes!).toBeLessThan(packedBytes!);
    expect(inspectSegment(disk, '/packed', ALL).trees).toEqual(trees);
    expect(inspectSegment(disk, '/d/s', ALL).trees).toEqual([]);
  });

  test('reads the directory alone, if asked', () => {
    const { columns } = readSegmentDirectory(disk, '/d/s');
    damage('/d/s', columns[2]!.blocks[0]!.offset);
    const inspection = inspectSegment(disk, '/d/s', { verify: false, measurePacked: false });
    expect(inspection).toMatchObject({ packedBytes: null, isVerified: false });
    expect(inspection.columns[2]).toMatchObject({ name: 'wide', packedBytes: null });
    for (const options of [
      { verify: true, measurePacked: false },
      { verify: false, measurePacked: true },
    ]) {
      expect(() => inspectSegment(disk, '/d/s', options)).toThrow(/column "wide": checksum/);
    }
  });

  test('of the deep-storage form likewise', () => {
    damage('/p', 200);
    const options = { verify: false, measurePacked: true };
    expect(inspectSegment(disk, '/p', options)).toMatchObject({ isVerified: false });
    expect(() => inspectSegment(disk, '/p', ALL)).toThrow(CorruptSegmentError);
  });

  test('what is neither is an error', () => {
    damage('/p', 0);
    expect(() => inspectSegment(disk, '/p', ALL)).toThrow(/want magic "VARVESEG"/);
    expect(() => inspectSegment(disk, '/none', ALL)).toThrow(NotFoundError);
  });
});
