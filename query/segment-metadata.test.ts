import { expect, test } from 'vitest';
import { ask, DAY, ROWS, TABLE } from './fixture-testing.js';
import { TestTables } from './testing.js';

test('segmentMetadata tells how columns are stored, if asked', async () => {
  const split = new TestTables().add('t', TABLE, [
    { rows: ROWS.slice(0, 2), interval: { startMs: 0, endMs: DAY } },
    { rows: ROWS.slice(2), interval: { startMs: 2 * DAY, endMs: 3 * DAY } },
  ]);
  const query = {
    queryType: 'segmentMetadata',
    merge: true,
    analysisTypes: ['encoding'],
    toInclude: { type: 'list', columns: ['page', '__time'] },
  };
  const [merged] = (await ask(query, split)) as { columns: Record<string, unknown> }[];
  const times = ROWS.map((row) => row.__time as number);
  expect(merged?.columns).toMatchObject({
    __time: {
      minValue: null,
      encoding: {
        bytes: expect.any(Number),
        min: Math.min(...times),
        max: Math.max(...times),
        hasNulls: false,
      },
    },
    page: {
      cardinality: null,
      encoding: {
        type: 'STRING',
        encodings: ['string.dictionary'],
        runnersUp: [],
        runnerUpBytes: null,
        cardinality: 2,
        min: 'A',
        max: 'B',
        hasNulls: true,
      },
    },
  });
});

test('segmentMetadata, merged', async () => {
  const split = new TestTables().add('t', TABLE, [
    { rows: ROWS.slice(0, 2), interval: { startMs: 0, endMs: DAY } },
    { rows: ROWS.slice(2), interval: { startMs: 2 * DAY, endMs: 3 * DAY } },
  ]);
  const query = {
    queryType: 'segmentMetadata',
    merge: true,
    analysisTypes: ['cardinality', 'interval', 'minmax', 'aggregators', 'rollup'],
    toInclude: { type: 'list', columns: ['page', '__time'] },
  };
  expect(await ask(query, split)).toEqual([
    {
      id: 'merged',
      intervals: [
        '1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z',
        '1970-01-03T00:00:00.000Z/1970-01-04T00:00:00.000Z',
      ],
      columns: {
        __time: {
          typeSignature: 'LONG',
          type: 'LONG',
          hasMultipleValues: false,
          hasNulls: false,
          size: 0,
          cardinality: null,
          minValue: null,
          maxValue: null,
          errorMessage: null,
        },
        page: {
          typeSignature: 'STRING',
          type: 'STRING',
          hasMultipleValues: false,
          hasNulls: true,
          size: 0,
          cardinality: 2,
          minValue: 'A',
          maxValue: 'B',
          errorMessage: null,
        },
      },
      size: 0,
      numRows: 4,
      aggregators: { x: { type: 'doubleSum', name: 'x', fieldName: 'x' } },
      projections: null,
      timestampSpec: null,
      queryGranularity: null,
      rollup: false,
    },
  ]);
  expect(await ask({ ...query, merge: false }, split)).toHaveLength(2);
});
