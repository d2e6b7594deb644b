import { afterAll, describe, expect, test } from 'vitest';
import { Json as Document } from '../../model/index.js';
import { askedTable } from './asking-testing.js';

type Json = Readonly<Record<string, unknown>>;

const TABLE = { dimensions: { s: 'STRING', m: 'STRING', l: 'LONG', j: 'COMPLEX<json>' } } as const;
const rows = [
  { __time: 0, s: 'ab', m: ['x', 'y'], l: 10, j: Document.of({ k: 1, deep: ['p', 'q'] }) },
  { __time: 1, s: 'b', m: 'y', l: 9, j: Document.of({ k: 'one' }) },
  { __time: 2, s: null, m: null, l: null, j: null },
  { __time: 3, s: 'AB', m: ['y', 'z'], l: 10, j: Document.of({ k: { l: 2 } }) },
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

describe('virtual columns', () => {
  const of = (virtual: Json, dimension: unknown = 'v') =>
    groups(dimension, { virtualColumns: [virtual] });
  const expression = (text: string, rest: Json = {}) => ({
    type: 'expression',
    name: 'v',
    expression: text,
    ...rest,
  });
  const nested = (rest: Json) => ({
    type: 'nested-field',
    columnName: 'j',
    outputName: 'v',
    ...rest,
  });
  test.each<[Json, unknown]>([
    // Without an output type it is a FLOAT.
    [
      expression('l + 1'),
      [
        [null, 1],
        ['10.0', 1],
        ['11.0', 2],
      ],
    ],
    [
      expression('l + 1', { outputType: 'LONG' }),
      [
        [null, 1],
        ['10', 1],
        ['11', 2],
      ],
    ],
    [
      expression("concat(m, '!')", { outputType: 'STRING' }),
      [
        [null, 1],
        ['x!', 1],
        ['y!', 3],
        ['z!', 1],
      ],
    ],
    [
      nested({ path: '$.k' }),
      [
        [null, 2],
        ['1', 1],
        ['one', 1],
      ],
    ],
    [
      nested({ pathParts: [{ type: 'field', field: 'k' }], expectedType: 'LONG' }),
      [
        [null, 3],
        ['1', 1],
      ],
    ],
    [
      nested({ path: '.k', useJqSyntax: true }),
      [
        [null, 2],
        ['1', 1],
        ['one', 1],
      ],
    ],
    [
      nested({ path: '$.deep[-1]' }),
      [
        [null, 3],
        ['q', 1],
      ],
    ],
    [
      nested({
        pathParts: [
          { type: 'field', field: 'deep' },
          { type: 'arrayElement', index: 0 },
        ],
      }),
      [
        [null, 3],
        ['p', 1],
      ],
    ],
    [
      { type: 'mv-filtered', name: 'v', delegate: 'm', values: ['x'] },
      [
        [null, 3],
        ['x', 1],
      ],
    ],
    [
      { type: 'mv-filtered', name: 'v', delegate: 'm', values: ['y'], isAllowList: false },
      [
        [null, 2],
        ['x', 1],
        ['z', 1],
      ],
    ],
    [
      { type: 'mv-prefix-filtered', name: 'v', delegate: 'm', prefix: 'z' },
      [
        [null, 3],
        ['z', 1],
      ],
    ],
    [
      { type: 'mv-regex-filtered', name: 'v', delegate: 'm', pattern: '[xz]' },
      [
        [null, 2],
        ['x', 1],
        ['z', 1],
      ],
    ],
    [
      { type: 'fallback', name: 'v', columns: ['gone', 's'] },
      [
        [null, 1],
        ['AB', 1],
        ['ab', 1],
        ['b', 1],
      ],
    ],
  ])('%j', async (virtual, expected) => {
    expect(await of(virtual)).toEqual(expected);
  });

  test('from raw: what lies at a path is JSON', async () => {
    const virtualColumns = [nested({ path: '$.k', processFromRaw: true })];
    const filter = { type: 'expression', expression: `to_json_string(v) == '{"l":2}'` };
    const query = { queryType: 'timeseries', granularity: 'all', aggregations: [count] };
    expect(await table.json({ ...query, virtualColumns, filter })).toMatchObject([
      { result: { rows: 1 } },
    ]);
  });
});
