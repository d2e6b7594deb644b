import { describe, expect, test } from 'vitest';
import { type JsonObject, UserError } from '../../core/index.js';
import type { Value, ValueType } from '../types.js';
import { parseHaving } from './registry.js';

const TYPES = new Map<string, ValueType>([
  ['__time', 'LONG'],
  ['dim', 'STRING'],
  ['n', 'LONG'],
  ['d', 'DOUBLE'],
]);

function keeps(spec: JsonObject, cells: Record<string, Value>): boolean {
  const value = (name: string) => cells[name] ?? null;
  return parseHaving(spec, 'having').compile(TYPES)({ value, state: value });
}

const BIG = 9007199254740993n;
const compare = (type: string, value: unknown) => ({ type, aggregation: 'n', value });

describe('comparisons', () => {
  test.each([
    { spec: compare('greaterThan', 5), n: 6, expected: true },
    { spec: compare('greaterThan', 5), n: 5, expected: false },
    { spec: compare('greaterThan', 5), n: null, expected: false },
    { spec: compare('lessThan', 5), n: null, expected: false },
    { spec: compare('lessThan', 5.5), n: 5, expected: true },
    { spec: compare('equalTo', '5'), n: 5, expected: true },
    { spec: compare('equalTo', 5), n: null, expected: false },
    { spec: compare('equalTo', null), n: null, expected: true },
    { spec: compare('equalTo', null), n: 0, expected: false },
    { spec: compare('equalTo', BIG), n: BIG, expected: true },
    { spec: compare('greaterThan', 9007199254740992), n: BIG, expected: true },
    { spec: compare('equalTo', 9007199254740992), n: BIG, expected: false },
    { spec: compare('greaterThan', 3), n: '7', expected: true },
    { spec: compare('equalTo', null), n: 'no number', expected: false },
    { spec: compare('lessThan', 3), n: 'no number', expected: false },
  ])('$spec of $n', ({ spec, n, expected }) => {
    expect(keeps(spec, { n })).toBe(expected);
  });
});

describe('others', () => {
  const few = { type: 'lessThan', aggregation: 'n', value: 5 };
  const isX = { type: 'dimSelector', dimension: 'dim', value: 'x' };
  const row = { dim: 'x', n: 7, __time: 1000 };
  test.each<{ spec: JsonObject; expected: boolean }>([
    { spec: isX, expected: true },
    { spec: { ...isX, value: 'X', extractionFn: { type: 'upper' } }, expected: true },
    { spec: { type: 'and', havingSpecs: [isX, few] }, expected: false },
    { spec: { type: 'or', havingSpecs: [isX, few] }, expected: true },
    { spec: { type: 'not', havingSpec: few }, expected: true },
    { spec: { type: 'always' }, expected: true },
    { spec: { type: 'never' }, expected: false },
    {
      spec: {
        type: 'filter',
        filter: { type: 'bound', dimension: 'n', lower: '6', ordering: 'numeric' },
      },
      expected: true,
    },
    {
      spec: { type: 'filter', filter: { type: 'selector', dimension: '__time', value: '1000' } },
      expected: true,
    },
    {
      spec: {
        type: 'filter',
        filter: { type: 'not', field: { type: 'selector', dimension: 'gone', value: '1' } },
      },
      expected: false,
    },
  ])('$spec', ({ spec, expected }) => {
    expect(keeps(spec, row)).toBe(expected);
  });
});

test.each([
  { spec: { type: 'nope' }, message: "having: Could not resolve type id 'nope'" },
  { spec: { type: 'greaterThan', value: 5 }, message: 'having.aggregation: must be given' },
  { spec: compare('greaterThan', 'x'), message: 'having.value: want a number; got "x"' },
  { spec: { type: 'and', havingSpecs: [{ type: 'x' }] }, message: 'having.havingSpecs[0]: ' },
  { spec: { type: 'filter', filter: { type: 'x' } }, message: 'having.filter: Could not' },
])('bad: $spec', ({ spec, message }) => {
  expect(() => parseHaving(spec, 'having')).toThrow(UserError);
  expect(() => parseHaving(spec, 'having')).toThrow(message);
});
