import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CapacityError } from '../../core/index.js';
import { Slots } from './slots.js';

const { signal } = new AbortController();

test('urgent ones go before others, each in order; who leaves is not waited for', async () => {
  const slots = new Slots(1, 5);
  const order: string[] = [];
  const run = (name: string, isUrgent: boolean, each = signal) =>
    slots.run(each, isUrgent, async () => {
      order.push(name);
      await setImmediate();
    });
  const ending = new AbortController();
  const all = [run('a', false), run('b', false), run('c', false)];
  const left = run('left', true, ending.signal);
  all.push(run('d', true), run('e', true));
  await expect(run('f', true)).rejects.toThrow(CapacityError);
  ending.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  const failing = slots.run(signal, true, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  await Promise.all(all);
  expect(order).toEqual(['a', 'd', 'e', 'b', 'c']);
  expect(slots.waitingCount).toBe(0);
});
