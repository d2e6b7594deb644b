import { expect, test } from 'vitest';
import { geometricMean, meanPerGroup, median } from './statistics.js';

test('the median is the middle value, whatever the order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([])).toBeNaN();
});

test('twice as fast and half as fast make one', () => {
  expect(geometricMean([2, 0.5])).toBeCloseTo(1, 12);
  expect(geometricMean([8])).toBeCloseTo(8, 12);
  expect(geometricMean([])).toBeNaN();
});

test('a member of two groups counts in both', () => {
  const items = [
    { tags: ['a', 'b'], ratio: 4 },
    { tags: ['a'], ratio: 1 },
  ];
  const means = meanPerGroup(
    items,
    ({ tags }) => tags,
    ({ ratio }) => ratio,
  );
  expect(means.get('a')?.mean).toBeCloseTo(2, 12);
  expect(means.get('a')?.count).toBe(2);
  expect(means.get('b')?.mean).toBeCloseTo(4, 12);
});
