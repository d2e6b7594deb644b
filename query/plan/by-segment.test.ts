import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { ask, DAY, ROWS, TABLE } from '../fixture-testing.js';
import { TestTables } from '../testing.js';

const DAYS = [
  { startMs: 0, endMs: DAY },
  { startMs: 2 * DAY, endMs: 3 * DAY },
];
const split = new TestTables().add(
  't',
  TABLE,
  DAYS.map((interval) => ({
    interval,
    rows: ROWS.filter((row) => row.__time >= interval.startMs && row.__time < interval.endMs),
  })),
);
const IDS = [
  't_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_v1',
  't_1970-01-03T00:00:00.000Z_1970-01-04T00:00:00.000Z_v1_1',
];
const COUNT = { type: 'count', name: 'rows' };
const bySegment = (query: JsonObject) => ask({ ...query, context: { bySegment: true } }, split);
/** The answer to the same query over the days of a segment. */
const alone = (query: JsonObject, day: number) => {
  const { startMs, endMs } = DAYS[day]!;
  const interval = `${new Date(startMs).toISOString()}/${new Date(endMs).toISOString()}`;
  return ask({ ...query, intervals: interval }, split);
};

const GROUPS = {
  queryType: 'groupBy',
  granularity: 'all',
  dimensions: ['page'],
  aggregations: [COUNT],
};

test('each segment answers for itself: no limit, no having and no totals', async () => {
  const asked = {
    ...GROUPS,
    limitSpec: { type: 'default', limit: 1, columns: ['page'] },
    having: { type: 'greaterThan', aggregation: 'rows', value: 9 },
    subtotalsSpec: [[]],
  };
  const inner = { ...GROUPS, granularity: 'all' };
  const results = (await Promise.all([0, 1].map((day) => alone(inner, day)))) as JsonObject[][];
  expect(await bySegment(asked)).toEqual([
    {
      timestamp: '1970-01-01T00:00:00.000Z',
      result: {
        results: results[0],
        segment: IDS[0],
        interval: '1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z',
      },
    },
    {
      timestamp: expect.any(String),
      result: {
        results: results[1]!.map((each) => ({ ...each, timestamp: expect.any(String) })),
        segment: IDS[1],
        interval: '1970-01-03T00:00:00.000Z/1970-01-04T00:00:00.000Z',
      },
    },
  ]);
});

test.each([
  { queryType: 'timeseries', granularity: 'hour', aggregations: [COUNT], limit: 1 },
  { queryType: 'topN', granularity: 'all', dimension: 'page', metric: 'rows', threshold: 1 },
  { queryType: 'scan', columns: ['page', 'n'] },
  { queryType: 'search', query: { type: 'contains', value: 'a' }, searchDimensions: ['page'] },
  { queryType: 'timeBoundary' },
  { queryType: 'segmentMetadata', analysisTypes: ['minmax'] },
] as readonly JsonObject[])('$queryType', async (query) => {
  const found = (await bySegment({ aggregations: [COUNT], ...query })) as {
    readonly result: { readonly results: readonly unknown[]; readonly segment: string };
  }[];
  expect(found.map(({ result }) => result.segment)).toEqual(IDS);
  expect(found.every(({ result }) => result.results.length > 0)).toBe(true);
  if (query.queryType === 'timeseries') expect(found[0]!.result.results.length).toBeGreaterThan(1);
  if (query.queryType === 'topN') {
    const [{ result }] = found[0]!.result.results as [{ readonly result: readonly unknown[] }];
    expect(result).toHaveLength(2);
  }
});

test('tells where the query sees rows of a segment', async () => {
  const intervals = [`1970-01-01T00:30Z/1970-01-01T05:00Z`, `1970-01-01T07:00Z/1970-01-01T08:00Z`];
  const found = await ask({ ...GROUPS, intervals, context: { bySegment: true } }, split);
  expect(found).toMatchObject([
    { result: { interval: '1970-01-01T00:30:00.000Z/1970-01-01T08:00:00.000Z' } },
    {},
  ]);
});
