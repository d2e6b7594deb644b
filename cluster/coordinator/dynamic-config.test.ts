import { expect, test } from 'vitest';
import { DEFAULT_CONFIG, mergeConfig, storedConfig } from './dynamic-config.js';

test('what is given goes over what holds; null and what is absent stay', () => {
  const one = mergeConfig(DEFAULT_CONFIG, {
    maxSegmentsToMove: 7,
    pauseCoordination: true,
    decommissioningNodes: ['a:1'],
  });
  const two = mergeConfig(one, { maxSegmentsToMove: null, pauseCoordination: 'false' });
  expect(two).toEqual({
    ...DEFAULT_CONFIG,
    maxSegmentsToMove: 7,
    decommissioningNodes: ['a:1'],
  });
  expect(storedConfig(two)).toEqual(two);
  expect(storedConfig(null)).toEqual(DEFAULT_CONFIG);
});

test('lists as texts, other names, and fields that are no more', () => {
  expect(
    mergeConfig(DEFAULT_CONFIG, {
      killDataSourceWhitelist: 'a, b,,c',
      markSegmentAsUnusedDelayMillis: 5,
      emitBalancingStats: true,
      percentOfSegmentsToConsiderPerMove: 100,
    }),
  ).toEqual({
    ...DEFAULT_CONFIG,
    killDataSourceWhitelist: ['a', 'b', 'c'],
    millisToWaitBeforeDeleting: 5,
  });
});

test.each<[unknown, ...string[]]>([
  [{ maxSegmentsToMove: -1 }, 'maxSegmentsToMove', '-1', '0 or more'],
  [{ killTaskSlotRatio: 2 }, 'killTaskSlotRatio', '0 to 1'],
  [{ decommissioningNodes: 7 }, 'decommissioningNodes', 'list of names'],
  [{ pauseCoordination: 'maybe' }, 'pauseCoordination', 'true or false'],
  [[], 'the request body', 'object'],
])('%j is refused', (json, ...parts) => {
  for (const part of parts) expect(() => mergeConfig(DEFAULT_CONFIG, json)).toThrow(part);
});
