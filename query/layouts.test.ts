import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Value } from '../model/index.js';
import {
  type NaiveQuery,
  naiveGroupBy,
  naiveOrder,
  naiveScan,
  naiveSearch,
  naiveTimeBoundary,
  naiveTimeseries,
  naiveTopN,
} from './naive-testing.js';
import { parseNativeQuery } from './native/registry.js';
import {
  RANDOM_TABLE,
  randomGroupBy,
  randomLayout,
  randomRows,
  randomScan,
  randomSearch,
  randomTimeBoundary,
  randomTimeseries,
  randomTopN,
} from './random-queries-testing.js';
import { type TestRow, TestTables, testEngine } from './testing.js';

/** One layout of the rows in segments: the answer must not depend on it. */
interface Layout {
  readonly name: string;
  readonly tables: TestTables;
  readonly rowsPerJob: number;
}

interface RandomLayout {
  readonly segmentOf: readonly number[];
  readonly rowsPerJob: number;
}

function layoutsOf(rows: readonly TestRow[], { segmentOf, rowsPerJob }: RandomLayout): Layout[] {
  const sorted = [...rows].sort((a, b) => a.__time - b.__time);
  const several = [0, 1, 2, 3].map((segment) => ({
    rows: rows.filter((_, i) => segmentOf[i] === segment),
  }));
  const table = (parts: readonly { rows: readonly TestRow[] }[]) =>
    new TestTables().add('t', RANDOM_TABLE, parts);
  const sealed = (parts: readonly { rows: readonly TestRow[] }[], maxRows: number) =>
    new TestTables().addSealed('t', RANDOM_TABLE, parts, maxRows);
  return [
    { name: 'one segment', tables: table([{ rows }]), rowsPerJob: 1000 },
    { name: 'one sorted segment', tables: table([{ rows: sorted }]), rowsPerJob },
    { name: 'several segments', tables: table(several), rowsPerJob },
    { name: 'one file', tables: sealed(several, 1000), rowsPerJob },
    { name: 'several files', tables: sealed(several, 7), rowsPerJob: 1000 },
  ];
}

const intervalTexts = (query: NaiveQuery): string[] =>
  query.intervals.map(
    ([start, end]) => `${new Date(start).toISOString()}/${new Date(end).toISOString()}`,
  );

async function answer(query: NaiveQuery, { tables, rowsPerJob }: Layout) {
  const json = { dataSource: 't', ...query, intervals: intervalTexts(query) };
  const result = await testEngine(tables, { rowsPerJob }).run(parseNativeQuery(json));
  expect(tables.pinsHeld).toBe(0);
  return result.rows.map((row) => [...row]);
}

const SUITES: readonly {
  name: string;
  queries: fc.Arbitrary<object>;
  naive: (query: NaiveQuery, rows: readonly TestRow[]) => Value[][];
}[] = [
  { name: 'timeseries', queries: randomTimeseries, naive: naiveTimeseries },
  { name: 'topN', queries: randomTopN, naive: naiveTopN },
  { name: 'groupBy', queries: randomGroupBy, naive: naiveGroupBy },
  { name: 'search', queries: randomSearch, naive: naiveSearch },
  { name: 'timeBoundary', queries: randomTimeBoundary, naive: naiveTimeBoundary },
];

test.each(SUITES)('$name agrees with the naive evaluation in every layout', async (suite) => {
  await fc.assert(
    fc.asyncProperty(randomRows, suite.queries, randomLayout, async (rows, query, random) => {
      const expected = suite.naive(query as NaiveQuery, rows);
      for (const layout of layoutsOf(rows, random)) {
        expect(await answer(query as NaiveQuery, layout), layout.name).toEqual(expected);
        layout.tables.close();
      }
    }),
    { numRuns: 80 },
  );
});

const rowOrder = (a: readonly Value[], b: readonly Value[]): number =>
  JSON.stringify(a.map(String)) < JSON.stringify(b.map(String)) ? -1 : 1;

test('scan returns the matching rows in every layout', async () => {
  await fc.assert(
    fc.asyncProperty(randomRows, randomScan, randomLayout, async (rows, query, random) => {
      const expected = naiveScan(query as NaiveQuery, rows).sort(rowOrder);
      const end = query.limit === 0 ? expected.length : query.offset + query.limit;
      const count = Math.max(0, Math.min(expected.length, end) - query.offset);
      for (const layout of layoutsOf(rows, random)) {
        const all = await answer({ ...query, limit: 0, offset: 0 } as NaiveQuery, layout);
        const cut = await answer(query as NaiveQuery, layout);
        expect([...all].sort(rowOrder), layout.name).toEqual(expected);
        expect(cut, layout.name).toEqual(all.slice(query.offset, query.offset + count));
        const times = all.map((row) => row[0]!);
        const sign = query.order === 'descending' ? -1 : 1;
        const sorted = [...times].sort((a, b) => sign * naiveOrder(a, b));
        if (query.order !== 'none') expect(times, layout.name).toEqual(sorted);
        layout.tables.close();
      }
    }),
    { numRuns: 80 },
  );
});
