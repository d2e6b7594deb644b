import { expect, test } from 'vitest';
import { lanesOf } from './lanes.js';

test('none: all queries count together, whatever they ask for', () => {
  const lanes = lanesOf({ strategy: 'none' }, 10);
  expect([...lanes.limits]).toEqual([]);
  expect([lanes.laneOf(-5, null), lanes.laneOf(0, 'low')]).toEqual([null, null]);
});

test('hilo: negative priorities are low, and so are those that ask for it', () => {
  const lanes = lanesOf({ strategy: 'hilo', maxLowPercent: 21 }, 10);
  expect([...lanes.limits]).toEqual([['low', 3]]);
  expect(lanes.laneOf(-1, 'other')).toBe('low');
  expect([lanes.laneOf(0, 'low'), lanes.laneOf(0, 'other'), lanes.laneOf(0, null)]).toEqual([
    'low',
    null,
    null,
  ]);
});

test('manual: by name; a lane that nobody knows has no limit', () => {
  const lanes = { reports: 3, slow: 1 };
  const counts = lanesOf({ strategy: 'manual', lanes, isLimitPercent: false }, 10);
  expect([...counts.limits]).toEqual([
    ['reports', 3],
    ['slow', 1],
  ]);
  expect([counts.laneOf(-1, 'slow'), counts.laneOf(0, 'x'), counts.laneOf(0, null)]).toEqual([
    'slow',
    null,
    null,
  ]);
  const shares = lanesOf({ strategy: 'manual', lanes: { a: 25, b: 1 }, isLimitPercent: true }, 10);
  expect([...shares.limits.values()]).toEqual([3, 1]);
});
