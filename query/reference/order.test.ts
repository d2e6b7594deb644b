import { afterAll, describe, expect, test } from 'vitest';
import { askedTable } from './asking-testing.js';

type Json = Readonly<Record<string, unknown>>;

const TABLE = { dimensions: { s: 'STRING', n: 'LONG', v: 'LONG' } } as const;
const HOUR = 3_600_000;
const rows = [
  { __time: 0, s: 'b', n: 10, v: 1 },
  { __time: 1, s: 'a', n: 9, v: 2 },
  { __time: 2, s: null, n: null, v: 3 },
  { __time: HOUR, s: 'a10', n: 100, v: null },
  { __time: HOUR + 1, s: 'a9', n: -1, v: 5 },
];
const table = askedTable(TABLE, rows);
afterAll(() => table.close());

const sum = { type: 'longSum', name: 'sum', fieldName: 'v' };
const double = {
  type: 'expression',
  name: 'double',
  expression: 'sum * 2',
};

async function events(query: Json): Promise<Json[]> {
  const groupBy = { queryType: 'groupBy', granularity: 'all', dimensions: ['s'] };
  const asked = { ...groupBy, aggregations: [sum], postAggregations: [double], ...query };
  return ((await table.json(asked)) as { event: Json }[]).map(({ event }) => event);
}

const names = async (query: Json): Promise<unknown[]> => (await events(query)).map(({ s }) => s);

describe('limitSpec', () => {
  const by = (column: unknown, rest: Json = {}) => ({
    limitSpec: { type: 'default', columns: [column], ...rest },
  });
  test.each<[string, Json, unknown[]]>([
    ['none: by the dimensions, null first', {}, [null, 'a', 'a10', 'a9', 'b']],
    ['NoopLimitSpec', { limitSpec: { type: 'NoopLimitSpec' } }, [null, 'a', 'a10', 'a9', 'b']],
    ['a limit alone', { limitSpec: { type: 'default', limit: 2 } }, [null, 'a']],
    [
      'the offset comes before the limit',
      { limitSpec: { type: 'default', limit: 2, offset: 1 } },
      ['a', 'a10'],
    ],
    ['an offset alone', { limitSpec: { type: 'default', offset: 4 } }, ['b']],
    ['an offset past the end', { limitSpec: { type: 'default', offset: 9 } }, []],
    ['a name is ascending', by('s'), [null, 'a', 'a10', 'a9', 'b']],
    [
      'descending: null last',
      by({ dimension: 's', direction: 'descending' }),
      ['b', 'a9', 'a10', 'a', null],
    ],
    [
      'a beginning of the direction',
      by({ dimension: 's', direction: 'DESC' }),
      ['b', 'a9', 'a10', 'a', null],
    ],
    ['the shortest', by({ dimension: 's', direction: 'd' }), ['b', 'a9', 'a10', 'a', null]],
    [
      'alphanumeric',
      by({ dimension: 's', dimensionOrder: 'alphanumeric' }),
      [null, 'a', 'a9', 'a10', 'b'],
    ],
    [
      'as an object',
      by({ dimension: 's', dimensionOrder: { type: 'alphanumeric' } }),
      [null, 'a', 'a9', 'a10', 'b'],
    ],
    ['strlen', by({ dimension: 's', dimensionOrder: 'strlen' }), [null, 'a', 'b', 'a9', 'a10']],
    // Ties by the dimensions.
    [
      'an aggregator by its own order',
      by({ dimension: 'sum', direction: 'descending' }),
      ['a9', null, 'a', 'b', 'a10'],
    ],
    ['its nulls first', by('sum'), ['a10', 'b', 'a', null, 'a9']],
    [
      'no text order for it',
      by({ dimension: 'sum', dimensionOrder: 'strlen' }),
      ['a10', 'b', 'a', null, 'a9'],
    ],
    [
      'a post-aggregator',
      by({ dimension: 'double', direction: 'descending' }, { limit: 2 }),
      ['a9', null],
    ],
  ])('%s', async (_, query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test('numbers are compared as text, unless told otherwise', async () => {
    const dimensions = [{ type: 'default', dimension: 'n', outputType: 'LONG' }];
    const numbers = async (column: unknown) =>
      (await events({ ...by(column), dimensions })).map(({ n }) => n);
    expect(await numbers('n')).toEqual([null, -1, 10, 100, 9]);
    expect(await numbers({ dimension: 'n', dimensionOrder: 'numeric' })).toEqual([
      null,
      -1,
      9,
      10,
      100,
    ]);
    expect(
      await numbers({ dimension: 'n', dimensionOrder: 'numeric', direction: 'descending' }),
    ).toEqual([100, 10, 9, -1, null]);
    expect((await events({ dimensions })).map(({ n }) => n)).toEqual([null, -1, 9, 10, 100]);
  });

  test('the time of the bucket comes before all else', async () => {
    const query = { granularity: 'hour', ...by({ dimension: 's', direction: 'descending' }) };
    expect(await names(query)).toEqual(['b', 'a', null, 'a9', 'a10']);
    const dimsFirst = { ...query, context: { sortByDimsFirst: true } };
    expect(await names(dimsFirst)).toEqual(['b', 'a9', 'a10', 'a', null]);
  });

  test.each<[Json, string]>([
    [{ type: 'default', columns: ['gone'] }, 'limitSpec.columns[0]'],
    [
      { type: 'default', columns: [{ dimension: 's', direction: 'up' }] },
      'limitSpec.columns[0].direction',
    ],
    [{ type: 'default', limit: 0 }, 'limitSpec.limit'],
    [{ type: 'default', limit: -1 }, 'limitSpec.limit'],
    [{ type: 'default', offset: -1 }, 'limitSpec.offset'],
    [{ type: 'other' }, 'limitSpec.type'],
  ])('refused: %j', async (limitSpec, field) => {
    await expect(events({ limitSpec })).rejects.toMatchObject({ family: 'user', field });
  });
});

describe('having', () => {
  const more = { type: 'greaterThan', aggregation: 'sum', value: 1 };
  const isA = { type: 'dimSelector', dimension: 's', value: 'a' };
  const filter = (inner: Json, rest: Json = {}) => ({ type: 'filter', filter: inner, ...rest });
  test.each<[Json, unknown[]]>([
    [more, [null, 'a', 'a9']],
    [{ ...more, value: '1' }, [null, 'a', 'a9']],
    [{ ...more, type: 'lessThan', value: 2.5 }, ['a', 'b']],
    [{ ...more, type: 'equalTo', value: 3 }, [null]],
    // Null is in no order.
    [{ ...more, type: 'greaterThan', value: -1 }, [null, 'a', 'a9', 'b']],
    [{ ...more, type: 'lessThan', value: 100 }, [null, 'a', 'a9', 'b']],
    [{ ...more, type: 'equalTo', value: null }, ['a10']],
    [{ type: 'greaterThan', aggregation: 'double', value: 5 }, [null, 'a9']],
    [{ type: 'not', havingSpec: more }, ['a10', 'b']],
    [{ type: 'and', havingSpecs: [more, isA] }, ['a']],
    [{ type: 'or', havingSpecs: [{ ...more, value: 4 }, isA] }, ['a', 'a9']],
    [{ type: 'always' }, [null, 'a', 'a10', 'a9', 'b']],
    [{ type: 'never' }, []],
    [{ type: 'dimSelector', dimension: 's', value: null }, [null]],
    [{ ...isA, value: 'A', extractionFn: { type: 'upper' } }, ['a']],
    [
      filter({ type: 'bound', dimension: 'sum', lower: '2', ordering: 'numeric' }),
      [null, 'a', 'a9'],
    ],
    [
      filter({ type: 'not', field: { type: 'selector', dimension: 'sum', value: '1' } }),
      [null, 'a', 'a9'],
    ],
    [filter({ type: 'null', column: 'sum' }), ['a10']],
    [filter({ type: 'like', dimension: 's', pattern: 'a_%' }), ['a10', 'a9']],
    [filter({ type: 'expression', expression: 'double > sum + 2' }), [null, 'a9']],
    [filter({ type: 'selector', dimension: 'gone', value: null }), [null, 'a', 'a10', 'a9', 'b']],
  ])('%j', async (having, expected) => {
    expect(await names({ having })).toEqual(expected);
  });

  test('it comes before the limit, and knows the time of the bucket', async () => {
    expect(await names({ having: more, limitSpec: { type: 'default', limit: 2 } })).toEqual([
      null,
      'a',
    ]);
    const late = filter({ type: 'selector', dimension: '__time', value: String(HOUR) });
    expect(await names({ granularity: 'hour', having: late })).toEqual(['a10', 'a9']);
  });
});

describe('the metric of a topN', () => {
  async function top(metric: unknown, rest: Json = {}): Promise<unknown[]> {
    const query = { queryType: 'topN', granularity: 'all', dimension: 's', threshold: 3, metric };
    const asked = { ...query, aggregations: [sum], postAggregations: [double], ...rest };
    const [answer] = (await table.json(asked)) as { result: Json[] }[];
    return answer!.result.map(({ s }) => s);
  }
  const lexicographic = { type: 'dimension', ordering: 'lexicographic' };
  test.each<[unknown, unknown[]]>([
    ['sum', ['a9', null, 'a']],
    [{ type: 'numeric', metric: 'sum' }, ['a9', null, 'a']],
    ['double', ['a9', null, 'a']],
    [{ type: 'inverted', metric: 'sum' }, ['a10', 'b', 'a']],
    [{ type: 'inverted', metric: { type: 'numeric', metric: 'double' } }, ['a10', 'b', 'a']],
    [{ type: 'inverted', metric: { type: 'inverted', metric: 'sum' } }, ['a9', null, 'a']],
    [lexicographic, [null, 'a', 'a10']],
    [{ type: 'dimension' }, [null, 'a', 'a10']],
    [{ ...lexicographic, previousStop: 'a' }, ['a10', 'a9', 'b']],
    [{ ...lexicographic, previousStop: 'a1' }, ['a10', 'a9', 'b']],
    [{ type: 'dimension', ordering: 'alphanumeric', previousStop: 'a' }, ['a9', 'a10', 'b']],
    [{ type: 'dimension', ordering: 'strlen' }, [null, 'a', 'b']],
    [{ type: 'lexicographic' }, [null, 'a', 'a10']],
    [{ type: 'lexicographic', previousStop: 'a9' }, ['b']],
    [{ type: 'alphaNumeric', previousStop: 'a9' }, ['a10', 'b']],
    [{ type: 'inverted', metric: lexicographic }, ['b', 'a9', 'a10']],
    [{ type: 'inverted', metric: { ...lexicographic, previousStop: 'a9' } }, ['a10', 'a', null]],
  ])('%j', async (metric, expected) => {
    expect(await top(metric)).toEqual(expected);
  });

  test('numbers by text or by value', async () => {
    const dimension = { type: 'default', dimension: 'n', outputName: 's', outputType: 'LONG' };
    const numeric = { type: 'dimension', ordering: 'numeric' };
    expect(await top(lexicographic, { dimension })).toEqual([null, -1, 10]);
    expect(await top(numeric, { dimension })).toEqual([null, -1, 9]);
    expect(await top({ ...numeric, previousStop: '9' }, { dimension })).toEqual([10, 100]);
  });

  test.each<[unknown, string]>([
    ['gone', 'metric'],
    [{ type: 'numeric', metric: 'gone' }, 'metric'],
    [{ type: 'inverted' }, 'metric.metric'],
    [{ type: 'other' }, 'metric.type'],
    [null, 'metric'],
    [{ type: 'dimension', ordering: 'backwards' }, 'metric.ordering'],
  ])('refused: %j', async (metric, field) => {
    await expect(top(metric)).rejects.toMatchObject({ family: 'user', field });
  });
});
