import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ArenaPool,
  LONG_MAX,
  LONG_MIN,
  type Long,
  ResourceLimitError,
  toLong,
  VirtualDisk,
} from '../../core/index.js';
import {
  type ColumnVector,
  JSON_TYPE,
  Json,
  parseGranularity,
  type RowCursor,
  type Value,
  type VectorDictionary,
} from '../../model/index.js';
import { attachSegment } from '../handle.js';
import { openSegment } from '../immutable/load.js';
import { nullBitmapBytes, setNull } from '../null-bitmap.js';
import { sealSegments } from '../seal/seal-segments.js';
import { cellsOf, inputTypes, type PlainRow, rowsOf, schemaOf, testPool } from '../testing.js';
import type { Segment } from '../types.js';
import { MutableSegment, type MutableSnapshot } from './mutable-segment.js';

const DIMENSIONS = { s: 'STRING', l: 'LONG', d: 'DOUBLE', f: 'FLOAT' } as const;
const METRICS = [
  { type: 'count', name: 'n' },
  { type: 'longSum', name: 'sum', fieldName: 'x' },
  { type: 'hyperUnique', name: 'users', fieldName: 'user' },
];
const plain = schemaOf(DIMENSIONS, METRICS.slice(0, 2));
const types = inputTypes(plain, { x: 'LONG' });

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }), fc.constantFrom('a', 'b', ''));
const anyRow: fc.Arbitrary<PlainRow> = fc.record({
  __time: fc.integer({ min: -5, max: 5 }),
  s: fc.oneof(text, fc.constant(null), fc.array(fc.option(text), { minLength: 2, maxLength: 3 })),
  l: fc.option(fc.oneof(fc.nat(3), fc.bigInt({ min: LONG_MIN, max: LONG_MAX }).map(toLong))),
  d: fc.option(fc.oneof(fc.constantFrom(0, -0, Number.NaN), fc.double())),
  f: fc.option(fc.float()),
  x: fc.option(fc.integer()),
});

const expectedCells = (row: PlainRow): Value[] => [
  row.__time!,
  row.s ?? null,
  row.l ?? null,
  row.d ?? null,
  row.f ?? null,
  1,
  row.x ?? null,
];

test('what is appended is read back, in order, here and through the handle', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyRow, { maxLength: 10 }), { maxLength: 5 }), (batches) => {
      const segment = new MutableSegment(plain, testPool());
      for (const batch of batches) {
        expect(segment.append(rowsOf(batch, types))).toBe(batch.length);
      }
      const snapshot = segment.snapshot();
      const expected = batches.flat().map(expectedCells);
      expect(cellsOf(snapshot)).toEqual(expected);
      expect(cellsOf(attachSegment(structuredClone(snapshot.handle)))).toEqual(expected);
      expectFactsToHold(batches.flat(), snapshot);
      segment.close();
    }),
  );
});

function expectFactsToHold(
  rows: readonly PlainRow[],
  snapshot: ReturnType<MutableSegment['snapshot']>,
): void {
  const times = rows.map((row) => row.__time as number);
  expect(snapshot.minTimeMs).toBe(rows.length === 0 ? null : Math.min(...times));
  expect(snapshot.maxTimeMs).toBe(rows.length === 0 ? null : Math.max(...times));
  expect(snapshot.sortedByTime).toBe(times.every((t, i) => i === 0 || times[i - 1]! <= t));
  const stats = snapshot.columns.find(({ name }) => name === 's')!.stats;
  const elements = new Set<unknown>(
    rows.flatMap(({ s }) => (s === null ? [null] : (s as string | string[]))),
  );
  expect(stats.cardinality).toBe(elements.size);
  expect(stats.hasNulls).toBe(elements.has(null));
  const longs = rows.flatMap(({ l }) => (l === null ? [] : [l as number]));
  const { stats: long } = snapshot.columns.find(({ name }) => name === 'l')!;
  expect(long.hasNulls).toBe(longs.length < rows.length);
  const { min, max } = long as { min: number; max: number };
  if (longs.length > 0) expect(longs.every((l) => min <= l && l <= max)).toBe(true);
}

/** One for all batches, which grows with them. */
class Texts implements VectorDictionary {
  readonly #cells: Value[] = [null];

  get size(): number {
    return this.#cells.length;
  }

  value(id: number): Value {
    return this.#cells[id]!;
  }

  idOf(cell: Value): number {
    return cell === null ? 0 : this.#cells.push(cell) - 1;
  }
}

/** The same rows, whose dimensions are there as vectors too. */
function withVectors(rows: readonly PlainRow[], dictionary: Texts): RowCursor {
  const cursor = rowsOf(rows, types);
  const { column } = cursor;
  const nullsOf = (name: string) => {
    if (rows.every(({ [name]: value }) => value !== null)) return null;
    const nulls = new Uint8Array(nullBitmapBytes(rows.length));
    for (const [row, { [name]: value }] of rows.entries()) if (value === null) setNull(nulls, row);
    return nulls;
  };
  const longs = rows.map(({ l }) => (l as Long | null) ?? 77);
  const words = BigInt64Array.from(longs, BigInt);
  const areIntegers = longs.every((long) => typeof long === 'number');
  const doubles = (name: string) => ({
    kind: 'doubles' as const,
    values: Float64Array.from(rows, (row) => (row[name] as number | null) ?? 77),
    nulls: nullsOf(name),
  });
  const vectors: Record<string, ColumnVector> = {
    __time: {
      kind: 'integers',
      values: Float64Array.from(rows, (row) => row.__time as number),
      nulls: null,
    },
    s: {
      kind: 'ids',
      ids: Uint32Array.from(rows, ({ s }) => dictionary.idOf(s ?? null)),
      dictionary,
    },
    l: areIntegers
      ? { kind: 'integers', values: Float64Array.from(longs, Number), nulls: nullsOf('l') }
      : { kind: 'longs', words: new Uint32Array(words.buffer), nulls: nullsOf('l') },
    d: doubles('d'),
    f: doubles('f'),
  };
  cursor.column = (name) => {
    const vector = vectors[name];
    return vector === undefined ? column(name) : { ...column(name), vector };
  };
  return cursor;
}

/** Ten rows; of some all numbers are small, and there. */
const batchOf = (row: typeof anyRow) =>
  fc.oneof(
    fc.array(row, { minLength: 10, maxLength: 10 }),
    fc.array(
      fc
        .tuple(row, fc.oneof(fc.maxSafeInteger(), fc.nat(300)))
        .map(([each, l]) => ({ ...each, l })),
      { minLength: 10, maxLength: 10 },
    ),
  );

test('vectors are stored as what they stand for, whatever is picked of them', () => {
  const picked = fc.array(fc.nat(9), { maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(batchOf(anyRow), picked), { maxLength: 4 }),
      fc.boolean(),
      (batches, isRollup) => {
        const dictionary = new Texts();
        const [plainly, byVectors] = [0, 1].map(
          () => new MutableSegment(isRollup ? rollup : plain, testPool()),
        ) as [MutableSegment, MutableSegment];
        for (const [rows, picks] of batches) {
          const selection = picks.length === 0 ? undefined : Uint32Array.from(picks);
          plainly.append(rowsOf(rows, types), selection);
          byVectors.append(withVectors(rows, dictionary), selection);
        }
        expect(cellsOf(byVectors.snapshot())).toEqual(cellsOf(plainly.snapshot()));
      },
    ),
  );
});

test('snapshots of all layouts keep what they showed, until their layout is released', () => {
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 28 });
  const segment = new MutableSegment(schemaOf({ s: 'STRING', l: 'LONG', d: 'DOUBLE' }), pool);
  // Values get wider, texts more, and nulls and lists come late.
  const rowAt = (i: number): PlainRow => ({
    __time: i,
    s: i > 5000 && i % 5 === 0 ? ['x', `s${i % 700}`] : `s${i}`,
    l: i % 900 === 899 ? null : i < 4000 ? i % 200 : i < 7000 ? i * 100 : BigInt(i) * 2n ** 45n,
    d: i > 3000 && i % 2 === 0 ? null : i / 2,
  });
  const shown: { snapshot: MutableSnapshot; rows: PlainRow[] }[] = [];
  let rows: PlainRow[] = [];
  for (let batch = 0; batch < 20; batch++) {
    const more = Array.from({ length: 450 }, (_, i) => rowAt(batch * 450 + i));
    segment.append(rowsOf(more, { __time: 'LONG', s: 'STRING', l: 'LONG', d: 'DOUBLE' }));
    rows = [...rows, ...more];
    shown.push({ snapshot: segment.snapshot(), rows });
  }
  for (const { snapshot, rows: expected } of shown) {
    expect(cellsOf(snapshot)).toEqual(
      expected.map(({ __time, s, l, d }) => [__time, s, typeof l === 'bigint' ? toLong(l) : l, d]),
    );
  }
  const layouts = shown.map(({ snapshot }) => snapshot.handle.layout);
  expect(new Set(layouts).size).toBeGreaterThan(4);
  expect([...layouts].sort((a, b) => a - b)).toEqual(layouts);
  const used = pool.usedBytes;
  segment.releaseBefore(layouts.at(-1)!);
  expect(pool.usedBytes).toBeLessThan(used);
  expect(cellsOf(shown.at(-1)!.snapshot)).toHaveLength(9000);
  segment.close();
  expect(pool.usedBytes).toBe(0);
});

test('a selection picks rows in its own order', () => {
  const segment = new MutableSegment(schemaOf({ s: 'STRING' }), testPool());
  const rows = ['a', 'b', 'c'].map((s, i) => ({ __time: i, s }));
  segment.append(rowsOf(rows, { __time: 'LONG', s: 'STRING' }), Uint32Array.of(2, 0));
  expect(cellsOf(segment.snapshot())).toEqual([
    [2, 'c'],
    [0, 'a'],
  ]);
});

test('rows outgrow their layout; a dimension added later is null before', () => {
  const segment = new MutableSegment(schemaOf({ s: 'STRING' }), testPool());
  const count = 8200;
  const rows = Array.from({ length: count }, (_, i) => ({ __time: i, s: `v${i % 9000}`, l: i }));
  const allTypes = { __time: 'LONG', s: 'STRING', l: 'LONG', t: 'STRING' } as const;
  segment.append(rowsOf(rows, allTypes));
  const before = segment.snapshot();
  segment.addDimension({ name: 'l', type: 'LONG', multiValueHandling: 'ARRAY' });
  segment.addDimension({ name: 't', type: 'STRING', multiValueHandling: 'ARRAY' });
  segment.append(rowsOf([{ __time: 1, s: 'v0', l: 7, t: 'x' }], allTypes));
  const cells = cellsOf(segment.snapshot());
  expect(cells.slice(0, count)).toEqual(rows.map(({ __time, s }) => [__time, s, null, null]));
  expect(cells[count]).toEqual([1, 'v0', 7, 'x']);
  expect(cellsOf(before)).toEqual(rows.map(({ __time, s }) => [__time, s]));
  expect(segment.schema.dimensions.map(({ name }) => name)).toEqual(['s', 'l', 't']);
  expect(() =>
    segment.addDimension({ name: 't', type: 'LONG', multiValueHandling: 'ARRAY' }),
  ).toThrow(/already has a column t/);
});

describe('multi-value handling', () => {
  test.each([
    { handling: 'ARRAY', expected: ['b', 'a', 'b'] },
    { handling: 'SORTED_ARRAY', expected: ['a', 'b', 'b'] },
    { handling: 'SORTED_SET', expected: ['a', 'b'] },
  ] as const)('$handling', ({ handling, expected }) => {
    const dimensions = [{ name: 's', type: 'STRING', multiValueHandling: handling }] as const;
    const segment = new MutableSegment(schemaOf({}, [], { dimensions }), testPool());
    const rows = [['b', 'a', 'b'], ['z'], []].map((s) => ({ __time: 0, s }));
    segment.append(rowsOf(rows, { __time: 'LONG', s: 'STRING' }));
    expect(cellsOf(segment.snapshot()).map(([, s]) => s)).toEqual([expected, 'z', null]);
  });
});

/** Rows with equal keys between two snapshots are one row; sums are added. */
function naiveRollup(batches: readonly (readonly PlainRow[] | 'snapshot')[]): Value[][] {
  const out: Value[][] = [];
  let open = new Map<string, Value[]>();
  const show = (value: Value) =>
    typeof value === 'bigint'
      ? `${value}n`
      : Object.is(value, -0)
        ? '-0'
        : `${typeof value}${Array.isArray(value) ? JSON.stringify(value) : String(value)}`;
  for (const batch of batches) {
    if (batch === 'snapshot') {
      open = new Map();
      continue;
    }
    for (const row of batch) {
      const bucket = Math.floor((row.__time as number) / 2) * 2;
      const key = [bucket, row.s, row.l, row.d, row.f].map((v) => show(v ?? null)).join('|');
      let cells = open.get(key);
      if (cells === undefined) {
        cells = [bucket, row.s!, row.l!, row.d!, row.f!, 0, null];
        open.set(key, cells);
        out.push(cells);
      }
      cells[5] = (cells[5] as number) + 1;
      if (row.x !== null) cells[6] = ((cells[6] as number | null) ?? 0) + (row.x as number);
    }
  }
  return out;
}

const twoMs = parseGranularity({ type: 'duration', duration: 2 }, 'queryGranularity');
const rollup = schemaOf(DIMENSIONS, METRICS.slice(0, 2), { rollup: true, queryGranularity: twoMs });
const batchOrSnapshot = fc.oneof(
  { weight: 3, arbitrary: fc.array(anyRow, { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constant('snapshot' as const) },
);

test('rollup agrees with the naive one, and snapshots never change', () => {
  fc.assert(
    fc.property(fc.array(batchOrSnapshot, { maxLength: 8 }), (steps) => {
      const segment = new MutableSegment(rollup, testPool());
      const seen: { snapshot: ReturnType<MutableSegment['snapshot']>; cells: Value[][] }[] = [];
      for (const step of steps) {
        if (step === 'snapshot') {
          const snapshot = segment.snapshot();
          seen.push({ snapshot, cells: cellsOf(snapshot) });
        } else segment.append(rowsOf(step, types));
      }
      expect(cellsOf(segment.snapshot())).toEqual(naiveRollup(steps));
      for (const { snapshot, cells } of seen) expect(cellsOf(snapshot)).toEqual(cells);
      segment.close();
    }),
  );
});

test('lone surrogates are one text, the replacement character', () => {
  const segment = new MutableSegment(schemaOf({ s: 'STRING' }), testPool());
  const cells = ['\ud800', '\ufffd', '\udc00', ['\ud800', 'a'], ['\ufffd', 'a']];
  const rows = cells.map((s) => ({ __time: 0, s }));
  segment.append(rowsOf(rows, { __time: 'LONG', s: 'STRING' }));
  const snapshot = segment.snapshot();
  expect(cellsOf(snapshot).map(([, s]) => s)).toEqual([
    '\ufffd',
    '\ufffd',
    '\ufffd',
    ['\ufffd', 'a'],
    ['\ufffd', 'a'],
  ]);
  const cursor = snapshot.cursor();
  const ids = cells.map((_, row) => {
    cursor.row = row;
    return cursor.column('s').dictionary!.id();
  });
  expect(new Set(ids).size).toBe(2);
});

test('rollup of many keys, sketches included', () => {
  const schema = schemaOf({ s: 'STRING' }, METRICS, { rollup: true });
  const segment = new MutableSegment(schema, testPool());
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    __time: i % 2,
    s: `k${i % 5000}`,
    x: i,
    user: `u${i}`,
  }));
  const added = segment.append(rowsOf(rows, { ...types, user: 'STRING' }));
  expect(added).toBe(5000);
  const cursor = segment.snapshot().cursor();
  cursor.row = 0;
  expect(cursor.column('n').get()).toBe(4);
  expect(cursor.column('sum').get()).toBe(0 + 5000 + 10_000 + 15_000);
  const users = cursor.column('users').get() as { estimate(): number };
  expect(Math.round(users.estimate())).toBe(4);
});

test('truncation does not go before the start of the interval', () => {
  const queryGranularity = parseGranularity('all', 'queryGranularity');
  const chunk = { startMs: 100, endMs: 200 };
  const schema = schemaOf({}, [], {
    queryGranularity,
    chunkOf: () => ({ ...chunk, chunk }),
  });
  const segment = new MutableSegment(schema, testPool());
  segment.append(rowsOf([{ __time: 150 }, { __time: 100 }], { __time: 'LONG' }));
  expect(cellsOf(segment.snapshot())).toEqual([[100], [100]]);
});

test('an append beyond the memory budget adds nothing, and the segment goes on', () => {
  for (const schema of [plain, rollup]) {
    const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 600_000 });
    const segment = new MutableSegment(schema, pool);
    const row = { __time: 0, s: 'a', l: 1, d: 1, f: 1, x: 1 };
    segment.append(rowsOf([row], types));
    const many = Array.from({ length: 30_000 }, (_, i) => ({ ...row, l: i, d: null }));
    expect(() => segment.append(rowsOf(many, types))).toThrow(ResourceLimitError);
    expect(segment.append(rowsOf([{ ...row, l: 2, d: 2 }], types))).toBe(1);
    expect(cellsOf(segment.snapshot())).toEqual([
      [0, 'a', 1, 1, 1, 1, 1],
      [0, 'a', 2, 2, 1, 1, 1],
    ]);
    expect(segment.sizeBytes).toBeGreaterThan(10_000);
    segment.close();
    expect(pool.usedBytes).toBe(0);
  }
});

test('what an append without room brought is not to be seen', () => {
  const schema = schemaOf({ s: 'STRING', a: 'ARRAY<STRING>', n: 'ARRAY<LONG>', j: JSON_TYPE });
  const rowOf = (i: number, list: boolean): PlainRow => {
    const text = `${i}`.padStart(40, 'x');
    const s = list ? [text, 'b'] : text;
    return { __time: i, s, a: [text, null], n: [i, -i], j: Json.of({ text }) };
  };
  const read = (segment: Segment) => cellsOf(segment).map((cells) => JSON.stringify(cells));
  for (const list of [false, true]) {
    const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 200_000 });
    const segment = new MutableSegment(schema, pool);
    const rows = [1, 2, 3].map((i) => rowOf(i, false));
    segment.append(rowsOf(rows, inputTypes(schema)));
    const before = read(segment.snapshot());
    const many = Array.from({ length: 2000 }, (_, i) => rowOf(10 + i, list));
    expect(() => segment.append(rowsOf(many, inputTypes(schema)))).toThrow(ResourceLimitError);
    const snapshot = segment.snapshot();
    expect(read(snapshot)).toEqual(before);
    expect(read(attachSegment(structuredClone(snapshot.handle)))).toEqual(before);
    const { stats } = snapshot.columns.find(({ name }) => name === 's')!;
    expect(stats).toMatchObject({ cardinality: 3, min: rows[0]!.s, max: rows[2]!.s });
    const disk = new VirtualDisk();
    const options = { maxRowsPerSegment: 10, durable: false };
    const [sealed] = sealSegments(disk, '/', () => 'sealed.varve', [snapshot], schema, options);
    expect(read(openSegment(disk, sealed!.path, testPool()))).toEqual(before);
  }
});

/** A cursor that fails when it is asked for `x` of the last row. */
function failingRows(rows: readonly PlainRow[]): RowCursor {
  const cursor = rowsOf(rows, types);
  const column = cursor.column;
  cursor.column = (name) => {
    const reader = column(name);
    if (name !== 'x') return reader;
    const get = (): Value => {
      if (cursor.row === rows.length - 1) throw new Error('cannot be read');
      return reader.get();
    };
    return { ...reader, get };
  };
  return cursor;
}

describe('an append that fails half-way', () => {
  const nulls = [0, 1, 2].map((i) => ({ __time: i, s: null, l: null, d: null, f: null, x: i }));
  const values = [3, 4].map((i) => ({ __time: i, s: 'a', l: i, d: i, f: i, x: i }));

  test('leaves nothing behind', () => {
    const segment = new MutableSegment(plain, testPool());
    expect(() => segment.append(failingRows(nulls))).toThrow('cannot be read');
    expect(segment.rowCount).toBe(0);
    segment.append(rowsOf(values, types));
    expect(cellsOf(segment.snapshot())).toEqual(values.map(expectedCells));
  });

  test('while rolling up ends the segment', () => {
    const segment = new MutableSegment(rollup, testPool());
    expect(() => segment.append(failingRows(nulls))).toThrow('cannot be read');
    expect(() => segment.append(rowsOf(values, types))).toThrow(/cannot be used/);
    expect(() => segment.snapshot()).toThrow(/cannot be used/);
  });
});
