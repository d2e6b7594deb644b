import { afterAll, describe, expect, test } from 'vitest';
import { askedTable } from './asking-testing.js';

type Json = Readonly<Record<string, unknown>>;

const TABLE = {
  dimensions: { s: 'STRING', m: 'STRING', l: 'LONG', d: 'DOUBLE', a: 'ARRAY<LONG>' },
} as const;
const rows = [
  { __time: 0, s: 'ab', m: ['x', 'y'], l: 10, d: 1.5, a: [1, 2] },
  { __time: 1, s: 'b', m: 'y', l: 9, d: 2, a: [1] },
  { __time: 3_600_000, s: null, m: null, l: null, d: null, a: null },
  { __time: 3_600_001, s: 'AB', m: ['y', 'z'], l: 10, d: -0.5, a: [1, 2] },
];
const table = askedTable(TABLE, rows);
afterAll(() => table.close());

const count = { type: 'count', name: 'rows' };

/** Value and number of rows, in the order of the answer. */
async function groups(dimension: unknown, rest: Json = {}): Promise<unknown> {
  const query = { queryType: 'groupBy', granularity: 'all', dimensions: [dimension] };
  const context = { resultAsArray: true };
  return table.json({ ...query, aggregations: [count], context, ...rest });
}

/** The same of a topN that has room for all, by value. */
async function top(dimension: unknown, rest: Json = {}): Promise<unknown> {
  const metric = { type: 'dimension', ordering: 'lexicographic' };
  const query = { queryType: 'topN', granularity: 'all', dimension, threshold: 100, metric };
  const [answer] = (await table.json({ ...query, aggregations: [count], ...rest })) as {
    result: Record<string, unknown>[];
  }[];
  return answer!.result.map((row) => Object.values(row));
}

describe('default', () => {
  test.each<[unknown, unknown]>([
    // As it is named, numbers are texts.
    [
      's',
      [
        [null, 1],
        ['AB', 1],
        ['ab', 1],
        ['b', 1],
      ],
    ],
    [
      'l',
      [
        [null, 1],
        ['10', 2],
        ['9', 1],
      ],
    ],
    [
      'd',
      [
        [null, 1],
        ['-0.5', 1],
        ['1.5', 1],
        ['2.0', 1],
      ],
    ],
    [
      { type: 'default', dimension: 'l', outputType: 'LONG' },
      [
        [null, 1],
        [9, 1],
        [10, 2],
      ],
    ],
    [
      { dimension: 'l', outputType: 'long' },
      [
        [null, 1],
        [9, 1],
        [10, 2],
      ],
    ],
    [{ type: 'default', dimension: 's', outputType: 'LONG' }, [[null, 4]]],
    [
      'm',
      [
        [null, 1],
        ['x', 1],
        ['y', 3],
        ['z', 1],
      ],
    ],
    [
      { type: 'default', dimension: 'm', outputType: 'ARRAY<STRING>' },
      [
        [null, 1],
        [['x', 'y'], 1],
        [['y'], 1],
        [['y', 'z'], 1],
      ],
    ],
    [
      { type: 'default', dimension: 'a', outputType: 'ARRAY<LONG>' },
      [
        [null, 1],
        [[1], 1],
        [[1, 2], 2],
      ],
    ],
    ['gone', [[null, 4]]],
    [
      { type: 'default', dimension: '__time', outputName: 't' },
      [
        ['0', 1],
        ['1', 1],
        ['3600000', 1],
        ['3600001', 1],
      ],
    ],
    [
      { type: 'default', dimension: '__time', outputName: 't', outputType: 'LONG' },
      [
        [0, 1],
        [1, 1],
        [3_600_000, 1],
        [3_600_001, 1],
      ],
    ],
  ])('%j', async (dimension, expected) => {
    expect(await groups(dimension)).toEqual(expected);
  });

  test('the output name is the name in the answer, and what having and limits know', async () => {
    const dimension = { type: 'default', dimension: 's', outputName: 'renamed' };
    const limitSpec = {
      type: 'default',
      columns: [{ dimension: 'renamed', direction: 'descending' }],
      limit: 1,
    };
    const asked = { limitSpec, context: {} };
    const having = { type: 'dimSelector', dimension: 'renamed', value: 'ab' };
    const [first] = (await groups(dimension, asked)) as Json[];
    expect(first).toMatchObject({ event: { renamed: 'b', rows: 1 } });
    expect(await groups(dimension, { having })).toEqual([['ab', 1]]);
  });

  test('the time in buckets is the time of the row, not of its bucket', async () => {
    const dimension = { type: 'default', dimension: '__time', outputName: 't' };
    expect(await groups(dimension, { granularity: 'hour' })).toEqual([
      [0, '0', 1],
      [0, '1', 1],
      [3_600_000, '3600000', 1],
      [3_600_000, '3600001', 1],
    ]);
  });
});

describe('filtered: of a list the values that pass, and null or no group where none does', () => {
  const listed = (values: unknown[], rest: Json = {}) => ({
    type: 'listFiltered',
    delegate: 'm',
    values,
    ...rest,
  });
  test.each<[Json, unknown]>([
    [
      listed(['x', 'z']),
      [
        [null, 2],
        ['x', 1],
        ['z', 1],
      ],
    ],
    [
      listed(['y'], { isWhitelist: false }),
      [
        [null, 2],
        ['x', 1],
        ['z', 1],
      ],
    ],
    [
      listed([null, 'x']),
      [
        [null, 3],
        ['x', 1],
      ],
    ],
    [
      { type: 'regexFiltered', delegate: 'm', pattern: '[xz]' },
      [
        [null, 2],
        ['x', 1],
        ['z', 1],
      ],
    ],
    [
      { type: 'regexFiltered', delegate: 's', pattern: 'b' },
      [
        [null, 3],
        ['b', 1],
      ],
    ],
    [
      { type: 'prefixFiltered', delegate: 's', prefix: 'a' },
      [
        [null, 3],
        ['ab', 1],
      ],
    ],
    [
      { type: 'prefixFiltered', delegate: 's', prefix: '' },
      [
        [null, 1],
        ['AB', 1],
        ['ab', 1],
        ['b', 1],
      ],
    ],
    [
      {
        type: 'prefixFiltered',
        delegate: {
          type: 'extraction',
          dimension: 's',
          outputName: 's',
          extractionFn: { type: 'upper' },
        },
        prefix: 'A',
      },
      [
        [null, 2],
        ['AB', 2],
      ],
    ],
  ])('%j', async (dimension, expected) => {
    expect(await groups(dimension)).toEqual(expected);
  });

  test('what is emptied is null in a groupBy, and in no group of a topN; a null that passes is in both', async () => {
    expect(await top(listed(['x', 'z']))).toEqual([
      ['x', 1],
      ['z', 1],
    ]);
    expect(await groups(listed([null, 'x']))).toEqual([
      [null, 3],
      ['x', 1],
    ]);
    expect(await top(listed([null, 'x']))).toEqual([
      [null, 1],
      ['x', 1],
    ]);
  });

  test('a query filter does not restrict the values of a list', async () => {
    const filter = { type: 'selector', dimension: 'm', value: 'x' };
    expect(await groups('m', { filter })).toEqual([
      ['x', 1],
      ['y', 1],
    ]);
    expect(await groups(listed(['x']), { filter })).toEqual([['x', 1]]);
    expect(await top(listed(['x']), { filter })).toEqual([['x', 1]]);
  });
});

describe('lookup', () => {
  const lookup = { type: 'map', map: { ab: 'one', b: 'two', AB: 'one' } };
  const of = (rest: Json) => ({ type: 'lookup', dimension: 's', outputName: 's', lookup, ...rest });
  const some = { type: 'map', map: { ab: 'one' } };
  test.each<[Json, unknown]>([
    // Values that become one are one group.
    [
      of({}),
      [
        [null, 1],
        ['one', 2],
        ['two', 1],
      ],
    ],
    [
      of({ lookup: some }),
      [
        [null, 3],
        ['one', 1],
      ],
    ],
    [
      of({ lookup: some, retainMissingValue: true }),
      [
        [null, 1],
        ['AB', 1],
        ['b', 1],
        ['one', 1],
      ],
    ],
    [
      of({ lookup: some, replaceMissingValueWith: '?' }),
      [
        ['?', 3],
        ['one', 1],
      ],
    ],
    [
      of({ optimize: false }),
      [
        [null, 1],
        ['one', 2],
        ['two', 1],
      ],
    ],
  ])('%j', async (dimension, expected) => {
    expect(await groups(dimension)).toEqual(expected);
    expect(await top(dimension)).toEqual(expected);
  });
});

describe('extraction functions', () => {
  test.each<[string, Json, unknown]>([
    [
      's',
      { type: 'upper' },
      [
        [null, 1],
        ['AB', 2],
        ['B', 1],
      ],
    ],
    [
      's',
      { type: 'lower' },
      [
        [null, 1],
        ['ab', 2],
        ['b', 1],
      ],
    ],
    [
      's',
      { type: 'identity' },
      [
        [null, 1],
        ['AB', 1],
        ['ab', 1],
        ['b', 1],
      ],
    ],
    [
      's',
      { type: 'strlen' },
      [
        [null, 1],
        ['1', 1],
        ['2', 2],
      ],
    ],
    [
      's',
      { type: 'substring', index: 1 },
      [
        [null, 2],
        ['B', 1],
        ['b', 1],
      ],
    ],
    [
      's',
      { type: 'substring', index: 0, length: 1 },
      [
        [null, 1],
        ['A', 1],
        ['a', 1],
        ['b', 1],
      ],
    ],
    [
      's',
      { type: 'substring', index: 0, length: 9 },
      [
        [null, 1],
        ['AB', 1],
        ['ab', 1],
        ['b', 1],
      ],
    ],
    [
      's',
      { type: 'regex', expr: '^(.)b' },
      [
        [null, 1],
        ['AB', 1],
        ['a', 1],
        ['b', 1],
      ],
    ],
    [
      's',
      { type: 'regex', expr: '^(.)b', index: 0 },
      [
        [null, 1],
        ['AB', 1],
        ['ab', 1],
        ['b', 1],
      ],
    ],
    [
      's',
      { type: 'regex', expr: '^(.)b', replaceMissingValue: true },
      [
        [null, 3],
        ['a', 1],
      ],
    ],
    [
      's',
      { type: 'regex', expr: '^(.)b', replaceMissingValue: true, replaceMissingValueWith: 'no' },
      [
        ['a', 1],
        ['no', 3],
      ],
    ],
    [
      's',
      { type: 'partial', expr: 'b$' },
      [
        [null, 2],
        ['ab', 1],
        ['b', 1],
      ],
    ],
    [
      's',
      { type: 'searchQuery', query: { type: 'contains', value: 'A' } },
      [
        [null, 2],
        ['AB', 1],
        ['ab', 1],
      ],
    ],
    [
      's',
      { type: 'stringFormat', format: '[%s]' },
      [
        ['[AB]', 1],
        ['[ab]', 1],
        ['[b]', 1],
        ['[null]', 1],
      ],
    ],
    [
      's',
      { type: 'stringFormat', format: '[%s]', nullHandling: 'emptyString' },
      [
        ['[AB]', 1],
        ['[]', 1],
        ['[ab]', 1],
        ['[b]', 1],
      ],
    ],
    [
      's',
      { type: 'stringFormat', format: '[%s]', nullHandling: 'RETURNNULL' },
      [
        [null, 1],
        ['[AB]', 1],
        ['[ab]', 1],
        ['[b]', 1],
      ],
    ],
    [
      'l',
      { type: 'bucket', size: 5, offset: 2 },
      [
        [null, 1],
        ['7', 3],
      ],
    ],
    [
      'l',
      { type: 'bucket' },
      [
        [null, 1],
        ['10', 2],
        ['9', 1],
      ],
    ],
    [
      'd',
      { type: 'bucket', size: 0.5 },
      [
        [null, 1],
        ['-0.5', 1],
        ['1.5', 1],
        ['2', 1],
      ],
    ],
    ['s', { type: 'bucket', size: 5 }, [[null, 4]]],
    [
      's',
      { type: 'cascade', extractionFns: [{ type: 'lower' }, { type: 'substring', index: 1 }] },
      [
        [null, 2],
        ['b', 2],
      ],
    ],
    [
      'm',
      { type: 'upper' },
      [
        [null, 1],
        ['X', 1],
        ['Y', 3],
        ['Z', 1],
      ],
    ],
    ['gone', { type: 'stringFormat', format: '%s' }, [['null', 4]]],
    [
      '__time',
      { type: 'timeFormat', format: 'HH' },
      [
        ['00', 2],
        ['01', 2],
      ],
    ],
    [
      '__time',
      { type: 'timeFormat', granularity: 'hour' },
      [
        ['1970-01-01T00:00:00.000Z', 2],
        ['1970-01-01T01:00:00.000Z', 2],
      ],
    ],
    [
      '__time',
      { type: 'timeFormat', granularity: 'hour', asMillis: true },
      [
        ['0', 2],
        ['3600000', 2],
      ],
    ],
    [
      '__time',
      { type: 'timeFormat', granularity: 'hour', timeZone: 'Europe/Berlin' },
      [
        ['1970-01-01T01:00:00.000+01:00', 2],
        ['1970-01-01T02:00:00.000+01:00', 2],
      ],
    ],
  ])('%s: %j', async (dimension, extractionFn, expected) => {
    const spec = { type: 'extraction', dimension, outputName: 'x', extractionFn };
    expect(await groups(spec)).toEqual(expected);
    expect(await top(spec)).toEqual(expected);
  });
});

test.each<[string, Json, string]>([
  ['dimensions[0]', { type: 'listFiltered', delegate: 'm', values: [] }, 'values'],
  ['dimensions[0]', { type: 'default' }, 'dimension'],
  ['dimensions[0]', { type: 'default', dimension: 's', outputType: 'TEXT' }, 'outputType'],
  ['dimensions[0]', { type: 'extraction', dimension: 's' }, 'extractionFn'],
  [
    'dimensions[0].extractionFn',
    { type: 'extraction', dimension: 's', extractionFn: { type: 'regex', expr: 'a', index: 1 } },
    'index',
  ],
  [
    'dimensions[0]',
    {
      type: 'lookup',
      dimension: 's',
      lookup: { type: 'map', map: {} },
      retainMissingValue: true,
      replaceMissingValueWith: 'x',
    },
    'replaceMissingValueWith',
  ],
])('refused: %s %j', async (at, dimension, field) => {
  await expect(groups(dimension)).rejects.toMatchObject({
    family: 'user',
    field: `${at}.${field}`,
  });
});
