import { expect, test } from 'vitest';
import { parseByteSize } from './byte-size.js';
import { UserError } from './errors.js';

test.each([
  [300, 300],
  ['300', 300],
  ['12b', 12],
  ['1g', 1e9],
  ['2KB', 2000],
  ['64KiB', 65_536],
  [' 10MiB ', 10 * 2 ** 20],
  ['3Ti', 3 * 2 ** 40],
  ['0', 0],
])('%j is %d bytes', (text, expected) => {
  expect(parseByteSize(text, 'maxBytes')).toBe(expected);
});

test.each(['', 'x', '-1', '1.5g', '1 g b', '1kk', '9999999999P', -1, 1.5, Number.NaN])(
  'refuses %j and names the field',
  (value) => {
    expect(() => parseByteSize(value, 'maxBytes')).toThrow(UserError);
    expect(() => parseByteSize(value, 'maxBytes')).toThrow(/^maxBytes: want .*; got/);
  },
);
