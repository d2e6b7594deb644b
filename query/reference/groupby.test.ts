import { describe, expect, test } from 'vitest';
import { askText, at } from './asking-testing.js';

/** Nothing on the second day. */
const ask = askText(
  { dimensions: { page: 'STRING', tags: 'STRING', n: 'LONG', d: 'DOUBLE', f: 'FLOAT' } },
  [
    { __time: at('2020-01-01T01:00'), page: 'A', tags: ['a', 'b', 'a'], n: 10, d: 1.5, f: 0.1 },
    { __time: at('2020-01-01T02:00'), page: 'B', tags: 'b', n: 9, d: 2, f: 1 },
    { __time: at('2020-01-03T05:00'), page: '', tags: null, n: null, d: null, f: null },
    { __time: at('2020-01-03T06:00'), page: null, tags: ['a', 'c'], n: -3, d: 1e10, f: 3 },
  ],
);
const COUNT = { type: 'count', name: 'c' };
const GROUP = {
  queryType: 'groupBy',
  granularity: 'all',
  dimensions: ['page'],
  aggregations: [COUNT],
};
const DAILY = { ...GROUP, granularity: 'day' };
const NO_ROW = { type: 'false' };
const named = (dimension: string, outputName: string, outputType = 'STRING') => ({
  type: 'default',
  dimension,
  outputName,
  outputType,
});

/** The events of an answer, each behind the day of its time where there are several days. */
async function events(query: Record<string, unknown>): Promise<string> {
  const answer = await ask({ ...GROUP, ...query });
  const found = [...answer.matchAll(/"timestamp":"([^"]*)","event":(\{.*?\})\}/g)];
  const dayOf = (time: string) => (query.granularity === undefined ? '' : `${time.slice(8, 10)} `);
  return found.map(([, time, event]) => dayOf(time!) + event!.replaceAll('"', '')).join(' ');
}

describe('the answer', () => {
  test('has version, time and event; dimensions first, then every output as asked for', async () => {
    const query = {
      ...GROUP,
      dimensions: [named('n', 'number', 'LONG'), 'page'],
      aggregations: [{ type: 'doubleSum', name: 'sum', fieldName: 'd' }, COUNT],
      postAggregations: [{ type: 'expression', name: 'p', expression: 'c + 1' }],
      filter: { type: 'selector', dimension: 'page', value: null },
    };
    const event = '{"number":-3,"page":null,"sum":1.0E10,"c":1,"p":2}';
    expect(await ask(query)).toBe(`[{"version":"v1","timestamp":"1000-01-01","event":${event}}]`);
  });

  test.each([
    { name: 'granularity all: the start of the first interval', query: {}, expected: '1000-01-01' },
    {
      name: 'of several the first in time',
      query: { intervals: ['2020-01-03/P1D', '2020-01-01T01:00/PT1H'] },
      expected: '2020-01-01T01:00:00.000Z',
    },
    {
      name: 'of all time the earliest there is',
      query: {
        intervals: '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z',
      },
      expected: '-146136543-09-08T08:23:32.096Z',
    },
    {
      name: 'fudgeTimestamp',
      query: { context: { fudgeTimestamp: '1577836800005' } },
      expected: '2020-01-01T00:00:00.005Z',
    },
    {
      name: 'in the zone of the granularity',
      query: { granularity: { type: 'period', period: 'P1D', timeZone: 'Asia/Kolkata' } },
      expected: '2020-01-01T00:00:00.000+05:30',
    },
  ])('time, $name', async ({ query, expected }) => {
    const answer = await ask({ ...GROUP, ...query });
    expect(answer).toContain(`[{"version":"v1","timestamp":"${expected}","event":`);
  });

  test('without dimensions has a row per bucket that has rows, and no row of none', async () => {
    for (const dimensions of [undefined, null, []]) {
      expect(await events({ dimensions })).toBe('{c:4}');
      expect(await events({ dimensions, granularity: 'day' })).toBe('01 {c:2} 03 {c:2}');
      expect(await ask({ ...GROUP, dimensions, filter: NO_ROW })).toBe('[]');
    }
  });

  test.each([
    { name: 'no such table', query: { dataSource: 'nowhere' } },
    { name: 'no interval', query: { intervals: [] } },
    { name: 'a filter that takes all', query: { filter: NO_ROW } },
  ])('is empty of $name', async ({ query }) => {
    expect(await ask({ ...GROUP, ...query })).toBe('[]');
    expect(await ask({ ...DAILY, ...query })).toBe('[]');
  });
});

describe('resultAsArray', () => {
  const context = { resultAsArray: 'true' };
  const postAggregations = [{ type: 'constant', name: 'k', value: 1.5 }];
  const dimensions = ['page', named('n', 'n', 'LONG')];

  test('gives bare rows: dimensions, aggregators, post-aggregators', async () => {
    expect(await ask({ ...GROUP, dimensions, postAggregations, context })).toBe(
      '[[null,-3,1,1.5],["",null,1,1.5],["A",10,1,1.5],["B",9,1,1.5]]',
    );
  });

  test('begins with the time as a number unless granularity is all', async () => {
    const [first, third] = [at('2020-01-01T00:00'), at('2020-01-03T00:00')];
    const daily = { ...DAILY, dimensions: [], context };
    expect(await ask(daily)).toBe(`[[${first},2],[${third},2]]`);
    const granularity = { type: 'period', period: 'P1D', timeZone: '+05:30' };
    const shift = 5.5 * 3_600_000;
    expect(await ask({ ...daily, granularity })).toBe(
      `[[${first - shift},2],[${third - shift},2]]`,
    );
  });
});

describe('the order', () => {
  const by = (...columns: unknown[]) => ({ limitSpec: { type: 'default', columns } });
  const numbers = { dimensions: [named('n', 'n', 'LONG')], aggregations: [] };
  test.each([
    {
      name: 'is that of time, then of dimensions in their types, nulls first',
      query: { granularity: 'day', dimensions: [named('n', 'n', 'LONG')] },
      expected: '01 {n:9,c:1} 01 {n:10,c:1} 03 {n:null,c:1} 03 {n:-3,c:1}',
    },
    {
      name: 'is that of dimensions first where sortByDimsFirst is set',
      query: {
        granularity: 'day',
        dimensions: [named('n', 'n', 'LONG')],
        context: { sortByDimsFirst: true },
      },
      expected: '03 {n:null,c:1} 03 {n:-3,c:1} 01 {n:9,c:1} 01 {n:10,c:1}',
    },
    {
      name: 'by columns keeps time first',
      query: { granularity: 'day', ...by({ dimension: 'page', direction: 'descending' }) },
      expected: '01 {page:B,c:1} 01 {page:A,c:1} 03 {page:,c:1} 03 {page:null,c:1}',
    },
    {
      name: 'by columns has time last where sortByDimsFirst is set',
      query: {
        granularity: 'day',
        context: { sortByDimsFirst: true },
        ...by({ dimension: 'page', direction: 'descending' }),
      },
      expected: '01 {page:B,c:1} 01 {page:A,c:1} 03 {page:,c:1} 03 {page:null,c:1}',
    },
    {
      name: 'among equals stays as it is without columns',
      query: by({ dimension: 'c', direction: 'descending' }),
      expected: '{page:null,c:1} {page:,c:1} {page:A,c:1} {page:B,c:1}',
    },
    {
      name: 'of a column of numbers is that of their texts by default',
      query: { ...numbers, ...by('n') },
      expected: '{n:null} {n:-3} {n:10} {n:9}',
    },
    {
      name: 'of a column of numbers is that of numbers where it says so',
      query: { ...numbers, ...by({ dimension: 'n', dimensionOrder: 'numeric' }) },
      expected: '{n:null} {n:-3} {n:9} {n:10}',
    },
    {
      name: 'of an aggregator is its own, whatever dimensionOrder says',
      query: {
        aggregations: [{ type: 'longSum', name: 's', fieldName: 'n' }],
        ...by({ dimension: 's', direction: 'd', dimensionOrder: 'lexicographic' }),
      },
      expected: '{page:A,s:10} {page:B,s:9} {page:null,s:-3} {page:,s:null}',
    },
    {
      name: 'of a NoopLimitSpec is that without one',
      query: { limitSpec: { type: 'NoopLimitSpec', limit: 1 } },
      expected: '{page:null,c:1} {page:,c:1} {page:A,c:1} {page:B,c:1}',
    },
    {
      name: 'may be that of a post-aggregator',
      query: {
        postAggregations: [{ type: 'expression', name: 'p', expression: 'strlen(page)' }],
        ...by({ dimension: 'p', direction: 'descending' }, { dimension: 'page' }),
      },
      expected: '{page:A,c:1,p:1} {page:B,c:1,p:1} {page:,c:1,p:0} {page:null,c:1,p:null}',
    },
  ])('$name', async ({ query, expected }) => expect(await events(query)).toBe(expected));
});

describe('having, offset and limit', () => {
  const limited = (limitSpec: object) => ({ limitSpec: { type: 'default', ...limitSpec } });
  const time = { type: 'interval', dimension: '__time', intervals: ['2020-01-03/P1D'] };
  test.each([
    {
      name: 'a limit counts over all buckets, behind an offset',
      query: { granularity: 'day', ...limited({ limit: 2, offset: 1 }) },
      expected: '01 {page:B,c:1} 03 {page:null,c:1}',
    },
    {
      name: 'an offset without a limit',
      query: limited({ offset: 2 }),
      expected: '{page:A,c:1} {page:B,c:1}',
    },
    { name: 'an offset behind the end', query: limited({ offset: 9 }), expected: '' },
    {
      name: 'texts of digits',
      query: limited({ offset: '1', limit: '1' }),
      expected: '{page:,c:1}',
    },
    {
      name: 'having comes before the offset',
      query: {
        having: { type: 'not', havingSpec: { type: 'dimSelector', dimension: 'page', value: 'A' } },
        ...limited({ offset: 2 }),
      },
      expected: '{page:B,c:1}',
    },
    {
      name: 'having sees post-aggregators',
      query: {
        postAggregations: [{ type: 'expression', name: 'p', expression: 'strlen(page)' }],
        having: { type: 'equalTo', aggregation: 'p', value: 0 },
      },
      expected: '{page:,c:1,p:0}',
    },
    {
      name: 'having sees the time of the bucket, by its filter',
      query: { granularity: 'day', having: { type: 'filter', filter: time } },
      expected: '03 {page:null,c:1} 03 {page:,c:1}',
    },
  ])('$name', async ({ query, expected }) => expect(await events(query)).toBe(expected));

  test.each([
    { limitSpec: { limit: 0 }, message: 'limitSpec.limit: want 1 or more' },
    { limitSpec: { limit: -1 }, message: 'limitSpec.limit: want 1 or more' },
    { limitSpec: { offset: -1 }, message: 'limitSpec.offset: want 0 or more' },
    { limitSpec: { columns: ['n'] }, message: 'Unknown column in order clause [n]' },
  ])('$limitSpec is refused', async ({ limitSpec, message }) => {
    await expect(events(limited(limitSpec))).rejects.toThrow(message);
  });
});

describe('dimensions', () => {
  test.each([
    {
      name: 'a list has a group per value, each time that it is there; an empty one is null',
      dimensions: ['tags'],
      expected: '{tags:null,c:1} {tags:a,c:3} {tags:b,c:2} {tags:c,c:1}',
    },
    {
      name: 'two lists make all pairs',
      dimensions: ['tags', named('tags', 'u')],
      expected:
        '{tags:null,u:null,c:1} {tags:a,u:a,c:5} {tags:a,u:b,c:2} {tags:a,u:c,c:1} ' +
        '{tags:b,u:a,c:2} {tags:b,u:b,c:2} {tags:c,u:a,c:1} {tags:c,u:c,c:1}',
    },
    {
      name: 'a list as an array is one value',
      dimensions: [named('tags', 'tags', 'ARRAY<STRING>')],
      expected: '{tags:null,c:1} {tags:[a,b,a],c:1} {tags:[a,c],c:1} {tags:[b],c:1}',
    },
    {
      name: 'numbers are texts by default',
      dimensions: ['n', 'd', 'f'],
      expected:
        '{n:null,d:null,f:null,c:1} {n:-3,d:1.0E10,f:3.0,c:1} {n:10,d:1.5,f:0.1,c:1} {n:9,d:2.0,f:1.0,c:1}',
    },
    {
      name: 'numbers of other types are cast, in any case of the name',
      dimensions: [named('n', 'n', 'float')],
      expected: '{n:null,c:1} {n:-3.0,c:1} {n:9.0,c:1} {n:10.0,c:1}',
    },
    {
      name: 'the time, by another name',
      dimensions: [named('__time', 't', 'LONG')],
      filter: { type: 'selector', dimension: 'page', value: 'A' },
      expected: `{t:${at('2020-01-01T01:00')},c:1}`,
    },
    {
      name: 'one that is not there is null',
      dimensions: ['missing'],
      expected: '{missing:null,c:4}',
    },
  ])('$name', async ({ expected, ...query }) => expect(await events(query)).toBe(expected));

  test('are texts in quotes where their type is STRING, numbers where it is not', async () => {
    const filter = { type: 'selector', dimension: 'page', value: 'A' };
    const dimensions = ['n', named('n', 'again', 'LONG')];
    expect(await ask({ ...GROUP, dimensions, filter })).toContain('{"n":"10","again":10,"c":1}');
  });

  test.each([
    { query: { dimensions: 'page' }, message: 'dimensions: want a list' },
    { query: { dimensions: ['page', 'page'] }, message: '[page] already defined' },
    { query: { dimensions: ['__time'] }, message: '"__time" is the time of the bucket' },
    { query: { dimensions: [named('n', 'n', 'DATE')] }, message: 'dimensions[0].outputType: want' },
    {
      query: { dimensions: ['tags'], context: { groupByEnableMultiValueUnnesting: false } },
      message: 'Encountered multi-value dimension [tags]',
    },
  ])('$query is refused', async ({ query, message }) => {
    await expect(events(query)).rejects.toThrow(message);
  });

  test('of single values need no unnesting', async () => {
    const context = { groupByEnableMultiValueUnnesting: 'false' };
    expect(await events({ context })).toBe(await events({}));
  });
});

describe('subtotals', () => {
  const dimensions = ['page', named('n', 'n', 'LONG')];
  const filter = { type: 'in', dimension: 'page', values: ['A', 'B'] };
  const limited = (limitSpec: object) => ({ limitSpec: { type: 'default', ...limitSpec } });
  test.each([
    {
      name: 'come in the order of their lists, each row with all dimensions',
      query: { dimensions, filter, subtotalsSpec: [['n', 'page'], ['n'], []] },
      expected:
        '{page:A,n:10,c:1} {page:B,n:9,c:1} {page:null,n:9,c:1} {page:null,n:10,c:1} {page:null,n:null,c:2}',
    },
    {
      name: 'are each in order of time',
      query: { granularity: 'day', subtotalsSpec: [['page'], []] },
      expected:
        '01 {page:A,c:1} 01 {page:B,c:1} 03 {page:null,c:1} 03 {page:,c:1} 01 {page:null,c:2} 03 {page:null,c:2}',
    },
    {
      name: 'are ordered and cut together',
      query: {
        subtotalsSpec: [['page'], []],
        ...limited({ limit: 2, columns: [{ dimension: 'c', direction: 'descending' }] }),
      },
      expected: '{page:null,c:4} {page:null,c:1}',
    },
    {
      name: 'are cut together without an order',
      query: { subtotalsSpec: [[], ['page']], ...limited({ limit: 2, offset: 1 }) },
      expected: '{page:null,c:1} {page:,c:1}',
    },
    {
      name: 'go through having together',
      query: {
        subtotalsSpec: [['page'], []],
        having: { type: 'greaterThan', aggregation: 'c', value: 1 },
      },
      expected: '{page:null,c:4}',
    },
    {
      name: 'count a row once for each value of a list that they leave out',
      query: { dimensions: ['tags'], subtotalsSpec: [['tags'], []] },
      expected: '{tags:null,c:1} {tags:a,c:3} {tags:b,c:2} {tags:c,c:1} {tags:null,c:7}',
    },
    {
      name: 'may be asked for twice',
      query: { subtotalsSpec: [[], []] },
      expected: '{page:null,c:4} {page:null,c:4}',
    },
    {
      name: 'are told apart by the grouping aggregator',
      query: {
        dimensions,
        filter: { type: 'selector', dimension: 'page', value: 'A' },
        aggregations: [{ type: 'grouping', name: 'g', groupings: ['page', 'n'] }],
        subtotalsSpec: [['page', 'n'], ['n'], ['page'], []],
      },
      expected: '{page:A,n:10,g:0} {page:null,n:10,g:2} {page:A,n:null,g:1} {page:null,n:null,g:3}',
    },
    { name: 'of no rows are none', query: { filter: NO_ROW, subtotalsSpec: [[]] }, expected: '' },
    { name: 'none are no rows', query: { subtotalsSpec: [] }, expected: '' },
  ])('$name', async ({ query, expected }) => expect(await events(query)).toBe(expected));

  test.each([
    { subtotalsSpec: [['n']], message: 'subtotal "n" is not among the dimensions ["page"]' },
    { subtotalsSpec: ['page'], message: 'subtotalsSpec[0]: want a list of names' },
    { subtotalsSpec: 'page', message: 'subtotalsSpec: want a list of lists' },
  ])('$subtotalsSpec is refused', async ({ subtotalsSpec, message }) => {
    await expect(events({ subtotalsSpec })).rejects.toThrow(message);
  });

  test('go by output names', async () => {
    const renamed = { dimensions: [named('page', 'p')] };
    await expect(events({ ...renamed, subtotalsSpec: [['page']] })).rejects.toThrow('["p"]');
    expect(await events({ ...renamed, subtotalsSpec: [['p']], filter })).toBe(
      '{p:A,c:1} {p:B,c:1}',
    );
  });
});

describe('a groupBy over a groupBy', () => {
  const inner = { ...GROUP, dataSource: 't', intervals: '1000/3000' };
  const over = (query: object) => ({ dataSource: { type: 'query', query }, dimensions: [] });

  test('sees its rows at the times of their buckets', async () => {
    expect(await events({ ...over({ ...inner, granularity: 'day' }), granularity: 'day' })).toBe(
      '01 {c:2} 03 {c:2}',
    );
    expect(await events({ ...over(inner), intervals: '1000-01-01/P1D' })).toBe('{c:4}');
    expect(await events({ ...over(inner), intervals: '2020/2021' })).toBe('');
  });

  test('sees what the limit of the inner one leaves', async () => {
    const limitSpec = { type: 'default', limit: 3 };
    expect(await events(over({ ...inner, limitSpec }))).toBe('{c:3}');
  });
});

test('keys of the context that tune Druid change no answer', async () => {
  const context = {
    ...{ groupByStrategy: 'v2', groupByIsSingleThreaded: true, bufferGrouperInitialBuckets: 5 },
    ...{ bufferGrouperMaxLoadFactor: 0.5, forceHashAggregation: true, mergeThreadLocal: true },
    ...{ intermediateCombineDegree: 2, numParallelCombineThreads: 2, applyLimitPushDown: false },
    ...{ applyLimitPushDownToSegment: true, forceLimitPushDown: true },
    ...{ maxMergingDictionarySize: 1, maxSelectorDictionarySize: '1', maxOnDiskStorage: '1MiB' },
    deferExpressionDimensions: 'always',
  };
  const limitSpec = { type: 'default', limit: 1, columns: ['c'] };
  expect(await ask({ ...DAILY, limitSpec, context })).toBe(await ask({ ...DAILY, limitSpec }));
});
