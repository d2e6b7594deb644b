import { expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { LogPosition } from './log-position.js';

const never = new AbortController().signal;

/** What has become of a promise by now. */
async function stateOf(promise: Promise<unknown>): Promise<'waits' | 'done' | Error> {
  const outcome = promise.then(
    () => 'done' as const,
    (error: Error) => error,
  );
  await new Promise(setImmediate);
  return Promise.race([outcome, Promise.resolve('waits' as const)]);
}

test('a token comes true when all before it is seen', async () => {
  const log = new LogPosition();
  const waits = [0, 10, 11].map((position) => log.waitFor(`a:b:${position}`, never));
  expect(await Promise.all(waits.map(stateOf))).toEqual(['waits', 'waits', 'waits']);
  log.advance({ logId: 'a:b', position: 10 });
  expect(await Promise.all(waits.map(stateOf))).toEqual(['done', 'done', 'waits']);
  expect(await stateOf(log.waitFor('a:b:7', never))).toBe('done');
  log.advance({ logId: 'a:b', position: 12 });
  expect(await stateOf(waits[2]!)).toBe('done');
  expect(log.waiterCount).toBe(0);
});

test('a token of another log never comes true', async () => {
  const log = new LogPosition();
  const early = log.waitFor('old:3', never);
  early.catch(() => undefined);
  log.advance({ logId: 'new', position: 10 });
  for (const wait of [early, log.waitFor('old:99', never)]) {
    await expect(wait).rejects.toBeInstanceOf(UserError);
    await expect(wait).rejects.toThrow(
      /^context\.ingestToken: .*"old".*"new"; .*leave the token out/,
    );
    await expect(wait).rejects.toMatchObject({ kind: 'context', field: 'context.ingestToken' });
  }
  expect(log.waiterCount).toBe(0);
});

test('a text that is no token is refused', async () => {
  const log = new LogPosition();
  await expect(log.waitFor('yesterday', never)).rejects.toThrow(/^context\.ingestToken: want/);
  expect(log.waiterCount).toBe(0);
});

test('who no longer wants to wait does not', async () => {
  const log = new LogPosition();
  const controller = new AbortController();
  const { signal } = controller;
  const wait = log.waitFor('a:5', signal);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(wait).rejects.toBe(reason);
  await expect(log.waitFor('a:5', signal)).rejects.toBe(reason);
  expect(log.waiterCount).toBe(0);
});
