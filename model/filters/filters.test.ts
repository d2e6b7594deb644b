import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { TestRows } from '../testing.js';
import type { Value } from '../types.js';
import { FALSE, TRUE, UNKNOWN } from './filter.js';
import { type ColumnKind, naiveTruth } from './naive.testing.js';
import { parseFilter } from './registry.js';

const KINDS: Record<string, ColumnKind> = {
  s: 'STRING',
  m: 'STRING',
  l: 'LONG',
  d: 'DOUBLE',
  f: 'FLOAT',
  a: 'ARRAY<LONG>',
};

const TEXTS = ['', 'a', 'A', 'b', 'ab', '1', '01', '1.0', '2', '10', '-1', 'é', '😀', '\uffff'];
const text = fc.constantFrom(...TEXTS);
const long = fc.constantFrom<number | bigint>(
  ...[0, 1, 2, 10, -1, 9007199254740991],
  ...[9007199254740992n, 9007199254740993n, -9223372036854775808n],
);
const double = fc.constantFrom(0, 1, 1.1, 2, 2.5, 10, -1);
const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 4 });
const row: fc.Arbitrary<Record<string, Value>> = fc.record({
  s: nullable(text),
  m: fc.oneof(nullable(text), fc.array(nullable(text), { minLength: 2, maxLength: 3 })),
  l: nullable(long),
  d: nullable(double),
  f: nullable(double.map(Math.fround)),
  a: nullable(fc.array(nullable(fc.constantFrom(1, 2)), { maxLength: 2 })),
});

const column = fc.constantFrom('s', 'm', 'l', 'd', 'f', 'gone');
const literal = fc.oneof(
  text,
  fc.constantFrom('1.1', '1.5', '3.00000001', '9007199254740993', '9007199254740992.5', ' '),
);
const flag = fc.boolean();
const ends = fc.constantFrom<readonly string[]>(['lower'], ['upper'], ['lower', 'upper']);
const pick = (chosen: readonly string[], values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).filter(([key]) => chosen.includes(key)));

const typed = fc.oneof(
  fc.record({ matchValueType: fc.constant('STRING'), matchValue: literal }),
  fc.record({ matchValueType: fc.constant('LONG'), matchValue: long }),
  fc.record({ matchValueType: fc.constant('DOUBLE'), matchValue: double }),
);

const leaf: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ type: fc.constant('selector'), dimension: column, value: nullable(literal) }),
  fc.record({
    type: fc.constant('in'),
    dimension: column,
    values: fc.array(nullable(literal), { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('null'), column: fc.oneof(column, fc.constant('a')) }),
  fc.tuple(column, typed).map(([name, match]) => ({ type: 'equals', column: name, ...match })),
  fc.record({
    type: fc.constant('equals'),
    column: fc.constant('a'),
    matchValueType: fc.constant('ARRAY<LONG>'),
    matchValue: fc.array(nullable(fc.constantFrom(1, 2)), { maxLength: 2 }),
  }),
  fc
    .tuple(column, typed, typed, fc.constantFrom('values', 'sortedValues'))
    .map(([name, a, b, key]) => ({
      type: 'inType',
      column: name,
      matchValueType: a.matchValueType,
      [key]: a.matchValueType === b.matchValueType ? [a.matchValue, b.matchValue] : [null],
    })),
  fc
    .tuple(column, ends, literal, literal, flag, flag, fc.constantFrom('numeric', 'lexicographic'))
    .map(([dimension, chosen, lower, upper, lowerStrict, upperStrict, ordering]) => ({
      ...{ type: 'bound', dimension, ordering, lowerStrict, upperStrict },
      ...pick(chosen, { lower, upper }),
    })),
  fc
    .tuple(column, ends, typed, typed, flag, flag)
    .filter(([, , a, b]) => a.matchValueType === b.matchValueType)
    .map(([name, chosen, a, b, lowerOpen, upperOpen]) => ({
      ...{ type: 'range', column: name, matchValueType: a.matchValueType, lowerOpen, upperOpen },
      ...pick(chosen, { lower: a.matchValue, upper: b.matchValue }),
    })),
  fc.record({
    type: fc.constant('like'),
    dimension: column,
    pattern: fc.string({ unit: fc.constantFrom('%', '_', 'a', '1', '.'), maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('regex'),
    dimension: column,
    pattern: fc.constantFrom('^1', 'a|b', '.', '0$'),
  }),
  fc.record({
    type: fc.constant('search'),
    dimension: column,
    query: fc.record({ type: fc.constant('contains'), value: fc.constantFrom('', 'A', '1', '.') }),
  }),
  fc.record({
    type: fc.constant('textMatch'),
    dimension: column,
    query: fc.constantFrom('a', '1', '1.0', 'a*', '"1 0"', 'é'),
  }),
  fc.record({
    type: fc.constant('interval'),
    dimension: column,
    intervals: fc.constantFrom(
      ['1970-01-01T00:00:00.001Z/1970-01-01T00:00:00.002Z'],
      [
        '1969-01-01T00:00:00.000Z/1970-01-01T00:00:00.000Z',
        '1970-01-01T00:00:00.002Z/1971-01-01T00:00:00.000Z',
      ],
    ),
  }),
  fc.constantFrom({ type: 'true' }, { type: 'false' }),
);

const { filter } = fc.letrec<{ filter: JsonObject }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'filter' },
    { weight: 4, arbitrary: leaf },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constantFrom('and', 'or'),
        fields: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constantFrom('not', 'istrue', 'isfalse'),
        field: tie('filter'),
      }),
    },
  ),
}));

function rowsOf(rows: readonly Record<string, Value>[], dictionary: boolean): TestRows {
  const columns = Object.entries(KINDS).map(([name, type]) => [
    name,
    { type, multiValue: name === 'm', dictionary },
  ]);
  return new TestRows(Object.fromEntries(columns), rows);
}

const TRUTHS = { 0: FALSE, 0.5: UNKNOWN, 1: TRUE } as const;

describe('every filter agrees with a naive one', () => {
  test.each([{ dictionary: false }, { dictionary: true }])('dictionary: $dictionary', (options) => {
    fc.assert(
      fc.property(filter, fc.array(row, { minLength: 1, maxLength: 12 }), (spec, rows) => {
        const source = rowsOf(rows, options.dictionary);
        const got = source.map(parseFilter(spec).predicate(source));
        const expected = rows.map((cells) => TRUTHS[naiveTruth(spec, { kinds: KINDS, cells })]);
        expect(got).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });
});

test('a parsed filter names the columns it reads and keeps its spec', () => {
  const spec = {
    type: 'and',
    fields: [
      { type: 'selector', dimension: 's', value: 'a', unknownKey: 1 },
      null,
      { type: 'not', field: { type: 'null', column: 'l' } },
      { type: 'like', dimension: 's', pattern: 'a%' },
    ],
  };
  const parsed = parseFilter(spec);
  expect(parsed.inputs).toEqual(['s', 'l']);
  expect(parsed.spec).toEqual(spec);
});

describe('expression', () => {
  const rows = rowsOf(
    [
      { s: 'a', m: ['a', 'b'], l: 1, d: 0.5 },
      { s: 'true', m: 'c', l: -1, d: 0 },
      { s: null, m: null, l: null, d: null },
    ],
    true,
  );
  test.each([
    { expression: "s == 'a'", expected: [TRUE, FALSE, UNKNOWN] },
    { expression: "m == 'b'", expected: [TRUE, FALSE, UNKNOWN] },
    { expression: 'l', expected: [TRUE, FALSE, UNKNOWN] },
    { expression: 'd', expected: [TRUE, FALSE, UNKNOWN] },
    { expression: 's', expected: [FALSE, TRUE, UNKNOWN] },
    { expression: 'l + d > 1', expected: [TRUE, FALSE, UNKNOWN] },
    { expression: 'isnull(l)', expected: [FALSE, FALSE, TRUE] },
  ])('$expression', ({ expression, expected }) => {
    const filter = parseFilter({ type: 'expression', expression });
    expect(rows.map(filter.predicate(rows))).toEqual(expected);
  });

  test('names its columns, and what is wrong with it', () => {
    const inputs = (expression: string) => parseFilter({ type: 'expression', expression }).inputs;
    expect(inputs("l + d > 1 && s == 'x'")).toEqual(['l', 'd', 's']);
    expect(() => inputs('l +')).toThrow(/^filter\.expression: /);
  });
});

describe('columnComparison', () => {
  test.each([
    { dimensions: ['s', 'm'], expected: [TRUE, FALSE, TRUE, FALSE] },
    { dimensions: ['l', 's'], expected: [FALSE, TRUE, TRUE, FALSE] },
    {
      dimensions: ['l', 's', { type: 'default', dimension: 'm' }],
      expected: [FALSE, FALSE, TRUE, FALSE],
    },
  ])('$dimensions', ({ dimensions, expected }) => {
    const rows = rowsOf(
      [
        { s: 'a', m: ['b', 'a'], l: 1 },
        { s: '1', m: ['b', 'c'], l: 1 },
        { s: null, m: null, l: null },
        { s: 'x', m: null, l: null },
      ],
      false,
    );
    const filter = parseFilter({ type: 'columnComparison', dimensions });
    expect(rows.map(filter.predicate(rows))).toEqual(expected);
  });
});

test('arrayContainsElement', () => {
  const rows = rowsOf([{ a: [1, null] }, { a: [2] }, { a: [] }, { a: null }], false);
  const holds = (elementMatchValue: unknown) => {
    const type = { type: 'arrayContainsElement', column: 'a', elementMatchValueType: 'LONG' };
    return rows.map(parseFilter({ ...type, elementMatchValue }).predicate(rows));
  };
  expect(holds(1)).toEqual([TRUE, FALSE, FALSE, UNKNOWN]);
  expect(holds(null)).toEqual([TRUE, FALSE, FALSE, UNKNOWN]);
  expect(holds(3)).toEqual([FALSE, FALSE, FALSE, UNKNOWN]);
});

test('arrays compare as lists in a range', () => {
  const rows = rowsOf([{ a: [1, 2] }, { a: [1] }, { a: [2, 1] }, { a: null }], false);
  const spec = { type: 'range', column: 'a', matchValueType: 'ARRAY<LONG>' };
  const within = (bounds: JsonObject) =>
    rows.map(parseFilter({ ...spec, ...bounds }).predicate(rows));
  expect(within({ lower: [1], lowerOpen: true })).toEqual([TRUE, FALSE, TRUE, UNKNOWN]);
  expect(within({ upper: [1, 2] })).toEqual([TRUE, TRUE, FALSE, UNKNOWN]);
});

test('an extraction function comes first, and may turn null into a value', () => {
  const rows = rowsOf([{ s: 'abc' }, { s: null }, { s: 'x' }], true);
  const extractionFn = { type: 'lookup', lookup: { type: 'map', map: { abc: 'A' } } };
  const matches = (spec: JsonObject) => rows.map(parseFilter(spec).predicate(rows));
  const selector = { type: 'selector', dimension: 's' };
  expect(matches({ ...selector, value: 'A', extractionFn })).toEqual([TRUE, UNKNOWN, UNKNOWN]);
  expect(matches({ ...selector, type: 'extraction', extractionFn })).toEqual([FALSE, TRUE, TRUE]);
  const named = { ...extractionFn, replaceMissingValueWith: '?' };
  expect(matches({ ...selector, value: '?', extractionFn: named })).toEqual([FALSE, TRUE, TRUE]);
});
