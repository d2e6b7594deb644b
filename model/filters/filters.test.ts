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
