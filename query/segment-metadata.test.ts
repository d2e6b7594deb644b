import { expect, test } from 'vitest';
import { invariant } from '../core/index.js';
import { parseAggregator } from '../model/index.js';
import { rowColumns } from '../segments/index.js';
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

test('segmentMetadata tells what sketches know, merged over segments, and of how many rows', async () => {
  const count = 3000;
  const rows = Array.from({ length: count }, (_, i) => ({
    __time: i,
    page: i % 3 === 0 ? 'often' : `p${i % 700}`,
    n: i,
    other: 'x',
  }));
  const dimensions = { page: 'STRING', n: 'LONG', other: 'STRING' } as const;
  const indexes = { page: ['hll', 'countMin'], n: ['kll'] };
  const sealed = new TestTables().addSealed('t', { dimensions, indexes }, [{ rows }], 1000);
  sealed.add('t', { dimensions }, [{ rows: rows.slice(0, 5) }]);
  const query = { queryType: 'segmentMetadata', merge: true, analysisTypes: ['sketches'] };
  const [merged] = (await ask(query, sealed)) as {
    columns: Record<string, { sketches: Record<string, unknown> }>;
  }[];
  const { page, n, other } = merged!.columns;
  const aggregations = [{ type: 'hyperUnique', name: 'pages', fieldName: 'page' }];
  const counted = (await ask(
    { queryType: 'timeseries', granularity: 'all', aggregations },
    sealed,
  )) as [{ result: { pages: number } }];
  expect(page?.sketches.distinct).toEqual({ rows: count, estimate: counted[0].result.pages });
  const { values, othersAtMost } = page!.sketches.frequent as {
    values: { value: string; atLeast: number; atMost: number }[];
    othersAtMost: number;
  };
  expect(values[0]).toEqual({ value: 'often', atLeast: count / 3, atMost: count / 3 });
  expect(values).toHaveLength(128);
  for (const { value, atLeast, atMost } of values) {
    const truth = rows.filter((row) => row.page === value).length;
    expect([atLeast <= truth, truth <= atMost]).toEqual([true, true]);
  }
  expect(othersAtMost).toBeLessThan(count / 128);
  const quantiles = n!.sketches.quantiles as {
    rankError: number;
    values: { fraction: number; value: number }[];
  };
  expect(quantiles).toMatchObject({ rows: count, count, min: 0, max: count - 1 });
  expect(quantiles.rankError).toBeLessThan(0.014);
  for (const { fraction, value } of quantiles.values) {
    expect(Math.abs(value / count - fraction)).toBeLessThan(0.03);
  }
  expect(other?.sketches).toEqual({ distinct: null, frequent: null, quantiles: null });
  const each = (await ask({ ...query, merge: false }, sealed)) as (typeof merged)[];
  expect(each).toHaveLength(4);
});

test("segments that disagree about a type: Druid's message, and the type that queries see", async () => {
  const tables = new TestTables();
  const cells = [1, 2.5, 'x'];
  for (const [i, type] of (['LONG', 'DOUBLE', 'STRING'] as const).entries()) {
    const interval = { startMs: i * DAY, endMs: (i + 1) * DAY };
    const rows = [{ __time: i * DAY, n: cells[i]! }];
    tables.add('t', { dimensions: { n: type } }, [{ rows, interval }]);
  }
  const [merged] = (await ask({ queryType: 'segmentMetadata', merge: true }, tables)) as {
    columns: Record<string, unknown>;
  }[];
  expect(merged?.columns.n).toMatchObject({
    typeSignature: 'STRING',
    type: 'STRING',
    size: -1,
    errorMessage: 'error:cannot_merge_diff_types: [LONG] and [DOUBLE]',
  });
  const intervals = '1970-01-01/1970-01-03';
  const [numbers] = (await ask(
    { queryType: 'segmentMetadata', merge: true, intervals },
    new TestTables()
      .add('t', { dimensions: { n: 'LONG' } }, [{ rows: [{ __time: 0, n: 1 }] }])
      .add('t', { dimensions: { n: 'DOUBLE' } }, [{ rows: [{ __time: 0, n: 1.5 }] }]),
  )) as { columns: Record<string, unknown> }[];
  expect(numbers?.columns.n).toMatchObject({ typeSignature: 'DOUBLE', type: 'STRING' });
});

test('a type of states that nobody knows: its column is refused, others are not', async () => {
  const tables = new TestTables();
  const schema = {
    dimensions: { page: 'STRING' },
    metrics: [{ type: 'hyperUnique', name: 'users', fieldName: 'page' }],
  } as const;
  tables.addSealed('known', schema, [{ rows: [{ __time: 0, page: 'a' }] }], 10);
  const [part] = tables.snapshot(['known']).parts('known', []);
  const { handle } = await part!.pin({ columns: 'all' });
  invariant(handle.kind === 'immutable', 'sealed');
  const type = 'COMPLEX<fromLater>';
  const columns = handle.directory.columns.map((column) =>
    column.name === 'users' ? ({ ...column, type } as typeof column) : column,
  );
  const directory = { ...handle.directory, columns };
  const { rowCount, minTimeMs, maxTimeMs } = directory;
  const file = { handle: { ...handle, directory }, rowCount, minTimeMs, maxTimeMs };
  tables.addSegment('t', { ...file, columns: rowColumns(columns) }, {});
  const scan = { queryType: 'scan', resultFormat: 'compactedList' };
  expect(await ask({ ...scan, columns: ['page'] }, tables)).toMatchObject([{ events: [['a']] }]);
  await expect(ask({ ...scan, columns: ['users'] }, tables)).rejects.toThrow(
    'unknown complex type "fromLater"; known are',
  );
  const [analysis] = (await ask({ queryType: 'segmentMetadata' }, tables)) as {
    columns: Record<string, unknown>;
  }[];
  expect(analysis?.columns.users).toMatchObject({ typeSignature: type, type: 'fromLater' });
});

test('segmentMetadata tells which star-trees there are, if asked; their bytes are part of the size', async () => {
  const rows = Array.from({ length: 2000 }, (_, i) => ({ __time: i, page: `p${i % 4}`, n: i }));
  const dimensions = { page: 'STRING', n: 'LONG' } as const;
  const count = { type: 'count', name: 'rows' };
  const tree = {
    dimensions: [{ name: 'page', skipStar: false }],
    metrics: [parseAggregator(count, '')],
    maxLeafRecords: 1,
  };
  const sealed = new TestTables().addSealed(
    't',
    { dimensions, starTrees: [tree] },
    [{ rows }],
    1000,
  );
  sealed.add('t', { dimensions }, [{ rows: rows.slice(0, 5) }]);
  const analysesOf = async (...analysisTypes: string[]) =>
    (await ask({ queryType: 'segmentMetadata', merge: true, analysisTypes }, sealed)) as {
      size: number;
      columns: Record<string, { size: number }>;
      starTrees?: { bytes: number }[];
    }[];
  const [told] = await analysesOf('starTrees', 'size');
  expect(told!.starTrees).toEqual([
    {
      segments: 2,
      dimensions: [{ name: 'page', skipStar: false, cardinality: 4 }],
      metrics: [{ name: 'rows', aggregator: count }],
      maxLeafRecords: 1,
      rows: 2000,
      // Of each segment one for each text, and one of all; a node for each of them, and the root.
      records: 10,
      nodes: 12,
      bytes: expect.any(Number),
    },
  ]);
  const ofColumns = Object.values(told!.columns).reduce((sum, { size }) => sum + size, 0);
  expect(told!.size).toBe(ofColumns + told!.starTrees![0]!.bytes);
  const [others] = await analysesOf('size');
  expect(others).not.toHaveProperty('starTrees');
  expect(others!.size).toBe(told!.size);
});
