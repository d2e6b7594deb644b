import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject, UserError, utf8Encode } from '../../../core/index.js';
import type { PushFormat } from '../types.js';
import { discoveredSpec } from './discovered-spec.js';
import { checkSpecChange } from './spec-change.js';
import { parseTableSpec, type TableSpec } from './table-spec.js';

const SCHEMA: JsonObject = {
  timestampSpec: { column: 'ts', format: 'iso' },
  dimensionsSpec: { dimensions: ['page', { type: 'long', name: 'user' }] },
  metricsSpec: [{ type: 'longSum', name: 'added', fieldName: 'delta' }],
};

const specOf = (changes: JsonObject = {}): TableSpec =>
  parseTableSpec('wiki', { ...SCHEMA, ...changes });

function problemOf(act: () => unknown): UserError {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

test('what is left out has its default', () => {
  const spec = specOf();
  expect(spec).toMatchObject({
    dataSource: 'wiki',
    filter: null,
    time: {
      outOfOrdernessMs: 10_000,
      idleTimeoutMs: 60_000,
      allowedLatenessMs: 0,
      late: 'accept',
      maxFutureMs: null,
      future: 'accept',
      arrivalColumn: null,
    },
    limits: { maxRowBytes: 2 ** 20, rowsPerSecond: null, bytesPerSecond: null },
    dedup: { sequences: 1_000, producers: 10_000, keys: 100_000 },
    handoff: { maxRows: 1_000_000, periodMs: 600_000 },
  });
  expect(spec.granularity).toMatchObject({ rollup: true, intervals: null });
  expect(spec.dimensions.discover).toBe('none');
});

test('without metrics rows are not rolled up unless the spec says so', () => {
  expect(specOf({ metricsSpec: [] }).granularity.rollup).toBe(false);
  const spec = specOf({ metricsSpec: [], granularitySpec: { rollup: true } });
  expect(spec.granularity.rollup).toBe(true);
});

test('star-trees may be of what is listed, and add up the time of arrival', () => {
  const metrics = [{ type: 'longMax', name: 'last', fieldName: 'came' }];
  const starTrees = [{ dimensions: ['page'], metrics }];
  const spec = specOf({ starTrees, time: { arrivalColumn: 'came' } });
  expect(spec.starTrees).toMatchObject([{ dimensions: [{ name: 'page' }] }]);
  expect(specOf().starTrees).toBeUndefined();
  const { message } = problemOf(() => specOf({ starTrees }));
  expect(message).toMatch(/^starTrees\[0\]\.metrics\[0\]: want .* got "came"$/);
});

test('the settings are read as written', () => {
  const spec = specOf({
    time: {
      outOfOrderness: 'PT1.5S',
      idleTimeout: 7,
      allowedLateness: 'P1DT1H',
      late: 'deadLetter',
      maxFuture: 'PT0S',
      future: 'reject',
      arrivalColumn: 'came',
    },
    limits: { maxRowBytes: '100', rowsPerSecond: 5, bytesPerSecond: 6 },
    dedup: { sequences: 1, producers: 2, keys: 3 },
    handoff: { maxRows: 4, period: 'PT1M' },
  });
  expect(spec).toMatchObject({
    time: {
      outOfOrdernessMs: 1_500,
      idleTimeoutMs: 7,
      allowedLatenessMs: 90_000_000,
      late: 'deadLetter',
      maxFutureMs: 0,
      future: 'reject',
      arrivalColumn: 'came',
    },
    limits: { maxRowBytes: 100, rowsPerSecond: 5, bytesPerSecond: 6 },
    dedup: { sequences: 1, producers: 2, keys: 3 },
    handoff: { maxRows: 4, periodMs: 60_000 },
  });
});

test.each([
  ['bare', (schema: JsonObject, settings: JsonObject) => ({ ...schema, ...settings })],
  ['dataSchema', (dataSchema: JsonObject, settings: JsonObject) => ({ dataSchema, ...settings })],
  [
    'inside',
    (schema: JsonObject, settings: JsonObject) => ({ dataSchema: { ...schema, ...settings } }),
  ],
  [
    'spec',
    (dataSchema: JsonObject, settings: JsonObject) => ({
      type: 'kafka',
      spec: { dataSchema, ioConfig: {}, ...settings },
    }),
  ],
])('the declaration may be wrapped: %s', (_, wrap) => {
  const json = wrap({ ...SCHEMA, dataSource: 'wiki' }, { time: { late: 'reject' } });
  const { json: given, ...spec } = parseTableSpec('wiki', json);
  expect(given).toBe(json);
  const { json: _json, metrics, granularity, ...others } = specOf({ time: { late: 'reject' } });
  expect(spec).toMatchObject(others);
  expect(spec.metrics.map(({ spec }) => spec)).toEqual(metrics.map(({ spec }) => spec));
  expect(spec.granularity.segmentGranularity.spec).toBe(granularity.segmentGranularity.spec);
});

test.each<[JsonObject, string]>([
  [{ dataSource: 'other' }, 'dataSource'],
  [{ timestampSpec: 'ts' }, 'timestampSpec'],
  [{ timestampSpec: { column: 'ts', format: 'yyyy-QQ' } }, 'timestampSpec.format'],
  [
    { dimensionsSpec: { dimensions: [{ type: 'orc', name: 'x' }] } },
    'dimensionsSpec.dimensions[0].type',
  ],
  [{ dimensionsSpec: { dimensions: ['added'] } }, 'metricsSpec'],
  [{ metricsSpec: [{ type: 'nosuch', name: 'x' }] }, 'metricsSpec[0]'],
  [{ granularitySpec: { segmentGranularity: 'none' } }, 'granularitySpec.segmentGranularity'],
  [{ granularitySpec: { intervals: ['2020/2021'] } }, 'granularitySpec.intervals'],
  [
    { transformSpec: { filter: { type: 'selector', dimension: 'a', value: 'b' } } },
    'transformSpec.filter',
  ],
  [
    { transformSpec: { transforms: [{ type: 'expression', name: 'x', expression: '1 +' }] } },
    'transformSpec.transforms[0].expression',
  ],
  [{ parser: {} }, 'parser'],
  [{ timestampspec: {} }, 'timestampspec'],
  [{ time: 'soon' }, 'time'],
  [{ time: { lateness: 1 } }, 'time'],
  [{ time: { outOfOrderness: 'P1M' } }, 'time.outOfOrderness'],
  [{ time: { idleTimeout: 'PT-1S' } }, 'time.idleTimeout'],
  [{ time: { allowedLateness: -1 } }, 'time.allowedLateness'],
  [{ time: { late: 'drop' } }, 'time.late'],
  [{ time: { maxFuture: 'soon' } }, 'time.maxFuture'],
  [{ time: { future: 1 } }, 'time.future'],
  [{ time: { arrivalColumn: 'page' } }, 'time.arrivalColumn'],
  [{ time: { arrivalColumn: 'added' } }, 'time.arrivalColumn'],
  [{ time: { arrivalColumn: '__time' } }, 'time.arrivalColumn'],
  [{ limits: { maxRowBytes: 0 } }, 'limits.maxRowBytes'],
  [{ limits: { rowsPerSecond: 'many' } }, 'limits.rowsPerSecond'],
  [{ limits: { rows: 1 } }, 'limits'],
  [{ dedup: { sequences: 0 } }, 'dedup.sequences'],
  [{ dedup: { sequences: 100_001 } }, 'dedup.sequences'],
  [{ dedup: { producers: 100_001 } }, 'dedup.producers'],
  [{ dedup: { keys: 1.5 } }, 'dedup.keys'],
  [{ handoff: { maxRows: 0 } }, 'handoff.maxRows'],
  [{ handoff: { period: 'P1Y' } }, 'handoff.period'],
])('%j names %s', (changes, field) => {
  const problem = problemOf(() => specOf(changes));
  expect(problem.kind).toBe('spec');
  expect(problem.message).toContain(`${field}: `);
  // The same inside of a wrapper, by its path.
  const dataSchema = { ...SCHEMA, ...changes };
  if (field === 'timestampspec') return;
  const wrapped = problemOf(() => parseTableSpec('wiki', { spec: { dataSchema } }));
  expect(wrapped.message).toContain(`spec.dataSchema.${field.split('.')[0]}`);
});

test('all problems are named at once', () => {
  const problem = problemOf(() =>
    specOf({ timestampSpec: 1, time: { late: 'x' }, limits: { maxRowBytes: -1 }, handoff: [] }),
  );
  for (const field of ['timestampSpec', 'time.late', 'limits.maxRowBytes', 'handoff']) {
    expect(problem.message).toContain(`${field}: `);
  }
});

test.each([null, [], 'x', 1])('a body of %j is refused', (json) => {
  expect(problemOf(() => parseTableSpec('wiki', json)).message).toContain('body: want an object');
});

describe('a change of the spec', () => {
  const change = (next: JsonObject, previous: JsonObject = {}) =>
    checkSpecChange(specOf(previous), specOf(next), [
      { name: 'page', type: 'STRING', multiValueHandling: 'SORTED_ARRAY' },
      { name: 'user', type: 'LONG', multiValueHandling: 'SORTED_ARRAY' },
      { name: 'found', type: 'DOUBLE', multiValueHandling: 'SORTED_ARRAY' },
    ]);
  const metric = (name: string) => ({ type: 'longSum', name, fieldName: 'delta' });
  const dimensions = (...list: unknown[]) => ({ dimensionsSpec: { dimensions: list } });
  const USER = { type: 'long', name: 'user' };

  test.each<[string, JsonObject]>([
    ['nothing', {}],
    ['how time is read', { timestampSpec: { column: 'when', format: 'posix' } }],
    [
      'new dimensions behind the others',
      dimensions('page', USER, 'new', { type: 'double', name: 'found' }),
    ],
    ['types that all values fit', dimensions('page', { type: 'double', name: 'user' }, 'found')],
    ['lists', dimensions({ type: 'array<string>', name: 'page' }, { type: 'json', name: 'user' })],
    ['discovery', { dimensionsSpec: { dimensions: ['page', USER], includeAllDimensions: true } }],
    ['new metrics behind the others', { metricsSpec: [metric('added'), metric('more')] }],
    [
      'transforms',
      {
        transformSpec: {
          transforms: [{ type: 'expression', name: 'page', expression: 'lower(page)' }],
        },
      },
    ],
    [
      'policies and limits',
      {
        time: { late: 'reject', arrivalColumn: 'came' },
        limits: { maxRowBytes: 5 },
        handoff: { maxRows: 1 },
      },
    ],
  ])('may be of %s', (_, next) => change(next));

  test.each<[JsonObject, string]>([
    [dimensions('page'), 'dimensionsSpec.dimensions[1]'],
    [dimensions(USER, 'page'), 'dimensionsSpec.dimensions[0]'],
    [dimensions('new', 'page', USER), 'dimensionsSpec.dimensions[0]'],
    [dimensions({ name: 'page', multiValueHandling: 'ARRAY' }, USER), 'STRING (ARRAY)'],
    [dimensions('page', { type: 'float', name: 'user' }), '"user" as LONG, and not all values'],
    [dimensions({ type: 'long', name: 'page' }, USER), '"page" as STRING'],
    [dimensions('page', USER, { type: 'long', name: 'found' }), '"found" as DOUBLE'],
    [dimensions('page', USER, { type: 'auto', name: 'found' }), 'got auto'],
    [{ metricsSpec: [] }, 'metricsSpec[0]'],
    [{ metricsSpec: [{ ...metric('added'), type: 'doubleSum' }] }, 'metricsSpec[0]'],
    [{ metricsSpec: [metric('more'), metric('added')] }, 'metricsSpec[0]'],
    [{ metricsSpec: [metric('added'), metric('found')] }, 'metricsSpec[1].name'],
    [{ granularitySpec: { rollup: false } }, 'granularitySpec.rollup'],
    [{ granularitySpec: { queryGranularity: 'hour' } }, 'granularitySpec.queryGranularity'],
    [{ granularitySpec: { segmentGranularity: 'hour' } }, 'granularitySpec.segmentGranularity'],
    [{ time: { arrivalColumn: 'found' } }, '"found" as DOUBLE'],
  ])('%j is refused', (next, part) => {
    const problem = problemOf(() => change(next));
    expect(problem.kind).toBe('spec');
    expect(problem.message).toContain(part);
  });

  test('an arrival column stays', () => {
    const previous = { time: { arrivalColumn: 'came' } };
    expect(problemOf(() => change({}, previous)).message).toContain('time.arrivalColumn: ');
    change(dimensions('page', USER, { type: 'long', name: 'came' }), previous);
  });
});

describe('a spec made from the first rows', () => {
  const discovered = (body: string, format: PushFormat = 'ndjson') =>
    discoveredSpec('wiki', { format, body: utf8Encode(body) });

  test.each<[string, string, string]>([
    ['{"a":1,"ts":"2024-01-01"}', 'ts', 'auto'],
    ['{"time":"soon","ts":"2024-01-01"}', 'ts', 'auto'],
    ['{"date":"2024-01-01","__time":1700000000000}', '__time', 'auto'],
    ['{"Timestamp":1700000000}', 'Timestamp', 'posix'],
    ['{"t":1700000000000000}', 't', 'micro'],
    ['{"t":1700000000000000000}', 't', 'nano'],
    ['{"event_time":"2024-01-01T00:00:00Z"}\nbroken\n{"event_time":"x"}', 'event_time', 'auto'],
  ])('%s', (body, column, format) => {
    expect(discovered(body)).toMatchObject({
      timestampSpec: { column, format },
      dimensionsSpec: { useSchemaDiscovery: true },
      granularitySpec: { segmentGranularity: 'day', queryGranularity: 'none', rollup: false },
    });
  });

  test('of csv', () => {
    const spec = discovered('a,date\nx,1700000000\n', 'csv');
    expect(isJsonObject(spec.timestampSpec) && spec.timestampSpec).toEqual({
      column: 'date',
      format: 'posix',
    });
  });

  test.each(['{"a":1}', '{"ts":"x"}', 'broken', ''])('%j has no time', (body) => {
    const problem = problemOf(() => discovered(body));
    expect([problem.kind, problem.field]).toEqual(['spec', 'timestampSpec.column']);
    expect(problem.message).toContain('PUT /v1/tables/wiki');
  });
});
