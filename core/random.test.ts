import { expect, test } from 'vitest';
import { SeededRandom, systemRandom } from './random.js';

const take = (count: number, next: () => number) => Array.from({ length: count }, next);

test('a seed gives one sequence for ever', () => {
  const random = new SeededRandom(42);
  expect(take(4, () => random.nextUint32())).toMatchInlineSnapshot(`
    [
      2837322924,
      544945897,
      479756282,
      3500138142,
    ]
  `);
  const again = new SeededRandom(42);
  const other = new SeededRandom(43);
  expect(take(100, () => again.nextUint32())).not.toEqual(take(100, () => other.nextUint32()));
});

test('the generator is xoshiro128**, by its definition in BigInt', () => {
  const random = new SeededRandom(7);
  const low = (x: bigint) => BigInt.asUintN(32, x);
  const mix = (counter: bigint) => {
    const y = low((counter ^ (counter >> 16n)) * 0x85ebca6bn);
    const z = low((y ^ (y >> 13n)) * 0xc2b2ae35n);
    return z ^ (z >> 16n);
  };
  let s = [1n, 2n, 3n, 4n].map((i) => mix(low(7n + i * 0x9e3779b9n)));
  const rotate = (x: bigint, k: bigint) => low((x << k) | (x >> (32n - k)));
  for (let i = 0; i < 1000; i++) {
    const [s0, s1, s2, s3] = s as [bigint, bigint, bigint, bigint];
    expect(random.nextUint32()).toBe(Number(low(rotate(low(s1 * 5n), 7n) * 9n)));
    const [t2, t3] = [s2 ^ s0, s3 ^ s1];
    s = [s0 ^ t3, s1 ^ t2, t2 ^ low(s1 << 9n), rotate(t3, 11n)];
  }
});

test('the system gives unsigned words that differ', () => {
  const values = take(20, () => systemRandom.nextUint32());
  expect(new Set(values).size).toBeGreaterThan(15);
  expect(values.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32)).toBe(
    true,
  );
});
