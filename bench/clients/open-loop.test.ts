import { expect, test } from 'vitest';
import { openLoop, schedule } from './open-loop.js';
import { backAfterMs } from './report.js';

test('requests are due evenly in each stretch', () => {
  const stretches = [
    { perSecond: 2, seconds: 1 },
    { perSecond: 4, seconds: 0.5 },
  ];
  expect(schedule(stretches)).toEqual([0, 500, 1000, 1250]);
});

test('a slow answer holds back no other request, and counts from when it was due', async () => {
  const asked: number[] = [];
  let answerAll: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    answerAll = resolve;
  });
  const { sent, skipped } = await openLoop(
    async (place) => {
      asked.push(place);
      if (asked.length === 5) answerAll();
      await all;
      return 'answered';
    },
    { stretches: [{ perSecond: 100, seconds: 0.1 }], start: 7, maxUnderWay: 5 },
  );
  expect(asked.slice(0, 5)).toEqual([7, 8, 9, 10, 11]);
  expect(sent.length + skipped).toBe(10);
  // The first one waited for the fifth to come.
  const first = sent.find(({ scheduledMs }) => scheduledMs === 0)!;
  expect(first.latencyMs).toBeGreaterThanOrEqual(40);
});

test('what is beyond the most that may be under way is not sent', async () => {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let count = 0;
  const loop = openLoop(
    async () => {
      count++;
      await ended;
      return 'refused';
    },
    { stretches: [{ perSecond: 1000, seconds: 0.02 }], start: 0, maxUnderWay: 3 },
  );
  setTimeout(end, 60);
  const { sent, skipped } = await loop;
  expect([count, sent.length, skipped]).toEqual([3, 3, 17]);
});

test('latency is back where two seconds begin without a window above it', () => {
  const at = (scheduledMs: number, latencyMs: number) => ({
    ...{ scheduledMs, latencyMs, outcome: 'answered' as const },
  });
  const sent = [at(1000, 90), at(1300, 5), at(1600, 50), at(1800, 4), at(3700, 3)];
  expect(backAfterMs(sent, 1000, 10)).toBe(750);
  expect(backAfterMs([...sent, at(3800, 70)], 1000, 10)).toBe(750);
  expect(backAfterMs(sent, 1000, 100)).toBe(0);
  expect(backAfterMs(sent.slice(0, 4), 1000, 10)).toBeNaN();
});
