import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError } from '../../core/index.js';
import { Variance } from './variance.js';

const varianceOf = (numbers: readonly number[]): Variance => {
  const variance = new Variance();
  for (const x of numbers) variance.add(x);
  return variance;
};

/** n times the deviations, in integers: exact. */
function naiveDeviations(numbers: readonly number[]): number {
  const n = BigInt(numbers.length);
  const sum = numbers.reduce((all, x) => all + BigInt(x), 0n);
  const scaled = numbers.reduce((all, x) => all + (n * BigInt(x) - sum) ** 2n, 0n);
  // The root of the largest loses nothing that the tolerance would see.
  return Number(scaled) / Number(n * n);
}

/** The relative error that the paper allows, times a few. */
function tolerance(numbers: readonly number[]): number {
  const n = numbers.length;
  const mean = numbers.reduce((all, x) => all + x, 0) / n;
  const kappa = Math.sqrt(1 + (n * mean * mean) / Math.max(naiveDeviations(numbers), 1));
  return 8 * n * kappa * 2 ** -53;
}

const expectClose = (variance: Variance, numbers: readonly number[]): void => {
  const wanted = naiveDeviations(numbers);
  const allowed = tolerance(numbers) * Math.max(wanted, 1);
  expect(Math.abs(variance.deviations - wanted)).toBeLessThanOrEqual(allowed);
  expect(variance.count).toBe(numbers.length);
};

/** Small differences of large numbers, where the textbook formula is lost. */
const numbers = fc
  .tuple(
    fc.integer({ min: -1e12, max: 1e12 }),
    fc.array(fc.integer({ min: -1e4, max: 1e4 }), { minLength: 1, maxLength: 60 }),
  )
  .map(([offset, list]) => list.map((x) => offset + x));

describe('laws', () => {
  test('close to the exact deviations, added one by one and merged in any grouping', () => {
    fc.assert(
      fc.property(numbers, fc.array(fc.nat(60), { maxLength: 5 }), (list, cuts) => {
        expectClose(varianceOf(list), list);
        const ends = [...cuts, list.length].map((cut) => Math.min(cut, list.length)).sort(byNumber);
        const parts = ends.map((end, i) => varianceOf(list.slice(ends[i - 1] ?? 0, end)));
        const left = parts.reduce((into, from) => merged(into, from), new Variance());
        const right = parts.reduceRight((into, from) => merged(into, from), new Variance());
        expectClose(left, list);
        expectClose(right, list);
      }),
    );
  });

  test('two parts merged either way are the same bytes, and the one merged stays as it is', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const from = varianceOf(b);
        const before = from.toBytes();
        expect(merged(varianceOf(a), from).toBytes()).toEqual(
          merged(varianceOf(b), varianceOf(a)).toBytes(),
        );
        expect(from.toBytes()).toEqual(before);
        expect(Variance.ofBytes(before).toBytes()).toEqual(before);
      }),
    );
  });
});

const byNumber = (a: number, b: number): number => a - b;

function merged(into: Variance, from: Variance): Variance {
  into.merge(from);
  return into;
}

test.each([
  [[], null, null],
  [[7], 0, 0],
  [[1, 2, 3, 4], 1.25, 5 / 3],
  [[1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], 22.5, 30],
  [[1, Number.NaN], Number.NaN, Number.NaN],
  [[Number.POSITIVE_INFINITY], Number.NaN, Number.NaN],
])('of %j', (list, population, sample) => {
  const variance = varianceOf(list);
  expect(variance.value('population')).toBe(population);
  expect(variance.value('sample')).toBe(sample);
});

test('the bytes are those of Druid', () => {
  const hex = (variance: Variance) => Buffer.from(variance.toBytes()).toString('hex');
  expect(hex(varianceOf([1, 2, 3]))).toBe('000000000000000340180000000000004000000000000000');
  expect(hex(new Variance())).toBe('0'.repeat(48));
});

test.each([
  ['', /0 bytes/],
  ['00'.repeat(25), /25 bytes/],
  [`ff${'00'.repeat(23)}`, /count -/],
  [`00ff${'00'.repeat(22)}`, /count/],
  [`${'00'.repeat(7)}01${'00'.repeat(8)}bff0000000000000`, /deviations -1/],
  [`${'00'.repeat(8)}3ff0000000000000${'00'.repeat(8)}`, /of nothing/],
])('damaged: %s', (hex, says) => {
  const read = () => Variance.ofBytes(Buffer.from(hex, 'hex'));
  expect(read).toThrow(CorruptSketchError);
  expect(read).toThrow(says);
});
