import { describe, expect, test } from 'vitest';
import { parseJson } from '../../core/index.js';
import { TestTables } from '../testing.js';
import { byDay, DAY, DAYS, IDS, inline, TABLE, textOf } from './few-rows-testing.js';

const metadata = { queryType: 'segmentMetadata', intervals: null };
type Analysis = Readonly<Record<string, unknown>> & {
  readonly columns: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};
const analyses = async (query: object, tables = byDay) =>
  parseJson(await textOf({ ...metadata, ...query }, tables)) as Analysis[];

test('one segment in full: every key is there, in this order', async () => {
  const toInclude = { type: 'list', columns: ['tags', '__time', 'nowhere'] };
  const column = (type: string, rest: string) =>
    `{"typeSignature":"${type}","type":"${type}",${rest},"errorMessage":null}`;
  expect(await textOf({ ...metadata, toInclude, merge: false })).toMatch(
    `[{"id":"${IDS[0]}","intervals":["1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z"],"columns":{` +
      `"__time":${column('LONG', '"hasMultipleValues":false,"hasNulls":false,"size":0,"cardinality":null,"minValue":null,"maxValue":null')},` +
      `"tags":${column('STRING', '"hasMultipleValues":true,"hasNulls":false,"size":0,"cardinality":2,"minValue":"a","maxValue":"b"')}},` +
      '"size":0,"numRows":2,"aggregators":null,"projections":null,"timestampSpec":null,"queryGranularity":null,"rollup":null},' +
      `{"id":"${IDS[1]}",`,
  );
});

test('types: of sketches the name, and the whole signature', async () => {
  const [merged] = await analyses({ merge: true });
  const types = Object.entries(merged!.columns).map(([name, { type, typeSignature }]) => [
    name,
    type,
    typeSignature,
  ]);
  expect(types).toEqual([
    ['__time', 'LONG', 'LONG'],
    ['d', 'DOUBLE', 'DOUBLE'],
    ['f', 'FLOAT', 'FLOAT'],
    ['list', 'ARRAY<LONG>', 'ARRAY<LONG>'],
    ['n', 'LONG', 'LONG'],
    ['page', 'STRING', 'STRING'],
    ['rows', 'LONG', 'LONG'],
    ['tags', 'STRING', 'STRING'],
    ['u', 'hyperUnique', 'COMPLEX<hyperUnique>'],
  ]);
});

describe('what is analysed', () => {
  const only = { toInclude: { type: 'none' } };

  test('no columns, all of them, or those of a list', async () => {
    const names = async (toInclude: unknown) =>
      Object.keys((await analyses({ toInclude, merge: true }))[0]!.columns);
    expect(await names({ type: 'none' })).toEqual([]);
    expect(await names({ type: 'list', columns: ['page', 'nowhere'] })).toEqual(['page']);
    expect(await names({ type: 'all' })).toHaveLength(9);
    expect(await names(null)).toHaveLength(9);
  });

  test.each([
    [null, { intervals: expect.any(Array), size: 0, aggregators: null, rollup: null }],
    [[], { intervals: null, size: 0, aggregators: null, rollup: null, queryGranularity: null }],
    [['SIZE'], { intervals: null, size: expect.any(Number), aggregators: null }],
    [['timestampSpec', 'projections'], { timestampSpec: null, projections: null }],
    [['queryGranularity', 'rollup'], { queryGranularity: 'none', rollup: false }],
    [
      ['Aggregators'],
      {
        aggregators: {
          rows: { type: 'longSum', name: 'rows', fieldName: 'rows' },
          u: { type: 'hyperUnique', name: 'u', fieldName: 'u', round: false },
        },
      },
    ],
  ])('analysisTypes %j, of each segment and merged', async (analysisTypes, expected) => {
    const each = await analyses({ ...only, analysisTypes });
    expect(each).toHaveLength(2);
    for (const analysis of each) expect(analysis).toMatchObject(expected);
    const [merged] = await analyses({ ...only, analysisTypes, merge: true });
    expect(merged).toMatchObject(expected);
    if (analysisTypes?.[0] === 'SIZE') expect(merged!.size).toBeGreaterThan(0);
  });

  test('cardinality and bounds are of texts alone, and only if they are asked for', async () => {
    const [merged] = await analyses({ merge: true });
    const { page, n } = merged!.columns;
    expect(page).toMatchObject({ cardinality: 3, minValue: '', maxValue: 'B', hasNulls: true });
    expect(n).toMatchObject({ cardinality: null, minValue: null, maxValue: null, hasNulls: true });
    const [bare] = await analyses({ merge: true, analysisTypes: ['interval'] });
    expect(bare!.columns.page).toMatchObject({ cardinality: null, minValue: null, size: 0 });
  });
});

describe('merged', () => {
  test('one segment keeps its id; several are "merged", of neighbouring intervals one', async () => {
    const first = new TestTables().add('t', TABLE, [DAYS[0]!]);
    expect((await analyses({ merge: true }, first))[0]).toMatchObject({ id: IDS[0], numRows: 2 });
    const abutting = new TestTables().add('t', TABLE, [
      DAYS[0]!,
      { rows: DAYS[1]!.rows, interval: { startMs: DAY, endMs: 4 * DAY } },
    ]);
    expect((await analyses({ merge: 'true' }, abutting))[0]).toMatchObject({
      id: 'merged',
      intervals: ['1970-01-01T00:00:00.000Z/1970-01-05T00:00:00.000Z'],
      numRows: 5,
    });
    expect((await analyses({ merge: true }))[0]).toMatchObject({
      intervals: [
        '1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z',
        '1970-01-03T00:00:00.000Z/1970-01-05T00:00:00.000Z',
      ],
    });
  });

  test('a column that is all null on one side has no bounds', async () => {
    const dimensions = { page: 'STRING' } as const;
    const tables = new TestTables().add('t', { dimensions }, [
      { rows: [{ __time: 0, page: null }] },
      { rows: [{ __time: 1, page: 'x' }] },
    ]);
    expect((await analyses({ merge: true }, tables))[0]!.columns.page).toMatchObject({
      minValue: null,
      maxValue: null,
      cardinality: 1,
    });
  });

  const sum = { type: 'doubleSum', name: 'm', fieldName: 'm' };
  const max = { type: 'doubleMax', name: 'm', fieldName: 'm' };
  const count = { type: 'longSum', name: 'rows', fieldName: 'rows' };
  const row = (time: number) => ({ rows: [{ __time: time, m: 1 }] });
  const metrics = [{ type: 'count', name: 'rows' }];
  const disagreeing = new TestTables()
    .add('t', { dimensions: {}, metrics: [...metrics, sum] }, [row(0)])
    .add('t', { dimensions: {}, metrics: [...metrics, max], rollup: true }, [row(1)]);

  test.each([
    [{}, null],
    [{ aggregatorMergeStrategy: 'STRICT' }, null],
    [{ aggregatorMergeStrategy: 'lenient' }, { rows: count, m: null }],
    [{ lenientAggregatorMerge: true }, { rows: count, m: null }],
    [{ aggregatorMergeStrategy: 'earliest' }, { rows: count, m: sum }],
    [{ aggregatorMergeStrategy: 'latest' }, { rows: count, m: max }],
  ])('aggregators that differ, with %j', async (strategy, aggregators) => {
    const analysisTypes = ['aggregators', 'rollup', 'queryGranularity'];
    const [merged] = await analyses({ merge: true, analysisTypes, ...strategy }, disagreeing);
    expect(merged).toMatchObject({ aggregators, rollup: null, queryGranularity: 'none' });
  });

  test('nothing: an empty list', async () => {
    expect(await analyses({ merge: true, dataSource: 'nowhere' })).toEqual([]);
    expect(await analyses({ dataSource: 'nowhere' })).toEqual([]);
  });

  test('a union is described as one table', async () => {
    const dataSource = { type: 'union', dataSources: ['t', 'other'] };
    const [merged] = await analyses({ dataSource, merge: true, intervals: '1970/1971' });
    expect(merged).toMatchObject({ numRows: 6, columns: { only: { maxValue: 'o' }, page: {} } });
  });
});

test('without intervals: the segments of the week before the newest one’s end', async () => {
  const at = (day: number) => ({ startMs: day * DAY, endMs: (day + 1) * DAY });
  const tables = new TestTables().add(
    't',
    { dimensions: {} },
    [0, 3, 8, 9].map((day) => ({ rows: [{ __time: day * DAY }], interval: at(day) })),
  );
  expect(await analyses({}, tables)).toHaveLength(3);
  expect(await analyses({ intervals: '1970/1971' }, tables)).toHaveLength(4);
});

describe('what is refused', () => {
  const query = { queryType: 'scan', dataSource: 't', intervals: '1970/1971' };

  test.each([
    [{ toInclude: { type: 'some' } }, "toInclude.type: Could not resolve type id 'some'"],
    [{ toInclude: { type: 'list' } }, 'toInclude.columns: want a list of names; got nothing'],
    [{ toInclude: 7 }, 'toInclude: want {"type": …}; got 7'],
    [{ aggregatorMergeStrategy: 'x' }, 'aggregatorMergeStrategy: want one of strict, lenient'],
    [{ analysisTypes: 'size' }, 'analysisTypes: want a list; got "size"'],
    [{ merge: 2 }, 'merge: want true or false; got 2'],
    [{ dataSource: { type: 'query', query } }, 'dataSource: segmentMetadata describes tables'],
    [{ dataSource: inline(['a'], [[1]]) }, 'dataSource: segmentMetadata describes tables'],
  ])('%j', async (asked, message) => {
    await expect(analyses(asked)).rejects.toThrow(message);
  });

  test('as rows of another query', async () => {
    const inner = { ...metadata, dataSource: 't' };
    const asked = { ...query, dataSource: { type: 'query', query: inner } };
    await expect(textOf(asked)).rejects.toMatchObject({
      family: 'unsupported',
      message: expect.stringContaining('dataSource.query.queryType: what a segmentMetadata query'),
    });
  });
});
