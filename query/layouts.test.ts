import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draws } from '../core/testing.js';
import type { Value } from '../model/index.js';
import { answer, layoutsOf } from './layouts-testing.js';
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
import {
  randomGroupBy,
  randomLayout,
  randomRows,
  randomScan,
  randomSearch,
  randomTimeBoundary,
  randomTimeseries,
  randomTopN,
  withVirtualCells,
} from './random-queries-testing.js';
import type { TestRow } from './testing.js';

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
      const expected = suite.naive(query as NaiveQuery, withVirtualCells(rows));
      for (const layout of layoutsOf(rows, random)) {
        expect(await answer(query as NaiveQuery, layout), layout.name).toEqual(expected);
        layout.tables.close();
      }
    }),
    { numRuns: draws(14) },
  );
});

const rowOrder = (a: readonly Value[], b: readonly Value[]): number =>
  JSON.stringify(a.map(String)) < JSON.stringify(b.map(String)) ? -1 : 1;

test('scan returns the matching rows in every layout', async () => {
  await fc.assert(
    fc.asyncProperty(randomRows, randomScan, randomLayout, async (rows, query, random) => {
      const expected = naiveScan(query as NaiveQuery, withVirtualCells(rows)).sort(rowOrder);
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
    { numRuns: draws(14) },
  );
});
