import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBy, compareValues, ORDERINGS } from './ordering.js';
import type { Value } from './types.js';

const sorted = (compare: (a: Value, b: Value) => number, values: Value[]) =>
  [...values].sort(compare);

describe('compareBy', () => {
  test.each([
    { order: 'lexicographic', ascending: [null, '', '10', '9', 'a', '\uffff', '😀'] },
    { order: 'numeric', ascending: [null, '', 'abc', '-1.5', '-1', '0.5', '2', '10', '1e3'] },
    {
      order: 'alphanumeric',
      ascending: [null, '', '1', '01', '2', '10', 'a', 'a1', 'a01', 'a10', 'B', 'b1c', 'b2'],
    },
    { order: 'strlen', ascending: [null, '', 'b', 'aa', 'ab', 'aaa'] },
    {
      order: 'version',
      ascending: [
        null,
        '1.0-alpha-1',
        '1.0-beta',
        '1.0-rc1',
        '1.0.0-SNAPSHOT',
        '1.0.0',
        '1.0-sp',
        '1.0.1',
        '1.2',
        '9.0',
        '10.0',
      ],
    },
    { order: 'natural', ascending: [null, '', 'a', 'b'] },
  ] as const)('$order', ({ order, ascending }) => {
    const compare = compareBy(order);
    expect(sorted(compare, [...ascending].reverse())).toEqual(ascending);
    for (const [i, value] of ascending.entries()) {
      expect(compare(value, value)).toBe(0);
      for (const later of ascending.slice(i + 1)) expect(compare(value, later)).toBeLessThan(0);
    }
  });

  test('equal in their order', () => {
    expect(compareBy('version')('1', '1.0.0')).toBe(0);
    expect(compareBy('version')('1.0-ga', '1.0')).toBe(0);
    expect(compareBy('version')('1.0a1', '1.0-alpha-1')).toBe(0);
    expect(compareBy('version')('1-cr2', '1-rc2')).toBe(0);
    expect(compareBy('numeric')('1.0', '1')).toBe(0);
    expect(compareBy('numeric')('9007199254740993', '9007199254740992')).toBeGreaterThan(0);
    expect(compareBy('alphanumeric')('A1', 'a1')).toBe(0);
  });

  test('numbers compare as text unless the order is numeric or natural', () => {
    expect(sorted(compareBy('lexicographic', 'LONG'), [9, 10])).toEqual([10, 9]);
    expect(sorted(compareBy('numeric', 'LONG'), [10, 9])).toEqual([9, 10]);
    expect(compareBy('lexicographic', 'DOUBLE')(5, '5.0')).toBe(0);
  });

  test('every order is total: antisymmetric and transitive', () => {
    const unit = fc.constantFrom('0', '1', '9', 'a', 'A', 'b', '.', '-', 'z', '😀');
    const text = fc.option(fc.string({ unit, maxLength: 6 }), { nil: null });
    const numbers = fc
      .array(fc.nat(12), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.'));
    const qualifier = fc.constantFrom('', '-alpha-1', '-rc1', '-SNAPSHOT', '-sp', '-final');
    // Maven's rules are not transitive for texts that are no versions, such as '', 'A' and '0a0'.
    const version = fc.tuple(numbers, qualifier).map((parts) => parts.join(''));
    const ordered = fc.constantFrom(...ORDERINGS).chain((order) => {
      const value = order === 'version' ? version : text;
      return fc.tuple(fc.constant(order), value, value, value);
    });
    fc.assert(
      fc.property(ordered, ([order, a, b, c]) => {
        const compare = compareBy(order);
        expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});

test('compareValues: nulls first, NaN last, exact between doubles and 64-bit integers', () => {
  expect(
    sorted(compareValues('DOUBLE'), [Number.NaN, 1, null, Number.POSITIVE_INFINITY, -1]),
  ).toEqual([null, -1, 1, Number.POSITIVE_INFINITY, Number.NaN]);
  const long = compareValues('LONG');
  expect(long(9007199254740993n, 9007199254740994n)).toBe(-1);
  expect(long(-9007199254740993n, 5)).toBe(-1);
  expect(long(0, -0)).toBe(0);
});

test('compareValues: arrays element by element, null elements and shorter lists first', () => {
  const ascending: Value[] = [null, [], [null], [null, 1], [1], [1, null], [1, 2], [2]];
  expect(sorted(compareValues('ARRAY<LONG>'), [...ascending].reverse())).toEqual(ascending);
});
