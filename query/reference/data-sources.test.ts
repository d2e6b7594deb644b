import { describe, expect, test } from 'vitest';
import { answer, count, DAY, HOUR, inline, rowsOf, textOf } from './few-rows-testing.js';

const COUNT = { type: 'count', name: 'c' };
const timeseries = { queryType: 'timeseries', granularity: 'all', aggregations: [COUNT] };
const groupBy = { ...timeseries, queryType: 'groupBy', dimensions: ['page'] };
const scan = { queryType: 'scan', dataSource: 't', intervals: '1970/1971' };
const ofQuery = (query: object) => ({
  type: 'query',
  query: { dataSource: 't', intervals: '1970/1971', ...query },
});

describe('tables and unions', () => {
  const union = (...dataSources: unknown[]) => ({ type: 'union', dataSources });

  test.each([
    ['t', 5],
    [{ type: 'table', name: 't' }, 5],
    [{ type: 'globalTable', name: 't' }, 5],
    ['nowhere', 0],
    [union('t', { type: 'table', name: 'other' }, 'nowhere'), 6],
    [union('t', 't'), 10],
    [{ type: 'filter', base: union('t', 'other'), filter: { type: 'true' } }, 6],
  ])('%j has %i rows', async (dataSource, rows) => {
    expect(await count({ dataSource })).toBe(rows);
  });

  test('what a table of a union does not have is null', async () => {
    const rows = await rowsOf({
      dataSource: union('other', 't'),
      columns: ['only', 'n'],
      limit: 2,
    });
    expect(rows).toEqual([
      ['o', null],
      [null, 9007199254740993n],
    ]);
  });
});

describe('queries give rows', () => {
  test.each([
    [
      // In the order of one day after the other, whoever finds them; within a day, of the pages.
      { ...groupBy, granularity: 'day', limitSpec: { type: 'default', limit: 100 } },
      [
        [0, 'A', 1],
        [0, 'B', 1],
        [2 * DAY, null, 1],
        [2 * DAY, 'A', 1],
        [3 * DAY, '', 1],
      ],
    ],
    [
      { ...timeseries, granularity: 'day' },
      [
        [0, 2],
        [DAY, 0],
        [2 * DAY, 2],
        [3 * DAY, 1],
      ],
    ],
    [
      { ...timeseries, queryType: 'topN', dimension: 'page', threshold: 2, metric: 'c' },
      [
        [HOUR, 'A', 2],
        [HOUR, null, 1],
      ],
    ],
    [{ ...scan, columns: ['n', '__time'], limit: 1 }, [[HOUR, 9007199254740993n]]],
    [
      { queryType: 'search', searchDimensions: ['page'], query: { type: 'contains', value: 'b' } },
      [[HOUR, 'page', 'B', 1]],
    ],
    [{ queryType: 'timeBoundary' }, [[HOUR, 3 * DAY]]],
    [{ queryType: 'dataSourceMetadata' }, [[3 * DAY]]],
  ])('%j', async (query, rows) => {
    expect(await rowsOf({ dataSource: ofQuery(query) })).toEqual(rows);
  });

  test('intervals of the outer query choose among them', async () => {
    const dataSource = ofQuery({ ...timeseries, granularity: 'day' });
    expect(await count({ dataSource, intervals: '1970-01-02/1970-01-04' })).toBe(2);
  });

  test('a sketch of the inner query stays one', async () => {
    const sketch = { type: 'hyperUnique', name: 'u', fieldName: 'u' };
    const dataSource = ofQuery({ ...groupBy, granularity: 'day', aggregations: [sketch] });
    const aggregations = [{ ...sketch, round: true }];
    expect(await answer({ ...timeseries, dataSource, aggregations })).toMatchObject([
      { result: { u: 3 } },
    ]);
  });
});

describe('inline rows', () => {
  test('columns have the types that are named, else those of their values', async () => {
    const cells = [1, '2', '2.5', 'x', [1, 2], true, 'NaN'];
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const types = ['STRING', 'LONG', 'long', 'DOUBLE', 'ARRAY<STRING>', 'LONG', 'DOUBLE'];
    expect(await rowsOf({ dataSource: inline(names, [cells], types) })).toEqual([
      ['1', 2, 2, null, ['1', '2'], 1, 'NaN'],
    ]);
    expect(await rowsOf({ dataSource: inline(names, [cells]) })).toEqual([
      [1, '2', '2.5', 'x', ['1', '2'], '1', 'NaN'],
    ]);
  });

  test('numbers that are no LONG are DOUBLE, or at the ends of LONG where that is asked for', async () => {
    const cells = [1e30, 2n ** 63n, -1e30, 2n ** 63n - 1n, 1e16];
    const asked = (types?: readonly string[]) =>
      textOf({ ...scan, dataSource: inline(['a', 'b', 'c', 'd', 'e'], [cells], types) });
    expect(await asked()).toContain(
      '"events":[{"a":1.0E30,"b":9.223372036854776E18,"c":-1.0E30,"d":9223372036854775807,"e":10000000000000000}]',
    );
    expect(await asked(cells.map(() => 'LONG'))).toContain(
      '"events":[{"a":9223372036854775807,"b":9223372036854775807,"c":-9223372036854775808,"d":9223372036854775807,"e":10000000000000000}]',
    );
  });

  test('objects are JSON, of a column that has that type or none', async () => {
    const cells = [[{ x: [1] }], ['t'], [5], [null]];
    expect(await rowsOf({ dataSource: inline(['a'], cells) })).toEqual(cells);
    expect(await rowsOf({ dataSource: inline(['a'], cells, ['COMPLEX<json>']) })).toEqual(cells);
  });

  test('without a time they are in all intervals, with one in their own', async () => {
    const intervals = '1980/1990';
    expect(await count({ dataSource: inline(['a'], [[1], [2]]), intervals })).toBe(2);
    expect(await count({ dataSource: inline(['__time'], [[1], [2]]), intervals })).toBe(0);
    expect(await count({ dataSource: inline([], [[], []]) })).toBe(2);
    expect(await count({ dataSource: inline(['a'], []) })).toBe(0);
  });
});

describe('unnest', () => {
  const unnest = (expression: string, outputType?: string, more = {}) => ({
    type: 'unnest',
    base: 't',
    virtualColumn: { type: 'expression', name: 'e', expression, outputType },
    ...more,
  });
  const columns = ['page', 'e'];

  test('a row for each text; none for null', async () => {
    const rows = [
      ['A', 'a'],
      ['A', 'b'],
      ['B', 'b'],
      [null, 'a'],
      [null, 'c'],
      ['', ''],
    ];
    expect(await rowsOf({ dataSource: unnest('tags', 'STRING'), columns })).toEqual(rows);
  });

  const ofArrays = [
    ['A', 1],
    ['A', 2],
    ['A', 3],
    ['', null],
    ['', 1],
  ];
  const ofNumbers = [
    ['A', 9007199254740993n],
    ['B', 2],
    [null, -3],
    ['', 0],
  ];
  test.each([
    { expression: 'list', type: 'ARRAY<LONG>', rows: ofArrays },
    { expression: 'list', type: 'LONG', rows: ofArrays },
    { expression: 'list', type: undefined, rows: ofArrays },
    { expression: 'n', type: 'LONG', rows: ofNumbers },
    { expression: 'n + 0', type: 'LONG', rows: ofNumbers },
    {
      expression: 'f',
      type: 'FLOAT',
      rows: [
        ['A', 0.1],
        ['B', 1],
        [null, -2.5],
        ['', 0],
      ],
    },
    { expression: 'nowhere', type: 'STRING', rows: [] },
    { expression: 'nowhere', type: 'LONG', rows: [] },
  ])('$expression as $type', async ({ expression, type, rows }) => {
    const found = await rowsOf({ dataSource: unnest(expression, type), columns });
    const rounded = (found as [unknown, unknown][]).map(([page, e]) => [
      page,
      typeof e === 'number' ? Number(e.toFixed(6)) : e,
    ]);
    expect(rounded).toEqual(rows);
  });

  test('arrays that are made on the way, of numbers and texts', async () => {
    const filter = { type: 'selector', dimension: 'page', value: 'B' };
    const of = (dataSource: object) => rowsOf({ dataSource, columns: ['e'], filter });
    expect(await of(unnest('array(n, 7)', 'LONG'))).toEqual([[2], [7]]);
    expect(await of(unnest("array(page, 'x')", 'STRING'))).toEqual([['B'], ['x']]);
  });

  test('its filter tests elements', async () => {
    const unnestFilter = { type: 'in', dimension: 'e', values: ['a', ''] };
    const dataSource = unnest('tags', 'STRING', { unnestFilter });
    expect(await rowsOf({ dataSource, columns: ['e'] })).toEqual([['a'], ['a'], ['']]);
  });
});

describe('joins', () => {
  const right = inline(
    ['k', 'v'],
    [
      ['A', 1],
      [null, 2],
      ['A', 3],
      ['Z', 4],
    ],
  );
  const join = (more: object) => ({
    type: 'join',
    left: 't',
    right,
    rightPrefix: 'j.',
    condition: '(page == "j.k")',
    joinType: 'INNER',
    ...more,
  });
  const columns = ['page', 'j.v'];
  const inner = [
    ['A', 1],
    ['A', 3],
  ];

  test.each([
    ['INNER', [...inner, ...inner]],
    ['LEFT', [...inner, ['B', null], ...inner, [null, null], ['', null]]],
    ['RIGHT', [...inner, ...inner, [null, 2], [null, 4]]],
    ['FULL', [...inner, ['B', null], ...inner, [null, null], ['', null], [null, 2], [null, 4]]],
  ])('%s: null equals nothing', async (joinType, rows) => {
    expect(await rowsOf({ dataSource: join({ joinType }), columns })).toEqual(rows);
  });

  test.each([
    { condition: 'notdistinctfrom(page, "j.k")', rows: 5 },
    { condition: '"j.k" == page', rows: 4 },
    { condition: 'page == "j.k" && n == "j.v"', rows: 0 },
    { condition: 'upper(concat(page, \'\')) == "j.k"', rows: 4 },
    { condition: '1', rows: 20 },
    { condition: '0', rows: 0 },
    { condition: '1 && page == "j.k"', rows: 4 },
    { condition: 'nowhere == "j.k"', rows: 0 },
  ])('$condition', async ({ condition, rows }) => {
    expect(await count({ dataSource: join({ condition }) })).toBe(rows);
  });

  test('a key on the right that is several texts belongs to none', async () => {
    const dataSource = join({
      right: inline(
        ['k', 'v'],
        [
          [['A', 'B'], 1],
          ['B', 2],
        ],
      ),
    });
    expect(await rowsOf({ dataSource, columns })).toEqual([['B', 2]]);
  });

  test('its left filter is tested before, of any left side', async () => {
    const leftFilter = { type: 'selector', dimension: 'page', value: 'B' };
    expect(await rowsOf({ dataSource: join({ joinType: 'LEFT', leftFilter }), columns })).toEqual([
      ['B', null],
    ]);
    const left = inline(['page'], [['A'], ['B']]);
    const dataSource = join({ left, joinType: 'LEFT', leftFilter });
    expect(await rowsOf({ dataSource, columns })).toEqual([['B', null]]);
  });

  test.each([
    [{ condition: 'page > "j.k"' }, 'condition: want equalities joined by &&'],
    [{ condition: 'page == "j.k" || n == "j.v"' }, 'condition: want equalities joined by &&'],
    [{ condition: 'page == upper("j.k")' }, 'condition: want equalities joined by &&'],
    [{ condition: null }, 'condition: want an expression as text'],
    [
      { condition: 'page == "j.z"' },
      'condition: j.z: the right side has no column [z]; it has [k, v]',
    ],
    [
      { condition: 'tags == "j.k"' },
      'condition: what is compared with the column [k] of the right',
    ],
    [{ rightPrefix: '' }, 'rightPrefix: want a text that is not empty'],
    [{ rightPrefix: null }, 'rightPrefix: want a text that is not empty'],
    [{ rightPrefix: '__' }, 'rightPrefix: "__" would hide the column __time'],
    [{ joinType: 'CROSS' }, 'joinType: want one of INNER, LEFT, RIGHT, FULL; got "CROSS"'],
    [{ left: null }, 'left: must be given'],
    [{ right: null }, 'right: must be given'],
  ])('%j is refused', async (more, message) => {
    const failed = textOf({ ...timeseries, dataSource: join(more) });
    await expect(failed).rejects.toThrow(`dataSource.${message}`);
  });
});

test.each([
  [null, 'dataSource: must be given: the name of a table'],
  [['t'], 'dataSource: must be given: the name of a table'],
  [{ type: 'table' }, 'dataSource.name: want the name of a table; got nothing'],
  [{ type: 'stream' }, "dataSource.type: Could not resolve type id 'stream'"],
  [{ type: 'union', dataSources: [] }, 'dataSource.dataSources: want a list of tables; got []'],
  [
    { type: 'union', dataSources: ['t', { type: 'union', dataSources: ['t'] }] },
    'dataSource.dataSources[1]: a union is made of tables only',
  ],
  [{ type: 'query', query: null }, 'dataSource.query: want a query object; got null'],
  [{ type: 'query', query: timeseries }, 'dataSource.query.dataSource: must be given'],
  [
    { type: 'query', query: { ...timeseries, dataSource: 't' } },
    'dataSource.query.intervals: must be given',
  ],
  [{ type: 'lookup' }, 'dataSource.lookup: want the name of a lookup; got nothing'],
  [{ type: 'lookup', lookup: 'x' }, 'dataSource.lookup: Lookup [x] not found'],
  [inline(['a'], [['x']], ['TEXT']), 'dataSource.columnTypes[0]: want STRING, LONG'],
  [inline(['a', 'b'], [], ['LONG']), 'dataSource.columnTypes: want a list of 2 types'],
  [inline(['a', 'a'], []), 'dataSource.columnNames: column [a] is named twice'],
  [inline(['a'], [['x', 1]]), 'dataSource.rows[0]: want a list of 1 values; got ["x",1]'],
  [{ type: 'inline', columnNames: ['a'] }, 'dataSource.rows: want a list of rows; got nothing'],
  [inline(['a'], [[{}]], ['STRING']), 'dataSource.rows[0][0]: want a value of type STRING'],
  [inline(['a'], [[[1, 2]]], ['LONG']), 'dataSource.rows[0][0]: want one LONG; got [1,2]'],
  [inline(['a'], [[[[1]]]], ['ARRAY<LONG>']), 'dataSource.rows[0][0]: want a list of values'],
  [{ type: 'filter', base: 't' }, 'dataSource.filter: want an object with a "type"'],
  [{ type: 'unnest', base: 't' }, 'dataSource.virtualColumn: want an object with a "type"'],
  [{ type: 'external' }, 'dataSource: data sources of type "external" are not supported'],
  [{ type: 'inputNumber' }, 'dataSource: data sources of type "inputNumber" are not supported'],
  [{ type: 'restrict' }, 'dataSource: data sources of type "restrict" are not supported'],
])('%j is refused', async (dataSource, message) => {
  await expect(textOf({ ...timeseries, dataSource })).rejects.toThrow(message);
});

test('so many data sources over each other are too many', async () => {
  const virtualColumn = { type: 'expression', name: 'e', expression: 'page', outputType: 'STRING' };
  const over = (depth: number) =>
    Array.from({ length: depth }).reduce<unknown>(
      (base) => ({ type: 'unnest', base, virtualColumn }),
      inline(['page'], [['x']]),
    );
  expect(await count({ dataSource: over(64) })).toBe(1);
  await expect(textOf({ ...timeseries, dataSource: over(65) })).rejects.toThrow(
    'dataSource: more than 64 data sources stand over each other',
  );
});
