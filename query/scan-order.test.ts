import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RealDisk } from '../core/index.js';
import { draws } from '../core/testing.js';
import type { Value } from '../model/index.js';
import { InlineExecutor } from './executor/inline-executor.js';
import { answer, layoutsOf } from './layouts-testing.js';
import { type NaiveQuery, naiveOrder } from './naive-testing.js';
import { parseNativeQuery } from './native/registry.js';
import { randomLayout, randomRows } from './random-queries-testing.js';
import { type TestRow, TestTables, testEngine } from './testing.js';

const ETERNAL: readonly (readonly [number, number])[] = [[0, Date.UTC(1971, 0)]];
const VIRTUAL = { type: 'expression', name: 'twice', expression: 'd * 2', outputType: 'DOUBLE' };
const COLUMNS = ['__time', 's', 'm', 'n', 'd', 'twice', 'missing'];

interface Key {
  readonly columnName: string;
  readonly order: 'ascending' | 'descending';
  readonly nulls?: 'first' | 'last';
}

const key: fc.Arbitrary<Key> = fc.record(
  {
    columnName: fc.constantFrom(...COLUMNS),
    order: fc.constantFrom('ascending', 'descending'),
    nulls: fc.constantFrom('first', 'last'),
  },
  { requiredKeys: ['columnName', 'order'] },
);
const randomOrder = fc.record({
  orderBy: fc.array(key, { minLength: 1, maxLength: 3 }),
  limit: fc.nat(10),
  offset: fc.nat(6),
  columns: fc.uniqueArray(fc.constantFrom(...COLUMNS), { minLength: 1 }),
});

const fullRow = (row: TestRow): Value[] =>
  COLUMNS.map((name) => (name === 'twice' ? twice(row.d ?? null) : (row[name] ?? null)));
const twice = (value: Value): Value => (value === null ? null : Number(value) * 2);

/** Texts before lists, lists element by element. */
function naiveCellOrder(a: Value, b: Value): number {
  if (!Array.isArray(a) || !Array.isArray(b)) {
    return Number(Array.isArray(a)) - Number(Array.isArray(b)) || naiveOrder(a, b);
  }
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = naiveOrder(a[i] as Value, b[i] as Value);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function naiveRowOrder(keys: readonly Key[]) {
  return (rowA: readonly Value[], rowB: readonly Value[]): number => {
    for (const { columnName, order, nulls } of keys) {
      const a = rowA[COLUMNS.indexOf(columnName)]!;
      const b = rowB[COLUMNS.indexOf(columnName)]!;
      const isAscending = order === 'ascending';
      const nullsFirst = nulls === undefined ? isAscending : nulls === 'first';
      if (a === null && b === null) continue;
      if (a === null) return nullsFirst ? -1 : 1;
      if (b === null) return nullsFirst ? 1 : -1;
      const by = naiveCellOrder(a, b);
      if (by !== 0) return isAscending ? by : -by;
    }
    return 0;
  };
}

const asSet = (rows: readonly (readonly Value[])[]): string[] =>
  rows.map((row) => row.map((cell) => `${typeof cell}:${String(cell)}`).join('|')).sort();

test('a scan in order is a stable sort of its rows, cut, in every layout', async () => {
  await fc.assert(
    fc.asyncProperty(randomRows, randomOrder, randomLayout, async (rows, order, random) => {
      const { orderBy, limit, offset, columns } = order;
      const base = { queryType: 'scan', intervals: ETERNAL, virtualColumns: [VIRTUAL], orderBy };
      const ask = (query: object) => ({ ...base, ...query }) as NaiveQuery;
      const compare = naiveRowOrder(orderBy);
      for (const layout of layoutsOf(rows, random)) {
        const all = await answer(ask({ columns: COLUMNS }), layout);
        expect(asSet(all), layout.name).toEqual(asSet(rows.map(fullRow)));
        expect([...all].sort(compare), layout.name).toEqual(all);

        const cut = await answer(ask({ columns, limit, offset }), layout);
        const expected = all.slice(offset, limit === 0 ? undefined : offset + limit);
        const projected = expected.map((row) => columns.map((name) => row[COLUMNS.indexOf(name)]!));
        expect(cut, layout.name).toEqual(projected);

        const inOneJob = await answer(ask({ columns, limit, offset }), {
          ...layout,
          rowsPerJob: 1000,
        });
        expect(inOneJob, layout.name).toEqual(projected);
        layout.tables.close();
      }
    }),
    { numRuns: draws(20) },
  );
});

test('rows of equal keys stay in the order of segments and of rows in them', async () => {
  await fc.assert(
    fc.asyncProperty(randomRows, randomOrder, randomLayout, async (rows, { orderBy }, random) => {
      const query = { queryType: 'scan', intervals: ETERNAL, virtualColumns: [VIRTUAL], orderBy };
      const stored = [0, 1, 2, 3].flatMap((segment) =>
        rows.filter((_, i) => random.segmentOf[i] === segment),
      );
      const [one, , several] = layoutsOf(rows, random);
      const ask = { ...query, columns: COLUMNS } as NaiveQuery;
      const sorted = (list: readonly TestRow[]) => list.map(fullRow).sort(naiveRowOrder(orderBy));
      expect(await answer(ask, one!)).toEqual(sorted(rows));
      expect(await answer(ask, several!)).toEqual(sorted(stored));
      one!.tables.close();
      several!.tables.close();
    }),
    { numRuns: draws(14) },
  );
});

describe('over six rows in three segments', () => {
  const ROWS: TestRow[] = [4, null, 1, 6, 2, 5].map((n, i) => ({ __time: i, n, s: `row ${i}` }));
  const TABLE = { dimensions: { s: 'STRING', n: 'LONG' } } as const;
  const tables = new TestTables().add('t', TABLE, [
    { rows: ROWS.slice(0, 2) },
    { rows: ROWS.slice(2, 4) },
    { rows: ROWS.slice(4) },
  ]);
  const scan = {
    queryType: 'scan',
    dataSource: 't',
    intervals: '1970/1971',
    columns: ['s'],
    orderBy: [{ columnName: 'n', order: 'descending' }],
  };
  const parsed = (query: object) => parseNativeQuery({ ...scan, ...query });

  test('the limit, not the rows of the table, must be within maxResultRows', async () => {
    const engine = testEngine(tables, { limits: { maxResultRows: 3 }, rowsPerJob: 1 });
    const { rows, batches } = await engine.run(parsed({ limit: 3 }));
    expect(rows).toEqual([['row 3'], ['row 5'], ['row 0']]);
    expect(batches).toEqual([{ segmentId: null, rowCount: 3 }]);
    expect((await engine.run(parsed({ limit: 2, offset: 4 }))).rows).toEqual([
      ['row 2'],
      ['row 1'],
    ]);
  });

  test.each([
    { name: 'in order, without a limit', query: {} },
    { name: 'in order, with a limit beyond', query: { limit: 4 } },
    { name: 'in stored order', query: { orderBy: [] } },
  ])('no more jobs run when the rows are too many: $name', async ({ query }) => {
    const executor = new InlineExecutor(new RealDisk());
    let jobs = 0;
    const run = executor.run.bind(executor);
    executor.run = (job, signal) => {
      jobs++;
      return run(job, signal);
    };
    const engine = testEngine(tables, { executor, limits: { maxResultRows: 2 }, rowsPerJob: 1 });
    const failed = engine.run(parsed(query));
    await expect(failed).rejects.toMatchObject({ family: 'resourceLimit', limit: 2 });
    expect(jobs).toBeLessThan(6);
  });

  test.each(['ascending', 'descending'])(
    'a scan by time ends when what is left lies behind its limit: %s',
    async (order) => {
      const rows = Array.from({ length: 9000 }, (_, i) => ({ __time: i >> 1, x: i % 7 }));
      const many = new TestTables().addSealed('t', { dimensions: { x: 'LONG' } }, [{ rows }], 9000);
      const columns = ['__time', 'x'];
      const orderBy = [{ columnName: '__time', order }, { columnName: 'x' }];
      const filter = { type: 'selector', dimension: 'x', value: '3' };
      const query = { columns, orderBy, filter, limit: 2 };
      const { rows: first, stats } = await testEngine(many).run(parsed(query));
      many.close();
      const times = rows.flatMap(({ __time, x }) => (x === 3 ? [__time] : []));
      const wanted = order === 'ascending' ? times.slice(0, 2) : times.reverse().slice(0, 2);
      expect(first).toEqual(wanted.map((timeMs) => [timeMs, 3]));
      expect(stats.rowsScanned).toBeLessThan(2000);
    },
  );

  test('rows in memory without a time are ordered too', async () => {
    const inline = {
      type: 'inline',
      columnNames: ['a'],
      columnTypes: ['LONG'],
      rows: [[2], [null], [1]],
    };
    const ask = async (query: object) =>
      (await testEngine(tables).run(parsed({ dataSource: inline, columns: [], ...query }))).rows;
    expect(await ask({ orderBy: [{ columnName: 'a' }] })).toEqual([[null], [1], [2]]);
    expect(await ask({ orderBy: undefined, order: 'descending' })).toEqual([[2], [null], [1]]);
  });

  test('a column that differs in type between segments is ordered as what it is read as', async () => {
    const mixed = new TestTables()
      .add('t', { dimensions: { x: 'STRING' } }, [{ rows: [{ __time: 0, x: '7' }] }])
      .add('t', { dimensions: { x: 'LONG' } }, [{ rows: [{ __time: 0, x: 10 }] }])
      .add('t', { dimensions: {} }, [{ rows: [{ __time: 0 }] }]);
    const query = parsed({ columns: ['x'], orderBy: [{ columnName: 'x' }] });
    expect((await testEngine(mixed).run(query)).rows).toEqual([[null], ['10'], ['7']]);
  });
});
