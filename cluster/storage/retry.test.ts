import { expect, test } from 'vitest';
import { SeededRandom, VirtualTime } from '../../core/index.js';
import { ObjectStoreUnavailableError } from './object-store.js';
import { Retrier } from './retry.js';

const { signal } = new AbortController();
const POLICY = { maxAttempts: 4, timeoutMs: 1000, firstDelayMs: 100, maxDelayMs: 300 };
const away = (isTransient = true) => new ObjectStoreUnavailableError('away', isTransient);

function fixture() {
  const time = new VirtualTime();
  return { time, retrier: new Retrier(time, new SeededRandom(1), POLICY) };
}

test('waits a random part of a time that doubles, and gives up after so many attempts', async () => {
  const { time, retrier } = fixture();
  const at: number[] = [];
  const done = retrier.run(signal, async () => {
    at.push(time.nowMs());
    throw away();
  });
  await expect(time.until(done, 10_000)).rejects.toThrow('away');
  expect(at).toHaveLength(4);
  for (const [i, most] of [100, 200, 300].entries()) {
    const waitedMs = at[i + 1]! - at[i]!;
    expect(waitedMs).toBeGreaterThan(0);
    expect(waitedMs).toBeLessThan(most);
  }
});

test('what will not go better is not tried again', async () => {
  const { time, retrier } = fixture();
  let attempts = 0;
  const failing = (error: Error) =>
    retrier.run(signal, async () => {
      attempts++;
      throw error;
    });
  await expect(time.until(failing(away(false)), 10_000)).rejects.toThrow('away');
  await expect(time.until(failing(new Error('bug')), 10_000)).rejects.toThrow('bug');
  expect(attempts).toBe(2);
});

test('an attempt that takes too long is ended, and tried again', async () => {
  const { time, retrier } = fixture();
  let attempts = 0;
  const hang = (each: AbortSignal) =>
    new Promise<never>((_, reject) => each.addEventListener('abort', () => reject(new Error('x'))));
  const done = retrier.run(signal, (each) => (attempts++ === 0 ? hang(each) : Promise.resolve(7)));
  expect(await time.until(done, 10_000)).toBe(7);
  expect(time.nowMs()).toBeGreaterThan(1000);
  await expect(time.until(retrier.run(signal, hang), 60_000)).rejects.toThrow('does not answer');
});

test('a raised signal ends the waiting with its reason', async () => {
  const { time, retrier } = fixture();
  const ending = new AbortController();
  time.after(5, () => ending.abort(new Error('enough')));
  const done = retrier.run(ending.signal, () => Promise.reject(away()));
  await expect(time.until(done, 10_000)).rejects.toThrow('enough');
  expect(time.nowMs()).toBe(5);
});
