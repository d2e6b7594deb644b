import { afterAll, expect, test } from 'vitest';
import { ManualClock } from '../../core/index.js';
import { parseAggregator, parseGranularity } from '../../model/index.js';
import { SqlEngine } from '../sql/index.js';
import { TestTables, testEngine } from '../testing.js';

const ROW_COUNT = 1000;
const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => ({
  __time: i * 60_000,
  s: i % 7 === 0 ? null : `s${i % 5}`,
  u: `u${(i * i) % 300}`,
  x: i % 5 === 0 ? null : (i * 29) % 300,
}));
const NOT_NULL = { type: 'not', field: { type: 'null', column: 'x' } };
const metrics = [
  { type: 'count', name: 'm0' },
  { type: 'longSum', name: 'm1', fieldName: 'x' },
  { type: 'longMin', name: 'm2', fieldName: 'x' },
  { type: 'longMax', name: 'm3', fieldName: 'x' },
  { type: 'filtered', filter: NOT_NULL, aggregator: { type: 'count', name: 'm4' } },
  { type: 'hyperUnique', name: 'm5', fieldName: 'u' },
].map((spec) => parseAggregator(spec, ''));
const starTrees = [
  {
    dimensions: [
      { name: 's', skipStar: false },
      { name: '__time', skipStar: false, granularity: parseGranularity('hour', '') },
    ],
    metrics,
    maxLeafRecords: 1,
  },
];
const dimensions = { s: 'STRING', u: 'STRING', x: 'LONG' } as const;
const tables = new TestTables().addSealed(
  't',
  { dimensions, starTrees },
  [{ rows: ROWS }],
  ROW_COUNT,
);
afterAll(() => tables.close());

const clock = new ManualClock(0);
const catalog = { tables: () => ['t'], schema: () => tables.schema('t') };

/** Rows, and how many rows or records were read. */
async function ask(query: string, useStarTree: boolean) {
  const engine = testEngine(tables);
  const sql = new SqlEngine({ engine, catalog, system: { rows: () => [] }, clock });
  const { rows } = await sql.run({ query, context: { useStarTree, skipIndexes: true } });
  return { rows, read: engine.totals.rowsScanned };
}

test.each([
  'SELECT AVG(x), COUNT(x), COUNT(*) FROM t',
  'SELECT s, SUM(x), MIN(x), MAX(x) FROM t GROUP BY 1 ORDER BY 1',
  "SELECT SUM(x) FILTER (WHERE s = 's1'), AVG(x) FILTER (WHERE s <> 's2'), COUNT(*) FILTER (WHERE s IS NULL) FROM t",
  'SELECT s, APPROX_COUNT_DISTINCT(u) FROM t GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3',
  "SELECT FLOOR(__time TO HOUR), AVG(x) FROM t WHERE __time >= TIMESTAMP '1970-01-01 03:00:00' GROUP BY 1 ORDER BY 1",
  "SELECT s, COUNT(x) FROM t WHERE __time < TIMESTAMP '1970-01-01 09:00:00' AND s IN ('s1', 's3') GROUP BY 1 HAVING AVG(x) > 1 ORDER BY 1",
])('records answer %s', async (query) => {
  const [found, expected] = [await ask(query, true), await ask(query, false)];
  expect(found.rows).toEqual(expected.rows);
  expect(found.read).toBeLessThan(expected.read / 2);
});
