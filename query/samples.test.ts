import { afterAll, expect, test } from 'vitest';
import { parseNativeQuery } from './native/registry.js';
import { type TestTable, TestTables, testEngine } from './testing.js';

const TABLE: TestTable = { dimensions: { x: 'LONG', heavy: 'LONG' } };
const COUNT = 4000;
const rows = Array.from({ length: COUNT }, (_, i) => ({
  __time: i * 1000,
  x: i,
  heavy: i < COUNT / 4 ? 9 : 1,
}));
/** Parts of 100, 400, 900 … rows. */
const parts = [0, 100, 500, 1400, 3000].map((from, i, all) => ({
  rows: rows.slice(from, all[i + 1]),
}));

const tables = new TestTables().add('t', TABLE, parts);
afterAll(() => tables.close());

async function sampleOf(aggregator: object, rowsPerJob: number): Promise<number[]> {
  const { rows: results } = await testEngine(tables, { rowsPerJob }).run(
    parseNativeQuery({
      queryType: 'timeseries',
      dataSource: 't',
      intervals: '1970/1971',
      granularity: 'all',
      aggregations: [
        { name: 's', fieldName: 'x', valueType: 'LONG', maxNumSamples: 400, ...aggregator },
      ],
    }),
  );
  return results[0]!.find((cell) => Array.isArray(cell)) as number[];
}

const firstQuarter = (sample: readonly number[]) =>
  sample.filter((x) => x < COUNT / 4).length / sample.length;

test('the same query has the same sample, another seed another one', async () => {
  const uniform = { type: 'reservoirSample' };
  const sample = await sampleOf(uniform, 1000);
  expect(sample).toHaveLength(400);
  expect(new Set(sample).size).toBe(400);
  expect(await sampleOf(uniform, 1000)).toEqual(sample);
  expect(await sampleOf({ ...uniform, seed: 1 }, 1000)).not.toEqual(sample);
});

test('segments count by their rows, or by the weight of these', async () => {
  for (const rowsPerJob of [100, 10_000]) {
    // Five standard deviations.
    const uniform = await sampleOf({ type: 'reservoirSample' }, rowsPerJob);
    expect(Math.abs(firstQuarter(uniform) - 0.25)).toBeLessThan(0.11);
    const weighted = { type: 'weightedSample', weightFieldName: 'heavy', maxNumSamples: 100 };
    expect(Math.abs(firstQuarter(await sampleOf(weighted, rowsPerJob)) - 0.74)).toBeLessThan(0.22);
  }
});
