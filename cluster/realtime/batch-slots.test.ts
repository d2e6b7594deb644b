import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualTime } from '../../core/index.js';
import { DEFAULT_WORKERS } from '../coordinator/worker-config.js';
import { BatchSlots } from './batch-slots.js';

const signal = new AbortController().signal;
const wish = (taskId: string, lost: readonly string[] = []) => ({
  taskId,
  dataSource: taskId,
  lost: new Set(lost),
  signal,
});

function slotsOf(slots: Record<string, number>) {
  const time = new VirtualTime();
  const there = new Map(Object.entries(slots));
  const given = new BatchSlots({
    workers: () => [...there].map(([host, count]) => ({ host, slots: count, isEnabled: true })),
    config: async () => DEFAULT_WORKERS,
    timers: time,
  });
  return { time, there, given };
}

test('no worker ever has more jobs than places, and every job gets one', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(400), { maxLength: 12 }),
      async (counts, durations) => {
        fc.pre(counts.some((count) => count > 0));
        const { time, given } = slotsOf(Object.fromEntries(counts.map((n, i) => [`w${i}`, n])));
        let done = 0;
        durations.forEach((ms, i) => {
          void given.take(wish(`t${i}`)).then(({ host, release }) => {
            expect(given.runningAt(host)).toContain(`t${i}`);
            expect(given.runningAt(host).length).toBeLessThanOrEqual(
              counts[Number(host.slice(1))]!,
            );
            time.after(ms, () => {
              release();
              done++;
            });
          });
        });
        await time.run(20_000);
        expect(done).toBe(durations.length);
        expect(given.count).toBe(counts.reduce((sum, n) => sum + n, 0));
      },
    ),
    { numRuns: 50 },
  ));

test('a job goes where it was not lost, and back there when nobody else is there', async () => {
  const { there, given } = slotsOf({ a: 1, b: 1 });
  expect((await given.take(wish('t', ['a']))).host).toBe('b');
  there.delete('b');
  expect((await given.take(wish('u', ['a', 'b']))).host).toBe('a');
});

test('who waits can leave', async () => {
  const { given } = slotsOf({});
  const leaving = new AbortController();
  const waiting = given.take({ ...wish('t'), signal: leaving.signal });
  leaving.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
