import { expect, test } from 'vitest';
import { pause } from './timers.js';
import { VirtualTime } from './virtual-time.js';

test('timers run in the order of their times, those of one time as they came', async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  const at = (delayMs: number, name: string) =>
    time.after(delayMs, () => seen.push(`${name} ${time.nowMs()}`));
  at(30, 'c');
  at(10, 'a');
  at(30, 'd');
  const cancel = at(20, 'never');
  at(20, 'b');
  cancel();
  await time.run(29);
  expect(seen).toEqual(['a 10', 'b 20']);
  await time.run(1);
  expect(seen).toEqual(['a 10', 'b 20', 'c 30', 'd 30']);
});

test('many timers in any order come out sorted', async () => {
  const time = new VirtualTime();
  const seen: number[] = [];
  for (let i = 0; i < 500; i++) time.after((i * 7919) % 503, () => seen.push(time.nowMs()));
  await time.run(503);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen).toHaveLength(500);
});

test('a pause ends in time, or with the signal', async () => {
  const time = new VirtualTime();
  const controller = new AbortController();
  const ended = pause(time, 50, controller.signal).then(() => time.nowMs());
  expect(await time.until(ended, 100)).toBe(50);
  const broken = pause(time, 50, controller.signal);
  controller.abort(new Error('enough'));
  await expect(broken).rejects.toThrow('enough');
  await expect(pause(time, 1, controller.signal)).rejects.toThrow('enough');
});

test('what never comes is told', async () => {
  const time = new VirtualTime();
  await expect(time.until(new Promise(() => {}), 1000)).rejects.toThrow('nothing came');
});
