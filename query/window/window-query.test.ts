import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { ask, DAY, ROWS, TABLE, tables } from '../fixture-testing.js';
import { parseNativeQuery } from '../native/registry.js';
import { contentTag } from '../plan/content-tag.js';
import { TestTables, testEngine } from '../testing.js';

const QUERY = { queryType: 'windowOperator', intervals: null };
const COUNT = { type: 'count', name: 'c' };
const signature = (...names: string[]) => names.map((name) => ({ name }));
const window = (processor: JsonObject) => ({ type: 'window', processor });
const sort = (...columns: string[]) => ({
  type: 'naiveSort',
  columns: columns.map((column) => ({ column, direction: 'ASC' })),
});
const equals = (column: string, matchValue: string) => ({
  type: 'equals',
  column,
  matchValueType: 'STRING',
  matchValue,
});
const windows = (query: JsonObject, from = tables) => ask({ ...QUERY, ...query }, from);

const inline = (columnNames: readonly string[], ...rows: readonly unknown[][]) => ({
  type: 'inline',
  columnNames,
  rows,
});

describe('over a groupBy', () => {
  const dimensions = ['page', 'tags'].map((dimension, i) => ({
    type: 'default',
    dimension,
    outputName: `d${i}`,
  }));
  const query = {
    queryType: 'groupBy',
    dataSource: 't',
    intervals: '1970/1971',
    granularity: 'all',
    dimensions,
    aggregations: [{ type: 'longSum', name: 'a0', fieldName: 'n' }],
  };
  const dataSource = { type: 'query', query };

  /** As Druid's SQL plans ROW_NUMBER and a SUM over the row before and the own one. */
  const reference = {
    dataSource,
    intervals: {
      type: 'LegacySegmentSpec',
      intervals: ['-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z'],
    },
    outputSignature: [
      { name: 'd0', type: 'STRING' },
      { name: 'a0', type: 'LONG' },
      { name: 'w0', type: 'LONG' },
      { name: 'w1', type: 'LONG' },
    ],
    operators: [
      {
        type: 'naiveSort',
        columns: [
          { column: 'd0', direction: 'ASC' },
          { column: 'a0', direction: 'DESC' },
        ],
      },
      { type: 'naivePartition', partitionColumns: ['d0'] },
      window({
        type: 'composing',
        processors: [
          { type: 'rowNumber', outputColumn: 'w0' },
          {
            type: 'framedAgg',
            frame: { type: 'rows', lowerOffset: -1, upperOffset: 0 },
            aggregations: [{ type: 'longSum', name: 'w1', fieldName: 'a0' }],
          },
        ],
      }),
    ],
    leafOperators: [
      {
        type: 'scan',
        timeRange: null,
        filter: null,
        offsetLimit: { offset: 0, limit: 10 },
        projectedColumns: null,
        virtualColumns: null,
        ordering: null,
      },
    ],
  };
  const wanted = [
    [null, -3, 1, -3],
    [null, -3, 2, -6],
    ['A', 9007199254740993n, 1, 9007199254740993n],
    ['A', 9007199254740993n, 2, 18014398509481986n],
    ['A', null, 3, 9007199254740993n],
    ['B', 2, 1, 2],
  ];

  test('the example of the reference', async () => {
    expect(await windows(reference)).toEqual(wanted);
  });

  test('Druid names the list of operators operatorDefinition', async () => {
    const { operators, ...others } = reference;
    expect(await windows({ ...others, operatorDefinition: operators })).toEqual(wanted);
  });

  test('without leaf operators, and over groups that other queries leave', async () => {
    expect(await windows({ ...reference, leafOperators: null })).toEqual(wanted);
    const having = { type: 'greaterThan', aggregation: 'a0', value: 0 };
    const filtered = { ...dataSource, query: { ...query, having } };
    const found = (await windows({ ...reference, dataSource: filtered })) as unknown[][];
    expect(found.map(([page]) => page)).toEqual(['A', 'A', 'B']);
  });

  test('its rows are rows for other queries', async () => {
    const outer = {
      queryType: 'groupBy',
      dataSource: { type: 'query', query: { ...QUERY, ...reference } },
      granularity: 'all',
      dimensions: ['d0'],
      aggregations: [{ type: 'longMax', name: 'last', fieldName: 'w0' }],
      context: { resultAsArray: true },
    };
    expect(await ask(outer)).toEqual([
      [null, 2],
      ['A', 3],
      ['B', 1],
    ]);
  });

  test('no more rows than the limit of subqueries', async () => {
    await expect(windows({ ...reference, context: { maxSubqueryRows: 5 } })).rejects.toThrow(
      'the inner groupBy has 6',
    );
  });

  test('sketches are merged over frames', async () => {
    const sketches = {
      ...query,
      aggregations: [{ type: 'thetaSketch', name: 'a0', fieldName: 'tags' }],
    };
    const framed = {
      type: 'framedAgg',
      frame: { type: 'unbounded' },
      aggregations: [{ type: 'thetaSketch', name: 'w0', fieldName: 'a0' }],
    };
    const found = await windows({
      dataSource: { type: 'query', query: { ...sketches, dimensions: ['page'] } },
      operators: [window(framed)],
      outputSignature: [{ name: 'page' }, { name: 'w0', type: 'DOUBLE' }],
    });
    expect(found).toEqual([
      [null, 3],
      ['A', 3],
      ['B', 3],
    ]);
  });
});

describe('over a table', () => {
  const ranked = {
    dataSource: 't',
    operators: [sort('x'), window({ type: 'rowNumber', outputColumn: 'w' })],
    outputSignature: signature('page', 'x', 'w'),
  };

  test('the rows are scanned first, of the columns that are read', async () => {
    expect(await windows(ranked)).toEqual([
      [null, null, 1],
      ['A', 1.5, 2],
      ['B', 2.5, 3],
      ['A', 4, 4],
    ]);
    const { dataSource } = parseNativeQuery({ ...QUERY, ...ranked });
    expect(dataSource).toMatchObject({ query: { queryType: 'scan', columns: ['x', 'page'] } });
  });

  test('of intervals, filtered data sources and unions alone what is in them', async () => {
    expect(await windows({ ...ranked, intervals: '1970-01-01/P1D' })).toEqual([
      ['A', 1.5, 1],
      ['B', 2.5, 2],
    ]);
    const dataSource = { type: 'filter', base: 't', filter: equals('page', 'A') };
    expect(await windows({ ...ranked, dataSource })).toEqual([
      ['A', 1.5, 1],
      ['A', 4, 2],
    ]);
    const union = { type: 'union', dataSources: ['t', 't'] };
    expect(await windows({ ...ranked, dataSource: union })).toHaveLength(8);
  });

  test('unnested rows', async () => {
    const virtualColumn = {
      type: 'expression',
      name: 'tag',
      expression: 'tags',
      outputType: 'STRING',
    };
    const found = await windows({
      dataSource: { type: 'unnest', base: 't', virtualColumn },
      operators: [
        sort('tag', '__time'),
        { type: 'naivePartition', partitionColumns: ['tag'] },
        window({ type: 'offset', inputColumn: 'x', outputColumn: 'before', offset: -1 }),
      ],
      outputSignature: signature('tag', 'x', 'before'),
    });
    expect(found).toEqual([
      ['a', 1.5, null],
      ['a', null, 1.5],
      ['b', 1.5, null],
      ['b', 2.5, 1.5],
      ['c', null, null],
    ]);
  });

  test('joined rows', async () => {
    const dataSource = {
      type: 'join',
      left: 't',
      right: inline(['k', 'name'], ['A', 'one'], ['B', 'two']),
      rightPrefix: 'j.',
      condition: 'page == "j.k"',
      joinType: 'INNER',
    };
    const found = await windows({
      dataSource,
      operators: [
        sort('j.name', 'x'),
        { type: 'naivePartition', partitionColumns: ['j.name'] },
        window({ type: 'last', inputColumn: 'x', outputColumn: 'w' }),
      ],
      outputSignature: signature('j.name', 'x', 'w'),
    });
    expect(found).toEqual([
      ['one', 1.5, 4],
      ['one', 4, 4],
      ['two', 2.5, 2.5],
    ]);
  });

  test('a query that reads no column counts rows all the same', async () => {
    const found = await windows({
      dataSource: 't',
      operators: [window({ type: 'rowNumber', outputColumn: 'w' })],
      outputSignature: signature('w'),
    });
    expect(found).toEqual([[1], [2], [3], [4]]);
  });

  test('a scan among the leaf operators reads the table', async () => {
    const scan = {
      type: 'scan',
      timeRange: '1970-01-01/1970-01-03T05:30',
      filter: equals('low', 'a'),
      virtualColumns: [
        { type: 'expression', name: 'low', expression: 'lower(page)', outputType: 'STRING' },
      ],
      ordering: [{ column: 'x', direction: 'DESC' }],
      offsetLimit: { offset: 0, limit: -1 },
    };
    const query = {
      dataSource: 't',
      leafOperators: [scan],
      operators: [window({ type: 'rowNumber', outputColumn: 'w' })],
      outputSignature: signature('low', 'x', 'w'),
    };
    const wanted = [
      ['a', 4, 1],
      ['a', 1.5, 2],
    ];
    expect(await windows({ ...query, context: { maxSubqueryRows: 2 } })).toEqual(wanted);
    expect(parseNativeQuery({ ...QUERY, ...query })).toMatchObject({ operators: [{}] });
  });
});

const VIRTUAL = { type: 'expression', name: 'v', expression: 'n * 1', outputType: 'LONG' };

/** A scan that makes a column. */
const NOTHING_ELSE = { type: 'scan', virtualColumns: [VIRTUAL] } as const;

/** Scans that a table can do for a query, and those that only its rows in memory can go through. */
const scan = fc.record(
  {
    type: fc.constant('scan'),
    timeRange: fc.constantFrom('1970-01-01/P1D', '1970-01-01T02:00/P3D', '1980/1990'),
    filter: fc.constantFrom(equals('page', 'A'), equals('v', '2'), {
      type: 'not',
      field: equals('tags', 'a'),
    }),
    virtualColumns: fc.constant([VIRTUAL]),
    ordering: fc.array(
      fc.record({
        column: fc.constantFrom('page', 'n', 'x', 'v'),
        direction: fc.constantFrom('ASC', 'DESC'),
      }),
      { maxLength: 2 },
    ),
    offsetLimit: fc.record({
      offset: fc.integer({ min: 0, max: 3 }),
      limit: fc.integer({ min: -1, max: 4 }),
    }),
    projectedColumns: fc.uniqueArray(fc.constantFrom('page', 'n', 'x', 'v', '__time')),
  },
  { requiredKeys: ['type', 'virtualColumns'] },
);

test('a scan gives the same rows wherever it is', async () => {
  const split = new TestTables().add('t', TABLE, [
    { rows: ROWS.slice(0, 1) },
    { rows: ROWS.slice(1) },
  ]);
  const columns = ['__time', 'page', 'tags', 'n', 'x', 'v'];
  const rest = {
    operators: [window({ type: 'rowNumber', outputColumn: 'w' })],
    outputSignature: signature(...columns, 'w'),
  };
  const inMemory = {
    type: 'query',
    query: {
      queryType: 'scan',
      dataSource: 't',
      columns: columns.slice(0, -1),
      intervals: '1970/1971',
    },
  };
  await fc.assert(
    fc.asyncProperty(scan, fc.array(scan, { maxLength: 1 }), async (first, others) => {
      const query = { ...rest, leafOperators: [first, ...others] };
      const wanted = await windows({ ...query, dataSource: inMemory });
      expect(await windows({ ...query, dataSource: 't' })).toEqual(wanted);
      expect(await windows({ ...query, dataSource: 't' }, split)).toEqual(wanted);
    }),
    {
      numRuns: draws(60),
      examples: [[{ ...NOTHING_ELSE, projectedColumns: ['v'] }, [NOTHING_ELSE]]],
    },
  );
  split.close();
});

test('rows that pass a filter stay in their partitions', async () => {
  const found = await windows({
    dataSource: inline(['k', 'n'], ['a', 1], ['a', 2], ['b', 1], ['c', 2], ['c', 3]),
    operators: [
      { type: 'naivePartition', partitionColumns: ['k'] },
      {
        type: 'scan',
        filter: { type: 'range', column: 'n', matchValueType: 'LONG', lower: 2 },
      },
      window({ type: 'rowNumber', outputColumn: 'w' }),
    ],
    outputSignature: signature('k', 'n', 'w'),
  });
  expect(found).toEqual([
    ['a', 2, 1],
    ['c', 2, 1],
    ['c', 3, 2],
  ]);
});

describe('frames of older versions', () => {
  const sums = async (frame: JsonObject) => {
    const found = await windows({
      dataSource: inline(['n'], [1], [2], [2], [4]),
      operators: [
        window({
          type: 'framedAgg',
          frame,
          aggregations: [{ type: 'longSum', name: 's', fieldName: 'n' }],
        }),
      ],
      outputSignature: signature('s'),
    });
    return (found as number[][]).flat();
  };
  const orderBy = [{ column: 'n', direction: 'ASC' }];

  test.each([
    { frame: { peerType: 'ROWS', lowUnbounded: true }, wanted: [1, 3, 5, 9] },
    { frame: { peerType: 'ROWS', lowOffset: 1, uppOffset: 0 }, wanted: [1, 3, 4, 6] },
    { frame: { peerType: 'ROWS', lowOffset: 0, uppOffset: 1 }, wanted: [3, 4, 6, 4] },
    { frame: { peerType: 'RANGE', lowUnbounded: true, orderBy }, wanted: [1, 5, 5, 9] },
    { frame: { peerType: 'range', uppUnbounded: true, orderBy }, wanted: [9, 8, 8, 4] },
    { frame: { peerType: 'RANGE', lowUnbounded: true, uppUnbounded: true }, wanted: [9, 9, 9, 9] },
    { frame: { type: 'group', lowerOffset: null, upperOffset: 0, orderBy }, wanted: [1, 5, 5, 9] },
  ])('$frame', async ({ frame, wanted }) => {
    expect(await sums(frame)).toEqual(wanted);
  });
});

describe('the answer', () => {
  test('has the types that it is asked for; a column that is not there holds nulls', async () => {
    const query = parseNativeQuery({
      ...QUERY,
      dataSource: inline(['n', 'x'], [1, 2.5], [2, null]),
      operators: [],
      outputSignature: [
        { name: 'x', type: 'LONG' },
        { name: 'n', type: 'STRING' },
        { name: 'gone', type: 'DOUBLE' },
        { name: 'absent' },
      ],
    });
    const { fields, rows } = await testEngine(tables).run(query);
    expect(fields.map(({ type }) => type)).toEqual(['LONG', 'STRING', 'DOUBLE', 'STRING']);
    expect(rows).toEqual([
      [2, '1', null, null],
      [null, '2', null, null],
    ]);
  });

  test('has no more rows than answers may have', async () => {
    const query = parseNativeQuery({
      ...QUERY,
      dataSource: inline(['n'], [1], [2], [3]),
      operators: [],
      outputSignature: signature('n'),
    });
    const engine = testEngine(tables, { limits: { maxResultRows: 2 } });
    await expect(engine.run(query)).rejects.toThrow('the answer has 3 rows, more than 2');
  });

  test('of samples has no tag', () => {
    const tagOf = (aggregation: JsonObject) => {
      const query = parseNativeQuery({
        ...QUERY,
        dataSource: inline(['n'], [1]),
        operators: [
          window({ type: 'framedAgg', frame: { type: 'unbounded' }, aggregations: [aggregation] }),
        ],
        outputSignature: signature('n'),
      });
      return contentTag(query, tables.snapshot([]));
    };
    expect(tagOf(COUNT)).not.toBeNull();
    expect(tagOf({ type: 'reservoirSample', name: 's', fieldName: 'n' })).toBeNull();
  });
});

describe('what is refused', () => {
  const plain = { ...QUERY, dataSource: inline(['n'], [1]), operators: [] };
  const parse = (query: JsonObject) => () =>
    parseNativeQuery({ ...plain, outputSignature: signature('n'), ...query });
  const processor = (json: JsonObject) => ({ operators: [window(json)] });
  const framed = (frame: unknown) => processor({ type: 'framedAgg', frame, aggregations: [COUNT] });

  test.each([
    [{ operators: null }, 'operators: want a list; got null'],
    [{ operators: {} }, 'operators: want a list; got {}'],
    [{ outputSignature: [] }, 'outputSignature: want a list of columns'],
    [{ outputSignature: [{ type: 'LONG' }] }, 'outputSignature[0].name: want the name of a column'],
    [{ outputSignature: [{ name: 'n', type: 'INT' }] }, 'outputSignature[0].type: want STRING'],
    [
      { outputSignature: signature('n', 'n') },
      'outputSignature[1].name: column [n] is named twice',
    ],
    [
      { operators: [{ type: 'sort' }] },
      "operators[0]: Could not resolve type id 'sort' as a subtype of `OperatorFactory`: known type ids = [glueingPartition, naivePartition, naiveSort, partitionSort, scan, window]",
    ],
    [{ leafOperators: [{}] }, "leafOperators[0]: missing type id property 'type'"],
    [
      processor({ type: 'ntile' }),
      "operators[0].processor: Could not resolve type id 'ntile' as a subtype of `Processor`: known type ids = [composing, cumeDist, denseRank, first, framedAgg, last, offset, percentile, rank, rowNumber]",
    ],
    [
      processor({ type: 'composing', processors: [{ type: 'rowNumber' }] }),
      'operators[0].processor.processors[0].outputColumn: want a text; got nothing',
    ],
    [
      processor({ type: 'percentile', outputColumn: 'w', numBuckets: 0 }),
      'operators[0].processor.numBuckets: want 1 or more; got 0',
    ],
    [
      processor({ type: 'offset', inputColumn: 'n', outputColumn: 'w' }),
      'operators[0].processor.offset: must be given',
    ],
    [framed(null), 'operators[0].processor.frame: want an object'],
    [framed({ type: 'range' }), 'known type ids = [group, groups, rows, unbounded]'],
    [
      framed({ type: 'rows', lowerOffset: 'x' }),
      'operators[0].processor.frame.lowerOffset: want an integer',
    ],
    [
      framed({ peerType: 'PEERS' }),
      'operators[0].processor.frame.peerType: want one of ROWS, RANGE',
    ],
    [
      { operators: [{ type: 'naiveSort', columns: [{ column: 'n', direction: 'UP' }] }] },
      'operators[0].columns[0].direction: want one of ASC, DESC; got "UP"',
    ],
    [
      { operators: [{ type: 'scan', offsetLimit: { offset: -1 } }] },
      'operators[0].offsetLimit.offset: want 0 or more; got -1',
    ],
    [
      { context: { bySegment: true } },
      'context.bySegment: windows are computed of the rows of all',
    ],
    [{ operators: [{ type: 'scan', timeRange: '1970' }] }, 'operators[0].timeRange: "1970" is not'],
  ])('%j', (query, message) => {
    expect(parse(query)).toThrow(message);
  });

  test('columns whose values have no order', async () => {
    const dataSource = {
      type: 'query',
      query: {
        queryType: 'groupBy',
        dataSource: 't',
        intervals: '1970/1971',
        granularity: 'all',
        dimensions: ['page'],
        aggregations: [{ type: 'thetaSketch', name: 's', fieldName: 'tags' }],
      },
    };
    const query = { dataSource, outputSignature: signature('page'), operators: [sort('s')] };
    await expect(windows(query)).rejects.toThrow(
      'operators[0].columns: values of column [s] are COMPLEX<thetaSketch>, which have no order',
    );
  });
});

test('inline rows are those of the intervals, where they have a time', async () => {
  const query = {
    intervals: '1970-01-02/P1D',
    operators: [window({ type: 'rowNumber', outputColumn: 'w' })],
    outputSignature: signature('n', 'w'),
  };
  const timed = inline(['__time', 'n'], [0, 1], [DAY, 2], [2 * DAY, 3]);
  expect(await windows({ ...query, dataSource: timed })).toEqual([[2, 1]]);
  expect(await windows({ ...query, dataSource: inline(['n'], [1], [2]) })).toHaveLength(2);
});

test('buckets are times of their own', async () => {
  const query = {
    queryType: 'timeseries',
    dataSource: 't',
    intervals: '1970-01-01/P4D',
    granularity: 'day',
    aggregations: [COUNT],
  };
  const found = await windows({
    dataSource: { type: 'query', query },
    operators: [
      { type: 'scan', timeRange: '1970-01-02/1970-01-04' },
      window({ type: 'last', inputColumn: 'c', outputColumn: 'w' }),
    ],
    outputSignature: signature('__time', 'c', 'w'),
  });
  expect(found).toEqual([
    [DAY, 0, 2],
    [2 * DAY, 2, 2],
  ]);
});
