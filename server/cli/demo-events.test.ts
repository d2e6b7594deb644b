import { expect, test } from 'vitest';
import { SeededRandom } from '../../core/index.js';
import { Pace, ShopEvents } from './demo-events.js';

test('equal seeds make equal events, late ones among them', () => {
  const nowMs = Date.UTC(2024, 0, 1);
  const events = (seed: number) => {
    const shop = new ShopEvents(new SeededRandom(seed));
    return Array.from({ length: 2000 }, () => shop.next(nowMs));
  };
  expect(events(1)).toEqual(events(1));
  expect(events(1)).not.toEqual(events(2));
  const late = events(1).filter(({ time }) => nowMs - time.getTime() > 1000);
  expect(late.length).toBeGreaterThan(10);
  expect(late.length).toBeLessThan(100);
  for (const { action, price } of events(1)) expect(price !== undefined).toBe(action === 'buy');
});

test('the pace is even, and nothing is lost between two looks', () => {
  const pace = new Pace(5000, 1000);
  expect(pace.due(1000)).toBe(0);
  expect(pace.due(1001)).toBe(5);
  expect(pace.due(1001)).toBe(0);
  expect(pace.due(2000)).toBe(4995);
  expect(pace.due(1500)).toBe(0);
  expect(pace.due(3000)).toBe(5000);
});
