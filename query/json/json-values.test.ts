import { expect, test } from 'vitest';
import type { Value, ValueType } from '../../model/index.js';
import { jsonValue } from './json-values.js';

const CASES: readonly { value: Value; type: ValueType; text: string }[] = [
  { value: null, type: 'LONG', text: 'null' },
  { value: 5, type: 'LONG', text: '5' },
  { value: -(2n ** 63n), type: 'LONG', text: '-9223372036854775808' },
  { value: 5, type: 'DOUBLE', text: '5.0' },
  { value: 1e10, type: 'DOUBLE', text: '1.0E10' },
  { value: Math.fround(0.1), type: 'FLOAT', text: '0.1' },
  { value: Number.NaN, type: 'DOUBLE', text: '"NaN"' },
  { value: Number.NEGATIVE_INFINITY, type: 'FLOAT', text: '"-Infinity"' },
  { value: 2.5, type: 'LONG', text: '2.5' },
  { value: 'say "é"', type: 'STRING', text: '"say \\"é\\""' },
  { value: ['a', null], type: 'STRING', text: '["a",null]' },
  { value: [1, 2n ** 62n], type: 'ARRAY<LONG>', text: '[1,4611686018427387904]' },
  { value: [1, null], type: 'ARRAY<DOUBLE>', text: '[1.0,null]' },
  {
    value: { lhs: 2n ** 60n, rhs: 'x' },
    type: 'COMPLEX<serializablePairLongString>',
    text: '{"lhs":1152921504606846976,"rhs":"x"}',
  },
  {
    value: { lhs: 1, rhs: 4 },
    type: 'COMPLEX<serializablePairLongDouble>',
    text: '{"lhs":1,"rhs":4.0}',
  },
  {
    value: { lhs: 1, rhs: null },
    type: 'COMPLEX<serializablePairLongFloat>',
    text: '{"lhs":1,"rhs":null}',
  },
  {
    value: { breaks: [0, 'Infinity'], counts: [1] },
    type: 'COMPLEX<histogram>',
    text: '{"breaks":[0.0,"Infinity"],"counts":[1.0]}',
  },
  {
    value: { min: 'NaN', count: 2, lowerLimit: -0.5 },
    type: 'COMPLEX<fixedBucketsHistogram>',
    text: '{"min":"NaN","count":2,"lowerLimit":-0.5}',
  },
];

test.each(CASES)('$type $text', ({ value, type, text }) => {
  expect(jsonValue(value, type)).toBe(text);
});
