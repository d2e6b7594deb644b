import { expect, test } from 'vitest';
import type { Value, ValueType } from '../types.js';
import { castValue } from './cast.js';

test.each<[Value, ValueType, ValueType, Value]>([
  ['12', 'STRING', 'LONG', 12],
  ['9223372036854775807', 'STRING', 'LONG', 2n ** 63n - 1n],
  ['-1.9', 'STRING', 'LONG', -1],
  ['1e3', 'STRING', 'LONG', 1000],
  ['x', 'STRING', 'LONG', null],
  ['', 'STRING', 'DOUBLE', null],
  ['1.5', 'STRING', 'DOUBLE', 1.5],
  ['0.1', 'STRING', 'FLOAT', Math.fround(0.1)],
  [1.9, 'DOUBLE', 'LONG', 1],
  [-0, 'DOUBLE', 'LONG', 0],
  [-0.5, 'DOUBLE', 'LONG', 0],
  [1e300, 'DOUBLE', 'LONG', 2n ** 63n - 1n],
  [Number.NaN, 'DOUBLE', 'LONG', 0],
  [2n ** 62n, 'LONG', 'DOUBLE', 2 ** 62],
  [0.1, 'DOUBLE', 'FLOAT', Math.fround(0.1)],
  [5, 'DOUBLE', 'STRING', '5.0'],
  [5, 'LONG', 'STRING', '5'],
  [Math.fround(0.1), 'FLOAT', 'STRING', '0.1'],
  ['a', 'STRING', 'ARRAY<STRING>', ['a']],
  [null, 'STRING', 'ARRAY<STRING>', null],
  ['1', 'STRING', 'ARRAY<LONG>', [1]],
  [[1.5, null], 'ARRAY<DOUBLE>', 'ARRAY<LONG>', [1, null]],
  [['7'], 'ARRAY<STRING>', 'LONG', 7],
  [['7', '8'], 'ARRAY<STRING>', 'LONG', null],
  [[], 'ARRAY<STRING>', 'STRING', null],
  [['1', '2'], 'STRING', 'LONG', [1, 2]],
  [{}, 'COMPLEX<hyperUnique>', 'LONG', null],
])('%o as %s to %s is %o', (value, from, to, expected) => {
  const result = castValue(value, from, to);
  expect(result).toEqual(expected);
  expect(Object.is(result, -0)).toBe(false);
});
