import { expect, test } from 'vitest';
import { VirtualDisk } from '../../core/index.js';
import { parseAggregator } from '../../model/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { openSegment } from '../immutable/load.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import type { SegmentSchema } from '../schema.js';
import { sealSegments } from '../seal/seal-segments.js';
import { inputTypes, rowsOf, schemaOf, testPool } from '../testing.js';
import { treeSpec } from '../tree-spec.js';
import { mergeSegments } from './merge-segments.js';

const pool = testPool();
const COUNT = parseAggregator({ type: 'count', name: 'rows' }, '');
const SUM = parseAggregator({ type: 'longSum', name: 'sum', fieldName: 'n' }, '');
const dimension = (name: string) => ({ name, skipStar: false });
const TREES = [
  { dimensions: [dimension('t'), dimension('u')], metrics: [COUNT, SUM], maxLeafRecords: 5 },
  { dimensions: [dimension('u')], metrics: [COUNT], maxLeafRecords: 1, maxShare: 9 },
];
const plain = schemaOf({ s: 'STRING', t: 'STRING', u: 'LONG', n: 'LONG' });
const treed: SegmentSchema = { ...plain, starTrees: TREES };

function inputFile(disk: VirtualDisk, file: number): string {
  const segment = new MutableSegment(plain, pool);
  const rows = Array.from({ length: 2000 }, (_, i) => ({
    __time: (i * 7919) % 997,
    s: `page ${(i * 31 + file) % 50_021}`,
    t: `${(i + file) % 7}`,
    u: i % 3,
    n: i,
  }));
  segment.append(rowsOf(rows, inputTypes(plain)));
  const options = { maxRowsPerSegment: rows.length };
  sealSegments(disk, '/in', () => `${file}`, [segment.snapshot()], plain, options);
  segment.close();
  return `/in/${file}`;
}

test.each([1 << 16, 1 << 22])('files that are merged in %i bytes get trees', (memoryBytes) => {
  const disk = new VirtualDisk();
  const paths = [0, 1, 2].map((file) => inputFile(disk, file));
  const options = { maxRowsPerSegment: 1000 };
  const merged = mergeSegments(disk, '/merged', String, paths, treed, {
    ...options,
    memoryBytes,
    temporaryDir: '/tmp/merge',
  });
  const opened = paths.map((path) => openSegment(disk, path, pool));
  const sealed = sealSegments(disk, '/sealed', String, opened, treed, options);
  for (const segment of opened) segment.close();
  expect(merged.map(({ treeCount }) => treeCount)).toEqual([2, 2, 2, 2, 2, 2]);
  for (const [i, { path }] of merged.entries()) {
    const { trees, treeChoice } = readSegmentDirectory(disk, path);
    expect(trees.map(({ dimensions }) => dimensions)).toEqual(
      TREES.map(({ dimensions }) => dimensions),
    );
    expect(treeChoice).toEqual(TREES.map(treeSpec));
    expect(Buffer.compare(disk.readFile(path), disk.readFile(sealed[i]!.path))).toBe(0);
  }
});

test('files that nobody keeps have no trees', () => {
  const disk = new VirtualDisk();
  const paths = [inputFile(disk, 0)];
  const [merged] = mergeSegments(disk, '/merged', String, paths, treed, {
    maxRowsPerSegment: 5000,
    durable: false,
    memoryBytes: 1 << 20,
    temporaryDir: '/tmp/merge',
  });
  const directory = readSegmentDirectory(disk, merged!.path);
  expect(directory.trees).toEqual([]);
  expect(directory).not.toHaveProperty('treeChoice');
  expect(merged).not.toHaveProperty('treeCount');
});
