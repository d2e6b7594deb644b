import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { formatInterval } from '../../model/index.js';
import { entityOf, testEnvironment } from '../input/testing.js';
import { parseTaskSpec } from './parse-task-spec.js';

type Json = Record<string, unknown>;

/** A task that is right, with parts of it replaced. */
function taskOf(changes: { schema?: Json; io?: Json; tuning?: Json; task?: Json } = {}): Json {
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'wiki',
        timestampSpec: { column: 'ts', format: 'iso' },
        dimensionsSpec: { dimensions: ['page', { type: 'long', name: 'user' }] },
        metricsSpec: [{ type: 'longSum', name: 'added', fieldName: 'delta' }],
        ...changes.schema,
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'inline', data: '{}' },
        inputFormat: { type: 'json' },
        ...changes.io,
      },
      tuningConfig: changes.tuning ?? null,
    },
    ...changes.task,
  };
}

function problemOf(json: unknown): UserError {
  try {
    parseTaskSpec(json);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the task was accepted');
}

const partition = (partitionsSpec: Json) => ({ tuning: { partitionsSpec } });

test('what is left out has the defaults of Druid', () => {
  const json = taskOf();
  const spec = parseTaskSpec(json);
  expect(spec).toMatchObject({
    type: 'index_parallel',
    id: null,
    dataSource: 'wiki',
    filter: null,
  });
  expect(spec.timestamp).toEqual({ column: 'ts', format: 'iso', missingValue: null });
  expect(spec.granularity.segmentGranularity.spec).toBe('day');
  expect(spec.granularity.queryGranularity.kind).toBe('none');
  expect(spec.granularity).toMatchObject({ rollup: true, intervals: null });
  expect(spec.tuning).toEqual({
    maxRowsInMemory: 5_000_000,
    maxRowsPerSegment: 5_000_000,
    partitioning: null,
    maxParseExceptions: 2_147_483_647,
    maxSavedParseExceptions: 0,
  });
  expect(spec).toMatchObject({ append: false, dropExisting: false, transforms: [] });
  expect(spec.json).toBe(json);
  expect(spec.dimensions.listed).toEqual([
    { name: 'page', type: 'STRING', multiValueHandling: 'SORTED_ARRAY' },
    { name: 'user', type: 'LONG', multiValueHandling: 'SORTED_ARRAY' },
  ]);
});

test('an absent timestampSpec reads "timestamp" as auto', () => {
  const { timestamp } = parseTaskSpec(taskOf({ schema: { timestampSpec: undefined } }));
  expect(timestamp).toEqual({ column: 'timestamp', format: 'auto', missingValue: null });
});

test.each([
  [{}, 'strings'],
  [{ dimensions: [] }, 'strings'],
  [{ useSchemaDiscovery: true }, 'typed'],
  [{ dimensions: ['a'] }, 'none'],
  [{ dimensions: ['a'], useSchemaDiscovery: true }, 'none'],
  [{ dimensions: ['a'], includeAllDimensions: true }, 'strings'],
  [{ dimensions: ['a'], includeAllDimensions: true, useSchemaDiscovery: true }, 'typed'],
])('the dimensionsSpec %j discovers %s', (dimensionsSpec, discover) => {
  expect(parseTaskSpec(taskOf({ schema: { dimensionsSpec } })).dimensions.discover).toBe(discover);
});

test('never discovered: exclusions, the time, metrics and what they read', () => {
  const { dimensions } = parseTaskSpec(
    taskOf({ schema: { dimensionsSpec: { dimensionExclusions: ['secret'] } } }),
  );
  expect(dimensions.excluded).toEqual(new Set(['ts', '__time', 'secret', 'added', 'delta']));
});

test('which indexes a dimension shall have is read, and nothing is said where nothing was', () => {
  const dimensions = [
    'plain',
    { name: 'off', createBitmapIndex: false },
    { name: 'words', indexes: ['text', 'bloom', 'text'] },
    { type: 'long', name: 'price', createBitmapIndex: 'true', indexes: ['range'] },
    { type: 'json', name: 'event', indexes: ['range', 'jsonPath'] },
  ];
  const { listed } = parseTaskSpec(
    taskOf({ schema: { dimensionsSpec: { dimensions } } }),
  ).dimensions;
  expect(listed.map(({ indexes }) => indexes)).toEqual([
    undefined,
    { bitmap: false, kinds: [] },
    { bitmap: true, kinds: ['bloom', 'text'] },
    { bitmap: true, kinds: ['range'] },
    { bitmap: true, kinds: ['jsonPath', 'range'] },
  ]);
});

test.each([
  [
    'day',
    ['2024-01-01T05:00Z/2024-01-02T01:00Z'],
    ['2024-01-01T00:00:00.000Z/2024-01-03T00:00:00.000Z'],
  ],
  ['day', ['2024-01-01/P1D'], ['2024-01-01T00:00:00.000Z/2024-01-02T00:00:00.000Z']],
  [
    'month',
    ['2024-03-05/P1D', '2024-01-31/P1D', '2024-02-01/P1D'],
    ['2024-01-01T00:00:00.000Z/2024-04-01T00:00:00.000Z'],
  ],
])('by %s, %j is widened to %j', (segmentGranularity, intervals, expected) => {
  const { granularity } = parseTaskSpec(
    taskOf({ schema: { granularitySpec: { segmentGranularity, intervals } } }),
  );
  expect(granularity.intervals?.map(formatInterval)).toEqual(expected);
});

test.each([
  [{ partitionsSpec: { type: 'dynamic', maxRowsPerSegment: 10 } }, 10],
  [{ partitionsSpec: { type: 'dynamic', targetPartitionSize: '20', maxTotalRows: 7 } }, 20],
  [{ partitionsSpec: { type: 'dynamic', maxRowsPerSegment: -1 }, maxRowsPerSegment: 50 }, 50],
  [{ maxRowsPerSegment: 60 }, 60],
])('the tuningConfig %j gives segments of %d rows', (tuning, rows) => {
  expect(parseTaskSpec(taskOf({ tuning })).tuning.maxRowsPerSegment).toBe(rows);
});

test('reportParseExceptions allows none and saves one', () => {
  const { tuning } = parseTaskSpec(taskOf({ tuning: { reportParseExceptions: true } }));
  expect(tuning).toMatchObject({ maxParseExceptions: 0, maxSavedParseExceptions: 1 });
});

test('fields read by name reach the format although nothing is discovered', async () => {
  const { inputs } = parseTaskSpec(
    taskOf({
      schema: {
        transformSpec: {
          transforms: [{ type: 'expression', name: 't', expression: 'upper("x")' }],
          filter: { type: 'selector', dimension: 'f', value: '1' },
        },
      },
      io: {
        inputSource: { type: 'inline', data: '{"ts":1,"page":2,"delta":3,"x":4,"f":5,"other":6}' },
        inputFormat: { type: 'json', flattenSpec: { useFieldDiscovery: false } },
      },
    }),
  );
  expect(inputs.map(({ source }) => source.type)).toEqual(['inline']);
  const entity = entityOf('{"ts":1,"page":2,"delta":3,"x":4,"f":5,"other":6}');
  for await (const { columns } of inputs[0]!.format!.read(entity, testEnvironment())) {
    expect([...columns.keys()]).toEqual(['ts', 'page', 'delta', 'x', 'f']);
  }
});

test('sources are combined in their order; tables need no format', () => {
  const table = { type: 'druid', dataSource: 'wiki', interval: '2020/2021' };
  const combining = (...delegates: unknown[]) => ({ type: 'combining', delegates });
  const inner = combining({ type: 'inline', data: 'x' });
  const both = parseTaskSpec(taskOf({ io: { inputSource: combining(table, inner, table) } }));
  expect(both.inputs.map(({ source, format }) => [source.type, format?.type])).toEqual([
    ['druid', undefined],
    ['inline', 'json'],
    ['druid', undefined],
  ]);
  const io = { inputSource: combining(table), inputFormat: null };
  expect(parseTaskSpec(taskOf({ io })).inputs).toMatchObject([{ format: null }]);
});

describe('refused, naming the field and the value', () => {
  const dims = (...dimensions: unknown[]) => ({ schema: { dimensionsSpec: { dimensions } } });
  const granularity = (granularitySpec: Json) => ({ schema: { granularitySpec } });
  test.each<[Parameters<typeof taskOf>[0], ...string[]]>([
    [{ task: { spec: 'x' } }, 'spec: want an object; got "x"'],
    [{ task: { id: 'a/b' } }, 'id: ', '"a/b"'],
    [{ task: { id: 5 } }, 'id: ', '5'],
    [{ schema: { dataSource: undefined } }, 'spec.dataSchema.dataSource', 'nothing'],
    [{ schema: { dataSource: '' } }, 'spec.dataSchema.dataSource', '""'],
    [{ schema: { dataSource: '.x' } }, 'spec.dataSchema.dataSource', '".x"'],
    [{ schema: { dataSource: 'a/b' } }, '"a/b"'],
    [{ schema: { dataSource: 'a\tb' } }, '"a\\tb"'],
    [{ schema: { dataSource: 'a😀' } }, '"a😀"'],
    [{ schema: { dataSource: 'a\u0007' } }, 'spec.dataSchema.dataSource'],
    [{ schema: { parser: { type: 'string' } } }, 'spec.dataSchema.parser', 'inputFormat'],
    [{ io: { firehose: { type: 'local' } } }, 'spec.ioConfig.firehose', 'inputSource'],
    [{ schema: { timestampSpec: { missingValue: 'never' } } }, 'timestampSpec', '"never"'],
    [{ schema: { timestampSpec: { format: 5 } } }, 'timestampSpec.format', '5'],
    [dims({ type: 'spatial', name: 'x' }), 'dimensions[0].type', "'spatial'", 'not built yet'],
    [
      dims('a', { type: 'auto', name: 'x', castToType: 'any' }),
      'dimensions[1].castToType',
      '"any"',
    ],
    [dims({ type: 'text', name: 'x' }), 'dimensions[0].type', '"text"', 'string, long'],
    [dims({ type: 'long' }), 'dimensions[0].name', 'nothing'],
    [dims({ name: 'x', indexes: ['text', 'range'] }), 'indexes[1]', 'bloom', 'STRING', '"range"'],
    [dims({ name: 'x', createBitmapIndex: 'maybe' }), 'createBitmapIndex', '"maybe"'],
    [
      { schema: { metricsSpec: [{ type: 'count', name: 'c', indexes: ['text'] }] } },
      'metricsSpec[0].indexes[0]',
      'range',
      'LONG',
    ],
    [dims({ name: '' }), 'dimensions[0].name', '""'],
    [dims(''), 'dimensionsSpec', '""'],
    [dims('__time'), 'dimensionsSpec', '__time'],
    [dims('a', 'a'), 'dimensionsSpec', '"a"'],
    [dims('added'), 'metricsSpec', '"added"'],
    [dims({ name: 'm', multiValueHandling: 'BAG' }), 'multiValueHandling', '"BAG"', 'SORTED_SET'],
    [
      { schema: { dimensionsSpec: { spatialDimensions: [{ dimName: 'c' }] } } },
      'spatialDimensions',
    ],
    [{ schema: { dimensionsSpec: { forceSegmentSortByTime: false } } }, 'forceSegmentSortByTime'],
    [{ schema: { metricsSpec: 'count' } }, 'spec.dataSchema.metricsSpec'],
    [{ schema: { metricsSpec: [{ type: 'sum', name: 'x' }] } }, 'metricsSpec[0]', "'sum'"],
    [{ schema: { metricsSpec: [{ type: 'count', name: '__time' }] } }, 'metricsSpec', '__time'],
    [
      { schema: { metricsSpec: [{ type: 'grouping', name: 'g', groupings: ['page'] }] } },
      "'grouping'",
    ],
    [
      { schema: { metricsSpec: ['a', 'a'].map((name) => ({ type: 'count', name })) } },
      'metricsSpec',
      '"a"',
    ],
    [granularity({ segmentGranularity: 'none' }), 'segmentGranularity', '"none"', '"day"'],
    [granularity({ segmentGranularity: 'eon' }), 'segmentGranularity', '"eon"'],
    [granularity({ queryGranularity: 'eon' }), 'queryGranularity', '"eon"'],
    [granularity({ intervals: ['yesterday'] }), 'granularitySpec.intervals', 'yesterday'],
    [granularity({ type: 'arbitrary' }), 'granularitySpec.type', '"arbitrary"'],
    [granularity({ rollup: 'perhaps' }), 'granularitySpec.rollup', '"perhaps"'],
    [
      {
        schema: {
          transformSpec: { transforms: [{ type: 'expression', name: 'x', expression: '1 +' }] },
        },
      },
      'transforms[0].expression',
      '1 +',
    ],
    [
      {
        schema: { transformSpec: { transforms: [{ type: 'lookup', name: 'x', expression: '1' }] } },
      },
      'transforms[0].type',
      '"lookup"',
    ],
    [
      {
        schema: {
          transformSpec: {
            transforms: [1, 2].map((n) => ({ type: 'expression', name: 'x', expression: `${n}` })),
          },
        },
      },
      'transforms',
      '"x" stands twice',
    ],
    [{ schema: { transformSpec: { filter: { type: 'odd' } } } }, 'transformSpec.filter', "'odd'"],
    [{ io: { inputSource: undefined } }, 'spec.ioConfig.inputSource', 'nothing'],
    [{ io: { inputSource: { type: 's3' } } }, 'inputSource.type', "'s3'", 'not built yet'],
    [{ io: { inputSource: { type: 'druid' } } }, 'inputSource.dataSource', 'nothing'],
    [
      { io: { inputSource: { type: 'druid', dataSource: 't', interval: '2020' } } },
      'inputSource.interval',
      '"2020" is not an interval',
    ],
    [{ io: { inputSource: { type: 'hdfs' } } }, "'hdfs'", 'not built yet'],
    [{ io: { inputSource: { type: 'combining' } } }, 'inputSource.delegates', 'nothing'],
    [{ io: { inputSource: { type: 'combining', delegates: [] } } }, 'delegates', '[]'],
    [
      { io: { inputSource: { type: 'combining', delegates: [{ type: 's3' }] } } },
      'inputSource.delegates[0].type',
      "'s3'",
    ],
    [{ io: { inputSource: { type: 'ftp' } } }, '"ftp"', 'inline, local, http'],
    [{ io: { inputFormat: { type: 'thrift' } } }, 'inputFormat.type', "'thrift'", 'not built yet'],
    [{ io: { inputFormat: { type: 'kafka' } } }, "'kafka'", 'not built yet'],
    [{ io: { inputFormat: { type: 'xml' } } }, '"xml"', 'one of json, csv, tsv, '],
    [{ io: { appendToExisting: 'maybe' } }, 'spec.ioConfig.appendToExisting', '"maybe"'],
    [{ io: { appendToExisting: true, dropExisting: true } }, 'spec.ioConfig.dropExisting'],
    [{ io: { dropExisting: true } }, 'spec.dataSchema.granularitySpec.intervals', 'nothing'],
    [partition({ type: 'round' }), 'partitionsSpec.type', '"round"', 'dynamic, hashed'],
    [{ tuning: { maxRowsInMemory: 0 } }, 'spec.tuningConfig.maxRowsInMemory', '0'],
    [{ tuning: { maxSavedParseExceptions: 1.5 } }, 'maxSavedParseExceptions', '1.5'],
    [
      { tuning: { forceGuaranteedRollup: true }, io: { appendToExisting: true } },
      'forceGuaranteedRollup',
    ],
    ...['hashed', 'range', 'single_dim'].map(
      (type): [Parameters<typeof taskOf>[0], ...string[]] => [
        { ...partition({ type }), io: { appendToExisting: true } },
        'partitionsSpec.type',
        `"${type}"`,
        'dynamic',
      ],
    ),
  ])('%j', (changes, ...parts) => {
    const error = problemOf(taskOf(changes));
    expect(error.kind).toBe('spec');
    for (const part of parts) expect(error.message).toContain(part);
  });
});

test('all problems come in one error', () => {
  const { message, field } = problemOf(
    taskOf({
      schema: {
        dataSource: '.x',
        dimensionsSpec: {
          dimensions: [
            { type: 'spatial', name: 'a' },
            { type: 'blob', name: 'b' },
          ],
        },
        metricsSpec: [
          { type: 'sum', name: 'x' },
          { type: 'max2', name: 'y' },
        ],
        granularitySpec: { segmentGranularity: 'none' },
      },
      io: { inputSource: { type: 's3' }, inputFormat: { type: 'thrift' }, appendToExisting: true },
      tuning: { partitionsSpec: { type: 'hashed' } },
    }),
  );
  expect(field).toBe('spec.dataSchema.dataSource');
  const problems = message.split(' | ');
  for (const part of [
    '".x"',
    "'spatial'",
    '"blob"',
    "'sum'",
    "'max2'",
    '"none"',
    "'s3'",
    "'thrift'",
    '"hashed"',
  ]) {
    expect(problems.filter((problem) => problem.includes(part))).toHaveLength(1);
  }
  expect(problems).toHaveLength(9);
});

test('a body without its parts names them', () => {
  const { message } = problemOf({ type: 'index', spec: {} });
  expect(message).toContain('spec.dataSchema: want an object; got nothing');
  expect(message).toContain('spec.ioConfig: want an object; got nothing');
  expect(() => parseTaskSpec([])).toThrow('task: want an object');
});
