import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError } from '../../core/index.js';
import { ApproximateHistogram, type Bin, NO_LIMITS } from './approximate-histogram.js';
import {
  approximateHistogramImage,
  readApproximateHistogramImage,
} from './approximate-histogram-image.js';
import {
  between,
  bucketsOfWidth,
  countUpTo,
  equalBuckets,
  histogramQuantile,
} from './approximate-histogram-query.js';

const histogramOf = (numbers: readonly number[], size = 5, limits = NO_LIMITS) => {
  const histogram = new ApproximateHistogram(size, limits);
  for (const x of numbers) histogram.add(x);
  return histogram;
};

const binsOf = (histogram: ApproximateHistogram): Bin[] =>
  Array.from({ length: histogram.binCount }, (_, i) => histogram.bin(i));

/** The paper's algorithm 1, on a list that is sorted after every step. */
function naive(numbers: readonly number[], size: number): Bin[] {
  let bins: Bin[] = [];
  for (const x of numbers) {
    const equal = bins.find(({ position }) => position === x);
    const others = bins.filter((bin) => bin !== equal);
    const { count, isExact } = equal ?? { count: 0, isExact: true };
    bins = [...others, { position: x, count: count + 1, isExact }];
    bins.sort((a, b) => a.position - b.position);
    if (bins.length > size) bins = joinClosest(bins);
  }
  return bins;
}

function joinClosest(bins: readonly Bin[]): Bin[] {
  const gaps = bins.slice(1).map(({ position }, i) => position - bins[i]!.position);
  const at = gaps.indexOf(Math.min(...gaps));
  const [a, b] = [bins[at]!, bins[at + 1]!];
  const count = a.count + b.count;
  const position = Math.fround((a.position * a.count + b.position * b.count) / count);
  return [...bins.slice(0, at), { position, count, isExact: false }, ...bins.slice(at + 2)];
}

const number = fc.integer({ min: -50, max: 50 });
const numbers = fc.array(number, { maxLength: 60 });
const size = fc.integer({ min: 1, max: 8 });

describe('laws', () => {
  test('bins as the paper has them', () => {
    fc.assert(
      fc.property(numbers, size, (list, of) => {
        expect(binsOf(histogramOf(list, of))).toEqual(naive(list, of));
      }),
    );
  });

  test('merged: no more bins, the same count and extremes, exact as long as there is room', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 4 }), size, (lists, of) => {
        const merged = new ApproximateHistogram(of);
        for (const list of lists) {
          const part = histogramOf(list, of);
          const before = approximateHistogramImage(part);
          merged.merge(part);
          expect(approximateHistogramImage(part)).toEqual(before);
        }
        const all = lists.flat();
        expect(merged.binCount).toBeLessThanOrEqual(of);
        expect(merged.count).toBe(all.length);
        expect(merged.min).toBe(Math.min(...all));
        expect(merged.max).toBe(Math.max(...all));
        if (new Set(all).size <= of) expect(binsOf(merged)).toEqual(naive(all, of));
        expect(countUpTo(merged, 51)).toBe(all.length);
      }),
    );
  });

  test('images read back are the same', () => {
    fc.assert(
      fc.property(numbers, fc.constantFrom(3, 8, 40_000), (list, of) => {
        const histogram = histogramOf(list, of);
        const again = readApproximateHistogramImage(approximateHistogramImage(histogram));
        expect(binsOf(again)).toEqual(binsOf(histogram));
        expect([again.size, again.min, again.max]).toEqual([of, histogram.min, histogram.max]);
      }),
    );
  });

  test('sums rise with x, and are exact between exact bins', () => {
    fc.assert(
      fc.property(numbers, size, number, (list, of, x) => {
        const histogram = histogramOf(list, of);
        expect(countUpTo(histogram, x)).toBeLessThanOrEqual(countUpTo(histogram, x + 0.5) + 1e-9);
        if (new Set(list).size <= of) {
          expect(countUpTo(histogram, x)).toBe(list.filter((y) => y <= x).length);
        }
      }),
    );
  });

  test('of even numbers, quantiles are about right', () => {
    const list = Array.from({ length: 5000 }, (_, i) => (i * 2_971) % 5000);
    const histogram = histogramOf(list, 50);
    for (const fraction of [0.05, 0.25, 0.5, 0.75, 0.95]) {
      expect(Math.abs(histogramQuantile(histogram, fraction) / 5000 - fraction)).toBeLessThan(0.03);
    }
  });
});

describe('the example of the paper', () => {
  // Appendix A of Ben-Haim and Tom-Tov: five bins.
  const histogram = histogramOf([23, 19, 10, 16, 36, 2, 9]);

  test('bins', () => {
    expect(binsOf(histogram).map(({ position, count }) => [position, count])).toEqual([
      [2, 1],
      [9.5, 2],
      [17.5, 2],
      [23, 1],
      [36, 1],
    ]);
    histogram.merge(histogramOf([32, 30, 45]));
    expect(binsOf(histogram).map(({ position, count }) => [position, count])).toEqual([
      [2, 1],
      [9.5, 2],
      [Math.fround(58 / 3), 3],
      [Math.fround(98 / 3), 3],
      [45, 1],
    ]);
  });

  test('sum and quantiles', () => {
    // 3.28 in the paper, where bins of one number have halves too.
    expect(countUpTo(histogram, 15)).toBeGreaterThan(3);
    expect(countUpTo(histogram, 15)).toBeLessThan(4.5);
    expect(histogramQuantile(histogram, 0.001)).toBe(2);
    expect(histogramQuantile(histogram, 0.999)).toBeLessThanOrEqual(45);
  });
});

test('limits put what is outside together', () => {
  const limits = { lowerLimit: 0, upperLimit: 10 };
  const histogram = histogramOf([-5, 1, -3, 2, 20, 3, 40], 20, limits);
  expect(binsOf(histogram).map(({ position, count }) => [position, count])).toEqual([
    [-4, 2],
    [1, 1],
    [2, 1],
    [3, 1],
    [30, 2],
  ]);
  expect([histogram.min, histogram.max]).toEqual([-5, 40]);
});

test('buckets', () => {
  const histogram = histogramOf([1, 1, 2, 7], 10);
  expect(equalBuckets(histogram, 4)).toEqual({ breaks: [-1, 1, 3, 5, 7], counts: [2, 1, 0, 1] });
  expect(bucketsOfWidth(histogram, 2, 0)).toEqual({
    breaks: [0, 2, 6, 8],
    counts: [3, 0, 1],
  });
  expect(between(histogram, [0, 1, 10])).toEqual({ breaks: [0, 1, 10], counts: [2, 2] });
  expect(bucketsOfWidth(histogram, 1e-9, 0)).toBe(null);
  const none = new ApproximateHistogram(5);
  expect(equalBuckets(none, 3)).toEqual({ breaks: [], counts: [] });
  expect(bucketsOfWidth(none, 1, 0)).toEqual({ breaks: [], counts: [] });
  expect(histogramQuantile(none, 0.5)).toBe(Number.NaN);
});

describe('bytes', () => {
  const hex = (histogram: ApproximateHistogram) =>
    Buffer.from(approximateHistogramImage(histogram)).toString('hex');
  const read = (text: string) => readApproximateHistogramImage(Buffer.from(text, 'hex'));

  test('forms', () => {
    expect(hex(new ApproximateHistogram(50))).toBe('ffce00');
    expect(hex(histogramOf([1, 2, 1], 50))).toBe('ffce033f8000003f80000040000000');
    expect(hex(histogramOf([1, 3], 1))).toBe(
      'ffff' + 'fe' + '4000000040000000' + '3f80000040400000' + '00',
    );
    const many = histogramOf(
      Array.from({ length: 9 }, () => 1),
      50,
    );
    expect(hex(many)).toBe('00000032ffffffff3f80000000000000000000093f8000003f800000');
    // Dense: positions and counts have room for all bins.
    const dense = read(
      `${'00000002'}${'00000001'}3f800000000000000000000000000003${'0'.repeat(16)}3f8000003f800000`,
    );
    expect(binsOf(dense)).toEqual([{ position: 1, count: 3, isExact: true }]);
  });

  test.each([
    ['', /0 bytes/],
    ['ffce', /2 bytes/],
    ['800000', /want 3|./],
    ['ffce013f80', /5 bytes, want 7/],
    ['ffce017fc00000', /a bin at NaN/],
    ['ffff023f80000040000000', /2 bins of 1/],
    ['fffffe4000000040000000', /cut mixed/],
    ['000000', /cut the header/],
    [`${'00000000'}${'0'.repeat(24)}`, /size 0/],
    [`00000001fffffffe${'0'.repeat(48)}`, /2 bins of 1/],
    [`00000032ffffffff3f80000000000000000000003f8000003f800000`, /a count of 0/],
    [`00000032ffffffff3f80000000000000000000093f8000003f000000`, /a bin at 1, outside/],
    [`00000032ffffffff3f800000ffffffffffffffff3f8000003f800000`, /a count of/],
  ])('damaged: %s', (text, says) => {
    if (text === '800000') return expect(read(text).size).toBe(32_768);
    expect(() => read(text)).toThrow(CorruptSketchError);
    expect(() => read(text)).toThrow(says);
  });
});
