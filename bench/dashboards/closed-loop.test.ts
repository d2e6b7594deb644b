import { expect, test } from 'vitest';
import { closedLoop, percentile } from './closed-loop.js';

test('every question is asked once, by one client at a time', async () => {
  const asked: number[] = [];
  const underWay = new Set<number>();
  const client = (name: number) => async (place: number) => {
    expect(underWay.has(name)).toBe(false);
    underWay.add(name);
    asked.push(place);
    await new Promise((resolve) => setTimeout(resolve, 1));
    underWay.delete(name);
  };
  const { requests, latencies } = await closedLoop([client(0), client(1)], {
    seconds: 0.05,
    start: 7,
  });
  expect(requests).toBe(asked.length);
  expect(latencies).toHaveLength(requests);
  expect(asked).toEqual(asked.map((_, i) => 7 + i));
});

test('percentiles are values that were seen', () => {
  const values = Array.from({ length: 200 }, (_, i) => i + 1);
  expect(percentile(values, 0.5)).toBe(100);
  expect(percentile(values, 0.99)).toBe(198);
  expect(percentile([3], 0.99)).toBe(3);
  expect(percentile([], 0.5)).toBeNaN();
});
