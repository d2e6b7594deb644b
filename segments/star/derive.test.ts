import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualDisk } from '../../core/index.js';
import { paddedLength } from '../format/frame.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { blocksOf } from '../format/segment-bytes.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import type { DimensionType, TreeDefinition } from '../schema.js';
import { sealSegments } from '../seal/seal-segments.js';
import { inputTypes, type PlainRow, rowsOf, schemaOf, testPool } from '../testing.js';

const pool = testPool();
const HOUR = 3_600_000;
const ROW_COUNT = 60_000;

/** The trees of a file of rows, and the bytes of these and of all other columns. */
function sealed(
  types: Record<string, DimensionType>,
  row: (i: number) => PlainRow,
  rowCount: number,
  definition: TreeDefinition,
) {
  const schema = schemaOf(types, [], { starTrees: [definition] });
  const disk = new VirtualDisk();
  const open = new MutableSegment(schema, pool);
  const rows = Array.from({ length: rowCount }, (_, i) => row(i));
  open.append(rowsOf(rows, inputTypes(schema)));
  const [file] = sealSegments(disk, '/d', () => 's', [open.snapshot()], schema, {
    maxRowsPerSegment: 1e6,
  });
  open.close();
  const { columns, trees } = readSegmentDirectory(disk, file!.path);
  const sizeOf = (parts: Parameters<typeof blocksOf>[0]) =>
    blocksOf(parts).reduce((sum, { block }) => sum + paddedLength(block.length), 0);
  const bytes = { rows: sizeOf({ columns, trees: [] }), trees: sizeOf({ columns: [], trees }) };
  return { trees, bytes };
}

const AUTO: TreeDefinition = { maxLeafRecords: 1000, maxShare: 0.3 };
const dashboard = (i: number, countries = 17): PlainRow => ({
  __time: Math.floor((i * 24 * HOUR) / ROW_COUNT),
  country: `c${Math.floor((((i * 7919) % 1000) / 1000) ** 2 * countries)}`,
  device: `d${(i * 31) % 4}`,
  session: `s${(i * 104_729) % 50_000}`,
  amount: (i * 37) % 5000,
  price: i % 9 === 0 ? null : ((i * 17) % 999) / 4,
});
const TYPES = {
  country: 'STRING',
  device: 'STRING',
  session: 'STRING',
  amount: 'LONG',
  price: 'DOUBLE',
} as const;

test('of rows of a day a tree has hours and texts of few values, and tells sums, extremes and means of numbers', () => {
  const { trees, bytes } = sealed(TYPES, (i) => dashboard(i), ROW_COUNT, AUTO);
  expect(trees.length).toBe(1);
  const [tree] = trees;
  expect(tree!.dimensions.map(({ name }) => name)).toEqual(['__time', 'country', 'device']);
  expect(tree!.dimensions[0]!.granularity).toEqual('hour');
  expect(tree!.columns.slice(3).map(({ name }) => name)).toEqual([
    'count',
    'sum(amount)',
    'min(amount)',
    'max(amount)',
    'sum(price)',
    'min(price)',
    'max(price)',
    'count(price)',
  ]);
  expect(bytes.trees).toBeLessThanOrEqual(0.3 * bytes.rows);
});

test('where one tree would be too large, several have the dimensions in pairs', () => {
  const row = (i: number): PlainRow => dashboard(i, 50);
  const { trees, bytes } = sealed(TYPES, row, ROW_COUNT, AUTO);
  const names = trees.map(({ dimensions }) => dimensions.map(({ name }) => name));
  expect(names.length).toBeGreaterThan(1);
  for (const pair of [
    ['__time', 'country'],
    ['__time', 'device'],
    ['country', 'device'],
  ]) {
    expect(names.some((tree) => pair.every((name) => tree.includes(name)))).toBe(true);
  }
  expect(bytes.trees).toBeLessThanOrEqual(0.3 * bytes.rows);
});

test('of few rows there is none', () => {
  expect(sealed(TYPES, (i) => dashboard(i), 1000, AUTO).trees).toEqual([]);
});

test('dimensions are dropped until a tree is within its share, all those of a definition without', () => {
  const types = { a: 'STRING', b: 'STRING', c: 'STRING', n: 'LONG' } as const;
  const definition = {
    dimensions: ['a', 'b', 'c'].map((name) => ({ name, skipStar: false })),
    maxLeafRecords: 10,
  };
  fc.assert(
    fc.property(
      fc.tuple(fc.nat(30), fc.nat(300), fc.nat(2000)),
      fc.constantFrom(0.02, 0.1, 0.3, 1),
      ([a, b, c], maxShare) => {
        const row = (i: number): PlainRow => ({
          __time: i,
          a: `a${(i * 7) % (a + 1)}`,
          b: `b${(i * 11) % (b + 1)}`,
          c: `c${(i * 13) % (c + 1)}`,
          n: (i * 999_983) % 2 ** 31,
        });
        const { trees, bytes } = sealed(types, row, 4000, { ...definition, maxShare });
        expect(bytes.trees).toBeLessThanOrEqual(maxShare * bytes.rows);
        const kept = trees.flatMap(({ dimensions }) => dimensions.map(({ name }) => name));
        expect(['a', 'b', 'c'].filter((name) => kept.includes(name))).toEqual(kept);
        const [all] = sealed(types, row, 4000, definition).trees;
        if (all !== undefined) expect(all.dimensions.length).toBe(3);
      },
    ),
    { numRuns: 25 },
  );
});

test('what another dimension tells comes along, and sums are not of what is grouped by', () => {
  const types = { city: 'STRING', region: 'STRING', year: 'LONG', amount: 'LONG' } as const;
  const row = (i: number): PlainRow => {
    const city = (i * 7919) % 40;
    const time = Math.floor((i * 4 * 365 * 24 * HOUR) / ROW_COUNT);
    const year = new Date(time).getUTCFullYear();
    return { __time: time, city: `c${city}`, region: `r${city % 5}`, year, amount: i * 37 };
  };
  const { trees } = sealed(types, row, ROW_COUNT, AUTO);
  const withCity = trees.find(({ dimensions }) => dimensions.some(({ name }) => name === 'city'))!;
  const names = withCity.dimensions.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['city', 'region', 'year']));
  const columns = withCity.columns.map(({ name }) => name);
  expect(columns).toContain('sum(amount)');
  expect(columns).not.toContain('sum(year)');
});
