import { expect, test } from 'vitest';
import { ManualClock, UserError } from '../../core/index.js';
import { engineWithoutRows } from './testing.js';

const engine = engineWithoutRows(new ManualClock(0));

const ROWS =
  "(VALUES ('a', 1, 'x'), ('a', 2, 'y'), ('b', 3, 'y'), ('b', 4, 'z'), ('b', 5, 'z'), (NULL, 6, '')) AS v (k, n, u)";

const rowsOf = async (query: string) => (await engine.run({ query })).rows;

test.each([
  [
    "APPROX_COUNT_DISTINCT_DS_HLL(u), APPROX_COUNT_DISTINCT_DS_THETA(u), APPROX_COUNT_DISTINCT_DS_HLL(n, 10, 'HLL_8')",
    [3, 3, 6],
  ],
  ['APPROX_QUANTILE_DS(n, 0.5), APPROX_QUANTILE_DS(n, 0.98, 256)', [4, 6]],
  [
    "THETA_SKETCH_ESTIMATE(THETA_SKETCH_INTERSECT(DS_THETA(u) FILTER (WHERE k = 'a'), DS_THETA(u) FILTER (WHERE k = 'b')))",
    [1],
  ],
  [
    "THETA_SKETCH_ESTIMATE(THETA_SKETCH_NOT(DS_THETA(u), DS_THETA(u) FILTER (WHERE k = 'a'))) + 1",
    [2],
  ],
  [
    'HLL_SKETCH_ESTIMATE(DS_HLL(u), TRUE), HLL_SKETCH_ESTIMATE(HLL_SKETCH_UNION(DS_HLL(u), DS_HLL(k)), TRUE)',
    [3, 5],
  ],
  ['DS_GET_QUANTILES(DS_QUANTILES_SKETCH(n), 0, 0.5, 1)', [[1, 4, 6]]],
  ['DS_RANK(DS_QUANTILES_SKETCH(n), 4), DS_CDF(DS_QUANTILES_SKETCH(n), 4)', [0.5, [0.5, 1]]],
  [
    'RESERVOIR_SAMPLE(k, 10), RESERVOIR_SAMPLE(n, 10, 7)',
    [
      ['a', 'a', 'b', 'b', 'b'],
      [1, 2, 3, 4, 5, 6],
    ],
  ],
  [
    'RESERVOIR_SAMPLE(n * 0.5, 10), WEIGHTED_SAMPLE(n, n - 4, 10)',
    [
      [0.5, 1, 1.5, 2, 2.5, 3],
      [5, 6],
    ],
  ],
  ["APPROX_COUNT_DISTINCT_DS_HLL(u) FILTER (WHERE k = 'none')", [0]],
  [
    "COUNT_MIN_FREQUENCY(COUNT_MIN_SKETCH(u), 'z'), COUNT_MIN_FREQUENCY(COUNT_MIN_SKETCH(n, 64, 2, TRUE), 6)",
    [2, 1],
  ],
  [
    'DS_TUPLE_DOUBLES_METRICS_SUM_ESTIMATE(DS_TUPLE_DOUBLES(u, n, n * 2)), DS_TUPLE_DOUBLES_ESTIMATE(DS_TUPLE_DOUBLES(k, n, 32))',
    [[15, 30], 2],
  ],
  [
    "DS_TUPLE_DOUBLES_METRICS_SUM_ESTIMATE(DS_TUPLE_DOUBLES_INTERSECT(DS_TUPLE_DOUBLES(u, n) FILTER (WHERE k = 'a'), DS_TUPLE_DOUBLES(u, n) FILTER (WHERE k = 'b'), 64))",
    [[5]],
  ],
] as const)('SELECT %s', async (items, row) => {
  expect(await rowsOf(`SELECT ${items} FROM ${ROWS}`)).toEqual([row]);
});

test('sketches of a subquery can be asked, and counts of one computed with', async () => {
  const inner = `SELECT k, DS_HLL(u) AS s, APPROX_COUNT_DISTINCT_DS_HLL(u) AS c FROM ${ROWS} GROUP BY k`;
  const sum = 'SUM(c), APPROX_COUNT_DISTINCT_DS_HLL(s), HLL_SKETCH_ESTIMATE(DS_HLL(s), TRUE)';
  expect(await rowsOf(`SELECT ${sum} FROM (${inner})`)).toEqual([[4, 3, 3]]);
  expect(
    await rowsOf(`SELECT k, HLL_SKETCH_ESTIMATE(s, TRUE) FROM (${inner} ORDER BY k LIMIT 3)`),
  ).toEqual([
    [null, 0],
    ['a', 2],
    ['b', 2],
  ]);
});

test('the most frequent values, with bounds', async () => {
  const [row] = await rowsOf(`SELECT APPROX_TOP_K(k, 1), APPROX_TOP_K(n, 10) FROM ${ROWS}`);
  const [texts, longs] = JSON.parse(JSON.stringify(row));
  expect(texts).toEqual([{ value: 'b', atLeast: 3, atMost: 3 }]);
  expect(longs).toContainEqual({ value: 6, atLeast: 1, atMost: 1 });
});

test.each([
  'APPROX_HEAVY_HITTERS(k, 0.5)',
  'APPROX_HEAVY_HITTERS(k, 0.5, 0.1)',
  'COUNT_MIN_HEAVY_HITTERS(k, 0.5)',
  'COUNT_MIN_HEAVY_HITTERS(k, 0.5, 16, 2)',
])('SELECT %s lists what is half of all values', async (item) => {
  const [row] = await rowsOf(`SELECT ${item} FROM ${ROWS}`);
  expect(JSON.parse(JSON.stringify(row))).toEqual([[{ value: 'b', atLeast: 3, atMost: 3 }]]);
});

test('groups are ordered, and chosen, by what their sketches say', async () => {
  const query = `SELECT k, APPROX_COUNT_DISTINCT_DS_THETA(n) AS c FROM ${ROWS} GROUP BY k`;
  expect(
    await rowsOf(`${query} HAVING APPROX_COUNT_DISTINCT_DS_THETA(n) > 1 ORDER BY 2 DESC`),
  ).toEqual([
    ['b', 3],
    ['a', 2],
  ]);
  expect(await rowsOf(`${query} ORDER BY 2 DESC LIMIT 1`)).toEqual([['b', 3]]);
});

test.each([
  ['THETA_SKETCH_ESTIMATE(DS_HLL(u))', /takes COMPLEX<thetaSketch>, got COMPLEX<HLLSketch>/],
  ['APPROX_QUANTILE_DS(n, 2)', /wants fractions from 0 to 1/],
  ['DS_HLL(u, 3)', /lgK: want 4 to 21/],
  ['APPROX_HEAVY_HITTERS(u, 2)', /share: want more than 0, at most 1/],
  ['APPROX_HEAVY_HITTERS(u, 0.1, 0.2)', /error: want 1e-6 to 0.1, the share; got 0.2/],
  ['HLL_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS(DS_HLL(u), 4)', /numStdDev: want 1, 2 or 3; got 4/],
])('SELECT %s is refused', async (item, says) => {
  const asked = rowsOf(`SELECT ${item} FROM ${ROWS}`);
  await expect(asked).rejects.toThrow(UserError);
  await expect(asked).rejects.toThrow(says);
});

test.each(['SUM', 'AVG', 'MIN', 'LATEST', 'ANY_VALUE', 'ARRAY_AGG', 'BIT_OR', 'UPPER'])(
  '%s of a sketch is refused',
  async (name) => {
    const inner = `SELECT k, DS_HLL(u) AS s FROM ${ROWS} GROUP BY k`;
    await expect(rowsOf(`SELECT ${name}(s) FROM (${inner})`)).rejects.toThrow(
      `${name} does not take COMPLEX<HLLSketch>`,
    );
  },
);

test('what is asked of one sketch several times is one aggregator', async () => {
  const items = [
    ...[0.5, 0.95].map((fraction) => `APPROX_QUANTILE_DS(n, ${fraction})`),
    'APPROX_QUANTILE_DS(n, 0.5, 256)',
    "APPROX_QUANTILE_DS(n, 0.5) FILTER (WHERE k = 'a')",
    "APPROX_QUANTILE_DS(n, 0.9) FILTER (WHERE k = 'a')",
  ];
  const query = `SELECT ${items} FROM ${ROWS}`;
  expect(await rowsOf(query)).toEqual([[4, 6, 4, 2, 2]]);
  const [[plan]] = (await rowsOf(`EXPLAIN PLAN FOR ${query}`)) as [[string]];
  expect(plan.split('"quantilesDoublesSketch"')).toHaveLength(4);
});

test.each<[statement: string, types: string[], rows: unknown[][]]>([
  [
    `SELECT DS_HLL(u), DS_THETA(u) AS t, DS_QUANTILES_SKETCH(n), DS_TUPLE_DOUBLES(u, n), HLL_SKETCH_ESTIMATE(DS_HLL(u)), COUNT(*) FROM ${ROWS}`,
    ['DOUBLE', 'DOUBLE', 'BIGINT', 'DOUBLE', 'DOUBLE', 'BIGINT'],
    [[3, 3, 6, 3, 3, 6]],
  ],
  [
    `SELECT k, DS_THETA(u) FROM ${ROWS} GROUP BY k HAVING COUNT(*) > 1 ORDER BY k DESC LIMIT 2`,
    ['VARCHAR', 'DOUBLE'],
    [
      ['b', 2],
      ['a', 2],
    ],
  ],
  [
    `SELECT DS_QUANTILES_SKETCH(n) AS s FROM ${ROWS} UNION ALL SELECT DS_QUANTILES_SKETCH(n) FROM ${ROWS} WHERE n > 4`,
    ['BIGINT'],
    [[6], [2]],
  ],
  [
    `SELECT SUM(THETA_SKETCH_ESTIMATE(t)) FROM (SELECT k, DS_THETA(u) AS t FROM ${ROWS} GROUP BY k)`,
    ['DOUBLE'],
    [[4]],
  ],
])('sketches as numbers: %s', async (query, types, rows) => {
  const answer = await engine.run({ query, context: { sqlFinalizeOuterSketches: true } });
  expect(answer.columns.map(({ type }) => type)).toEqual(types);
  expect(answer.rows.map((row) => row.map((cell) => near(cell)))).toEqual(rows);
});

/** Estimates of few values are all but whole. */
const near = (cell: unknown): unknown =>
  typeof cell === 'number' ? Number(cell.toFixed(6)) : cell;

test('sketches stay sketches where nothing is said, and those computed of others', async () => {
  const query = `SELECT DS_THETA(u), THETA_SKETCH_UNION(DS_THETA(u), DS_THETA(k)) FROM ${ROWS}`;
  for (const isFinal of [false, true]) {
    const context = isFinal ? { sqlFinalizeOuterSketches: true } : {};
    const { columns, rows } = await engine.run({ query, context });
    const types = [isFinal ? 'DOUBLE' : 'COMPLEX<thetaSketch>', 'COMPLEX<thetaSketch>'];
    expect(columns.map(({ type }) => type)).toEqual(types);
    expect(rows[0]!.map((cell) => typeof cell)).toEqual([isFinal ? 'number' : 'object', 'object']);
  }
});
