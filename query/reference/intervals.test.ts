import { describe, expect, test } from 'vitest';
import { askText, at } from './asking-testing.js';

/** A row per hour of the days around the start of summer time in New York, 2020-03-08 at 07:00 UTC. */
const HOUR_MS = 3_600_000;
const FIRST_MS = at('2020-03-07T00:00');
const ask = askText(
  { dimensions: { page: 'STRING' } },
  Array.from({ length: 72 }, (_, i) => ({ __time: FIRST_MS + i * HOUR_MS, page: 'A' })),
);
const COUNT = { type: 'count', name: 'c' };
const TIMESERIES = { queryType: 'timeseries', granularity: 'all', aggregations: [COUNT] };
const TOP = { ...TIMESERIES, queryType: 'topN', dimension: 'page', threshold: 1, metric: 'c' };
const GROUP = { ...TIMESERIES, queryType: 'groupBy', dimensions: [] };

/** The counts of a timeseries, each behind its time. */
const counts = async (query: Record<string, unknown>): Promise<string> =>
  [...(await ask({ ...TIMESERIES, ...query })).matchAll(/"timestamp":"(.+?)",.*?"c":(\d+)/g)]
    .map(([, time, count]) => `${time} ${count}`)
    .join(', ');

describe('intervals', () => {
  const halfDays = { type: 'duration', duration: 12 * HOUR_MS };
  const rowsIn = async (intervals: unknown): Promise<number> =>
    Number(/"c":(\d+)/.exec(await ask({ ...TIMESERIES, intervals }))![1]);

  test.each([
    { intervals: '2020-03-07T05:00/2020-03-07T06:00', rows: 1 },
    { intervals: '2020-03-07T05:00:00.001/2020-03-07T06:00', rows: 0 },
    { intervals: '2020-03-07T05:00/2020-03-07T06:00:00.001', rows: 2 },
    { intervals: '2020-03-07T05:00/2020-03-07T05:00', rows: 0 },
    { intervals: '2020-03-07/P1D', rows: 24 },
    { intervals: 'PT2H/2020-03-08', rows: 2 },
    { intervals: '2020/2021', rows: 72 },
    { intervals: '2020-03/P1M', rows: 72 },
    { intervals: '0000/3000', rows: 72 },
    { intervals: '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z', rows: 72 },
    { intervals: '2020-03-07T05:30+05:30/PT1H', rows: 1 },
    { intervals: '2020-03-07T00:00-01:00/2020-03-07T03:00', rows: 2 },
    { intervals: '2020-03-07/P1D,2020-03-09/PT1H', rows: 25 },
    { intervals: ['2020-03-09/PT1H', '2020-03-07/P1D'], rows: 25 },
    { intervals: { type: 'intervals', intervals: ['2020-03-07/P1D'] }, rows: 24 },
    { intervals: { type: 'intervals', intervals: '2020-03-07/P1D' }, rows: 24 },
    { intervals: { type: 'LegacySegmentSpec', intervals: ['2020-03-07/P1D'] }, rows: 24 },
    { intervals: [], rows: 0 },
    { intervals: { type: 'intervals', intervals: [] }, rows: 0 },
  ])('$intervals hold $rows rows', async ({ intervals, rows }) => {
    expect(await rowsIn(intervals)).toBe(rows);
  });

  test.each([
    { name: 'overlap', intervals: ['2020-03-07/P1D', '2020-03-07T12:00/PT6H'] },
    { name: 'are the same', intervals: ['2020-03-07/P1D', '2020-03-07/P1D'] },
    { name: 'abut', intervals: ['2020-03-07T12:00/PT12H', '2020-03-07/PT12H'] },
  ])('a row counts once where two $name', async ({ intervals }) => {
    expect(await rowsIn(intervals)).toBe(24);
    const day = '2020-03-07T12:00:00.000Z 12';
    expect(await counts({ intervals, granularity: halfDays })).toBe(`2020-03-07 12, ${day}`);
  });

  test('of type segments stand for their time: versions and numbers do not count', async () => {
    const descriptor = { itvl: '2020-03-07/P1D', ver: 'none such', part: 99 };
    expect(await rowsIn({ type: 'segments', segments: [descriptor, descriptor] })).toBe(24);
  });
});

describe('granularity', () => {
  const period = (text: string, timeZone?: string, origin?: string) => ({
    type: 'period',
    period: text,
    ...(timeZone !== undefined && { timeZone }),
    ...(origin !== undefined && { origin }),
  });
  const newYork = period('P1D', 'America/New_York');

  test.each([
    { granularity: 'ALL', expected: '2020-03-07 72' },
    { granularity: { type: 'all' }, expected: '2020-03-07 72' },
    { granularity: 'Day', expected: '2020-03-07 24, 2020-03-08 24, 2020-03-09 24' },
    { granularity: period('P1D'), expected: '2020-03-07 24, 2020-03-08 24, 2020-03-09 24' },
    { granularity: 'week', expected: '2020-03-02 48, 2020-03-09 24' },
    { granularity: period('P1W'), expected: '2020-03-02 48, 2020-03-09 24' },
    { granularity: period('P2W'), expected: '2020-03-05 72' },
    { granularity: period('P1W', 'UTC', '2020-03-08'), expected: '2020-03-01 24, 2020-03-08 48' },
    { granularity: 'quarter', expected: '2020-01-01 72' },
    {
      granularity: { type: 'duration', duration: '172800000', origin: '2020-03-09T12:00Z' },
      expected:
        '2020-03-05T12:00:00.000Z 12, 2020-03-07T12:00:00.000Z 48, 2020-03-09T12:00:00.000Z 12',
    },
    {
      granularity: newYork,
      expected:
        '2020-03-06T00:00:00.000-05:00 5, 2020-03-07T00:00:00.000-05:00 24, ' +
        '2020-03-08T00:00:00.000-05:00 23, 2020-03-09T00:00:00.000-04:00 20',
    },
    {
      granularity: period('P1D', '+05:30'),
      expected:
        '2020-03-07T00:00:00.000+05:30 19, 2020-03-08T00:00:00.000+05:30 24, ' +
        '2020-03-09T00:00:00.000+05:30 24, 2020-03-10T00:00:00.000+05:30 5',
    },
  ])('$granularity', async ({ granularity, expected }) => {
    expect(await counts({ granularity })).toBe(expected);
  });

  test('none has a bucket per millisecond: empty ones too in a timeseries, not in a groupBy', async () => {
    const intervals = '2020-03-07T00:00/PT2H';
    expect(await counts({ ...GROUP, granularity: { type: 'none' }, intervals })).toBe(
      '2020-03-07 1, 2020-03-07T01:00:00.000Z 1',
    );
    const series = { ...TIMESERIES, granularity: 'none' };
    expect(await counts({ ...series, intervals: '2020-03-07/PT1H' })).toBe('2020-03-07 1');
    await expect(ask({ ...series, intervals })).rejects.toThrow('more than 2000000 time buckets');
  });

  test('shifts no interval: the day is one of UTC, its buckets are not', async () => {
    expect(await counts({ granularity: newYork, intervals: '2020-03-08/P1D' })).toBe(
      '2020-03-07T00:00:00.000-05:00 5, 2020-03-08T00:00:00.000-05:00 19',
    );
  });

  test.each([TOP, GROUP])('$queryType shows times in its zone', async (query) => {
    const asked = { granularity: newYork, intervals: '2020-03-08T05:00/PT1H' };
    expect(await counts({ ...query, ...asked })).toBe('2020-03-08T00:00:00.000-05:00 1');
  });
});
