import { describe, expect, test } from 'vitest';
import { type JsonObject, ManualClock, VirtualDisk } from '../../core/index.js';
import type { InputEnvironment } from '../input/sources/source.js';
import { sample } from './sample.js';
import { parseSamplerSpec } from './sampler-spec.js';

const environment = (clock = new ManualClock(0)): InputEnvironment => ({
  disk: new VirtualDisk(),
  localRoots: [],
  httpHosts: [],
  fetch,
  maxEntityBytes: 2 ** 20,
  clock,
});

interface Answer extends JsonObject {
  readonly data: readonly JsonObject[];
}

interface Body {
  readonly data: string;
  readonly format?: object;
  readonly schema?: object;
  readonly config?: object;
}

const bodyOf = ({ data, format, schema, config }: Body): JsonObject => ({
  type: 'index',
  spec: {
    type: 'index',
    ioConfig: {
      type: 'index',
      inputSource: { type: 'inline', data },
      inputFormat: format ?? { type: 'json', keepNullColumns: true },
    },
    ...(schema && { dataSchema: { dataSource: 'sample', ...schema } }),
  },
  samplerConfig: { numRows: 500, timeoutMs: 15000, ...config },
});

const sampled = async (body: Body): Promise<Answer> =>
  (await sample(parseSamplerSpec(bodyOf(body)), [], environment())) as Answer;

/** What the web console writes while no column is known to be the time. */
const NO_TIME = { column: '!!!_no_such_column_!!!', missingValue: '1970-01-01T00:00:00Z' };
const PLAIN = { timestampSpec: NO_TIME, dimensionsSpec: {}, granularitySpec: { rollup: false } };

describe('the steps of the web console', () => {
  const data =
    '{"t":"2024-01-01","a":"x","n":5,"z":null,"o":{"p":1}}\n{"t":"2024-01-02","a":"y","n":1.5}\n';

  test('connect: lines as they are', async () => {
    const format = { type: 'regex', pattern: '(.*)', listDelimiter: '56616469', columns: ['raw'] };
    const answer = await sampled({ data, format, schema: PLAIN });
    expect(answer.numRowsRead).toBe(2);
    expect(answer.data[0]).toEqual({
      input: { raw: data.split('\n')[0] },
      parsed: { __time: 0, raw: data.split('\n')[0] },
    });
  });

  test('parse: fields of records, nulls too; nested values in the input only', async () => {
    const answer = await sampled({ data, schema: PLAIN });
    expect(answer).toEqual({
      numRowsRead: 2,
      numRowsIndexed: 2,
      data: [
        {
          input: { t: '2024-01-01', a: 'x', n: 5, z: null, o: { p: 1 } },
          parsed: { __time: 0, t: '2024-01-01', a: 'x', n: '5', z: null },
        },
        {
          input: { t: '2024-01-02', a: 'y', n: 1.5 },
          parsed: { __time: 0, t: '2024-01-02', a: 'y', n: '1.5', z: null },
        },
      ],
      logicalDimensions: ['t', 'a', 'n', 'z'].map((name) => ({
        type: 'string',
        name,
        multiValueHandling: 'SORTED_ARRAY',
        createBitmapIndex: true,
      })),
      physicalDimensions: expect.any(Array),
      logicalSegmentSchema: [
        { name: '__time', type: 'LONG' },
        ...['t', 'a', 'n', 'z'].map((name) => ({ name, type: 'STRING' })),
      ],
      physicalSegmentSchema: expect.any(Array),
    });
  });

  test('flatten: the input stays what it was', async () => {
    const format = {
      type: 'json',
      flattenSpec: { fields: [{ type: 'path', name: 'p', expr: '$.o.p' }] },
    };
    const { data: entries } = await sampled({ data, format, schema: PLAIN });
    expect(entries[0]).toMatchObject({ input: { o: { p: 1 } }, parsed: { p: '1' } });
    expect(entries[0]?.input).not.toHaveProperty('p');
  });

  test('time, transform, filter: a row that is filtered out has no entry', async () => {
    const answer = await sampled({
      data,
      schema: {
        timestampSpec: { column: 't', format: 'auto' },
        dimensionsSpec: { dimensions: ['a', 'A'] },
        granularitySpec: { rollup: false },
        transformSpec: {
          transforms: [{ type: 'expression', name: 'A', expression: 'upper(a)' }],
          filter: { type: 'selector', dimension: 'A', value: 'Y' },
        },
      },
    });
    expect(answer.data).toEqual([
      {
        input: expect.objectContaining({ a: 'y' }),
        parsed: { __time: Date.UTC(2024, 0, 2), a: 'y', A: 'Y' },
      },
    ]);
    expect(answer).toMatchObject({ numRowsRead: 2, numRowsIndexed: 1 });
  });

  test('schema: rolled up, an entry where a row came first', async () => {
    const answer = await sampled({
      data: [
        '{"t":"2024-01-01T01","a":["y","x"],"n":1}',
        '{"t":"2024-01-01T02","a":"z","n":7}',
        '{"t":"2024-01-01T03","a":["x","y"],"n":10,"later":1}',
      ].join('\n'),
      schema: {
        timestampSpec: { column: 't' },
        dimensionsSpec: { dimensions: ['a'], includeAllDimensions: false },
        metricsSpec: [
          { type: 'count', name: 'count' },
          { type: 'longSum', name: 'sum', fieldName: 'n' },
          { type: 'hyperUnique', name: 'u', fieldName: 'n' },
        ],
        granularitySpec: { rollup: true, queryGranularity: 'day' },
      },
    });
    const day = Date.UTC(2024, 0, 1);
    expect(answer.data.map(({ parsed }) => parsed)).toEqual([
      { __time: day, a: ['x', 'y'], count: 2, sum: 11, u: expect.closeTo(2, 1) },
      { __time: day, a: 'z', count: 1, sum: 7, u: expect.closeTo(1, 1) },
    ]);
    expect(answer).toMatchObject({ numRowsRead: 3, numRowsIndexed: 3 });
    expect(answer.logicalSegmentSchema).toEqual([
      { name: '__time', type: 'LONG' },
      { name: 'a', type: 'STRING' },
      { name: 'count', type: 'LONG' },
      { name: 'sum', type: 'LONG' },
      { name: 'u', type: 'COMPLEX<hyperUnique>' },
    ]);
  });
});

test('nested values are shown as they are stored, and tell rows apart', async () => {
  const { data, logicalDimensions } = await sampled({
    data: '{"t":1,"j":{"a":[1,null]},"l":[2]}\n{"t":1,"j":{"a":2},"l":[2]}\n{"t":1,"j":{"a":2},"l":[2]}',
    schema: {
      timestampSpec: { column: 't' },
      dimensionsSpec: {
        dimensions: [
          { type: 'json', name: 'j' },
          { type: 'auto', name: 'l' },
          { name: 's', createBitmapIndex: false },
        ],
      },
      metricsSpec: [{ type: 'count', name: 'count' }],
    },
  });
  expect(data.map(({ parsed }) => parsed)).toEqual([
    { __time: 1, j: { a: [1, null] }, l: [2], s: null, count: 1 },
    { __time: 1, j: { a: 2 }, l: [2], s: null, count: 2 },
  ]);
  expect(logicalDimensions).toMatchObject([
    { type: 'json', name: 'j' },
    { type: 'auto', name: 'l' },
    { type: 'string', name: 's', createBitmapIndex: false },
  ]);
});

test('bad records and rows stand where they came', async () => {
  const { data, ...counts } = await sampled({
    data: '{"t":1,"n":"5"}\nrubbish\n{"n":1}\n{"t":2,"n":"x"}\n',
    schema: {
      timestampSpec: { column: 't' },
      dimensionsSpec: { dimensions: [{ type: 'long', name: 'n' }] },
      granularitySpec: { rollup: false },
    },
  });
  expect(data).toEqual([
    { input: { t: 1, n: '5' }, parsed: { __time: 1, n: 5 } },
    { unparseable: true, error: expect.stringContaining('rubbish') },
    { input: { n: 1 }, unparseable: true, error: expect.stringContaining('t') },
    {
      input: { t: 2, n: 'x' },
      parsed: { __time: 2, n: null },
      unparseable: true,
      error: expect.stringContaining('[x]'),
    },
  ]);
  expect(counts).toMatchObject({ numRowsRead: 4, numRowsIndexed: 2 });
});

test('ours: rows that are thrown away, with the reason', async () => {
  const { data } = await sampled({
    data: '{"t":"2024-01-01","a":1}\n{"t":"2024-02-01","a":1}\n{"t":"2024-01-01","a":2}',
    config: { showDropped: true },
    schema: {
      timestampSpec: { column: 't' },
      granularitySpec: { segmentGranularity: 'day', intervals: ['2024-01-01/P1D'] },
      transformSpec: { filter: { type: 'selector', dimension: 'a', value: '1' } },
    },
  });
  expect(data.map(({ dropped, error }) => [dropped, error])).toEqual([
    [undefined, undefined],
    [true, 'its time is outside of granularitySpec.intervals'],
    [true, 'transformSpec.filter does not pass it'],
  ]);
});

test('no more is read than is asked for', async () => {
  const line = (i: number) => `{"t":${i},"a":"${'x'.repeat(100)}"}\n`;
  const data = Array.from({ length: 300 }, (_, i) => line(i)).join('');
  const schema = { timestampSpec: { column: 't' } };
  expect((await sampled({ data, schema, config: { numRows: 10 } })).data.length).toBe(10);
  expect((await sampled({ data, schema, config: { numRows: null } })).data.length).toBe(200);
  expect((await sampled({ data, schema, config: { maxBytesInMemory: 1000 } })).data.length).toBe(9);
  const cut = await sampled({ data, schema, config: { maxClientResponseBytes: 1000 } });
  expect(cut.data.length).toBe(4);
  expect(cut).toMatchObject({ numRowsRead: 4, numRowsIndexed: 4 });
  expect((await sampled({ data, schema, config: { numRows: 0 } })).data).toEqual([]);
});

test('what comes too late is not read', async () => {
  const clock = new ManualClock(0);
  const ticking = {
    ...environment(clock),
    clock: {
      nowMs: () => {
        clock.advance(1000);
        return clock.nowMs();
      },
    },
  };
  const spec = parseSamplerSpec(
    bodyOf({
      data: '{"t":1}\n{"t":2}\n{"t":3}\n{"t":4}',
      schema: { timestampSpec: { column: 't' } },
      config: { timeoutMs: 2500 },
    }),
  );
  expect(((await sample(spec, [], ticking)) as Answer).data.length).toBe(3);
});

test.each<[JsonObject, string]>([
  [{ type: 'kafka' }, '"kafka" is not built yet'],
  [{ type: 'compact' }, '"compact" cannot be sampled'],
  [{ type: 'index' }, 'spec: want an object'],
  [{ type: 'index', spec: {} }, 'spec.ioConfig'],
  [
    { type: 'index', spec: { ioConfig: { inputSource: { type: 'inline', data: '' } } } },
    'spec.ioConfig.inputFormat',
  ],
  [{ ...bodyOf({ data: '' }), samplerConfig: { numRows: -1 } }, 'samplerConfig.numRows'],
])('%j is refused', (body, why) => {
  expect(() => parseSamplerSpec(body)).toThrow(why);
});
