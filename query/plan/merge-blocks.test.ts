import { expect, test } from 'vitest';
import { parseNativeQuery } from '../native/registry.js';
import { TestTables, testEngine } from '../testing.js';

const GROUPS = 12_000;
/** Every group three times; */
const ROWS = Array.from({ length: 3 * GROUPS }, (_, i) => ({ __time: i, n: (i * 7) % GROUPS }));

const BY_N = {
  queryType: 'groupBy',
  dataSource: 't',
  granularity: 'all',
  intervals: '1970/1971',
  dimensions: [{ type: 'default', dimension: 'n', outputName: 'n', outputType: 'LONG' }],
};

test.each([{ maxRows: ROWS.length }, { maxRows: 10_000 }])(
  'many groups of several jobs are there once: $maxRows rows to a file',
  async ({ maxRows }) => {
    const tables = new TestTables().addSealed(
      't',
      { dimensions: { n: 'LONG' } },
      [{ rows: ROWS }],
      maxRows,
    );
    const ask = async (query: object, rowsPerJob: number) => {
      const parsed = parseNativeQuery({
        ...BY_N,
        aggregations: [
          { type: 'count', name: 'rows' },
          { type: 'longMax', name: 'last', fieldName: '__time' },
        ],
        ...query,
      });
      return (await testEngine(tables, { rowsPerJob }).run(parsed)).rows;
    };
    const rows = await ask({}, 9000);
    const expected = new Map<number, number[]>();
    for (const { __time, n } of ROWS) {
      expected.set(n, [n, (expected.get(n)?.[1] ?? 0) + 1, __time]);
    }
    const all = [...expected.values()].sort((a, b) => a[0]! - b[0]!);
    expect(rows.map((row) => row.slice(-3))).toEqual(all);
    // A filter that leaves few groups to some of the jobs and many to others.
    const filter = { type: 'bound', dimension: '__time', upper: '15000', ordering: 'numeric' };
    expect(await ask({ filter }, 9000)).toEqual(await ask({ filter }, 1_000_000));
    const limitSpec = { type: 'default', limit: 5, columns: ['last'] };
    expect(await ask({ limitSpec }, 9000)).toEqual(await ask({ limitSpec }, 1_000_000));
    tables.close();
  },
);

test('blocks that take too much memory are merged on the way', async () => {
  const wide = ROWS.map(({ __time, n }) => ({ __time, n: n * 2 ** 36 }));
  const tables = new TestTables().addSealed(
    't',
    { dimensions: { n: 'LONG' } },
    [{ rows: wide }],
    ROWS.length,
  );
  const query = parseNativeQuery({
    ...BY_N,
    aggregations: [{ type: 'longSum', name: 'times', fieldName: '__time' }],
    limitSpec: {
      type: 'default',
      limit: 7,
      columns: [{ dimension: 'times', direction: 'descending' }],
    },
  });
  const [folded, kept] = await Promise.all(
    [1.5 * 2 ** 20, 2 ** 30].map(async (maxQueryBytes) =>
      testEngine(tables, { rowsPerJob: 100, limits: { maxQueryBytes } }).run(query),
    ),
  );
  const sums = new Map<number, number>();
  for (const { __time, n } of wide) sums.set(n, (sums.get(n) ?? 0) + __time);
  const first = [...sums].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 7);
  expect(folded!.rows.map((row) => row.slice(-2))).toEqual(first);
  expect(kept!.rows).toEqual(folded!.rows);
  tables.close();
});

test('numbers that are shown as texts are merged as numbers: ordered as texts, limited, filtered, read by an outer query', async () => {
  const ends = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, null, 0, -1];
  const valueAt = (n: number): number | bigint | null =>
    n < ends.length ? ends[n]! : n * 1_000_003;
  const rows = ROWS.map(({ __time, n }) => ({ __time, n: valueAt(n) }));
  const halves = [{ rows: rows.slice(0, GROUPS) }, { rows: rows.slice(GROUPS) }];
  const table = { dimensions: { n: 'LONG' } } as const;
  const layouts = [
    new TestTables().add('t', table, halves),
    new TestTables().addSealed('t', table, halves, 10_000),
    new TestTables().addSealed('t', table, halves, rows.length),
  ];
  const rowsOf = new Map<string | null, number>();
  for (const { n } of rows) {
    const text = n === null ? null : String(n);
    rowsOf.set(text, (rowsOf.get(text) ?? 0) + 1);
  }
  const texts = [...rowsOf.keys()].sort((a, b) =>
    a === null ? -1 : b === null ? 1 : a < b ? -1 : 1,
  );
  const all = texts.map((text) => [text, rowsOf.get(text)]);
  const by = { ...BY_N, dimensions: ['n'], aggregations: [{ type: 'count', name: 'rows' }] };
  const limitSpec = { type: 'default', limit: 9, columns: ['n'] };
  const having = { type: 'dimSelector', dimension: 'n', value: '9223372036854775807' };
  const outer = { ...BY_N, dimensions: [], dataSource: { type: 'query', query: by } };
  for (const tables of layouts) {
    for (const rowsPerJob of [3000, 1_000_000]) {
      const ask = async (query: object) => {
        const engine = testEngine(tables, { rowsPerJob });
        const { rows: found } = await engine.run(parseNativeQuery(query));
        return found.map((row) => row.slice(-2));
      };
      expect(await ask(by)).toEqual(all);
      expect(await ask({ ...by, limitSpec })).toEqual(all.slice(0, 9));
      expect(await ask({ ...by, having })).toEqual([['9223372036854775807', 3]]);
      const filter = { type: 'not', field: { type: 'null', column: 'n' } };
      const count = [
        { type: 'filtered', filter, aggregator: { type: 'count', name: 'groups' } },
        { type: 'stringAny', name: 'any', fieldName: 'n' },
      ];
      expect((await ask({ ...outer, aggregations: count }))[0]![0]).toBe(GROUPS - 1);
    }
  }
  for (const tables of layouts) tables.close();
});
