import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KillPeriods, latestOutdatedMs, outdated } from './outdated.js';

const END = 8;
const NOW_MS = 1000;

const anyPlace = fc
  .record({
    start: fc.nat(END - 1),
    length: fc.integer({ min: 1, max: 4 }),
    version: fc.constantFrom('v1', 'v2', 'v3'),
    usedChangedMs: fc.integer({ min: NOW_MS - 20, max: NOW_MS }),
    used: fc.boolean(),
  })
  .map(({ start, length, version, ...marks }) => {
    const interval = { startMs: start, endMs: Math.min(END, start + length) };
    const id = { dataSource: 't', interval, version, partitionNum: 0 };
    return { id, idText: `${start}/${interval.endMs}/${version}`, ...marks };
  });
const anyPlaces = fc.uniqueArray(anyPlace, { maxLength: 10, selector: ({ idText }) => idText });

const anyPeriod = fc.option(fc.nat(20));
const anyPeriods: fc.Arbitrary<KillPeriods> = fc.record({
  replacedMs: anyPeriod,
  droppedMs: anyPeriod,
});

describe('outdated', () => {
  test('what others replaced goes after one time, what was dropped after another, nothing else', () => {
    fc.assert(
      fc.property(anyPlaces, anyPeriods, (places, periods) => {
        const used = places.filter((each) => each.used);
        const unused = places.filter((each) => !each.used);
        const expected = unused.filter(({ id, usedChangedMs }) => {
          const instants = Array.from(
            { length: id.interval.endMs - id.interval.startMs },
            (_, i) => id.interval.startMs + i,
          );
          const isReplaced = instants.every((timeMs) =>
            used.some(
              (other) =>
                other.id.version > id.version &&
                other.id.interval.startMs <= timeMs &&
                timeMs < other.id.interval.endMs,
            ),
          );
          const periodMs = isReplaced ? periods.replacedMs : periods.droppedMs;
          return periodMs !== null && usedChangedMs + periodMs <= NOW_MS;
        });
        const found = outdated(unused, used, periods, NOW_MS);
        expect(found).toEqual(expected.map(({ idText }) => idText));
        const latestMs = latestOutdatedMs(periods, NOW_MS);
        for (const { usedChangedMs } of expected) {
          expect(usedChangedMs).toBeLessThanOrEqual(latestMs!);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('without periods nothing is ever outdated', () => {
    expect(latestOutdatedMs({ replacedMs: null, droppedMs: null }, NOW_MS)).toBeNull();
    expect(latestOutdatedMs({ replacedMs: 5, droppedMs: null }, NOW_MS)).toBe(NOW_MS - 5);
  });
});
