import { describe, expect, test } from 'vitest';
import { parseNativeQuery } from '../native/registry.js';
import { testEngine } from '../testing.js';
import { byDay, DAY, HOUR, IDS, textOf, told } from './few-rows-testing.js';

const COUNT = { type: 'count', name: 'c' };
const timeseries = { queryType: 'timeseries', granularity: 'all', aggregations: [COUNT] };
const groupBy = { ...timeseries, queryType: 'groupBy', dimensions: ['page'] };

describe('types of values', () => {
  /** Keys of each type, with or without an effect. */
  const flags = [
    'bySegment',
    'debug',
    'enableJoinFilterPushDown',
    'enableJoinFilterRewrite',
    'enableJoinFilterRewriteValueColumnFilters',
    'enableParallelMerge',
    'enableRewriteJoinToFilter',
    'finalize',
    'forceProjections',
    'grandTotal',
    'noProjections',
    'populateCache',
    'populateResultLevelCache',
    'realtimeSegmentsOnly',
    'returnPartialResults',
    'secondaryPartitionPruning',
    'serializeDateTimeAsLong',
    'serializeDateTimeAsLongInner',
    'setProcessingThreadNames',
    'skipEmptyBuckets',
    'useCache',
    'useFilterCNF',
    'useResultLevelCache',
    'vectorize',
    'vectorizeVirtualColumns',
  ];
  const integers = [
    'inSubQueryThreshold',
    'joinFilterRewriteMaxSize',
    'maxRowsQueuedForOrdering',
    'maxSegmentPartitionsOrderedInMemory',
    'maxSubqueryRows',
    'minTopNThreshold',
    'numRetriesOnMissingSegments',
    'parallelMergeInitialYieldRows',
    'parallelMergeParallelism',
    'parallelMergeSmallBatchRows',
    'priority',
    'timeout',
    'uncoveredIntervalsLimit',
    'vectorSize',
  ];
  const texts = ['brokerService', 'cloneQueryMode', 'lane', 'queryId', 'useProjection'];
  const sizes = ['maxQueuedBytes', 'maxScatterGatherBytes', 'maxSubqueryBytes', 'maxQueryBytes'];
  const parse = (key: string, value: unknown) =>
    parseNativeQuery({
      ...timeseries,
      dataSource: 't',
      intervals: '1970/1971',
      context: { [key]: value },
    });

  test.each([
    ...flags.map((key) => ({ key, good: [true, 'false', 'TRUE', null], bad: [1, 'yes', {}, []] })),
    ...integers.map((key) => ({ key, good: [7, '7', '12.00', null], bad: ['x', 1.5, true, {}] })),
    ...texts.map((key) => ({ key, good: ['x', '', null], bad: [7, true, {}] })),
    ...sizes.map((key) => ({
      key,
      good: [1000, '1000', '10MiB', '1g', null],
      bad: ['x', true, {}],
    })),
  ])('$key', ({ key, good, bad }) => {
    for (const value of good) expect(parse(key, value).context.all[key]).toBe(value);
    for (const value of bad) {
      const failed = () => parse(key, value);
      expect(failed).toThrow(`context.${key}: want`);
      expect(failed).toThrow(expect.objectContaining({ kind: 'context', field: `context.${key}` }));
    }
  });

  test('vectorize may be "force", which forces nothing', async () => {
    const context = { vectorize: 'force', vectorizeVirtualColumns: 'FORCE' };
    expect(await textOf({ ...timeseries, context })).toBe(await textOf(timeseries));
  });

  test.each([[[]], ['x'], [7]])('a context that is %j is none', async (context) => {
    await expect(textOf({ ...timeseries, context })).rejects.toThrow('context: want an object');
  });

  test('keys that nobody knows are ignored, and passed along', async () => {
    const context = { someday: { deep: [1] } };
    expect(await textOf({ ...timeseries, context })).toBe(await textOf(timeseries));
    expect(parse('someday', 5).context.all).toEqual({ someday: 5 });
  });
});

describe('timeout', () => {
  const limits = { maxTimeoutMs: 1000 };
  const run = async (timeout: unknown) => {
    const json = { ...timeseries, dataSource: 't', intervals: '1970/1971', context: { timeout } };
    return testEngine(byDay, { limits }).run(parseNativeQuery(json));
  };

  test('of 0 is as long as the server allows; a longer one is refused', async () => {
    expect((await run(0)).rows).toEqual([[HOUR, 5]]);
    expect((await run('1000')).rows).toEqual([[HOUR, 5]]);
    await expect(run(1001)).rejects.toThrow(
      'context.timeout: configured [timeout = 1001] is more than the enforced limit of 1000 ms',
    );
    await expect(run(-1)).rejects.toThrow('context.timeout: want an integer of 0 or more');
  });
});

test('serializeDateTimeAsLong: milliseconds wherever a response has a time of its own', async () => {
  const context = { serializeDateTimeAsLong: true };
  const topN = { ...timeseries, queryType: 'topN', dimension: 'n', metric: 'c', threshold: 1 };
  expect(await told({ ...timeseries, context })).toBe('[{"timestamp":3600000,"result":{"c":5}}]');
  expect(await told({ ...topN, context })).toMatch('[{"timestamp":3600000,"result":[{"n":');
  const filter = { type: 'selector', dimension: 'page', value: 'B' };
  expect(await told({ ...groupBy, granularity: 'hour', filter, context })).toBe(
    '[{"version":"v1","timestamp":7200000,"event":{"page":"B","c":1}}]',
  );
});

test('finalize: sketches are estimates at the outermost query, unless they are not to be', async () => {
  const aggregations = [{ type: 'hyperUnique', name: 'u', fieldName: 'u', round: true }];
  const query = { ...timeseries, aggregations, intervals: '1970-01-01/P1D' };
  const shown = (context: object) => told({ ...query, context });
  const estimate = '[{"timestamp":"1970-01-01T01:00:00.000Z","result":{"u":2}}]';
  expect(await shown({})).toBe(estimate);
  expect(await shown({ finalize: 'true' })).toBe(estimate);
  expect(await shown({ finalize: false })).toMatch(/"u":"AQsAA[A-Za-z0-9+/]+=*"/);
});

test('minTopNThreshold changes nothing, for every group counts', async () => {
  const topN = { ...timeseries, queryType: 'topN', dimension: 'page', metric: 'c', threshold: 1 };
  const context = { minTopNThreshold: 1 };
  expect(await told({ ...topN, context })).toBe(await told(topN));
});

describe('bySegment', () => {
  const bySegment = (query: object) => textOf({ ...query, context: { bySegment: 'true' } });
  const element = (at: number, results: string, day: number, interval?: string) => {
    const whole = [
      '1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z',
      '1970-01-03T00:00:00.000Z/1970-01-05T00:00:00.000Z',
    ];
    const time = new Date(at).toISOString();
    return `{"timestamp":"${time}","result":{"results":[${results}],"segment":"${IDS[day]}","interval":"${interval ?? whole[day]}"}}`;
  };
  const total = (at: number, c: number) =>
    `{"timestamp":"${new Date(at).toISOString()}","result":{"c":${c}}}`;

  test('the answer of each segment, at its first time', async () => {
    const [first, second] = [HOUR, 2 * DAY + 5 * HOUR];
    expect(await bySegment(timeseries)).toBe(
      `[${element(first, total(first, 2), 0)},${element(second, total(second, 3), 1)}]`,
    );
  });

  test('neither limits nor having nor totals', async () => {
    const context = { bySegment: true, grandTotal: true };
    const query = { ...timeseries, granularity: 'day', limit: 1, context };
    const days = [0, 1, 2, 3].map((day) => day * DAY);
    expect(await textOf(query)).toBe(
      `[${element(0, total(0, 2), 0)},` +
        `${element(days[2]!, `${total(days[2]!, 2)},${total(days[3]!, 1)}`, 1)}]`,
    );
    const having = { type: 'greaterThan', aggregation: 'c', value: 5 };
    const limitSpec = { type: 'default', limit: 1 };
    const groups = await bySegment({ ...groupBy, having, limitSpec });
    expect(groups.match(/"event"/g)).toHaveLength(5);
  });

  test('rows without a time of theirs: where the interval begins', async () => {
    const rows = (day: number, events: string) =>
      `{"segmentId":"${IDS[day]}","columns":["n"],"events":[${events}]}`;
    const scan = { queryType: 'scan', columns: ['n'], limit: 1 };
    expect(await bySegment({ ...scan, intervals: '1970-01-01T02:00/1970-01-03T07:00' })).toBe(
      `[${element(2 * HOUR, rows(0, '{"n":2}'), 0, '1970-01-01T02:00:00.000Z/1970-01-02T00:00:00.000Z')},` +
        `${element(2 * DAY, rows(1, '{"n":null}'), 1, '1970-01-03T00:00:00.000Z/1970-01-03T07:00:00.000Z')}]`,
    );
  });

  test('none: an empty list; of other rows than those of segments: refused', async () => {
    expect(await bySegment({ ...timeseries, dataSource: 'nowhere' })).toBe('[]');
    const dataSource = { type: 'inline', columnNames: ['a'], rows: [['x']] };
    await expect(bySegment({ ...timeseries, dataSource })).rejects.toThrow('context.bySegment: ');
  });
});
