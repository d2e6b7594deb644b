import { expect, test } from 'vitest';
import { difference, long, type Rows } from './answers.js';

const EXACT = { ordered: true, approximate: [] };

interface Case {
  readonly name: string;
  readonly expected: Rows;
  readonly got: Rows;
  readonly ordered?: boolean;
  readonly approximate?: readonly number[];
  readonly isRange?: boolean;
  readonly says: string | null;
}

const CASES: readonly Case[] = [
  { name: 'nothing', expected: [], got: [], says: null },
  { name: 'equal', expected: [['a', 1, null]], got: [['a', 1, null]], says: null },
  { name: 'the last digits of a double', expected: [[0.3]], got: [[0.1 + 0.2]], says: null },
  {
    name: 'more than the last digits',
    expected: [[1.5]],
    got: [[1.50000001]],
    says: 'row 0: expected [1.5], got [1.50000001]',
  },
  {
    name: 'whole numbers one apart',
    expected: [[5_000_000_000]],
    got: [[5_000_000_001]],
    says: 'row 0: expected [5000000000], got [5000000001]',
  },
  {
    name: 'longs one apart',
    expected: [[2n ** 60n]],
    got: [[2n ** 60n + 1n]],
    says: 'row 0: expected ["1152921504606846976"], got ["1152921504606846977"]',
  },
  {
    name: 'null is not zero',
    expected: [[0]],
    got: [[null]],
    says: 'row 0: expected [0], got [null]',
  },
  {
    name: 'a number is not its text',
    expected: [[1]],
    got: [['1']],
    says: 'row 0: expected [1], got ["1"]',
  },
  {
    name: 'the order counts',
    expected: [['a'], ['b']],
    got: [['b'], ['a']],
    says: 'row 0: expected ["a"], got ["b"]',
  },
  {
    name: 'no order was asked for',
    expected: [['a'], ['b']],
    got: [['b'], ['a']],
    ordered: false,
    says: null,
  },
  {
    name: 'a row too few',
    expected: [['a'], ['b']],
    got: [['a']],
    says: 'row 1: expected ["b"], got no row',
  },
  {
    name: 'a row too many',
    expected: [['a']],
    got: [['a'], ['b']],
    says: 'row 1: expected 1 rows, got 2; the next is ["b"]',
  },
  { name: 'an estimate', expected: [[1000]], got: [[1040]], approximate: [0], says: null },
  {
    name: 'an estimate that is far off',
    expected: [[1000]],
    got: [[1060]],
    approximate: [0],
    says: 'row 0: expected [1000], got [1060]',
  },
  {
    name: 'within its range, at its ends too',
    expected: [['a', 10, 20, 1.5, 1.5]],
    got: [['a', 20, 1.5]],
    approximate: [1, 2],
    isRange: true,
    says: null,
  },
  {
    name: 'below its range',
    expected: [['a', 10, 20]],
    got: [['a', 9.5]],
    approximate: [1],
    isRange: true,
    says: 'row 0: expected ["a",10,20], got ["a",9.5]',
  },
  {
    name: 'above the range of the second',
    expected: [['a', 10, 20, 30, 40]],
    got: [['a', 15, 41]],
    approximate: [1, 2],
    isRange: true,
    says: 'row 0: expected ["a",10,20,30,40], got ["a",15,41]',
  },
  {
    name: 'another key beside a range',
    expected: [['a', 10, 20]],
    got: [['b', 15]],
    approximate: [1],
    isRange: true,
    says: 'row 0: expected ["a",10,20], got ["b",15]',
  },
  {
    name: 'null in a range',
    expected: [['a', 10, 20]],
    got: [['a', null]],
    approximate: [1],
    isRange: true,
    says: 'row 0: expected ["a",10,20], got ["a",null]',
  },
  {
    name: 'no row where a range is expected',
    expected: [['a', 10, 20]],
    got: [],
    approximate: [1],
    isRange: true,
    says: 'row 0: expected ["a",10,20], got no row',
  },
];

test.each(CASES)('$name', ({ expected, got, ordered = true, approximate = [], isRange, says }) => {
  expect(difference(expected, got, { ...EXACT, ordered, approximate, isRange })).toBe(says);
});

test('longs are numbers where these are exact', () => {
  expect([long(42n), long(-(2n ** 53n) + 1n), long(2n ** 53n)]).toEqual([
    42,
    -(2 ** 53) + 1,
    2n ** 53n,
  ]);
});
