import { afterAll, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { parseAggregator } from '../../model/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { explanationsOf } from '../result.js';
import { TestTables, testEngine } from '../testing.js';

/** Every combination of 12 cities in 4 countries, 10 pages and 5 devices, three times each. */
const ROWS = Array.from({ length: 1800 }, (_, i) => ({
  __time: i,
  country: `c${(i % 12) % 4}`,
  city: `t${i % 12}`,
  page: `p${Math.floor(i / 12) % 10}`,
  device: `d${Math.floor(i / 120) % 5}`,
}));
const dimensions = { country: 'STRING', city: 'STRING', page: 'STRING', device: 'STRING' } as const;
const metrics = [parseAggregator({ type: 'count', name: 'rows' }, '')];

const tables = new TestTables();
afterAll(() => tables.close());

/** A table with one tree of some dimensions; of those with a star nothing is added up. */
function engineOf(table: string, names: readonly string[], maxLeafRecords: number) {
  const split = names.map((name) => ({
    name: name.replace('*', ''),
    skipStar: name.endsWith('*'),
  }));
  const starTrees = [{ dimensions: split, metrics, maxLeafRecords }];
  tables.addSealed(table, { dimensions, starTrees }, [{ rows: ROWS }], ROWS.length);
  return async (by: readonly string[], where: JsonObject = {}) => {
    const fields = Object.entries(where).map(([dimension, value]) => ({
      type: 'selector',
      dimension,
      value,
    }));
    const { stats } = await testEngine(tables).run(
      parseNativeQuery({
        queryType: 'groupBy',
        dataSource: table,
        intervals: '1970/1971',
        granularity: 'all',
        dimensions: by,
        aggregations: [{ type: 'count', name: 'rows' }],
        ...(fields.length > 0 && { filter: { type: 'and', fields } }),
        context: { explainStarTree: true, skipIndexes: true },
      }),
    );
    const [use] = explanationsOf([stats]).starTrees![0]!.trees;
    return [use?.recordsExpected, use?.recordsRead];
  };
}

test('where values combine as they like as many are expected as are read', async () => {
  const read = engineOf('all', ['page', 'device', 'country'], 1);
  expect(await read(['page'])).toEqual([10, 10]);
  expect(await read(['country'])).toEqual([4, 4]);
  expect(await read(['page', 'device'])).toEqual([50, 50]);
  expect(await read(['page', 'country'])).toEqual([40, 40]);
  expect(await read(['page'], { device: 'd1', country: 'c2' })).toEqual([10, 10]);
});

/** Records that some nodes are together are counted among those that are there, so that a few more are expected. */
function expectAbout([expected, read]: readonly (number | null | undefined)[], wanted: number) {
  expect(read).toBe(wanted);
  expect(expected).toBeGreaterThanOrEqual(wanted);
  expect(expected).toBeLessThan(1.5 * wanted);
}

test('leaves are read as a whole', async () => {
  const read = engineOf('leaves', ['page', 'device', 'country'], 30);
  // 20 records of each page.
  expectAbout(await read(['device'], { page: 'p1' }), 20);
  expectAbout(await read([], { page: 'p1', device: 'd1', country: 'c1' }), 20);
});

test('what nothing is added up of is gone through', async () => {
  const read = engineOf('told', ['page*', 'device*', 'country'], 1);
  expectAbout(await read(['country']), 200);
  expectAbout(await read(['country'], { page: 'p1' }), 20);
});

test('no more are expected than there are where some values tell others', async () => {
  const read = engineOf('cities', ['country*', 'city*', 'page*'], 1);
  expectAbout(await read(['country', 'city', 'page']), 120);
  expectAbout(await read(['city', 'page'], { country: 'c1' }), 30);
});
