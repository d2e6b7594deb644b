import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AutoType, autoColumnType, joinAutoTypes } from './auto-type.js';
import { leastRestrictive } from './least-restrictive.js';
import { JSON_TYPE, type ValueType } from './types.js';

const ARRAYS = ['ARRAY<STRING>', 'ARRAY<LONG>', 'ARRAY<DOUBLE>'] as const;
const AUTO: readonly AutoType[] = [
  ...(['NOTHING', 'LISTS', 'STRING', 'LONG', 'DOUBLE', JSON_TYPE] as const),
  ...ARRAYS,
];

test.each<[AutoType, AutoType, AutoType]>([
  ['NOTHING', 'LONG', 'LONG'],
  ['NOTHING', 'LISTS', 'LISTS'],
  ['LONG', 'DOUBLE', 'DOUBLE'],
  ['LONG', 'STRING', JSON_TYPE],
  ['LONG', 'LISTS', 'ARRAY<LONG>'],
  ['LISTS', 'ARRAY<STRING>', 'ARRAY<STRING>'],
  ['LONG', 'ARRAY<DOUBLE>', 'ARRAY<DOUBLE>'],
  ['DOUBLE', 'ARRAY<LONG>', 'ARRAY<DOUBLE>'],
  ['STRING', 'ARRAY<LONG>', JSON_TYPE],
  ['STRING', 'ARRAY<STRING>', 'ARRAY<STRING>'],
  ['ARRAY<LONG>', 'ARRAY<STRING>', JSON_TYPE],
  ['ARRAY<LONG>', JSON_TYPE, JSON_TYPE],
])('auto: %s and %s are %s', (a, b, joined) => {
  expect(joinAutoTypes(a, b)).toBe(joined);
  expect(joinAutoTypes(b, a)).toBe(joined);
});

test('auto: neither order nor grouping matters, and twice the same is the same', () => {
  for (const a of AUTO) {
    expect(joinAutoTypes(a, a)).toBe(a);
    for (const b of AUTO) {
      for (const c of AUTO) {
        const left = joinAutoTypes(joinAutoTypes(a, b), c);
        expect(left, `${a} ${b} ${c}`).toBe(joinAutoTypes(a, joinAutoTypes(b, c)));
      }
    }
  }
  expect(AUTO.map(autoColumnType)).toEqual([
    ...['STRING', 'ARRAY<STRING>', 'STRING', 'LONG', 'DOUBLE', JSON_TYPE],
    ...ARRAYS,
  ]);
});

const TYPES: readonly ValueType[] = ['STRING', 'LONG', 'DOUBLE', 'FLOAT', JSON_TYPE, ...ARRAYS];

test.each<[ValueType[], ValueType]>([
  [['LONG'], 'LONG'],
  [['FLOAT', 'FLOAT'], 'FLOAT'],
  [['LONG', 'FLOAT'], 'DOUBLE'],
  [['LONG', 'DOUBLE', 'STRING'], 'STRING'],
  [['LONG', 'ARRAY<DOUBLE>'], 'ARRAY<DOUBLE>'],
  [['STRING', 'ARRAY<LONG>'], 'ARRAY<STRING>'],
  [['ARRAY<LONG>', JSON_TYPE, 'STRING'], JSON_TYPE],
  [['COMPLEX<hyperUnique>', 'LONG'], 'COMPLEX<hyperUnique>'],
  [['LONG', 'COMPLEX<hyperUnique>'], 'LONG'],
])('%j are read as %s', (types, type) => {
  expect(leastRestrictive(types as [ValueType])).toBe(type);
});

test('how segments are ordered does not matter to what they are read as', () => {
  const some = fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(some, (types) => {
      const all = types as [ValueType];
      const type = leastRestrictive(all);
      expect(leastRestrictive(types.toReversed() as [ValueType])).toBe(type);
      expect(leastRestrictive([type, ...all])).toBe(type);
    }),
  );
});
