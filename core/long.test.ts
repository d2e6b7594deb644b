import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  doubleToLong,
  LONG_MAX,
  LONG_MIN,
  type Long,
  longAdd,
  longCompare,
  longMultiply,
  longSubtract,
  parseLong,
  toLong,
} from './long.js';

/** Longs of every size, and those where safe integers and 64 bits end. */
const long = fc.oneof(
  fc.bigInt({ min: LONG_MIN, max: LONG_MAX }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.constantFrom(LONG_MIN, LONG_MAX, 2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), 1n - 2n ** 53n),
);

function expectCanonical(value: Long, expected: bigint): void {
  const wrapped = BigInt.asIntN(64, expected);
  expect(BigInt(value)).toBe(wrapped);
  const safe = wrapped > -(2n ** 53n) && wrapped < 2n ** 53n;
  expect(typeof value).toBe(safe ? 'number' : 'bigint');
  expect(Object.is(value, -0)).toBe(false);
}

test('arithmetic wraps at 64 bits and is canonical', () => {
  fc.assert(
    fc.property(long, long, (a, b) => {
      const [x, y] = [toLong(a), toLong(b)];
      expectCanonical(x, a);
      expectCanonical(longAdd(x, y), a + b);
      expectCanonical(longSubtract(x, y), a - b);
      expectCanonical(longMultiply(x, y), a * b);
      expect(longCompare(x, y)).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
    { numRuns: 1000 },
  );
});

test('zero has one form', () => {
  expectCanonical(longMultiply(-5, 0), 0n);
  expectCanonical(longSubtract(0, 0), 0n);
  expectCanonical(doubleToLong(-0.5), 0n);
  expectCanonical(parseLong('-0')!, 0n);
});

test.each([
  [Number.NaN, 0],
  [1.9, 1],
  [-1.9, -1],
  [2 ** 53, 2n ** 53n],
  [-(2 ** 63), LONG_MIN],
  [2 ** 63, LONG_MAX],
  [Number.POSITIVE_INFINITY, LONG_MAX],
  [Number.NEGATIVE_INFINITY, LONG_MIN],
])('doubleToLong(%d) is %s', (value, expected) => {
  expect(doubleToLong(value)).toBe(expected);
});

test('parseLong reads what fits 64 bits and nothing else', () => {
  fc.assert(
    fc.property(long, (value) => {
      expectCanonical(parseLong(String(value))!, value);
      if (value >= 0n) expectCanonical(parseLong(`+00${value}`)!, value);
    }),
  );
  const refused = [
    '',
    '-',
    '+',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '0x1',
    '--1',
    String(LONG_MAX + 1n),
    String(LONG_MIN - 1n),
  ];
  for (const text of refused) expect(parseLong(text)).toBeNull();
});
