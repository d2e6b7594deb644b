import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { valueIn } from '../batch.js';
import { entityOf, readAll, testEnvironment } from '../testing.js';
import { toCells } from './parquet-cells.js';
import { parseInputFormat } from './registry.js';

const datasets = dirname(createRequire(import.meta.url).resolve('vega-datasets'));
const flights = join(datasets, '..', 'data', 'flights-3m.parquet');
const parquet = (settings: object = {}) =>
  parseInputFormat({ type: 'parquet', ...settings }, 'inputFormat');

test('the first batch of flights', async () => {
  for await (const { rowCount, columns, bytes } of parquet().read(
    entityOf(readFileSync(flights)),
    testEnvironment(),
  )) {
    expect(rowCount).toBe(8192);
    expect(bytes).toBeGreaterThan(rowCount);
    const types = [...columns].map(([name, values]) => {
      expect(values.length).toBe(rowCount);
      return [name, valueIn(values, 0) instanceof Date ? 'date' : typeof valueIn(values, 0)];
    });
    expect(types).toMatchInlineSnapshot(`
      [
        [
          "date",
          "date",
        ],
        [
          "delay",
          "number",
        ],
        [
          "distance",
          "number",
        ],
        [
          "origin",
          "string",
        ],
        [
          "destination",
          "string",
        ],
      ]
    `);
    const first = [...columns].map(([name, values]) => [name, valueIn(values, 0)]);
    expect(first).toMatchInlineSnapshot(`
      [
        [
          "date",
          2001-01-01T00:01:00.000Z,
        ],
        [
          "delay",
          33,
        ],
        [
          "distance",
          2176,
        ],
        [
          "origin",
          "LAS",
        ],
        [
          "destination",
          "PHL",
        ],
      ]
    `);
    break;
  }
});

test('what is no parquet is the fault of the file', async () => {
  for (const bytes of [new Uint8Array(0), Buffer.from('PAR1 and so on, PAR1'), Buffer.alloc(100)]) {
    await expect(readAll(parquet(), entityOf(new Uint8Array(bytes)))).rejects.toThrow(
      'test: is not a Parquet file that can be read',
    );
  }
});

test('a file that was cut off or damaged is the fault of the file', async () => {
  const bytes = new Uint8Array(readFileSync(flights));
  await expect(readAll(parquet(), entityOf(bytes.slice(0, 1_000_000)))).rejects.toThrow('Parquet');
  bytes.fill(0xff, 4, 2_000);
  await expect(readAll(parquet(), entityOf(bytes))).rejects.toThrow('Parquet');
});

test('cells have the types of input batches', () => {
  const longs = BigInt64Array.of(1n, -5n, 2n ** 62n);
  expect(toCells(longs, 1, 3, null)).toEqual([-5, 2n ** 62n]);
  expect(toCells(BigUint64Array.of(2n ** 64n - 1n), 0, 1, null)).toEqual([2 ** 64]);
  const floats = Float64Array.of(1, 2, 3);
  expect(toCells(floats, 1, 2, null)).toEqual(Float64Array.of(2));
  const date = new Date(5);
  const mixed = ['t', undefined, null, [1n, [2n]], { a: 3n, b: [date] }, date, true];
  expect(toCells(mixed, 0, 7, null)).toEqual([
    't',
    undefined,
    null,
    [1, [2]],
    { a: 3, b: [date] },
    date,
    true,
  ]);
  expect(toCells([3 * 10 ** -1, 1.005, undefined, -7 * 10 ** -2], 0, 4, 2)).toEqual([
    0.3,
    1,
    undefined,
    -0.07,
  ]);
});
