import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ArenaPool,
  compareText,
  LONG_MAX,
  LONG_MIN,
  type Long,
  longAdd,
  sha256Hex,
  toLong,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { parseGranularity, type Value } from '../../model/index.js';
import { type Cell, compareCells } from '../cells.js';
import { openSegment } from '../immutable/load.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import type { ChunkSpan, SegmentSchema } from '../schema.js';
import { cellsOf, inputTypes, type PlainRow, rowsOf, schemaOf, testPool } from '../testing.js';
import type { Segment } from '../types.js';
import { compareDoubles } from '../words.js';
import { sealChunks, sealSegments } from './seal-segments.js';

const pool = testPool();
/** Segments in arenas with room beside them are read as they lie in memory, others through their cursors. */
const pools = [pool, new ArenaPool({ arenaBytes: 8 << 20, maxBytes: 1 << 30, scratchBytes: 1 })];
const METRICS = [
  { type: 'count', name: 'n' },
  { type: 'longSum', name: 'sum', fieldName: 'x' },
  { type: 'hyperUnique', name: 'users', fieldName: 'user' },
];
const plain = schemaOf({ s: 'STRING', l: 'LONG', d: 'DOUBLE', f: 'FLOAT' }, METRICS);
const types = inputTypes(plain, { x: 'LONG', user: 'STRING' });

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 2 }), fc.constantFrom('a', 'b', ''));
const anyRow: fc.Arbitrary<PlainRow> = fc.record({
  __time: fc.integer({ min: -3, max: 3 }),
  s: fc.oneof(text, fc.constant(null), fc.array(fc.option(text), { minLength: 2, maxLength: 3 })),
  l: fc.option(fc.oneof(fc.nat(2), fc.bigInt({ min: LONG_MIN, max: LONG_MAX }).map(toLong))),
  d: fc.option(fc.oneof(fc.constantFrom(0, -0, Number.NaN), fc.double())),
  f: fc.option(fc.oneof(fc.constant(1), fc.float())),
  x: fc.option(fc.integer()),
  user: fc.option(fc.constantFrom('ann', 'bob', 'eve')),
});

function mutableOf(schema: SegmentSchema, rows: readonly PlainRow[]): Segment {
  const segment = new MutableSegment(schema, pools[rows.length % 2]!);
  segment.append(rowsOf(rows, types));
  return segment.snapshot();
}

/** Sketches by their estimate, so that cells compare by value. */
const comparable = (cells: Value[][]): Value[][] =>
  cells.map((row) =>
    row.map((cell) =>
      cell !== null && typeof cell === 'object' && 'estimate' in cell
        ? Math.round((cell as { estimate(): number }).estimate())
        : cell,
    ),
  );

const compareNullable = <T>(a: Value, b: Value, compare: (a: T, b: T) => number): number =>
  a === null || b === null ? Number(a !== null) - Number(b !== null) : compare(a as T, b as T);

/** The stored order, straight from its definition. */
function compareRows(a: readonly Value[], b: readonly Value[]): number {
  return (
    (a[0] as number) - (b[0] as number) ||
    compareCells(a[1] as Cell, b[1] as Cell) ||
    compareNullable<Long>(a[2]!, b[2]!, (x, y) => (x < y ? -1 : x > y ? 1 : 0)) ||
    compareNullable<number>(a[3]!, b[3]!, compareDoubles) ||
    compareNullable<number>(a[4]!, b[4]!, compareDoubles)
  );
}

let files = 0;

/** Seals into a fresh directory and opens what came out. */
function seal(
  disk: VirtualDisk,
  inputs: readonly Segment[],
  schema: SegmentSchema,
  maxRowsPerSegment: number,
): Segment[] {
  const directory = `/sealed-${files++}`;
  const sealed = sealSegments(disk, directory, (i) => `${i}.varve`, inputs, schema, {
    maxRowsPerSegment,
  });
  return sealed.map((each) => {
    const bytes = disk.readFile(each.path);
    expect(bytes.length).toBe(each.sizeBytes);
    expect(sha256Hex(bytes)).toBe(each.sha256);
    const segment = openSegment(disk, each.path, pools[files % 2]!);
    expect(segment.rowCount).toBe(each.rowCount);
    expect(segment.minTimeMs).toBe(each.minTimeMs);
    expect(segment.maxTimeMs).toBe(each.maxTimeMs);
    return segment;
  });
}

const allCells = (segments: readonly Segment[]): Value[][] =>
  comparable(segments.flatMap((segment) => cellsOf(segment)));

const someInputs = fc.array(fc.array(anyRow, { maxLength: 15 }), { minLength: 1, maxLength: 4 });

test('the same rows mutable, sealed, split and merged again hold the same cells, in order', () => {
  fc.assert(
    fc.property(someInputs, fc.integer({ min: 1, max: 20 }), (batches, maxRows) => {
      const disk = new VirtualDisk();
      const inputs = batches.map((batch) => mutableOf(plain, batch));
      const expected = allCells(inputs).sort(compareRows);
      const whole = seal(disk, inputs, plain, 1000);
      expect(whole.length).toBe(expected.length === 0 ? 0 : 1);
      expectSame(allCells(whole), expected);
      const split = seal(disk, inputs, plain, maxRows);
      expect(split.length).toBe(Math.ceil(expected.length / maxRows));
      expectSame(allCells(split), expected);
      const again = seal(disk, split.toReversed(), plain, 1000);
      expect(allCells(again).map((row) => row.slice(0, 5))).toEqual(
        expected.map((row) => row.slice(0, 5)),
      );
      const spilled = inputs.flatMap((input, i) =>
        i % 2 ? seal(disk, [input], plain, 7) : [input],
      );
      expect(allCells(seal(disk, spilled, plain, 1000)).sort(compareRows)).toEqual(
        allCells(spilled).sort(compareRows),
      );
    }),
    { numRuns: 60 },
  );
});

const twoMs = parseGranularity({ type: 'duration', duration: 2 }, 'queryGranularity');
const rollup: SegmentSchema = { ...plain, rollup: true, queryGranularity: twoMs };

const toEven = (timeMs: number): number => Math.floor(timeMs / 2) * 2;

/** Counts and sums of rows that are equal in truncated time and dimensions. */
function naiveRollup(rows: readonly PlainRow[], truncate = toEven): Value[][] {
  const groups: { key: Value[]; n: number; sum: Long | null; users: Set<Value> }[] = [];
  for (const row of rows) {
    const key = [truncate(row.__time as number), row.s!, row.l!, row.d!, row.f!];
    let group = groups.find((each) => compareRows(each.key, key) === 0);
    if (group === undefined) {
      group = { key, n: 0, sum: null, users: new Set() };
      groups.push(group);
    }
    group.n++;
    if (row.x !== null) group.sum = longAdd(group.sum ?? 0, row.x as Long);
    if (row.user !== null) group.users.add(row.user!);
  }
  return groups.map(({ key, n, sum, users }) => [...key, n, sum, users.size]).sort(compareRows);
}

test('rollup combines equal rows of all inputs, however they were cut', () => {
  fc.assert(
    fc.property(someInputs, fc.integer({ min: 1, max: 20 }), (batches, maxRows) => {
      const disk = new VirtualDisk();
      const expected = naiveRollup(batches.flat());
      const inputs = batches.map((batch) => mutableOf(rollup, batch));
      const split = seal(disk, inputs, rollup, maxRows);
      expectSame(allCells(split), expected);
      expect(split.every((segment) => segment.rowCount <= maxRows)).toBe(true);
      expect(allCells(seal(disk, [...split, mutableOf(rollup, [])], rollup, 1000))).toEqual(
        expected,
      );
    }),
    { numRuns: 60 },
  );
});

/** Chunks of three milliseconds, of which one is hidden by another in its middle. */
const HIDING = { startMs: 1, endMs: 2 };
const HIDDEN = { startMs: 0, endMs: 3 };
function chunkOf(timeMs: number): ChunkSpan {
  if (timeMs < 0) return { startMs: -3, endMs: 0, chunk: EARLY };
  if (timeMs >= 3) return { startMs: 3, endMs: 6, chunk: LATE };
  if (timeMs === 1) return { ...HIDING, chunk: HIDING };
  return timeMs < 1
    ? { startMs: 0, endMs: 1, chunk: HIDDEN }
    : { startMs: 2, endMs: 3, chunk: HIDDEN };
}
const EARLY = { startMs: -3, endMs: 0 };
const LATE = { startMs: 3, endMs: 6 };

describe('by time chunk', () => {
  test.each([
    { name: 'plain', schema: { ...plain, chunkOf } },
    { name: 'rolled up', schema: { ...rollup, chunkOf } },
  ])('$name: each chunk has its rows, in files of its own', ({ schema }) => {
    fc.assert(
      fc.property(someInputs, fc.integer({ min: 1, max: 9 }), (batches, maxRowsPerSegment) => {
        const disk = new VirtualDisk();
        // Rows of all chunks in one mutable segment, or in one file.
        const inputs = batches.flatMap((batch, i) => {
          const input = mutableOf(schema, batch);
          return i % 2 === 0 ? [input] : seal(disk, [input], schema, 100);
        });
        const options = { maxRowsPerSegment, durable: false };
        const sealed = sealChunks(disk, '/chunks', String, inputs, schema, options);
        expect(sealed.map((each) => each.sealed.path)).toEqual(
          sealed.map((_, i) => `/chunks/${i}`),
        );
        for (const chunk of [EARLY, HIDDEN, HIDING, LATE]) {
          const files = sealed.filter(({ interval }) => interval === chunk);
          const found = files.map(({ sealed: { path } }) => openSegment(disk, path, pools[1]!));
          const rows = batches
            .flat()
            .filter((row) => chunkOf(row.__time as number).chunk === chunk);
          const expected = schema.rollup
            ? naiveRollup(rows, (timeMs) => Math.max(toEven(timeMs), chunkOf(timeMs).startMs))
            : allCells([mutableOf(plain, rows)]).sort(compareRows);
          expectSame(allCells(found).sort(compareRows), expected);
          expect(found.every(({ rowCount }) => rowCount <= maxRowsPerSegment)).toBe(true);
          expect(found.length).toBe(Math.ceil(expected.length / maxRowsPerSegment));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('chunks come in order of time, and rows of a chunk in order', () => {
    const disk = new VirtualDisk();
    const schema = { ...schemaOf({ l: 'LONG' }), chunkOf };
    const rows = [5, 2, 1, 0, -1, 4, 2].map((__time, l) => ({ __time, l }));
    const options = { maxRowsPerSegment: 100 };
    const sealed = sealChunks(disk, '/o', String, [mutableOf(schema, rows)], schema, options);
    const found = sealed.map(({ interval, sealed: { path } }) => [
      interval,
      cellsOf(openSegment(disk, path, pool)),
    ]);
    expect(found).toEqual([
      [EARLY, [[-1, 4]]],
      [
        HIDDEN,
        [
          [0, 3],
          [2, 1],
          [2, 6],
        ],
      ],
      [HIDING, [[1, 2]]],
      [
        LATE,
        [
          [4, 5],
          [5, 0],
        ],
      ],
    ]);
  });
});

test('many rows: sorted by counting, across all widths of ids', () => {
  const schema = schemaOf({ s: 'STRING', l: 'LONG' });
  const rows = Array.from({ length: 90_000 }, (_, i) => ({
    __time: (i * 7919) % 100,
    s: `v${(i * 31) % 70_001}`,
    l: ((i * 17) % 5) * 2 ** 33 - 2 ** 33,
  }));
  const inputs = [rows.slice(0, 50_000), rows.slice(50_000)].map((part) => mutableOf(schema, part));
  const expected = rows
    .map(({ __time, s, l }) => [__time, s, l] as const)
    .sort((a, b) => a[0] - b[0] || compareText(a[1], b[1]) || a[2] - b[2]);
  const segments = seal(new VirtualDisk(), inputs, schema, 80_000);
  expect(segments.map(({ rowCount }) => rowCount)).toEqual([80_000, 10_000]);
  const cells = segments.flatMap((segment) => cellsOf(segment));
  expect(cells.length).toBe(expected.length);
  const wrong = cells.findIndex((row, i) => row.some((cell, c) => cell !== expected[i]![c]));
  expect(wrong).toBe(-1);
  expect(segments[0]!.columns.map(({ stats }) => stats.cardinality)).toEqual([
    null,
    new Set(expected.slice(0, 80_000).map(([, s]) => s)).size,
    null,
  ]);
});

test('equal rows stay in the order of their inputs', () => {
  const schema = schemaOf({}, [{ type: 'longSum', name: 'x', fieldName: 'x' }]);
  const inputs = Array.from({ length: 7 }, (_, i) =>
    mutableOf(schema, [
      { __time: i % 2, x: 10 * i },
      { __time: 2, x: 10 * i + 1 },
      { __time: 2, x: 10 * i + 2 },
    ]),
  );
  const expected = inputs.flatMap((input) => cellsOf(input));
  expected.sort((a, b) => (a[0] as number) - (b[0] as number));
  expectSame(allCells(seal(new VirtualDisk(), inputs, schema, 100)), expected);
});

describe('inputs that do not match the schema', () => {
  const input = () => {
    const schema = schemaOf({ old: 'STRING', kept: 'LONG' });
    const segment = new MutableSegment(schema, pool);
    const row = { __time: 1, old: 'x', kept: 5 };
    segment.append(rowsOf([row], { __time: 'LONG', old: 'STRING', kept: 'LONG' }));
    return segment.snapshot();
  };

  test('missing columns are null, columns of another type are cast, further dimensions kept', () => {
    const schema = schemaOf({ fresh: 'DOUBLE', kept: 'STRING' }, METRICS.slice(0, 2));
    const [sealed] = seal(new VirtualDisk(), [input()], schema, 10);
    expect(sealed!.columns.map(({ name, type, role }) => [name, type, role])).toEqual([
      ['__time', 'LONG', 'time'],
      ['fresh', 'DOUBLE', 'dimension'],
      ['kept', 'STRING', 'dimension'],
      ['old', 'STRING', 'dimension'],
      ['n', 'LONG', 'metric'],
      ['sum', 'LONG', 'metric'],
    ]);
    expect(cellsOf(sealed!)).toEqual([[1, null, '5', 'x', null, null]]);
  });
});

test('what the segment says of itself', () => {
  const disk = new VirtualDisk();
  const [segment] = seal(
    disk,
    [mutableOf(rollup, [{ __time: 3, s: 'a', l: 1, d: -0, f: 1.5 }])],
    rollup,
    10,
  );
  expect(segment).toMatchObject({ rollup: true, sortedByTime: true, queryGranularity: twoMs.spec });
  expect({ ...segment!.aggregators }).toEqual({
    n: METRICS[0],
    sum: METRICS[1],
    users: METRICS[2],
  });
  const stats = Object.fromEntries(segment!.columns.map((column) => [column.name, column.stats]));
  expect(stats.d).toMatchObject({ min: -0, max: -0, hasNulls: false, cardinality: 1 });
  expect(stats.s).toMatchObject({ min: 'a', max: 'a', hasNulls: false, cardinality: 1 });
});

test('progress ends at all rows; no rows make no file', () => {
  const disk = new VirtualDisk();
  const rows = Array.from({ length: 10 }, (_, i) => ({
    __time: i,
    s: null,
    l: i,
    d: 1,
    f: 1,
    x: 1,
  }));
  const done: number[] = [];
  const options = {
    maxRowsPerSegment: 4,
    onProgress: (rowsDone: number, rowsTotal: number) => void done.push(rowsDone / rowsTotal),
  };
  sealSegments(disk, '/p', String, [mutableOf(plain, rows)], plain, options);
  expect(done).toEqual([0.4, 0.8, 1]);
  expect(disk.list('/p')).toEqual(['0', '1', '2']);
  expect(sealSegments(disk, '/q', String, [mutableOf(plain, [])], plain, options)).toEqual([]);
});

test('a failing disk leaves no file, and a crash after sealing loses none', () => {
  const disk = new VirtualDisk();
  const rows = Array.from({ length: 10 }, (_, i) => ({
    __time: i,
    s: 'a',
    l: i,
    d: 1,
    f: 1,
    x: 1,
  }));
  const input = mutableOf(plain, rows);
  let calls = 0;
  const failing = new Proxy(disk, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        if (name === 'rename' && ++calls === 2) throw new UnavailableError('the disk is full');
        return member.apply(target, args);
      };
    },
  });
  const options = { maxRowsPerSegment: 4 };
  expect(() => sealSegments(failing, '/f', String, [input], plain, options)).toThrow(
    /disk is full/,
  );
  expect(disk.list('/f')).toEqual([]);
  sealSegments(disk, '/g', String, [input], plain, options);
  const found = disk.crash('synced-only', { nextUint32: () => 0 });
  expect(found.list('/g')).toEqual(['0', '1', '2']);
  const cells = found.list('/g').flatMap((name) => cellsOf(openSegment(found, `/g/${name}`, pool)));
  expect(comparable(cells)).toEqual(comparable(cellsOf(input)));
});
