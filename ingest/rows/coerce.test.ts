import { expect, test } from 'vitest';
import { LONG_MAX } from '../../core/index.js';
import { toDoubleCell, toFloatCell, toLongCell, toMetricNumber, toTextCell } from './coerce.js';

const DATE = new Date(Date.UTC(2020, 0, 2, 3, 4, 5, 6));
const BEYOND = 2n ** 63n;

test.each<[unknown, unknown]>([
  ['a', 'a'],
  ['', ''],
  [null, null],
  [undefined, null],
  [5, '5'],
  [-0, '0'],
  [5.5, '5.5'],
  [1e17, '1.0E17'],
  [Number.NaN, 'NaN'],
  [9007199254740993n, '9007199254740993'],
  [true, 'true'],
  [false, 'false'],
  [DATE, '2020-01-02T03:04:05.006Z'],
  [new Date(Number.NaN), null],
  [Uint8Array.of(1, 2, 3), 'AQID'],
  [{ a: [1n], b: 'x' }, '{"a":[1],"b":"x"}'],
  [[], null],
  [['a'], 'a'],
  [[null], null],
  [
    ['b', 'a', null, 1, 1.5, true],
    ['b', 'a', null, '1', '1.5', 'true'],
  ],
  [
    [[1], { a: 1 }],
    ['[1]', '{"a":1}'],
  ],
])('text cell of %s is %s', (value, cell) => {
  expect(toTextCell(value, false)).toEqual(cell);
});

test('a number of type DOUBLE keeps its fraction as text', () => {
  expect(toTextCell(5, true)).toBe('5.0');
});

test.each<[unknown, unknown]>([
  [3.7, 3],
  [-3.7, -3],
  [-0, 0],
  [1e300, LONG_MAX],
  [5n, 5],
  [9007199254740993n, 9007199254740993n],
  [BEYOND, LONG_MAX],
  ['42', 42],
  ['-42', -42],
  ['9007199254740993', 9007199254740993n],
  ['42.0', 42],
  ['3.0', 3],
  ['1e3', 1000],
  ['3.7', undefined],
  ['4.2', undefined],
  ['1,234', undefined],
  ['x', undefined],
  ['', undefined],
  [true, 1],
  [false, 0],
  [DATE, DATE.getTime()],
  [[1], undefined],
  [{}, undefined],
  [null, null],
  [undefined, null],
])('long cell of %s is %s', (value, cell) => {
  expect(toLongCell(value)).toBe(cell);
});

test.each<[unknown, unknown]>([
  [1.5, 1.5],
  [2, 2],
  [5n, 5],
  ['1.5', 1.5],
  ['-1e3', -1000],
  ['.5', 0.5],
  ['NaN', Number.NaN],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['0x10', undefined],
  ['1,5', undefined],
  ['', undefined],
  [true, 1],
  [DATE, DATE.getTime()],
  [[1.5], undefined],
  [null, null],
])('double cell of %s is %s', (value, cell) => {
  expect(toDoubleCell(value)).toBe(cell);
});

test('a float cell is rounded to 32 bits', () => {
  expect(toFloatCell('0.1')).toBe(Math.fround(0.1));
  expect(toFloatCell('x')).toBe(undefined);
  expect(toFloatCell(null)).toBe(null);
});

test.each<[unknown, unknown]>([
  [1.5, 1.5],
  [5n, 5],
  ['1,234', 1234],
  [' +7 ', 7],
  ['1,234.5', 1234.5],
  ['9,007,199,254,740,993', 9007199254740993n],
  ['x', undefined],
  ['', undefined],
  [true, 1],
  [[1], undefined],
  [null, null],
])('metric number of %s is %s', (value, number) => {
  expect(toMetricNumber(value)).toBe(number);
});
