import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError } from '../../core/index.js';
import { FixedBucketsHistogram, type FixedBucketsShape, OUTLIER_MODES } from './fixed-buckets.js';
import { fixedBucketsImage, readFixedBucketsImage } from './fixed-buckets-image.js';

type Numbers = readonly (number | null)[];

function histogramOf(shape: FixedBucketsShape, numbers: Numbers): FixedBucketsHistogram {
  const histogram = new FixedBucketsHistogram(shape);
  for (const x of numbers) {
    if (x === null) histogram.addMissing();
    else histogram.add(x);
  }
  return histogram;
}

/** By comparing every number with every bucket. */
function naive(shape: FixedBucketsShape, numbers: Numbers) {
  const { lowerLimit, upperLimit, numBuckets, outlierMode } = shape;
  const width = (upperLimit - lowerLimit) / numBuckets;
  const there = numbers.filter((x) => x !== null);
  const clipped = there.map((x) => Math.max(lowerLimit, Math.min(upperLimit, x)));
  const kept =
    outlierMode === 'clip' ? clipped : there.filter((x) => x >= lowerLimit && x <= upperLimit);
  const isCounted = outlierMode === 'overflow';
  return {
    buckets: Array.from({ length: numBuckets }, (_, i) => {
      const [from, to] = [lowerLimit + i * width, lowerLimit + (i + 1) * width];
      const isLast = i === numBuckets - 1;
      return kept.filter((x) => x >= from && (x < to || isLast)).length;
    }),
    count: kept.length,
    lowerOutliers: isCounted ? there.filter((x) => x < lowerLimit).length : 0,
    upperOutliers: isCounted ? there.filter((x) => x > upperLimit).length : 0,
    missing: numbers.length - there.length,
  };
}

const seen = ({ buckets, ...others }: FixedBucketsHistogram) => {
  const { count, lowerOutliers, upperOutliers, missing } = others;
  return { buckets: [...buckets], count, lowerOutliers, upperOutliers, missing };
};

const mode = fc.constantFrom(...OUTLIER_MODES);
/** Of a width that is a power of 2, so that buckets begin where the oracle says. */
const shape: fc.Arbitrary<FixedBucketsShape> = fc
  .record({
    from: fc.integer({ min: -8, max: 8 }),
    numBuckets: fc.integer({ min: 1, max: 40 }),
    mode,
  })
  .map(({ from, numBuckets, mode: outlierMode }) => ({
    lowerLimit: from,
    upperLimit: from + numBuckets / 4,
    numBuckets,
    outlierMode,
  }));
const numbers = fc.array(
  fc.option(
    fc.integer({ min: -100, max: 200 }).map((x) => x / 8),
    { nil: null },
  ),
  { maxLength: 40 },
);

describe('laws', () => {
  test('counts as the oracle does', () => {
    fc.assert(
      fc.property(shape, numbers, (of, list) => {
        expect(seen(histogramOf(of, list))).toEqual(naive(of, list));
      }),
    );
  });

  test('parts merged in any order are the bytes of the whole; bytes read back are the same', () => {
    fc.assert(
      fc.property(shape, fc.array(numbers, { maxLength: 5 }), (of, lists) => {
        const whole = fixedBucketsImage(histogramOf(of, lists.flat()));
        const forward = new FixedBucketsHistogram(of);
        const backward = new FixedBucketsHistogram(of);
        const parts = lists.map((list) => histogramOf(of, list));
        for (const part of parts) forward.merge(readFixedBucketsImage(fixedBucketsImage(part)));
        for (const part of parts.toReversed()) backward.merge(part);
        expect(fixedBucketsImage(forward)).toEqual(whole);
        expect(fixedBucketsImage(backward)).toEqual(whole);
        expect(fixedBucketsImage(readFixedBucketsImage(whole))).toEqual(whole);
      }),
    );
  });

  test('buckets cut anew lose nothing', () => {
    fc.assert(
      fc.property(shape, shape, numbers, (into, from, list) => {
        const other = histogramOf({ ...from, outlierMode: 'overflow' }, list);
        const merged = new FixedBucketsHistogram({ ...into, outlierMode: 'overflow' });
        merged.merge(other);
        const total = (h: FixedBucketsHistogram) => h.count + h.lowerOutliers + h.upperOutliers;
        expect(total(merged)).toBe(total(other));
        expect(merged.buckets.reduce((sum, n) => sum + n, 0)).toBe(merged.count);
        expect(merged.buckets.every((n) => n >= 0)).toBe(true);
      }),
    );
  });

  test('a quantile is off by a bucket at most', () => {
    const inside = fc.array(fc.double({ min: 0, max: 9.99, noNaN: true }), { minLength: 1 });
    const of = { lowerLimit: 0, upperLimit: 10, numBuckets: 20, outlierMode: 'ignore' } as const;
    fc.assert(
      fc.property(inside, fc.double({ min: 0.01, max: 1, noNaN: true }), (list, fraction) => {
        const sorted = [...list].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(fraction * sorted.length) - 1]!;
        expect(Math.abs(histogramOf(of, list).quantile(fraction) - exact)).toBeLessThanOrEqual(
          0.5 + 1e-9,
        );
      }),
    );
  });
});

test('quantiles', () => {
  const of = { lowerLimit: 0, upperLimit: 10, numBuckets: 5, outlierMode: 'ignore' } as const;
  // Buckets of 0, 1, 2, 4, 0.
  const histogram = histogramOf(of, [2, 4, 4, 6, 6, 7, 7]);
  expect(histogram.quantile(0.75)).toBe(7.125);
  expect(histogram.quantile(1)).toBe(8);
  expect(histogram.quantile(0)).toBe(2);
  expect(new FixedBucketsHistogram(of).quantile(0.5)).toBe(0);
});

describe('damage', () => {
  const of = { lowerLimit: 0, upperLimit: 1, numBuckets: 9, outlierMode: 'clip' } as const;
  const sparse = fixedBucketsImage(histogramOf(of, [0.5, null, 7]));
  const full = fixedBucketsImage(
    histogramOf(of, [0, 0.12, 0.23, 0.34, 0.45, 0.56, 0.67, 0.78, 0.89]),
  );
  const patched = (bytes: Uint8Array, at: number, value: number) => {
    const copy = bytes.slice();
    copy[at] = value;
    return copy;
  };

  test.each([
    [new Uint8Array(), /0 bytes/],
    [patched(sparse, 0, 2), /version 2/],
    [patched(sparse, 1, 3), /form 3/],
    [patched(sparse, 22, 3), /mode 3/],
    [patched(sparse, 18, 0x7f), /buckets from 0 to 1/],
    [patched(sparse, 30, 9), /a count of 9/],
    [patched(sparse, 47, 0xff), /a count of -/],
    [patched(sparse, 78, 9), /bucket/],
    [patched(sparse, 74, 200), /want 2475/],
    [patched(full, 1, 2), /bytes, want/],
    [patched(full, 78, 2), /a count of 9, buckets of 10/],
    [patched(full, 63, 0x7f), /numbers from/],
  ])('%#', (bytes, says) => {
    expect(() => readFixedBucketsImage(bytes)).toThrow(CorruptSketchError);
    expect(() => readFixedBucketsImage(bytes)).toThrow(says);
  });
});
