import { expect, test } from 'vitest';
import {
  ArenaPool,
  type JsonObject,
  ManualClock,
  SeededRandom,
  VirtualDisk,
} from '../core/index.js';
import { formatInstant, type Interval, parseInterval } from '../model/index.js';
import { openSegment } from '../segments/index.js';
import { cellsOf } from '../segments/testing.js';
import { runBatchJob } from './batch/batch-job.js';
import { parseTaskSpec } from './spec/parse-task-spec.js';

/** The checklist of Druid's ingestion behaviour, from task JSON and input text to stored rows. */

interface Task {
  readonly data: string | readonly string[];
  readonly format?: JsonObject;
  readonly dimensions?: JsonObject;
  readonly metrics?: readonly JsonObject[];
  readonly granularity?: JsonObject;
  readonly transform?: JsonObject;
  readonly timestamp?: JsonObject;
  readonly io?: JsonObject;
  readonly tuning?: JsonObject;
  readonly chunkIntervals?: readonly Interval[];
}

function taskOf(task: Task): JsonObject {
  const { data, format, dimensions, metrics, granularity, transform, timestamp, io } = task;
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 't',
        timestampSpec: timestamp ?? { column: 't' },
        dimensionsSpec: dimensions ?? {},
        metricsSpec: metrics ?? [],
        granularitySpec: { rollup: false, ...granularity },
        transformSpec: transform ?? null,
      },
      ioConfig: {
        inputSource: { type: 'inline', data: typeof data === 'string' ? data : data.join('\n') },
        inputFormat: format ?? { type: 'json' },
        ...io,
      },
      tuningConfig: { maxSavedParseExceptions: 2, ...task.tuning },
    },
  };
}

/** Runs a task: its chunks, the names and cells of its columns by row, and what became of its rows. */
async function ingest(task: Task) {
  const disk = new VirtualDisk();
  const clock = new ManualClock(0);
  const { segments, stats, parseExceptions } = await runBatchJob(
    {
      taskId: 'task',
      spec: parseTaskSpec(taskOf(task)),
      chunkIntervals: task.chunkIntervals ?? [],
      slices: [],
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
    {
      input: { disk, localRoots: [], httpHosts: [], fetch, maxEntityBytes: 1e6, clock },
      disk,
      segmentsDir: '/segments',
      temporaryDir: '/tmp',
      random: new SeededRandom(1),
      clock,
    },
  );
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 26 });
  const opened = segments.map(({ sealed }) => openSegment(disk, sealed.path, pool));
  const { processed, processedWithError, thrownAway, unparseable } = stats;
  return {
    chunks: segments.map(({ interval }) => [interval.startMs, interval.endMs].map(formatInstant0)),
    columns: opened[0]?.columns.map(({ name, type }) => `${name} ${type}`) ?? [],
    rows: opened.flatMap(cellsOf),
    fates: { processed, processedWithError, thrownAway, unparseable },
    parseExceptions,
  };
}

const formatInstant0 = (ms: number): string => formatInstant(ms).replace(/T00:00:00.000Z$/, '');
const FINE = { processedWithError: 0, thrownAway: 0, unparseable: 0 };
const strings = (...names: string[]): JsonObject => ({ dimensions: names });

test('1. rollup omitted is on: equal rows collapse, also without metrics; count tells how many', async () => {
  const data = ['{"t":1,"a":"x"}', '{"t":1,"a":"x"}', '{"t":1,"a":"y"}', '{"t":2,"a":"x"}'];
  const granularity = { rollup: undefined };
  const counted = await ingest({
    data,
    granularity,
    metrics: [{ type: 'count', name: 'n' }],
    dimensions: strings('a'),
  });
  expect(counted.rows).toEqual([
    [1, 'x', 2],
    [1, 'y', 1],
    [2, 'x', 1],
  ]);
  expect(counted.fates).toEqual({ processed: 4, ...FINE });
  expect((await ingest({ data, granularity })).rows.length).toBe(3);
  expect((await ingest({ data })).rows.length).toBe(4);
});

test('3. the interval is widened to whole buckets; its start is in it, its end is not', async () => {
  const times = [
    '2023-12-31T23:59:59.999Z',
    '2024-01-01',
    '2024-01-01T12:00',
    '2024-01-02T23:59:59.999Z',
    '2024-01-03',
  ];
  const { rows, fates, chunks } = await ingest({
    data: times.map((t) => JSON.stringify({ t })),
    granularity: { segmentGranularity: 'DAY', intervals: ['2024-01-01T06:00/2024-01-02T18:00'] },
  });
  expect(rows.length).toBe(3);
  expect(fates).toEqual({ ...FINE, processed: 3, thrownAway: 2 });
  expect(chunks).toEqual([
    ['2024-01-01', '2024-01-02'],
    ['2024-01-02', '2024-01-03'],
  ]);
});

test('4. times of the format auto', async () => {
  const { rows, fates } = await ingest({
    data: [
      '{"t":"1577836800000"}',
      '{"t":1577836800000}',
      '{"t":"2020-01-01"}',
      '{"t":"2020-01-01 00:00:00"}',
      '{"t":"2020-01-01T02:00:00+02:00"}',
      '{"t":""}',
      '{"t":"soon"}',
      '{"x":1}',
    ],
    dimensions: strings('none'),
  });
  expect(new Set(rows.map(([time]) => time))).toEqual(new Set([1577836800000]));
  expect(fates).toEqual({ ...FINE, processed: 5, unparseable: 3 });
});

test('5. csv: empty and quoted empty, header with skipped lines, short and long lines', async () => {
  const { rows, columns } = await ingest({
    data: ['a comment', 't,a,b,', '1,,"",x', '2,"y ""z"", ü"', '3,p,q,r,s'],
    format: { type: 'csv', findColumnsFromHeader: true, skipHeaderRows: 1 },
    dimensions: strings('a', 'b', 'column_4'),
  });
  expect(columns.slice(1)).toEqual(['a STRING', 'b STRING', 'column_4 STRING']);
  expect(rows).toEqual([
    [1, null, '', 'x'],
    [2, 'y "z", ü', null, null],
    [3, 'p', 'q', 'r'],
  ]);
});

test('6. multi-value from JSON and csv, by multiValueHandling, duplicates kept', async () => {
  const dimensions = {
    dimensions: [
      'a',
      { type: 'string', name: 'b', multiValueHandling: 'SORTED_SET' },
      { type: 'string', name: 'c', multiValueHandling: 'ARRAY' },
    ],
  };
  const expected = [[1, ['x', 'x', 'y'], ['x', 'y'], ['y', 'x', 'x']]];
  const list = '["y","x","x"]';
  const json = await ingest({
    data: `{"t":1,"a":${list},"b":${list},"c":${list}}`,
    dimensions,
  });
  expect(json.rows).toEqual(expected);
  const csv = await ingest({
    data: '1,y|x|x,y|x|x,y|x|x',
    format: { type: 'csv', columns: ['t', 'a', 'b', 'c'], listDelimiter: '|' },
    dimensions,
  });
  expect(csv.rows).toEqual(expected);
  const few = await ingest({ data: '{"t":1,"a":[],"b":["x"],"c":[null,"y"]}', dimensions });
  expect(few.rows).toEqual([[1, null, 'x', 'y']]);
});

test('7. and 8. numbers as text: commas in metrics only, long dimensions want integers', async () => {
  const { rows, fates } = await ingest({
    data: [
      '{"t":1,"d":"1,234","m":"1,234"}',
      '{"t":2,"d":3.7,"m":"+5"}',
      '{"t":3,"d":"3.7","m":2}',
      '{"t":4,"d":"3.0","m":"many"}',
      '{"t":5,"d":-3.7,"m":" 7 "}',
      '{"t":6,"d":9223372036854775807,"m":-9223372036854775808}',
      '{"t":7,"d":true,"m":null}',
    ],
    dimensions: { dimensions: [{ type: 'long', name: 'd' }] },
    metrics: [{ type: 'longSum', name: 'sum', fieldName: 'm' }],
  });
  expect(rows).toEqual([
    [1, null, 1234],
    [2, 3, 5],
    [3, null, 2],
    [4, 3, null],
    [5, -3, 7],
    [6, 9223372036854775807n, -9223372036854775808n],
    [7, 1, null],
  ]);
  expect(fates).toEqual({ ...FINE, processed: 4, processedWithError: 3 });
});

test('9. nested objects are not discovered; paths name what is in them', async () => {
  const data = ['{"t":1,"a":{"b":[{"c":"deep"}]},"l":[1,2],"o":[{"x":1}],"n":null,"s":"x"}'];
  expect((await ingest({ data })).columns).toEqual(['__time LONG', 'l STRING', 's STRING']);
  const flattenSpec = { fields: [{ type: 'path', name: 'c', expr: '$.a.b[0].c' }, 'n'] };
  const flat = await ingest({
    data,
    format: { type: 'json', flattenSpec },
    dimensions: strings('c'),
  });
  expect(flat.rows).toEqual([[1, 'deep']]);
});

test('10. a transform sees the raw field, not another transform, and may set __time', async () => {
  const transform = (name: string, expression: string) => ({
    type: 'expression',
    name,
    expression,
  });
  const { rows, fates } = await ingest({
    data: ['{"a":"x","ms":86400000}', '{"a":"bot","ms":0}'],
    timestamp: { column: 'no such column', missingValue: '1970-01-01' },
    dimensions: strings('a', 'b'),
    transform: {
      transforms: [
        transform('a', "concat(a, '!')"),
        transform('b', "concat(a, '?')"),
        transform('__time', 'ms'),
      ],
      filter: { type: 'not', field: { type: 'selector', dimension: 'a', value: 'bot!' } },
    },
  });
  expect(rows).toEqual([[86_400_000, 'x!', 'x?']]);
  expect(fates).toEqual({ ...FINE, processed: 1, thrownAway: 1 });
});

test('12. an appended row goes to the chunk that is there', async () => {
  const { chunks } = await ingest({
    data: ['{"t":"2024-01-05"}', '{"t":"2024-02-05"}'],
    dimensions: strings('a'),
    io: { appendToExisting: true },
    chunkIntervals: [parseInterval('2024-01-01/2024-02-01')],
  });
  expect(chunks).toEqual([
    ['2024-01-01', '2024-02-01'],
    ['2024-02-05', '2024-02-06'],
  ]);
});

test('14. maxParseExceptions counts both kinds; the saved ones are the most recent', async () => {
  const task = {
    data: ['{"t":1,"d":1}', '{"t":2,"d":"x"}', '{broken', '{"t":3,"d":"y"}'],
    dimensions: { dimensions: [{ type: 'long', name: 'd' }] },
  };
  const { fates, parseExceptions } = await ingest({ ...task, tuning: { maxParseExceptions: 3 } });
  expect(fates).toEqual({ processed: 1, processedWithError: 2, thrownAway: 0, unparseable: 1 });
  expect(parseExceptions.map(({ input }) => input)).toEqual(['{"t":2,"d":"x"}', '{"t":3,"d":"y"}']);
  await expect(ingest({ ...task, tuning: { maxParseExceptions: 2 } })).rejects.toThrow(
    'Max parse exceptions[2] exceeded',
  );
  await expect(ingest({ ...task, tuning: { reportParseExceptions: true } })).rejects.toThrow(
    'Max parse exceptions[0] exceeded',
  );
});

test('15. an append with hashed or range partitions is refused', () => {
  for (const type of ['hashed', 'range', 'single_dim']) {
    const task = {
      data: '',
      io: { appendToExisting: true },
      tuning: { partitionsSpec: { type } },
    };
    expect(() => parseTaskSpec(taskOf(task))).toThrow(/partitionsSpec\.type.*"dynamic"/);
  }
});
