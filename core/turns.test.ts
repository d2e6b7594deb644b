import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draws } from './testing.js';
import { atOnce, inPieces, inTurns, mapInPieces, type Turns } from './turns.js';
import { ManualClock } from './world.js';

test('pieces are all of a range, in order, each item once', () => {
  fc.assert(
    fc.property(fc.nat(20_000), (n) => {
      const seen: number[] = [];
      atOnce(
        inPieces(n, (from, to) => {
          for (let i = from; i < to; i++) seen.push(i);
        }),
      );
      expect(seen).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(atOnce(mapInPieces(seen, (item) => 2 * item))).toEqual(seen.map((item) => 2 * item));
    }),
    { numRuns: draws(20) },
  );
});

test('few items are done without giving way, many are not', () => {
  const gaps = (n: number): number => [...inPieces(n, () => undefined)].length;
  expect([0, 1, 4096, 4097, 20_000].map(gaps)).toEqual([0, 0, 0, 1, 4]);
});

/** Takes so many milliseconds by its clock, giving way after each. */
function* work(clock: ManualClock, ms: number, log: string[]): Turns<string> {
  for (let i = 0; i < ms; i++) {
    clock.advance(1);
    log.push('work');
    yield;
  }
  return 'done';
}

test('who waits has a turn when one has taken long enough', async () => {
  const clock = new ManualClock(0);
  const log: string[] = [];
  const other = (): void => {
    if (log.length < 12) setImmediate(other);
    log.push('other');
  };
  setImmediate(other);
  expect(await inTurns(work(clock, 8, log), clock, new AbortController().signal)).toBe('done');
  expect(log.slice(0, 6)).toEqual(['work', 'work', 'work', 'work', 'other', 'work']);
});

test('a computation that nobody waits for any more ends', async () => {
  const clock = new ManualClock(0);
  const log: string[] = [];
  const stop = new AbortController();
  setImmediate(() => stop.abort(new Error('gone')));
  await expect(inTurns(work(clock, 1000, log), clock, stop.signal)).rejects.toThrow('gone');
  expect(log.length).toBe(4);
});
