import { afterEach, expect, test } from 'vitest';
import { CancelledError, UnavailableError, UserError } from './errors.js';
import { type JobCall, JobThreads } from './job-threads.js';
import { VirtualTime } from './virtual-time.js';
import { workerEntry } from './worker-entry.js';

type Job = 'who' | 'fail' | 'crash' | 'crash later' | 'grow' | 'wait' | 'spin' | 'news';

const moduleOf = (name: string) =>
  JSON.stringify(workerEntry(import.meta.url, 'core', `./${name}.js`).href);

/** A thread that does what a job says, and answers with its own number. */
const ENTRY = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    import { UserError } from ${moduleOf('errors')};
    import { serveJobs } from ${moduleOf('serve-jobs')};
    const held = [];
    serveJobs(parentPort, async (job, { signal, tell }) => {
      if (job === 'fail') throw new UserError('not like this', 'spec', 'a');
      if (job === 'crash') setTimeout(() => { throw new Error('oh'); });
      if (job === 'crash later') setTimeout(() => { throw new Error('oh'); }, 20);
      if (job === 'grow') held.push(new Uint8Array(200 << 20));
      if (job === 'news') for (const each of [1, 2]) tell(each);
      if (job === 'wait') tell(0);
      if (job === 'spin') { tell(0); for (;;); }
      if (job === 'crash') await new Promise(() => {});
      if (job === 'wait') await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      return threadId;
    });`)}`,
);

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

function threadsOf(stopMs = 60_000) {
  const time = new VirtualTime();
  const options = { entry: ENTRY, name: 'test', remedy: 'try again', keepMs: 1000, timers: time };
  const threads = new JobThreads<Job, number, number>({ ...options, stopMs });
  opened.push(threads);
  const run = (job: Job, call: Partial<JobCall<number>> = {}) =>
    threads.run(job, { what: 'a test', signal: new AbortController().signal, ...call });
  return { threads, time, run };
}

/** Raises the signal when the job has told that it runs. */
function abortOnNews(reason: Error) {
  const abort = new AbortController();
  return { signal: abort.signal, onNews: () => abort.abort(reason) };
}

test('a thread has one job at a time, and gets the next one when that is done', async () => {
  const { threads, run } = threadsOf();
  const [a, b] = await Promise.all([run('who'), run('who')]);
  expect(a).not.toBe(b);
  expect(threads.idleCount).toBe(2);
  const first = await run('who');
  expect([a, b]).toContain(first);
  expect(await run('who')).toBe(first);
  const told: number[] = [];
  await run('news', { onNews: (each) => told.push(each) });
  expect(told).toEqual([1, 2]);
});

test('a thread that has waited long enough ends; a job puts that off', async () => {
  const { threads, time, run } = threadsOf();
  const first = await run('who');
  await time.run(900);
  expect(await run('who')).toBe(first);
  await time.run(900);
  expect(threads.idleCount).toBe(1);
  await time.run(200);
  expect(threads.idleCount).toBe(0);
  expect(await run('who')).not.toBe(first);
});

test('after an error nobody works in that thread again', async () => {
  const { threads, run } = threadsOf();
  const first = await run('who');
  await expect(run('fail')).rejects.toMatchObject({ kind: 'spec', field: 'a' });
  await expect(run('fail')).rejects.toBeInstanceOf(UserError);
  expect(threads.idleCount).toBe(0);
  expect(await run('who')).not.toBe(first);
});

test('a thread that crashes is replaced, whether it has a job or not', async () => {
  const { threads, run } = threadsOf();
  const first = await run('who');
  const lost = await run('crash').catch((error: unknown) => error);
  expect(lost).toBeInstanceOf(UnavailableError);
  expect(lost).toMatchObject({ message: 'the thread of a test crashed: oh; try again' });
  expect(threads.idleCount).toBe(0);
  const second = await run('crash later');
  expect(second).not.toBe(first);
  await expect.poll(() => threads.idleCount, { timeout: 20_000 }).toBe(0);
  expect(await run('who')).not.toBe(second);
});

test('a thread that holds much memory is not kept', async () => {
  const { threads, run } = threadsOf();
  await run('grow');
  expect(threads.idleCount).toBe(0);
});

test('an abort is told to the job, and its thread is not used again', async () => {
  const { threads, run } = threadsOf();
  const reason = new CancelledError('enough');
  await expect(run('wait', abortOnNews(reason))).rejects.toEqual(reason);
  expect(threads.idleCount).toBe(0);
  const raised = { signal: AbortSignal.abort(reason) };
  await expect(run('who', raised)).rejects.toBe(reason);
});

test('a job that does not stop when it is told is ended', async () => {
  const reason = new CancelledError('enough');
  for (const stopMs of [0, 500]) {
    const { time, threads, run } = threadsOf(stopMs);
    const call = abortOnNews(reason);
    const ended = run('spin', call);
    call.signal.addEventListener('abort', () => void time.run(stopMs));
    await expect(ended).rejects.toBe(reason);
    expect(threads.idleCount).toBe(0);
  }
});

test('what cannot be sent is an error of the caller', async () => {
  const { run } = threadsOf();
  await expect(run((() => 0) as unknown as Job)).rejects.toThrow(/could not be cloned/);
  expect(await run('who')).toBeGreaterThan(0);
});

test('when it is closed, threads that wait end, and those that work do when they are done', async () => {
  const { threads, run } = threadsOf();
  await run('who');
  const abort = new AbortController();
  let started = () => {};
  const isRunning = new Promise<void>((resolve) => {
    started = resolve;
  });
  const working = run('wait', { signal: abort.signal, onNews: started });
  await isRunning;
  await run('who');
  expect(threads.idleCount).toBe(1);
  await threads.close();
  expect(threads.idleCount).toBe(0);
  const another = run('who');
  abort.abort(new CancelledError('end'));
  await expect(working).rejects.toThrow('end');
  await another;
  expect(threads.idleCount).toBe(0);
});
