import { describe, expect, test } from 'vitest';
import { byDay, IDS, inline, textOf, told } from './few-rows-testing.js';

describe('search', () => {
  const search = { queryType: 'search', searchDimensions: ['page', 'tags'] };
  const hit = (dimension: string, value: string, count: number) =>
    JSON.stringify({ dimension, value, count });
  const all = (...hits: string[]) =>
    `[{"timestamp":"1970-01-01T01:00:00.000Z","result":[${hits.join(',')}]}]`;

  test('without a query every value is found but null, by value and then by dimension', async () => {
    expect(await told(search)).toBe(
      all(
        hit('page', '', 1),
        hit('tags', '', 1),
        hit('page', 'A', 2),
        hit('page', 'B', 1),
        hit('tags', 'a', 2),
        hit('tags', 'b', 2),
        hit('tags', 'c', 1),
      ),
    );
  });

  const A = hit('page', 'A', 2);
  const a = hit('tags', 'a', 2);
  const b = [hit('page', 'B', 1), hit('tags', 'b', 2)];
  test.each([
    [{ type: 'contains', value: 'a' }, [A, a]],
    [{ type: 'contains', value: 'a', caseSensitive: true }, [a]],
    [{ type: 'contains', value: 'a', caseSensitive: 'true' }, [a]],
    [{ type: 'contains', value: 'A', case_sensitive: true }, [A, a]],
    [{ type: 'insensitive_contains', value: 'B', caseSensitive: true }, b],
    [{ type: 'fragment', values: ['', 'B'] }, b],
    [{ type: 'fragment', values: ['A', 'B'] }, []],
    [{ type: 'fragment', values: ['A'], caseSensitive: true }, [A]],
    [{ type: 'regex', pattern: '[BC]|^a$' }, [b[0]!, a]],
  ])('%j', async (query, hits) => {
    expect(await told({ ...search, query })).toBe(hits.length === 0 ? '[]' : all(...hits));
  });

  test('a value counts its rows, each once, of those that the filter leaves', async () => {
    const filter = { type: 'selector', dimension: 'tags', value: 'a' };
    const query = { type: 'regex', pattern: '.' };
    expect(await told({ ...search, filter, query })).toBe(
      all(hit('page', 'A', 1), hit('tags', 'a', 2), hit('tags', 'b', 1), hit('tags', 'c', 1)),
    );
  });

  test('numbers and arrays are searched as texts; without dimensions all of the table are', async () => {
    const query = { type: 'contains', value: '1' };
    const found = [
      hit('f', '0.1', 1),
      hit('list', '1', 2),
      hit('d', '1.0', 1),
      hit('f', '1.0', 1),
      hit('n', '9007199254740993', 1),
    ];
    expect(await told({ ...search, searchDimensions: null, query })).toBe(all(...found));
    expect(await told({ ...search, searchDimensions: [], query })).toBe(all(...found));
  });

  test('sorted as asked, and cut behind', async () => {
    const dimensions = ['n'];
    const asked = { ...search, searchDimensions: dimensions };
    const sorted = async (type: string, limit?: number) => {
      const text = await told({ ...asked, sort: { type }, limit });
      return [...text.matchAll(/"value":"([^"]*)"/g)].map(([, value]) => value);
    };
    expect(await sorted('lexicographic')).toEqual(['-3', '0', '2', '9007199254740993']);
    expect(await sorted('strlen', 3)).toEqual(['0', '2', '-3']);
    expect(await sorted('numeric', 2)).toEqual(['-3', '0']);
    expect(await sorted('Alphanumeric', 0)).toHaveLength(4);
  });

  test('each bucket has its own limit', async () => {
    expect(await told({ ...search, granularity: 'day', limit: 1 })).toBe(
      '[{"timestamp":"1970-01-01T00:00:00.000Z","result":[{"dimension":"page","value":"A","count":1}]},' +
        '{"timestamp":"1970-01-03T00:00:00.000Z","result":[{"dimension":"page","value":"A","count":1}]},' +
        '{"timestamp":"1970-01-04T00:00:00.000Z","result":[{"dimension":"page","value":"","count":1}]}]',
    );
  });

  test('dimensions are specs or names, also one alone, also of virtual columns', async () => {
    const virtualColumns = [
      { type: 'expression', name: 'v', expression: "concat(page, '!')", outputType: 'STRING' },
    ];
    const query = { type: 'contains', value: 'b' };
    const searchDimensions = { type: 'default', dimension: 'v', outputName: 'shown' };
    expect(await told({ ...search, virtualColumns, searchDimensions, query })).toBe(
      all(hit('shown', 'B!', 1)),
    );
  });

  test.each(['useIndexes', 'cursorOnly', 'auto'])(
    'the strategy %s changes nothing',
    async (name) => {
      const query = { type: 'contains', value: 'c' };
      const context = { searchStrategy: name };
      expect(await told({ ...search, query, context })).toBe(all(hit('tags', 'c', 1)));
    },
  );

  test.each([
    [{ sort: { type: 'x' } }, 'sort.type: want one of lexicographic, numeric, alphanumeric'],
    [{ limit: -1 }, 'limit: want 0 (1000) or more; got -1'],
    [{ query: { type: 'fragment' } }, 'query.values: want a list of texts; got nothing'],
    [{ query: { type: 'starts' } }, "query: Could not resolve type id 'starts'"],
    [{ query: 'a' }, 'query: want an object'],
    [{ searchDimensions: [1] }, 'searchDimensions[0]'],
  ])('%j is refused', async (query, message) => {
    await expect(textOf({ ...search, ...query })).rejects.toThrow(
      new RegExp(`^${escaped(message)}`),
    );
  });
});

const escaped = (text: string): string => text.replace(/[()[\].]/g, '\\$&');

describe('timeBoundary', () => {
  const boundary = { queryType: 'timeBoundary', intervals: null };
  const of = (minTime: string, maxTime: string) =>
    JSON.stringify([{ timestamp: minTime, result: { minTime, maxTime } }]);
  const [first, last] = ['1970-01-01T01:00:00.000Z', '1970-01-04T00:00:00.000Z'];

  test.each([
    [{}, of(first, last)],
    [{ bound: null }, of(first, last)],
    [{ bound: '' }, of(first, last)],
    [
      { intervals: '1970-01-01T01:30/1970-01-03T05:30' },
      of('1970-01-01T02:00:00.000Z', '1970-01-03T05:00:00.000Z'),
    ],
    [
      { filter: { type: 'null', column: 'page' } },
      of('1970-01-03T06:00:00.000Z', '1970-01-03T06:00:00.000Z'),
    ],
    [{ bound: 'MinTime' }, `[{"timestamp":"${first}","result":{"minTime":"${first}"}}]`],
    [{ bound: 'maxtime' }, `[{"timestamp":"${last}","result":{"maxTime":"${last}"}}]`],
    [{ intervals: '1980/1990' }, '[]'],
    [{ intervals: [] }, '[]'],
    [{ dataSource: 'nowhere' }, '[]'],
    [
      { dataSource: { type: 'union', dataSources: ['t', 'other'] } },
      of('1970-01-01T00:00:00.007Z', last),
    ],
    [
      { dataSource: inline(['__time'], [[5], [7]]) },
      of('1970-01-01T00:00:00.005Z', '1970-01-01T00:00:00.007Z'),
    ],
    [
      { context: { serializeDateTimeAsLong: 'true' } },
      '[{"timestamp":3600000,"result":{"minTime":3600000,"maxTime":259200000}}]',
    ],
  ])('%j', async (query, expected) => {
    expect(await told({ ...boundary, ...query })).toBe(expected);
  });

  test('a bound that is none', async () => {
    const failed = textOf({ ...boundary, bound: 'middle' });
    await expect(failed).rejects.toThrow('bound: want one of both, minTime, maxTime; got "middle"');
  });
});

describe('dataSourceMetadata', () => {
  const metadata = { queryType: 'dataSourceMetadata', intervals: null };
  const newest = '1970-01-04T00:00:00.000Z';

  test.each([
    [{}, `[{"timestamp":"${newest}","result":{"maxIngestedEventTime":"${newest}"}}]`],
    [
      { context: { serializeDateTimeAsLong: true } },
      '[{"timestamp":259200000,"result":{"maxIngestedEventTime":259200000}}]',
    ],
    [
      { dataSource: { type: 'union', dataSources: ['other', 't'] } },
      `[{"timestamp":"${newest}","result":{"maxIngestedEventTime":"${newest}"}}]`,
    ],
    [{ dataSource: 'nowhere' }, '[]'],
  ])('%j', async (query, expected) => {
    expect(await told({ ...metadata, ...query })).toBe(expected);
  });

  test.each([
    inline(['__time'], [[1]]),
    { type: 'filter', base: 't', filter: { type: 'true' } },
    { type: 'query', query: { queryType: 'scan', dataSource: 't', intervals: '1970/1971' } },
  ])('of other than tables is refused', async (dataSource) => {
    await expect(textOf({ ...metadata, dataSource })).rejects.toThrow(
      'dataSource: dataSourceMetadata describes tables; name a table or a union of tables',
    );
  });
});

test('segments of a search by themselves', async () => {
  const query = { type: 'contains', value: 'a', caseSensitive: true };
  const asked = { queryType: 'search', searchDimensions: ['tags'], query };
  const text = await textOf({ ...asked, context: { bySegment: true } }, byDay);
  const element = (time: string, segment: string, interval: string) =>
    `{"timestamp":"${time}","result":{"results":[{"timestamp":"${time}","result":[{"dimension":"tags","value":"a","count":1}]}],` +
    `"segment":"${segment}","interval":"${interval}"}}`;
  expect(text).toBe(
    `[${element('1970-01-01T01:00:00.000Z', IDS[0]!, '1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z')},` +
      `${element('1970-01-03T05:00:00.000Z', IDS[1]!, '1970-01-03T00:00:00.000Z/1970-01-05T00:00:00.000Z')}]`,
  );
});
