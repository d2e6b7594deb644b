import { afterAll, describe, expect, test } from 'vitest';
import type { Value } from '../../model/index.js';
import type { TestTable } from '../testing.js';
import { askedTable } from './asking-testing.js';

type Json = Readonly<Record<string, unknown>>;

const BIG = 9007199254740993n;
const TABLE: TestTable = {
  dimensions: {
    id: 'STRING',
    s: 'STRING',
    m: 'STRING',
    l: 'LONG',
    d: 'DOUBLE',
    f: 'FLOAT',
    a: 'ARRAY<LONG>',
  },
};
/** Row 2 is null all over. */
const CELLS: readonly Readonly<Record<string, Value>>[] = [
  { s: 'a', m: ['a', 'b'], l: 1, d: 1, f: 1, a: [1, 2] },
  { s: '', m: ['b', null], l: 2, d: 2.5, f: 1.1, a: [1, null] },
  { s: null, m: null, l: null, d: null, f: null, a: null },
  { s: '10', m: 'c', l: 10, d: 10, f: 10, a: [] },
  { s: '1.0', m: ['1', '2'], l: BIG, d: Number.NaN, f: -1, a: [3] },
];
const rows = CELLS.map((cells, i) => ({ __time: i, id: String(i), ...cells }));
const table = askedTable(TABLE, rows);
afterAll(() => table.close());

async function matching(filter: Json, virtualColumns: readonly Json[] = []): Promise<string> {
  const ids = { queryType: 'groupBy', granularity: 'all', dimensions: ['id'] };
  const context = { resultAsArray: true };
  return ((await table.json({ ...ids, filter, virtualColumns, context })) as string[][]).join('');
}

/** The ids of the rows that match, then of those that match its negation: those that are in neither are unknown. */
async function answer(filter: Json, virtualColumns?: readonly Json[]): Promise<string> {
  const negated = { type: 'not', field: filter };
  return `${await matching(filter, virtualColumns)}/${await matching(negated, virtualColumns)}`;
}

const TYPES = { s: 'STRING', m: 'STRING', l: 'LONG', d: 'DOUBLE', f: 'FLOAT', __time: 'LONG' };

/** Also through a virtual column that is the column. */
async function check(filter: Json, expected: string): Promise<void> {
  expect(await answer(filter)).toBe(expected);
  const key = 'dimension' in filter ? 'dimension' : 'column';
  const name = filter[key] as keyof typeof TYPES;
  const outputType = TYPES[name];
  if (outputType === undefined) return;
  const same = { type: 'expression', name: 'v', expression: `"${name}"`, outputType };
  expect(await answer({ ...filter, [key]: 'v' }, [same]), 'virtual').toBe(expected);
}

const ALL = '01234';

describe('selector', () => {
  test.each([
    ['s', '1.0', '4/013'],
    ['s', '', '1/034'],
    ['s', 1, '/0134'],
    ['m', 'b', '01/34'],
    ['m', '1', '4/03'],
    ['l', '1', '0/134'],
    ['l', 1, '0/134'],
    ['l', '1.0', '0/134'],
    ['l', '1.5', '/0134'],
    ['l', 'a', '/0134'],
    ['l', '9007199254740993', '4/013'],
    ['l', '9007199254740992', '/0134'],
    ['d', '10', '3/014'],
    ['d', 'NaN', '4/013'],
    ['f', '1.1', '1/034'],
    ['__time', '3', '3/0124'],
    ['gone', 'a', '/'],
  ])('%s is %j', (dimension, value, expected) =>
    check({ type: 'selector', dimension, value }, expected),
  );

  test.each([
    ['s', '2/0134'],
    ['m', '12/034'],
    ['l', '2/0134'],
    ['d', '2/0134'],
    ['f', '2/0134'],
    ['__time', `/${ALL}`],
    ['gone', `${ALL}/`],
  ])('%s is null, which is never unknown, with or without the value', async (name, expected) => {
    await check({ type: 'selector', dimension: name, value: null }, expected);
    await check({ type: 'selector', dimension: name }, expected);
    await check({ type: 'null', column: name }, expected);
  });

  test('the filter null asks arrays as a whole', () =>
    check({ type: 'null', column: 'a' }, '2/0134'));
});

describe('equals', () => {
  test.each<[string, string, unknown, string]>([
    ['l', 'LONG', 1, '0/134'],
    ['l', 'LONG', '10', '3/014'],
    ['l', 'STRING', '10', '3/014'],
    ['l', 'DOUBLE', 10, '3/014'],
    ['l', 'DOUBLE', 1.5, '/0134'],
    ['l', 'DOUBLE', 9007199254740992, '/0134'],
    ['l', 'LONG', '9007199254740993', '4/013'],
    ['d', 'LONG', 10, '3/014'],
    ['d', 'STRING', '2.5', '1/034'],
    ['d', 'DOUBLE', 'NaN', '4/013'],
    ['f', 'DOUBLE', 1.1, '1/034'],
    ['f', 'FLOAT', 1.1, '1/034'],
    // A text is compared with the text of what is sought, as its type has it.
    ['s', 'LONG', 10, '3/014'],
    ['s', 'DOUBLE', 10, '/0134'],
    ['s', 'DOUBLE', 1, '4/013'],
    ['s', 'LONG', 1, '/0134'],
    ['m', 'STRING', 'b', '01/34'],
    ['m', 'LONG', 2, '4/03'],
    ['gone', 'STRING', 'a', '/'],
    ['__time', 'LONG', 4, '4/0123'],
    ['a', 'ARRAY<LONG>', [1, 2], '0/134'],
    ['a', 'ARRAY<LONG>', [1, null], '1/034'],
    ['a', 'ARRAY<LONG>', [2, 1], '/0134'],
    ['a', 'ARRAY<LONG>', [], '3/014'],
    ['a', 'ARRAY<STRING>', ['1', '2'], '0/134'],
    ['a', 'LONG', 3, '4/013'],
    ['a', 'LONG', 1, '/0134'],
    ['s', 'ARRAY<STRING>', ['a'], '0/134'],
    ['m', 'ARRAY<STRING>', ['a', 'b'], '/034'],
  ])('%s as %s is %j', (column, matchValueType, matchValue, expected) =>
    check({ type: 'equals', column, matchValueType, matchValue }, expected),
  );
});

describe('in', () => {
  test.each<[string, unknown[], string]>([
    ['s', ['a', '10', 'a'], '03/14'],
    ['s', ['a', null], '02/134'],
    ['s', ['', null], '12/034'],
    ['s', [null], '2/0134'],
    ['s', [], `/${ALL}`],
    ['m', ['a', '2'], '04/3'],
    ['m', ['a', null], '012/34'],
    ['l', ['1', '2.0', '1.5', 'x'], '01/34'],
    ['l', [1, null], '02/134'],
    ['d', ['2.5', 'NaN'], '14/03'],
    ['f', ['1.1', '-1'], '14/03'],
    ['__time', ['1', '3'], '13/024'],
    ['gone', ['a'], '/'],
    ['gone', [null], `${ALL}/`],
    ['gone', [], `/${ALL}`],
  ])('%s in %j', (dimension, values, expected) =>
    check({ type: 'in', dimension, values }, expected),
  );

  test.each<[string, string, unknown[], string]>([
    ['s', 'STRING', ['a', null], '02/134'],
    ['s', 'LONG', [10, 1], '3/014'],
    ['l', 'LONG', [1, '9007199254740993'], '04/13'],
    ['l', 'LONG', [null], '2/0134'],
    ['l', 'LONG', [], `/${ALL}`],
    ['l', 'ARRAY<LONG>', [[1, 2]], '/0134'],
    ['l', 'ARRAY<LONG>', [[1]], '0/134'],
    ['d', 'DOUBLE', [2.5, 10], '13/04'],
    ['a', 'ARRAY<LONG>', [[1, 2], [3]], '04/13'],
    ['a', 'ARRAY<LONG>', [[1, null], null], '12/034'],
    ['a', 'ARRAY<LONG>', [], `/${ALL}`],
    ['gone', 'STRING', ['a'], '/'],
  ])('%s, typed: as %s in %j', async (column, matchValueType, values, expected) => {
    await check({ type: 'inType', column, matchValueType, values }, expected);
    await check({ type: 'inType', column, matchValueType, sortedValues: values }, expected);
  });
});

describe('bound', () => {
  test.each<[string, Json, string]>([
    // Null comes before everything.
    ['s', { upper: '10' }, '1234/0'],
    ['s', { upper: '10', upperStrict: true }, '124/03'],
    ['s', { lower: '' }, '0134/'],
    ['s', { lower: '', lowerStrict: true }, '034/1'],
    ['s', { lower: '1', upper: '2' }, '34/01'],
    ['s', { lower: '2', upper: '10' }, '/0134'],
    // What is no number comes before numbers.
    ['s', { lower: '2', upper: '10', ordering: 'numeric' }, '3/014'],
    ['s', { lower: '1', upper: '1', ordering: 'numeric' }, '4/013'],
    ['s', { upper: '0', ordering: 'numeric' }, '012/34'],
    ['s', { lower: '2', ordering: 'strlen' }, '034/1'],
    ['s', { lower: '9', ordering: 'alphanumeric' }, '03/14'],
    ['s', { lower: '2', alphaNumeric: true }, '03/14'],
    ['m', { lower: 'c' }, '3/04'],
    ['m', { upper: 'a' }, '0124/3'],
    ['l', { upper: '2', ordering: 'numeric' }, '012/34'],
    ['l', { upper: '2' }, '0123/4'],
    ['l', { lower: '1.5', ordering: 'numeric' }, '134/0'],
    ['l', { lower: '9007199254740992', lowerStrict: true, ordering: 'numeric' }, '4/013'],
    ['l', { upper: 'x', ordering: 'numeric' }, '2/0134'],
    ['l', { lower: 'x', ordering: 'numeric' }, '0134/'],
    ['d', { lower: '2.5', ordering: 'numeric' }, '134/0'],
    ['d', { upper: '1.0' }, '02/134'],
    ['f', { lower: '1.1', ordering: 'numeric' }, '13/04'],
    ['f', { lower: '1.1', lowerStrict: true, ordering: 'numeric' }, '3/014'],
    ['__time', { lower: '1', upper: '3', upperStrict: true, ordering: 'numeric' }, '12/034'],
    ['gone', { upper: 'a' }, `${ALL}/`],
    ['gone', { lower: 'a' }, '/'],
    ['gone', { lower: 'a', upper: 'b' }, '/'],
  ])('of %s: %j', (dimension, ends, expected) =>
    check({ type: 'bound', dimension, ...ends }, expected),
  );
});

describe('range', () => {
  test.each<[string, string, Json, string]>([
    // Unlike a bound it never matches null.
    ['s', 'STRING', { upper: '10' }, '134/0'],
    ['s', 'STRING', { upper: '10', upperOpen: true }, '14/03'],
    ['s', 'STRING', { lower: '' }, '0134/'],
    ['s', 'LONG', { lower: 1, upper: 9 }, '4/013'],
    ['s', 'LONG', { upper: 2 }, '014/3'],
    ['m', 'STRING', { lower: 'b', lowerOpen: true }, '3/04'],
    ['l', 'LONG', { lower: 1, lowerOpen: true, upper: 10 }, '13/04'],
    ['l', 'DOUBLE', { lower: 1.5 }, '134/0'],
    ['l', 'STRING', { lower: '2', upper: '10' }, '13/04'],
    ['d', 'LONG', { upper: 2 }, '0/134'],
    ['d', 'DOUBLE', { lower: 10 }, '34/01'],
    ['f', 'DOUBLE', { upper: 1.1, upperOpen: true }, '04/13'],
    ['__time', 'LONG', { lower: 3 }, '34/012'],
    ['gone', 'STRING', { upper: 'a' }, '/'],
    // Null elements come first, and shorter lists before longer ones.
    ['a', 'ARRAY<LONG>', { lower: [1, 2] }, '04/13'],
    ['a', 'ARRAY<LONG>', { upper: [1, 2], upperOpen: true }, '13/04'],
    ['a', 'ARRAY<LONG>', { lower: [], lowerOpen: true, upper: [1, null] }, '1/034'],
  ])('of %s as %s: %j', (column, matchValueType, ends, expected) =>
    check({ type: 'range', column, matchValueType, ...ends }, expected),
  );
});

describe('by the text of a value', () => {
  test.each<[Json, string]>([
    [{ type: 'like', dimension: 's', pattern: '1%' }, '34/01'],
    [{ type: 'like', dimension: 's', pattern: '_' }, '0/134'],
    [{ type: 'like', dimension: 's', pattern: '' }, '1/034'],
    [{ type: 'like', dimension: 's', pattern: '%' }, '0134/'],
    [{ type: 'like', dimension: 's', pattern: 'A' }, '/0134'],
    [{ type: 'like', dimension: 's', pattern: '1!_0', escape: '!' }, '/0134'],
    [{ type: 'like', dimension: 'm', pattern: 'a%' }, '0/34'],
    [{ type: 'like', dimension: 'l', pattern: '1%' }, '03/14'],
    [{ type: 'like', dimension: 'd', pattern: '%.0' }, '03/14'],
    [{ type: 'like', dimension: 'gone', pattern: '%' }, '/'],
    [{ type: 'regex', dimension: 's', pattern: '0' }, '34/01'],
    [{ type: 'regex', dimension: 's', pattern: '^1.?0$' }, '34/01'],
    [{ type: 'regex', dimension: 's', pattern: '' }, '0134/'],
    [{ type: 'regex', dimension: 'm', pattern: '[12]' }, '4/03'],
    [{ type: 'regex', dimension: 'l', pattern: '^\\d\\d+$' }, '34/01'],
    [{ type: 'regex', dimension: '__time', pattern: '[34]' }, '34/012'],
    [{ type: 'search', dimension: 's', query: { type: 'contains', value: 'A' } }, '0/134'],
    [
      {
        type: 'search',
        dimension: 's',
        query: { type: 'contains', value: 'A', caseSensitive: true },
      },
      '/0134',
    ],
    [
      { type: 'search', dimension: 's', query: { type: 'insensitive_contains', value: '.' } },
      '4/013',
    ],
    [{ type: 'search', dimension: 'l', query: { type: 'fragment', values: ['1', '0'] } }, '34/01'],
    [{ type: 'search', dimension: 's', query: { type: 'regex', pattern: '^1' } }, '34/01'],
    [{ type: 'search', dimension: 's', query: { type: 'all' } }, '0134/'],
  ])('%j', (filter, expected) => check(filter, expected));
});

describe('interval', () => {
  const intervals = ['1970-01-01T00:00:00.001Z/1970-01-01T00:00:00.003Z'];
  test.each([
    ['__time', '12/034'],
    ['l', '01/34'],
    ['d', '01/34'],
    ['f', '01/34'],
    ['s', '4/013'],
    ['gone', '/'],
  ])('%s, in milliseconds, from the start up to the end', (dimension, expected) =>
    check({ type: 'interval', dimension, intervals }, expected),
  );

  test('any of several', () =>
    check(
      {
        type: 'interval',
        dimension: '__time',
        intervals: [intervals[0], '1970-01-01T00:00:00.004Z/1971'],
      },
      '124/03',
    ));
});

describe('columnComparison', () => {
  test.each<[unknown[], string]>([
    [['l', 's'], '23/014'],
    [['d', 's'], '2/0134'],
    [['m', 's'], '02/134'],
    [['gone', 's'], '2/0134'],
    [['gone', 'lost'], `${ALL}/`],
    [['l', 's', { type: 'default', dimension: 'd' }], '2/0134'],
    [
      [
        'f',
        {
          type: 'extraction',
          dimension: 'd',
          extractionFn: { type: 'substring', index: 0, length: 3 },
        },
      ],
      '02/134',
    ],
  ])('%j: the texts are the same, and null is null', (dimensions, expected) =>
    check({ type: 'columnComparison', dimensions }, expected),
  );
});

describe('expression', () => {
  test.each<[string, string]>([
    ['l > 1', '134/0'],
    ['l', '0134/'],
    ['f', '013/4'],
    ['d', '013/4'],
    ['s', '/0134'],
    ["s == 'a'", '0/134'],
    ["m == 'b'", '01/34'],
    ["concat(s, '') == ''", '1/034'],
    ['isnull(l)', '2/0134'],
    ['gone', '/'],
    ['l == gone', '/'],
    ["'TRUE'", `${ALL}/`],
    ['0', `/${ALL}`],
  ])('%s', (expression, expected) => check({ type: 'expression', expression }, expected));
});

describe('arrayContainsElement', () => {
  test.each<[string, string, unknown, string]>([
    ['a', 'LONG', 1, '01/34'],
    ['a', 'LONG', null, '1/034'],
    ['a', 'STRING', '3', '4/013'],
    ['a', 'DOUBLE', 1.5, '/0134'],
    // Others are arrays of one.
    ['l', 'LONG', 1, '0/134'],
    ['s', 'STRING', 'a', '0/134'],
    ['m', 'STRING', 'b', '01/34'],
    ['gone', 'STRING', 'a', '/'],
  ])('%s as %s has %j', (column, elementMatchValueType, elementMatchValue, expected) =>
    check(
      { type: 'arrayContainsElement', column, elementMatchValueType, elementMatchValue },
      expected,
    ),
  );
});

describe('and, or, not, istrue, isfalse', () => {
  const isA = { type: 'selector', dimension: 'm', value: 'a' };
  const isB = { type: 'selector', dimension: 'm', value: 'b' };
  const unknown = { type: 'selector', dimension: 'gone', value: 'a' };
  const yes = { type: 'true' };
  const no = { type: 'false' };
  test.each<[Json, string]>([
    // Of lists the rows count, not the elements.
    [{ type: 'and', fields: [isA, isB] }, '0/34'],
    [{ type: 'or', fields: [isA, isB] }, '01/34'],
    [{ type: 'not', field: { type: 'not', field: isA } }, '0/34'],
    [{ type: 'and', fields: [unknown, isA] }, '/34'],
    [{ type: 'or', fields: [unknown, isA] }, '0/'],
    [{ type: 'and', fields: [unknown, no] }, `/${ALL}`],
    [{ type: 'or', fields: [unknown, yes] }, `${ALL}/`],
    [{ type: 'and', fields: [null, isA, null] }, '0/34'],
    [{ type: 'istrue', field: isA }, '0/1234'],
    [{ type: 'isfalse', field: isA }, '34/012'],
    [{ type: 'istrue', field: unknown }, `/${ALL}`],
    [{ type: 'not', field: { type: 'istrue', field: unknown } }, `${ALL}/`],
    [{ type: 'isfalse', field: { type: 'not', field: isA } }, '0/1234'],
    [yes, `${ALL}/`],
    [no, `/${ALL}`],
  ])('%j', (filter, expected) => check(filter, expected));
});

describe('extraction functions', () => {
  const lookup = { type: 'map', map: { a: 'A', 1: 'one', 10: 'ten' } };
  const extractionFn = { type: 'lookup', lookup };
  const orNone = { type: 'lookup', lookup, replaceMissingValueWith: 'none' };
  test.each<[Json, string]>([
    [{ type: 'selector', dimension: 's', value: 'A', extractionFn }, '0/3'],
    [{ type: 'extraction', dimension: 's', value: 'ten', extractionFn }, '3/0'],
    // What it makes null is null; what it makes of null is known.
    [{ type: 'selector', dimension: 's', value: null, extractionFn }, '124/03'],
    [{ type: 'selector', dimension: 's', value: 'none', extractionFn: orNone }, '124/03'],
    [{ type: 'in', dimension: 'l', values: ['one', 'ten'], extractionFn }, '03/'],
    [{ type: 'bound', dimension: 's', lower: 'a', extractionFn }, '3/0'],
    [{ type: 'like', dimension: 'm', pattern: 'o%', extractionFn }, '4/'],
    [{ type: 'regex', dimension: 's', pattern: 'e', extractionFn }, '3/0'],
    [
      { type: 'search', dimension: 's', query: { type: 'contains', value: 'E' }, extractionFn },
      '3/0',
    ],
    [
      {
        type: 'interval',
        dimension: 's',
        intervals: ['1970-01-01T00:00:00.001Z/1970-01-01T00:00:00.002Z'],
        extractionFn: { type: 'strlen' },
      },
      '0/134',
    ],
    [
      {
        type: 'selector',
        dimension: '__time',
        value: '70',
        extractionFn: { type: 'timeFormat', format: 'yy' },
      },
      `${ALL}/`,
    ],
  ])('%j', (filter, expected) => check(filter, expected));
});

test('filterTuning and what nobody knows are ignored', async () => {
  const filterTuning = { useBitmapIndex: false, maxCardinalityToUseBitmapIndex: 0 };
  const tuned = { type: 'selector', dimension: 's', value: 'a', filterTuning, unheardOf: 1 };
  expect(await answer(tuned)).toBe('0/134');
});

describe('refused, naming the field', () => {
  test.each<[Json, string]>([
    [{ type: 'and', fields: [] }, 'filter.fields'],
    [{ type: 'or', fields: [null] }, 'filter.fields'],
    [{ type: 'bound', dimension: 's' }, 'filter.lower'],
    [{ type: 'range', column: 's', matchValueType: 'STRING', lower: null }, 'filter.lower'],
    [
      { type: 'equals', column: 's', matchValueType: 'STRING', matchValue: null },
      'filter.matchValue',
    ],
    [{ type: 'equals', column: 's', matchValueType: 'LONG', matchValue: 'a' }, 'filter.matchValue'],
    [{ type: 'range', column: 'l', matchValueType: 'LONG', upper: 'a' }, 'filter.upper'],
    [{ type: 'inType', column: 'l', matchValueType: 'LONG', values: [1, 'a'] }, 'filter.values[1]'],
    [
      { type: 'inType', column: 'l', matchValueType: 'LONG', values: [1], sortedValues: [1] },
      'filter.values',
    ],
    [{ type: 'equality', column: 's', matchValueType: 'STRING', matchValue: 'a' }, 'filter.type'],
    [{ type: 'in', dimension: 's' }, 'filter.values'],
    [{ type: 'columnComparison', dimensions: ['s'] }, 'filter.dimensions'],
    [{ type: 'not', field: null }, 'filter.field'],
    [{ type: 'extraction', dimension: 's', value: 'a' }, 'filter.extractionFn'],
  ])('%j', async (filter, field) => {
    await expect(matching(filter)).rejects.toMatchObject({ family: 'user', field });
  });
});
