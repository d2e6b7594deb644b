import { expect, test } from 'vitest';
import { runInOrder } from './run-in-order.js';

const never = () => false;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('results come in the order of the tasks, at most so many at once', async () => {
  let running = 0;
  let most = 0;
  const tasks = [5, 1, 3, 0, 2].map((ms, i) => async () => {
    most = Math.max(most, ++running);
    await sleep(ms);
    running--;
    return i;
  });
  expect(await runInOrder(tasks, 2, new AbortController().signal, never)).toEqual([0, 1, 2, 3, 4]);
  expect(most).toBe(2);
});

test('stops at the shortest beginning that is enough', async () => {
  const started: number[] = [];
  const tasks = Array.from({ length: 50 }, (_, i) => async () => {
    started.push(i);
    await sleep(i === 1 ? 5 : 0);
    return i;
  });
  const results = await runInOrder(tasks, 3, new AbortController().signal, (r) => r.length >= 2);
  expect(results).toEqual([0, 1]);
  expect(started.length).toBeLessThan(50);
});

test('the first failure is thrown after the running tasks have ended', async () => {
  let ended = 0;
  const tasks = [
    async () => {
      await sleep(5);
      ended++;
      return 0;
    },
    async () => {
      throw new Error('first');
    },
    async () => 2,
  ];
  await expect(runInOrder(tasks, 2, new AbortController().signal, never)).rejects.toThrow('first');
  expect(ended).toBe(1);
});

test('a raised signal is thrown as its reason', async () => {
  const controller = new AbortController();
  const tasks = [async () => controller.abort(new Error('reason')), async () => undefined];
  await expect(runInOrder(tasks, 1, controller.signal, never)).rejects.toThrow('reason');
});
