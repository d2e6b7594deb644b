import { describe, expect, test } from 'vitest';
import { DAY, INTERVALS, ROWS, TABLE } from '../fixture-testing.js';
import { parseNativeQuery } from '../native/registry.js';
import { TestTables, testEngine } from '../testing.js';

const COUNT = { type: 'count', name: 'rows' };
const FIRST = { type: 'longMin', name: 'first', fieldName: '__time' };
const LAST = { type: 'longMax', name: 'last', fieldName: '__time' };

/** The rows of the answer (its last cells), and how many segments were read for it. */
async function ask(query: object, tables = new TestTables().add('t', TABLE, [{ rows: ROWS }])) {
  const parsed = parseNativeQuery({
    queryType: 'timeseries',
    dataSource: 't',
    granularity: 'all',
    intervals: INTERVALS,
    aggregations: [COUNT, FIRST, LAST],
    ...query,
  });
  const { rows, stats } = await testEngine(tables).run(parsed);
  tables.close();
  return { rows: rows.map((row) => row.slice(-3)), segments: stats.segments };
}

const times = ROWS.map((row) => row.__time);
const all = [ROWS.length, Math.min(...times), Math.max(...times)];

describe('what a segment tells of its rows', () => {
  test.each<object>([
    { queryType: 'timeseries' },
    { queryType: 'groupBy', dimensions: [] },
    { queryType: 'timeseries', filter: { type: 'true' } },
  ])('answers without reading it: %j', async (query) => {
    expect(await ask(query)).toEqual({ rows: [all], segments: 0 });
  });

  test.each<{ name: string; query: object }>([
    { name: 'a filter', query: { filter: { type: 'selector', dimension: 'page', value: 'A' } } },
    { name: 'a bucket that ends within it', query: { granularity: 'day' } },
    { name: 'a sum', query: { aggregations: [{ type: 'longSum', name: 's', fieldName: 'n' }] } },
    { name: 'a dimension', query: { queryType: 'groupBy', dimensions: ['page'] } },
  ])('is not enough for $name', async ({ query }) => {
    expect((await ask(query)).segments).toBe(1);
  });

  test('is not enough where an interval or a newer version cuts it', async () => {
    const clip = { startMs: 0, endMs: 2 * DAY };
    const { rows, segments } = await ask(
      {},
      new TestTables().add('t', TABLE, [{ rows: ROWS, clip }]),
    );
    const left = times.filter((timeMs) => timeMs < clip.endMs);
    expect(rows).toEqual([[left.length, Math.min(...left), Math.max(...left)]]);
    expect(segments).toBe(1);
  });
});
