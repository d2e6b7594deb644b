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
