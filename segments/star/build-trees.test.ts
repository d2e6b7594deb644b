import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualDisk } from '../../core/index.js';
import { assertReaching } from '../../core/testing.js';
import { type CodeSet, findRecords } from '../../indexes/index.js';
import { parseAggregator, parseGranularity, type Value } from '../../model/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { attachImmutable } from '../immutable/attach.js';
import { openSegment, performLoad } from '../immutable/load.js';
import { partsOf } from '../immutable/parts.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealSegments } from '../seal/seal-segments.js';
import { cellsOf, inputTypes, type PlainRow, rowsOf, schemaOf, testPool } from '../testing.js';
import { buildTrees } from './build-trees.js';
import { StoredRows } from './stored-rows.js';
import { nodesOf } from './tree-nodes.js';

const pool = testPool();
const METRICS = [
  { type: 'count', name: 'count' },
  { type: 'longSum', name: 'sum', fieldName: 'n' },
  { type: 'hyperUnique', name: 'users', fieldName: 'u' },
].map((spec) => parseAggregator(spec, ''));

const row: fc.Arbitrary<PlainRow> = fc.record({
  __time: fc.nat(4 * 3_600_000),
  s: fc.option(fc.constantFrom('a', 'b', 'c')),
  l: fc.option(fc.constantFrom<Value>(-1, 5, 2n ** 60n)),
  u: fc.constantFrom('x', 'y', 'z', 'w'),
  n: fc.option(fc.integer()),
});

test('a file has the trees of its schema, which hold what the rows hold', async () => {
  const hour = parseGranularity('hour', '');
  const schema = schemaOf({ s: 'STRING', l: 'LONG', u: 'STRING', n: 'LONG' }, [], {
    starTrees: [
      {
        dimensions: [
          { name: 's', skipStar: false },
          { name: 'l', skipStar: false },
          { name: '__time', skipStar: true, granularity: hour },
        ],
        metrics: METRICS,
        maxLeafRecords: 20,
      },
    ],
  });
  let built = 0;
  const isGrouped = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());
  await assertReaching(
    fc.property(
      fc.array(row, { minLength: 200, maxLength: 400, size: 'max' }),
      isGrouped,
      (rows, grouped) => {
        const disk = new VirtualDisk();
        const open = new MutableSegment(schema, pool);
        open.append(rowsOf(rows, inputTypes(schema)));
        const [sealed] = sealSegments(disk, '/d', () => 's', [open.snapshot()], schema, {
          maxRowsPerSegment: 1000,
        });
        open.close();
        const segment = openSegment(disk, sealed!.path, pool);
        const { directory, path } = segment.handle;
        if (directory.trees.length === 0) return;
        built++;
        const range = pool.allocate(directory.fileSizeBytes);
        const base = range.offset;
        const parts = partsOf(directory, { columns: 'all', indexes: 'all', tree: 0 });
        const placed = parts.map((part) => ({ ...part, base }));
        performLoad(disk, {
          path,
          memory: range.arena.memory,
          fileSizeBytes: directory.fileSizeBytes,
          parts: placed,
        });
        const loaded = new Map(placed.map(({ key }) => [key, base]));
        const handle = { ...segment.handle, memory: range.arena.memory, loaded, tree: 0 };
        const tree = attachImmutable(handle);
        const passing: (CodeSet | null)[] = [null, null, null];
        const { ranges } = findRecords(nodesOf(handle)!, { passing, isRead: grouped });
        const cells = cellsOf(tree);
        const found: Value[][] = [];
        for (let i = 0; i < ranges.length; i += 2)
          found.push(...cells.slice(ranges[i], ranges[i + 1]));
        const keyOf = (values: readonly Value[]) =>
          values.map((v, i) => (grouped[i] ? String(v) : '*')).join();
        const got = new Map<string, [number, bigint]>();
        for (const [s, l, time, count, sum] of found) {
          const key = keyOf([s!, l!, time!]);
          const [c, n] = got.get(key) ?? [0, 0n];
          got.set(key, [c + Number(count), n + BigInt((sum as number | null) ?? 0)]);
        }
        const want = new Map<string, [number, bigint]>();
        for (const { s, l, __time, n } of rows) {
          const key = keyOf([s!, l!, hour.bucketStart(Number(__time))]);
          const [c, m] = want.get(key) ?? [0, 0n];
          want.set(key, [c + 1, m + BigInt((n as number | null) ?? 0)]);
        }
        const sorted = (map: typeof got) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted(got)).toEqual(sorted(want));
        segment.close();
        pool.free(range);
      },
    ),
    100,
    () => {
      expect(built).toBeGreaterThan(50);
    },
  );
});

test('what the build may take of memory bounds the records: fewer dimensions fit, or no tree', () => {
  const types = { s: 'STRING', t: 'STRING', n: 'LONG' } as const;
  const schema = schemaOf(types);
  const rows = Array.from(
    { length: 5000 },
    (_, i): PlainRow => ({
      __time: i,
      s: `s${i % 50}`,
      t: `t${Math.floor(i / 50) % 40}`,
      n: i,
    }),
  );
  const disk = new VirtualDisk();
  const open = new MutableSegment(schema, pool);
  open.append(rowsOf(rows, inputTypes(schema)));
  const [sealed] = sealSegments(disk, '/d', () => 's', [open.snapshot()], schema, {
    maxRowsPerSegment: 5000,
  });
  open.close();
  const { columns } = readSegmentDirectory(disk, sealed!.path);
  const file = disk.openRead(sealed!.path);
  const dimensions = ['s', 't'].map((name) => ({ name, skipStar: false }));
  const recordsIn = (memoryBytes: number, fileBytes: number | null) => {
    const definition = { dimensions, metrics: METRICS.slice(0, 1), maxLeafRecords: 10 };
    const room = { memoryBytes, fileBytes, sizeOf: () => 0 };
    return buildTrees(new StoredRows(file, columns, rows.length), definition, room).map(
      ({ entry }) => [entry.dimensions.map(({ name }) => name).join(), entry.rowCount],
    );
  };
  // 50 × 40 combinations with as many rows each, and what stands for several of them.
  const [[names, records]] = recordsIn(1 << 30, null) as [[string, number]];
  expect(names).toBe('s,t');
  expect(records).toBeGreaterThan(2000);
  const most = 32 * 5000 + 100 * 124;
  expect(recordsIn(most, null)).toEqual([]);
  expect(recordsIn(most, 1e9)).toEqual([['s', 51]]);
  expect(recordsIn(1000, 1e9)).toEqual([]);
  file.close();
});
