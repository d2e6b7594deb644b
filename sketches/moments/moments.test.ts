import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, SeededRandom } from '../../core/index.js';
import { chebyshevMoments } from './chebyshev-moments.js';
import { MaximumEntropy } from './maximum-entropy.js';
import { momentImage, readMomentImage } from './moment-image.js';
import { MomentSketch } from './moment-sketch.js';
import { mostMassAt } from './most-mass-testing.js';
import { solvePositive } from './solve-positive.js';

const sketchOf = (numbers: Iterable<number>, isCompressed = true, k = 13): MomentSketch => {
  const sketch = new MomentSketch(k, isCompressed);
  for (const x of numbers) sketch.add(x);
  return sketch;
};

const numbers = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { maxLength: 60 });
const moments = fc.integer({ min: 2, max: 15 });
const FRACTIONS = [0, 0.01, 0.1, 0.5, 0.9, 0.99, 1];

/** How far the fraction of numbers below an answer is from what was asked; 0 where equal numbers span it. */
function rankError(list: readonly number[], answer: number, fraction: number): number {
  const below = list.filter((x) => x < answer).length / list.length;
  const upTo = list.filter((x) => x <= answer).length / list.length;
  return Math.max(0, below - fraction, fraction - upTo);
}

describe('laws', () => {
  test('parts have the sums of the whole but for rounding, in any order', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 5 }), fc.boolean(), (lists, isCompressed) => {
        const whole = sketchOf(lists.flat(), isCompressed);
        for (const order of [lists, lists.toReversed()]) {
          const merged = new MomentSketch(13, isCompressed);
          for (const list of order) merged.merge(sketchOf(list, isCompressed));
          expect([merged.count, merged.min, merged.max]).toEqual([
            ...[whole.count, whole.min, whole.max],
          ]);
          for (const [i, sum] of merged.state().sums.entries()) {
            const size = sketchOf(lists.flat().map(Math.abs), isCompressed).state().sums[i]!;
            expect(Math.abs(sum - whole.state().sums[i]!)).toBeLessThanOrEqual(1e-13 * size);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('quantiles ascend from least to most', () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), moments, (list, isCompressed, k) => {
        fc.pre(list.length > 0);
        const sketch = sketchOf(list, isCompressed, k);
        const answers = sketch.quantiles(FRACTIONS);
        expect(answers).toEqual(answers.toSorted((a, b) => a - b));
        expect([answers[0], answers.at(-1)]).toEqual([sketch.min, sketch.max]);
      }),
      { numRuns: 60 },
    );
  });

  test('of numbers that are spread, quantiles are off by no more than the moments allow', () => {
    const spread = fc.array(fc.noBias(fc.integer({ min: -1000, max: 1000 })), { minLength: 20 });
    fc.assert(
      fc.property(spread, fc.boolean(), moments, (list, isCompressed, k) => {
        const sketch = sketchOf(list, isCompressed, k);
        for (const fraction of FRACTIONS.slice(1, -1)) {
          const [answer] = sketch.quantiles([fraction]);
          const error = rankError(list, answer!, fraction);
          expect(error).toBeLessThanOrEqual(mostMassAt(sketch, answer!));
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the paper: ranks off by 0.01 at most on average', () => {
  const random = new SeededRandom(1);
  const uniform = () => (random.nextUint32() + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const exponential = () => -Math.log(uniform());

  test.each<[name: string, next: () => number, isCompressed: boolean]>([
    ['uniform', () => 1000 * uniform(), true],
    ['uniform', uniform, false],
    ['normal', normal, true],
    ['normal', () => 100 + 10 * normal(), true],
    ['normal', () => 100 + 10 * normal(), false],
    ['exponential', exponential, true],
    ['exponential', exponential, false],
    ['lognormal', () => Math.exp(2 * normal()), true],
    ['Pareto', () => uniform() ** -0.8, true],
    ['two bells', () => (uniform() < 0.3 ? 5 + normal() : 20 + 3 * normal()), true],
    ['gamma', () => exponential() + exponential() + exponential(), false],
    ['far from 0', () => 1e6 + uniform(), true],
    ['with outliers', () => (uniform() < 0.001 ? 1e6 * uniform() : normal()), true],
  ])('%s', (_, next, isCompressed) => {
    const list = Array.from({ length: 5000 }, next);
    const parts = Array.from({ length: 8 }, (_, i) => list.filter((_, j) => j % 8 === i));
    const merged = new MomentSketch(13, isCompressed);
    for (const part of parts) merged.merge(sketchOf(part, isCompressed));
    const fractions = Array.from({ length: 21 }, (_, i) => 0.01 + 0.049 * i);
    const errors = merged
      .quantiles(fractions)
      .map((answer, i) => rankError(list, answer, fractions[i]!));
    expect(errors.reduce((sum, error) => sum + error, 0) / 21).toBeLessThanOrEqual(0.01);
  });
});

describe('few numbers', () => {
  test.each<[list: number[], isCompressed: boolean, expected: number[]]>([
    [[], true, [Number.NaN, Number.NaN, Number.NaN]],
    [[7, Number.NaN, Number.POSITIVE_INFINITY], false, [7, 7, 7]],
    [[1, 5, 5, 5], false, [1, 5, 5]],
    [[-2, -2, -2, 5], false, [-2, -2, -2]],
    // Rounding leaves one moment, or none.
    [[1e6, 1e6 + 1], false, [1e6 + 0.1, 1e6 + 0.5, 1e6 + 0.7]],
  ])('%j', (list, isCompressed, expected) => {
    expect(sketchOf(list, isCompressed).quantiles([0.1, 0.5, 0.7])).toEqual(expected);
  });

  test('where powers overflow, lower ones count', () => {
    const random = new SeededRandom(2);
    const list = Array.from({ length: 500 }, () => 1e60 * random.nextUint32());
    const [median] = sketchOf(list, false).quantiles([0.5]);
    expect(rankError(list, median!, 0.5)).toBeLessThan(0.05);
  });

  test('the largest doubles, compressed', () => {
    const { min, max } = sketchOf([Number.MAX_VALUE, -Number.MAX_VALUE]);
    expect(max / Number.MAX_VALUE).toBeCloseTo(1, 10);
    expect(min).toBe(-max);
  });
});

test('two forms: the empty one gives way, moments are the fewer', () => {
  const into = new MomentSketch(13, true);
  into.merge(sketchOf([1, 2, 3], false, 5));
  into.merge(new MomentSketch(3, true));
  expect([into.k, into.isCompressed, into.count, into.max]).toEqual([5, false, 3, 3]);
  into.merge(sketchOf([4], false, 13));
  expect(momentImage(into)).toEqual(momentImage(sketchOf([1, 2, 3, 4], false, 5)));
  expect(() => into.merge(sketchOf([1]))).toThrow(/compressed/);
});

test('moments of Chebyshev polynomials, by their angles', () => {
  const list = [2, 2.5, 3, 4.75, 6];
  const moments = chebyshevMoments(sketchOf(list, false).state().sums, 4, 2);
  expect(moments.length).toBeGreaterThan(8);
  for (const [j, moment] of moments.entries()) {
    const values = list.map((x) => Math.cos(j * Math.acos((x - 4) / 2)));
    expect(moment).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / list.length, 6);
  }
  expect(
    chebyshevMoments(sketchOf([1e9, 1e9 + 1], false).state().sums, 1e9 + 0.5, 0.5),
  ).toHaveLength(1);
});

test('no moments but the first: uniform', () => {
  const { order } = MaximumEntropy.of(Float64Array.of(1));
  expect(order).toBe(0);
  expect(MaximumEntropy.of(Float64Array.of(1)).quantile(0.25)).toBeCloseTo(-0.5, 12);
});

test('a positive definite system, and one that is none', () => {
  const rows = () => [Float64Array.of(4, 2), Float64Array.of(2, 3)];
  const x = solvePositive(rows(), Float64Array.of(10, 9))!;
  expect([...x].map((value) => value.toFixed(12))).toEqual(['1.500000000000', '2.000000000000']);
  const indefinite = [Float64Array.of(1, 2), Float64Array.of(2, 1)];
  expect(solvePositive(indefinite, Float64Array.of(1, 1))).toBeNull();
});

describe('bytes', () => {
  const read = (text: string) => readMomentImage(Buffer.from(text, 'hex'));
  const [one, two, three, five] = [
    '3ff0000000000000',
    '4000000000000000',
    '4008000000000000',
    '4014000000000000',
  ];
  const image = `0000000300000000${one}${two}${two}${three}${five}`;
  const none = `00000002000000017fefffffffffffffffefffffffffffff${'0'.repeat(32)}`;

  test('forms', () => {
    expect(Buffer.from(momentImage(sketchOf([2, 1], false, 3))).toString('hex')).toBe(image);
    expect(Buffer.from(momentImage(new MomentSketch(2, true))).toString('hex')).toBe(none);
    expect(read(none).min).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    ['', /0 bytes cut/],
    [image.slice(0, 46), /23 bytes cut/],
    [image.slice(0, -2), /47 bytes of 3 moments/],
    [`${image}00`, /49 bytes of 3 moments/],
    [image.replace('00000003', '00000001'), /1 moments/],
    [image.replace('00000003', '7fffffff'), /2147483647 moments/],
    [image.replace('00000003', 'ffffffff'), /-1 moments/],
    [image.replace('0000000300000000', '0000000300000002'), /compressed 2/],
    [image.replace(one, five), /from 5 to 2/],
    [image.replace(one, '7ff8000000000000'), /from NaN to 2/],
    [image.replace(two, '7ff0000000000000'), /from 1 to Infinity/],
    [image.replace(`${two}${three}`, `3fe0000000000000${three}`), /a count of 0.5/],
    [image.replace(`${two}${three}`, `${'0'.repeat(16)}${three}`), /sums of no numbers/],
  ])('damaged: %s', (text, says) => {
    expect(() => read(text)).toThrow(CorruptSketchError);
    expect(() => read(text)).toThrow(says);
  });

  test('of sums that are of no numbers, quantiles lie between least and most', () => {
    const random = new SeededRandom(3);
    const bytes = momentImage(sketchOf([1, 2, 2, 3, 5, 8, 9, 12]));
    for (let i = 0; i < 300; i++) {
      const damaged = bytes.slice();
      damaged[32 + (random.nextUint32() % (bytes.length - 32))] = random.nextUint32() & 255;
      const sketch = readMomentImage(damaged);
      for (const answer of sketch.quantiles(FRACTIONS)) {
        expect(answer).toBeGreaterThanOrEqual(sketch.min);
        expect(answer).toBeLessThanOrEqual(sketch.max);
      }
    }
  });
});
