import { expect, test } from 'vitest';
import { ManualClock } from '../../core/index.js';
import { engineWithoutRows } from './testing.js';

const engine = engineWithoutRows(new ManualClock(0));

const ROWS = "(VALUES ('a', 1, 1.5), ('a', 2, 2.5), ('b', 3, 3.5), ('b', 4, 4.5)) AS v (k, n, d)";

const rowsOf = async (query: string) => (await engine.run({ query })).rows;

test.each([
  ['VAR_POP(d), VAR_SAMP(d), VARIANCE(d)', [1.25, 5 / 3, 5 / 3]],
  ['STDDEV_POP(d), STDDEV(d) + 1', [Math.sqrt(1.25), Math.sqrt(5 / 3) + 1]],
  ['VAR_POP(n), STDDEV_SAMP(n), VAR_POP(n * 10)', [1, 1, 125]],
  ["VAR_POP(d) FILTER (WHERE k = 'none'), STDDEV(d) FILTER (WHERE k = 'none')", [null, null]],
  ['VAR_SAMP(CAST(n AS VARCHAR)), STDDEV(d) FILTER (WHERE n = 1)', [5 / 3, 0]],
  ['APPROX_QUANTILE(d, 0.1), APPROX_QUANTILE(d, 0.5, 100)', [1.5, 2.5]],
  ["APPROX_QUANTILE(d, 0.5) FILTER (WHERE k = 'none')", [Number.NaN]],
  [
    "APPROX_QUANTILE_FIXED_BUCKETS(d, 0.5, 20, 0, 10), APPROX_QUANTILE_FIXED_BUCKETS(d, 0.5, 20, 0, 2, 'clip')",
    [3, 1.9333333333333333],
  ],
  ['TDIGEST_QUANTILE(d, 0.5), TDIGEST_QUANTILE(d, 1, 20)', [3, 4.5]],
  ["APPROX_QUANTILE_FIXED_BUCKETS(d, 0.5, 20, 0, 10) FILTER (WHERE k = 'none')", [0]],
] as const)('SELECT %s', async (items, row) => {
  const [got] = await rowsOf(`SELECT ${items} FROM ${ROWS}`);
  for (const [i, value] of row.entries()) {
    if (typeof value === 'number' && !Number.isNaN(value)) expect(got![i]).toBeCloseTo(value, 12);
    else expect(got![i]).toBe(value);
  }
});

test('of a subquery, variances are numbers', async () => {
  const inner = `SELECT k, VAR_POP(d) AS v, APPROX_QUANTILE(d, 0.5) AS q FROM ${ROWS} GROUP BY k`;
  expect(await rowsOf(`SELECT SUM(v), COUNT(q) FROM (${inner})`)).toEqual([[0.5, 2]]);
  expect(await rowsOf(`SELECT k FROM ${ROWS} GROUP BY k ORDER BY STDDEV(d), k`)).toEqual([
    ['a'],
    ['b'],
  ]);
});

test.each([
  ['VAR_POP(DS_HLL(n))', /./],
  ['APPROX_QUANTILE(d, 2)', /wants fractions from 0 to 1/],
  ['APPROX_QUANTILE_FIXED_BUCKETS(d, 0.5, 20, 10, 0)', /want more than lowerLimit/],
])('%s is refused', async (item, says) => {
  await expect(rowsOf(`SELECT ${item} FROM ${ROWS}`)).rejects.toThrow(says);
});
