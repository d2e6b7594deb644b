import { expect, test } from 'vitest';
import { Chance } from './chance.js';

test('a key and a count give one sequence for ever', () => {
  const chance = new Chance(1);
  const words = Array.from({ length: 3 }, () => chance.nextUint32());
  expect(words).toMatchInlineSnapshot(`
    [
      1863002342,
      472821392,
      2779681324,
    ]
  `);
  const again = new Chance(...chance.state);
  expect(again.nextUint32()).toBe(chance.nextUint32());
});

test('what is stirred in changes all that follows', () => {
  const [a, b] = [new Chance(1), new Chance(1)];
  b.stir(7);
  const words = [a, b].map((chance) => Array.from({ length: 50 }, () => chance.nextUint32()));
  expect(new Set(words.flat()).size).toBe(100);
});

test('fractions are even, exponentials of mean 1', () => {
  const [chance, n] = [new Chance(3), 50_000];
  const tenths = new Array<number>(10).fill(0);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const fraction = chance.fraction();
    expect(fraction > 0 && fraction < 1).toBe(true);
    tenths[Math.floor(10 * fraction)]!++;
    sum += chance.exponential();
  }
  for (const count of tenths) expect(Math.abs(count - n / 10)).toBeLessThan(5 * Math.sqrt(n / 10));
  expect(Math.abs(sum / n - 1)).toBeLessThan(5 / Math.sqrt(n));
});
