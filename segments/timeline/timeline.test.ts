import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interval } from '../../model/index.js';
import { Timeline, type TimelineSegment } from './timeline.js';

const interval = (startMs: number, endMs: number): Interval => ({ startMs, endMs });

function segment(
  [startMs, endMs]: [number, number],
  version: string,
  partitionNum = 0,
  coreCount = 1,
): TimelineSegment<string> {
  return {
    id: { dataSource: 'wiki', interval: interval(startMs, endMs), version, partitionNum },
    coreCount,
    payload: `${startMs}-${endMs} ${version} ${partitionNum}`,
  };
}

function timelineOf(segments: readonly TimelineSegment<string>[]): Timeline<string> {
  const timeline = new Timeline<string>();
  for (const each of segments) timeline.add(each);
  return timeline;
}

/** Asks one instant at a time, straight from the rules. */
function visibleAt(segments: readonly TimelineSegment<string>[], timeMs: number): string[] {
  const sameChunk = (a: TimelineSegment<string>, b: TimelineSegment<string>) =>
    a.id.version === b.id.version &&
    a.id.interval.startMs === b.id.interval.startMs &&
    a.id.interval.endMs === b.id.interval.endMs;
  const readable = segments.filter((candidate) => {
    const { startMs, endMs } = candidate.id.interval;
    const siblings = segments.filter((other) => sameChunk(candidate, other));
    const core = Math.max(...siblings.map(({ coreCount }) => coreCount));
    const present = new Set(siblings.map((other) => other.id.partitionNum));
    const complete = Array.from({ length: core }, (_, i) => i).every((i) => present.has(i));
    return complete && startMs <= timeMs && timeMs < endMs;
  });
  const best = readable
    .map(({ id }) => id.version)
    .sort()
    .at(-1);
  return readable.filter(({ id }) => id.version === best).map(({ payload }) => payload);
}

const payloadsAt = (timeline: Timeline<string>, timeMs: number): string[] =>
  timeline.lookup(interval(timeMs, timeMs + 1)).flatMap(({ payloads }) => payloads);

describe('Timeline: the worked examples', () => {
  test('a replacement shows only when its core set is complete', () => {
    const month = segment([0, 30], 'v1');
    const timeline = timelineOf([month, segment([10, 11], 'v2', 0, 2)]);
    expect(timeline.lookup(interval(0, 30))).toEqual([
      { interval: interval(0, 30), version: 'v1', payloads: ['0-30 v1 0'] },
    ]);
    timeline.add(segment([10, 11], 'v2', 1, 2));
    expect(timeline.lookup(interval(5, 30))).toEqual([
      { interval: interval(5, 10), version: 'v1', payloads: ['0-30 v1 0'] },
      { interval: interval(10, 11), version: 'v2', payloads: ['10-11 v2 0', '10-11 v2 1'] },
      { interval: interval(11, 30), version: 'v1', payloads: ['0-30 v1 0'] },
    ]);
    expect(timeline.overshadowed()).toEqual([]);
  });

  test('an appended partition is read at once, but never without the core', () => {
    const appended = segment([0, 10], 'v1', 2, 2);
    const timeline = timelineOf([segment([0, 10], 'v1', 0, 2), appended]);
    expect(timeline.lookup(interval(0, 10))).toEqual([]);
    timeline.add(segment([0, 10], 'v1', 1, 2));
    expect(payloadsAt(timeline, 0)).toEqual(['0-10 v1 0', '0-10 v1 1', '0-10 v1 2']);
  });

  test('streamed partitions need no core', () => {
    const timeline = timelineOf([segment([0, 10], 'v1', 4, 0), segment([0, 10], 'v1', 7, 0)]);
    expect(payloadsAt(timeline, 9)).toEqual(['0-10 v1 4', '0-10 v1 7']);
  });

  test('days together overshadow the month; removing one shows it again', () => {
    const days = [0, 10, 20].map((start) => segment([start, start + 10], 'v2'));
    const timeline = timelineOf([segment([0, 30], 'v1'), ...days]);
    expect(timeline.overshadowed()).toEqual(['0-30 v1 0']);
    expect(timeline.remove(days[1]!.id)).toBe(true);
    expect(timeline.remove(days[1]!.id)).toBe(false);
    expect(timeline.overshadowed()).toEqual([]);
    expect(payloadsAt(timeline, 15)).toEqual(['0-30 v1 0']);
  });

  test('an incomplete old version below a complete new one is overshadowed', () => {
    const timeline = timelineOf([segment([0, 10], 'v1', 0, 2), segment([0, 10], 'v2')]);
    expect(timeline.overshadowed()).toEqual(['0-10 v1 0']);
  });
});

const END = 12;
const anySegment = fc
  .record({
    start: fc.nat(END - 1),
    length: fc.integer({ min: 1, max: 5 }),
    version: fc.constantFrom('v1', 'v2', 'v3'),
    partitionNum: fc.nat(3),
    partitions: fc.nat(3),
  })
  .map(({ start, length, version, partitionNum, partitions }) =>
    segment([start, Math.min(END, start + length)], version, partitionNum, partitions),
  );
const anySegments = fc.uniqueArray(anySegment, {
  maxLength: 14,
  selector: ({ payload }) => payload,
});

test('Timeline agrees with asking every instant', () => {
  fc.assert(
    fc.property(anySegments, fc.array(fc.nat(13)), (segments, removals) => {
      const timeline = timelineOf(segments);
      const gone = new Set(removals);
      for (const [i, each] of segments.entries()) {
        if (i % 3 === 0) timeline.lookup(each.id.interval);
        if (gone.has(i)) timeline.remove(each.id);
      }
      const left = segments.filter((_, i) => !gone.has(i));
      for (let timeMs = 0; timeMs < END; timeMs++) {
        expect(payloadsAt(timeline, timeMs).sort()).toEqual(visibleAt(left, timeMs).sort());
      }
    }),
    { numRuns: 500 },
  );
});

test('Timeline entries are ordered, disjoint, clipped, and hold what the instants hold', () => {
  fc.assert(
    fc.property(anySegments, fc.nat(END), fc.nat(END), (segments, a, b) => {
      const asked = interval(Math.min(a, b), Math.max(a, b));
      const entries = timelineOf(segments).lookup(asked);
      let reachedMs = asked.startMs;
      for (const entry of entries) {
        expect(entry.interval.startMs).toBeGreaterThanOrEqual(reachedMs);
        expect(entry.interval.endMs).toBeGreaterThan(entry.interval.startMs);
        for (let timeMs = entry.interval.startMs; timeMs < entry.interval.endMs; timeMs++) {
          expect([...entry.payloads].sort()).toEqual(visibleAt(segments, timeMs).sort());
        }
        reachedMs = entry.interval.endMs;
      }
      expect(reachedMs).toBeLessThanOrEqual(Math.max(asked.startMs, asked.endMs));
    }),
  );
});

test('overshadowed is what no instant could ever need', () => {
  fc.assert(
    fc.property(anySegments, (segments) => {
      const expected = segments.filter(({ id }) => {
        for (let timeMs = id.interval.startMs; timeMs < id.interval.endMs; timeMs++) {
          const seen = visibleAt(segments, timeMs)[0];
          if (seen === undefined || seen.split(' ')[1]! <= id.version) return false;
        }
        return true;
      });
      expect(timelineOf(segments).overshadowed().sort()).toEqual(
        expected.map(({ payload }) => payload).sort(),
      );
    }),
  );
});
