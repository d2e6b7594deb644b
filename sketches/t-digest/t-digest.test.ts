import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, SeededRandom } from '../../core/index.js';
import { TDigest } from './t-digest.js';
import { readTDigestImage, tDigestImage } from './t-digest-image.js';

const digestOf = (numbers: Iterable<number>, compression = 100): TDigest => {
  const digest = new TDigest(compression);
  for (const x of numbers) digest.add(x);
  return digest;
};

/** How far the fraction of numbers below an answer is from what was asked; 0 where equal numbers span it. */
function rankError(sorted: readonly number[], answer: number, fraction: number): number {
  const below = sorted.filter((x) => x < answer).length / sorted.length;
  const upTo = sorted.filter((x) => x <= answer).length / sorted.length;
  return Math.max(0, below - fraction, fraction - upTo);
}

/** The most that a centroid about here may hold, and a number for what lies between two. */
const bound = (fraction: number, compression: number, count: number): number => {
  const end = Math.min(1, Math.max(fraction, 1 - fraction) + Math.PI / compression);
  const widest = Math.sqrt(Math.max(fraction * (1 - fraction), end * (1 - end)));
  return (2 * Math.PI * widest) / compression + (Math.PI / compression) ** 2 + 1 / count;
};

const numbers = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { maxLength: 400 });
const compression = fc.constantFrom(10, 20, 100);
const FRACTIONS = [0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1];

describe('laws', () => {
  test('at most δ + 2 centroids in order, of the weight of all numbers', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 5 }), compression, (lists, of) => {
        const merged = new TDigest(of);
        for (const list of lists) merged.merge(digestOf(list, of));
        const all = lists.flat();
        for (const digest of [merged, digestOf(all, of)]) {
          const { means, weights } = digest.centroids();
          expect(means.length).toBeLessThanOrEqual(of + 2);
          expect(means).toEqual(means.slice().sort());
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(all.length);
          expect(digest.count).toBe(all.length);
          expect([digest.min, digest.max]).toEqual([Math.min(...all), Math.max(...all)]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('numbers that come in order have ranks within the bound', () => {
    fc.assert(
      fc.property(numbers, compression, (list, of) => {
        if (list.length === 0) return;
        const sorted = [...list].sort((a, b) => a - b);
        const digest = digestOf(sorted, of);
        for (const fraction of FRACTIONS) {
          const error = rankError(sorted, digest.quantile(fraction), fraction);
          expect(error).toBeLessThanOrEqual(bound(fraction, of, list.length));
        }
      }),
      { numRuns: 60 },
    );
  });
});

test.each([1, 2, 3])('seed %d: numbers in any order, in parts, within the bound', (seed) => {
  const random = new SeededRandom(seed);
  const list = Array.from({ length: 20_000 }, () => Math.log(1 + random.nextUint32()));
  const parts = Array.from({ length: 16 }, (_, i) => list.filter((_, j) => j % 16 === i));
  const merged = new TDigest(100);
  for (const part of parts) merged.merge(digestOf(part));
  const sorted = [...list].sort((a, b) => a - b);
  for (const digest of [digestOf(list), merged]) {
    for (const fraction of FRACTIONS) {
      const error = rankError(sorted, digest.quantile(fraction), fraction);
      expect(error).toBeLessThanOrEqual(bound(fraction, 100, list.length));
    }
  }
});

test('few numbers', () => {
  const digest = digestOf([3, 1, 2, Number.NaN, Number.POSITIVE_INFINITY]);
  expect([0, 0.5, 1].map((fraction) => digest.quantile(fraction))).toEqual([1, 2, 3]);
  expect(new TDigest(100).quantile(0.5)).toBe(Number.NaN);
  expect(digestOf([7]).quantile(0.3)).toBe(7);
});

describe('bytes', () => {
  const hex = (digest: TDigest) => Buffer.from(tDigestImage(digest)).toString('hex');
  const read = (text: string) => readTDigestImage(Buffer.from(text, 'hex'));
  const one = '3ff0000000000000';
  const two = '4000000000000000';
  const verbose = `00000001${one}${two}405900000000000000000002${one}${one}${one}${two}`;
  const small = `00000002${one}${two}42c80000${'00d2'}${'01f4'}${'0002'}${'3f800000'.repeat(3)}40000000`;

  test('forms', () => {
    expect(hex(digestOf([2, 1]))).toBe(verbose);
    expect(hex(read(small))).toBe(verbose);
    expect(hex(new TDigest(100))).toBe(
      `000000017ff0000000000000fff0000000000000405900000000000000000000`,
    );
  });

  test.each([
    ['', /0 bytes/],
    [verbose.replace('00000001', '00000003'), /form 3/],
    [verbose.slice(0, 62), /31 bytes cut/],
    [verbose.slice(0, -2), /63 bytes of 2/],
    [verbose.replace('00000002', '7fffffff'), /of 2147483647/],
    [verbose.replace('00000002', 'ffffffff'), /of -1/],
    [verbose.replace('4059', '4019'), /compression 6/],
    [verbose.replace('4059', 'fff9'), /compression NaN/],
    [`${verbose.slice(0, 64)}${'0'.repeat(16)}${verbose.slice(80)}`, /a weight of 0/],
    [`${verbose.slice(0, 64)}7fe0${'0'.repeat(12)}${verbose.slice(80)}`, /a weight of 8/],
    [`${verbose.slice(0, -16)}${'7ff8'}${'0'.repeat(12)}`, /mean NaN/],
    [`${verbose.slice(0, -32)}${two}${one}`, /mean 1 is out of order/],
    [small.slice(0, -2), /of 2 centroids/],
  ])('damaged: %s', (text, says) => {
    expect(() => read(text)).toThrow(CorruptSketchError);
    expect(() => read(text)).toThrow(says);
  });
});
