import { expect, test } from 'vitest';
import { BUCKET_COUNT, bucketEnd, bucketOf, bucketStart } from './spectator-buckets.js';
import { SpectatorHistogram } from './spectator-histogram.js';
import { readSpectatorImage, spectatorImage } from './spectator-image.js';

/** The first ends, and some others, as Druid's manual lists them. */
const FIRST = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 21, 26, 31, 36, 41, 46, 51, 56, 64, 85],
  ...[106, 127, 148, 169, 190, 211, 232, 256, 341, 426, 511, 596, 681, 766, 851, 936, 1024, 1365],
];

test('buckets end where they should', () => {
  expect(BUCKET_COUNT).toBe(276);
  expect(FIRST.map((_, i) => bucketEnd(i))).toEqual(FIRST);
  const listed = [1_048_576, 4_294_967_296, 22_906_492_245, 6_004_799_503_160_661, 2 ** 63];
  for (const end of listed) {
    const bucket = bucketOf(end - 1);
    if (end < 2 ** 53) expect(bucketEnd(bucket)).toBe(end);
  }
  expect(bucketEnd(275)).toBe(2 ** 63);
  for (let bucket = 1; bucket < BUCKET_COUNT; bucket++) {
    expect(bucketStart(bucket)).toBe(bucketEnd(bucket - 1));
    expect(bucketOf(bucketStart(bucket))).toBe(bucket);
  }
});

test.each([
  [Number.NEGATIVE_INFINITY, 0],
  [-5, 0],
  [0.9, 0],
  [1, 1],
  [14, 14],
  [15.9, 14],
  [40, 19],
  [100, 25],
  [Number.POSITIVE_INFINITY, 275],
])('%d is in bucket %d', (number, bucket) => {
  const histogram = new SpectatorHistogram();
  histogram.add(number);
  expect(histogram.buckets()).toEqual([[bucket, 1]]);
});

/** What Druid's extension says in its comments that it writes of 10, 30, 40 three times, 50 twice, 100 256 times. */
const IMAGE = [64, 25, 1, 0, 6, 10, 6, 17, 14, 19, 10, 21];

test('bytes are those of Druid, but for the order of buckets', () => {
  const histogram = new SpectatorHistogram();
  for (const number of [10, 30, 40, 40, 40, 50, 50]) histogram.add(number);
  for (let i = 0; i < 256; i++) histogram.add(100);
  const read = readSpectatorImage(Uint8Array.from(IMAGE));
  expect(read.buckets()).toEqual(histogram.buckets());
  expect([...spectatorImage(read)]).toEqual([...IMAGE.slice(4), ...IMAGE.slice(0, 4)]);
});

test.each([1, 63, 64, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1])(
  'a count of %d is read as it was written',
  (count) => {
    const histogram = new SpectatorHistogram();
    histogram.addTo(275, count);
    const read = readSpectatorImage(spectatorImage(histogram));
    expect(read.buckets()).toEqual([[275, count]]);
  },
);

test('percentiles of no numbers, of one, and of those that lie evenly', () => {
  const histogram = new SpectatorHistogram();
  expect(histogram.percentiles([0, 50])).toEqual([Number.NaN, Number.NaN]);
  histogram.add(100);
  expect(histogram.percentiles([0, 50, 100])).toEqual([85, 95.5, 106]);
  const even = new SpectatorHistogram();
  for (let i = 0; i < 100_000; i++) even.add(i);
  // In any order.
  for (const percentile of [99, 1, 50, 25]) {
    const [found] = even.percentiles([percentile]);
    expect(Math.abs(found! / (1000 * percentile) - 1)).toBeLessThan(0.1);
  }
});
