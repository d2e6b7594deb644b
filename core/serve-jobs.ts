import { getHeapStatistics } from 'node:v8';
import type { MessagePort } from 'node:worker_threads';
import { decodeError, encodeError } from './error-wire.js';
import type { FromJobThread, ToJobThread } from './job-threads.js';

/** What a job is given beside what it is. */
export interface JobContext<News> {
  readonly signal: AbortSignal;
  tell(news: News): void;
}

/** The work of a thread of `JobThreads`: one job after another. */
export function serveJobs<Job, Result, News = never>(
  port: MessagePort,
  run: (job: Job, context: JobContext<News>) => Result | Promise<Result>,
): void {
  const send = (message: FromJobThread): void => port.postMessage(message);
  const tell = (news: News) => send({ kind: 'news', news });
  let abort = new AbortController();
  const answer = async (job: Job): Promise<void> => {
    try {
      abort = new AbortController();
      const result = await run(job, { signal: abort.signal, tell });
      send({ kind: 'done', result, heldBytes: heldBytes() });
    } catch (error) {
      send({ kind: 'failed', error: encodeError(error) });
    }
  };
  port.on('message', (message: ToJobThread) => {
    if (message.kind === 'job') void answer(message.job as Job);
    else abort.abort(decodeError(message.reason));
  });
}

/** Memory of this thread alone: its heap, and what lies outside of it, garbage included. */
function heldBytes(): number {
  const { total_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
