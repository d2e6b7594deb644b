import { expect, onTestFinished, test } from 'vitest';
import {
  ConflictError,
  RealDisk,
  SeededRandom,
  UnavailableError,
  utf8Decode,
  utf8Encode,
} from '../../../core/index.js';
import { temporaryDirectory } from '../../../core/testing.js';
import { PushLog } from '../../log/push-log.js';
import { CopiesThread } from './copies-thread.js';
import type { LogGroup } from './types.js';

const LOG_ID = '0123456789abcdef0123456789abcdef';
const START = { logId: LOG_ID, position: 100, checkpoint: utf8Encode('state at 100') };
const COPY = { log: 'a', session: 's' };

/** Fails the test when the thread ends by itself. */
function threadOn(directory: string): CopiesThread {
  const deaths: string[] = [];
  const thread = new CopiesThread(directory, (why) => deaths.push(why));
  onTestFinished(async () => {
    await thread.end();
    expect(deaths).toEqual([]);
  });
  return thread;
}

const group = (position: number, texts: string[], checkpoint: string | null = null): LogGroup => ({
  position,
  checkpoint: checkpoint === null ? null : utf8Encode(checkpoint),
  payloads: texts.map((text) => utf8Encode(text)),
});

function found(directory: string) {
  const disk = new RealDisk();
  const { log, records } = PushLog.open({ disk, directory, random: new SeededRandom(1) });
  return [log.start, ...[...records].map(({ payload }) => utf8Decode(payload))];
}

test('a thread keeps copies, and another one finds them', async () => {
  const directory = temporaryDirectory('copies', onTestFinished);
  const thread = threadOn(directory);
  expect(await thread.list()).toEqual([]);
  await thread.begin(COPY, START);
  await thread.append(COPY, group(100, ['one', 'two']));
  await thread.append(COPY, group(146, ['three'], 'state at 146'));
  expect(found(thread.directoryOf('a'))).toEqual([100, 'one', 'two', 'three']);
  await thread.trim(COPY, 146);
  await thread.begin({ log: 'b', session: 't' }, START);
  await thread.close('b');
  await thread.end();
  const next = threadOn(directory);
  expect(await next.list()).toEqual([
    { log: 'a', logId: LOG_ID },
    { log: 'b', logId: LOG_ID },
  ]);
  await next.remove('b');
  expect(await next.list()).toEqual([{ log: 'a', logId: LOG_ID }]);
  expect(found(next.directoryOf('a'))).toEqual([146, 'three']);
});

test('what a copy refuses keeps its type, and the thread goes on', async () => {
  const directory = temporaryDirectory('copies', onTestFinished);
  const thread = threadOn(directory);
  await expect(thread.append(COPY, group(100, ['one']))).rejects.toThrow(UnavailableError);
  await thread.begin(COPY, START);
  await expect(thread.append(COPY, group(123, ['two']))).rejects.toThrow(ConflictError);
  const other = { ...COPY, session: 'another' };
  await expect(thread.append(other, group(100, ['one']))).rejects.toThrow(/may write/);
  await expect(thread.trim(other, 100)).rejects.toThrow(UnavailableError);
  new RealDisk().create(`${directory}/file`).close();
  const below = { log: 'file/log', session: 's' };
  await expect(thread.begin(below, START)).rejects.toThrow(UnavailableError);
  await thread.append(COPY, group(100, ['one']));
  expect(found(thread.directoryOf('a'))).toEqual([100, 'one']);
});

test('calls are taken in the order in which they were made; one that ends twice has ended', async () => {
  const thread = threadOn(temporaryDirectory('copies', onTestFinished));
  const calls = [thread.begin(COPY, START)];
  for (let i = 0; i < 20; i++) calls.push(thread.append(COPY, group(100 + 21 * i, ['x'])));
  await Promise.all(calls);
  expect(found(thread.directoryOf('a'))).toHaveLength(21);
  await thread.end();
  await thread.end();
});
