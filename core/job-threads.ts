import { Worker } from 'node:worker_threads';
import { decodeError, encodeError, type WireError } from './error-wire.js';
import { UnavailableError } from './errors.js';
import { systemTimers, type Timers } from './timers.js';

/** To a thread: a job, or that the one that it has is to stop, for this reason. */
export type ToJobThread =
  | { readonly kind: 'job'; readonly job: unknown }
  | { readonly kind: 'abort'; readonly reason: WireError };

/** From a thread: news of its job, then how it ended, with the memory that the thread has then. */
export type FromJobThread =
  | { readonly kind: 'news'; readonly news: unknown }
  | { readonly kind: 'done'; readonly result: unknown; readonly heldBytes: number }
  | { readonly kind: 'failed'; readonly error: WireError };

export interface JobThreadsOptions {
  /** A file that calls `serveJobs`. */
  readonly entry: URL;
  readonly name: string;
  /** What becomes of a job whose thread is lost, as a part of the message: `submit the task again`. */
  readonly remedy: string;
  /** How long a job that is aborted has to stop by itself; 0: its thread is ended at once. */
  readonly stopMs: number;
  /** How long a thread without a job stays. */
  readonly keepMs?: number;
  readonly timers?: Timers;
}

export interface JobCall<News> {
  /** Names the job in messages, as in `the thread of task x crashed`. */
  readonly what: string;
  readonly signal: AbortSignal;
  readonly onNews?: (news: News) => void;
}

/** To start a thread and read its modules takes half a second; one that waits holds some 60 MiB. */
const KEEP_MS = 60_000;

/** A thread that has grown beyond is ended, which gives its memory back at once. */
const MAX_HELD_BYTES = 128 << 20;

/**
 * Runs each job in a worker thread that has no other meanwhile, and keeps the thread for the next one. Only one whose job went well is
 * kept: after an error, a crash or an abort nobody knows what is left in it. Threads that wait for jobs keep no process alive.
 */
export class JobThreads<Job, Result, News = never> {
  /** The one that had a job last is last. */
  readonly #idle: JobThread[] = [];
  #isClosed = false;

  constructor(private readonly options: JobThreadsOptions) {}

  get idleCount(): number {
    return this.#idle.length;
  }

  /**
   * Rejects with the error that was thrown there, UnavailableError where the thread is lost, the reason of the signal where that
   * was raised and the job did not end by itself. Afterwards no thread works on the job.
   */
  async run(job: Job, call: JobCall<News>): Promise<Result> {
    call.signal.throwIfAborted();
    const thread = this.#idle.pop() ?? new JobThread(this.options);
    let isKept = false;
    try {
      const { result, heldBytes } = await thread.run(job, call as JobCall<unknown>);
      isKept = !call.signal.aborted && !this.#isClosed && heldBytes <= MAX_HELD_BYTES;
      return result as Result;
    } finally {
      if (isKept) this.#keep(thread);
      else await thread.end();
    }
  }

  /** Ends the threads that wait; those that work end with their jobs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#idle.splice(0).map((thread) => thread.end()));
  }

  #keep(thread: JobThread): void {
    const { keepMs = KEEP_MS, timers = systemTimers } = this.options;
    this.#idle.push(thread);
    const leave = () => {
      const at = this.#idle.indexOf(thread);
      if (at >= 0) this.#idle.splice(at, 1);
      void thread.end();
    };
    thread.wait(leave, timers.after(keepMs, leave));
  }
}

type Ended = Extract<FromJobThread, { kind: 'done' }>;

/** What a thread is there for at the moment. */
interface Listener {
  onMessage(message: FromJobThread): void;
  onGone(how: string): void;
}

class JobThread {
  readonly #worker: Worker;
  #listener: Listener | null = null;
  #stopWaiting: () => void = () => undefined;

  constructor(private readonly options: JobThreadsOptions) {
    this.#worker = new Worker(options.entry, { name: options.name });
    this.#worker.on('message', (message: FromJobThread) => this.#listener?.onMessage(message));
    this.#worker.on('error', ({ message }) => this.#listener?.onGone(`crashed: ${message}`));
    this.#worker.on('exit', (code) => this.#listener?.onGone(`ended with code ${code}`));
  }

  /** Calls `onGone` when it ends by itself while it has nothing to do; `stop` is called when it gets a job again. */
  wait(onGone: () => void, stop: () => void): void {
    this.#listener = { onMessage: () => undefined, onGone };
    this.#stopWaiting = stop;
    this.#worker.unref();
  }

  async run(job: unknown, { what, signal, onNews }: JobCall<unknown>): Promise<Ended> {
    this.#stopWaiting();
    this.#worker.ref();
    let onAbort = () => {};
    let stopTimer = () => {};
    try {
      return await new Promise<Ended>((resolve, reject) => {
        this.#listener = {
          onMessage: (message) => {
            if (message.kind === 'news') onNews?.(message.news);
            else if (message.kind === 'done') resolve(message);
            else reject(decodeError(message.error));
          },
          onGone: (how) => reject(signal.aborted ? signal.reason : this.#lost(what, how)),
        };
        onAbort = () => {
          stopTimer = this.#stop(signal.reason, reject);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        this.#post({ kind: 'job', job });
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      stopTimer();
    }
  }

  async end(): Promise<void> {
    this.#stopWaiting();
    this.#listener = null;
    await this.#worker.terminate();
  }

  /** Has the job stop, and rejects with the reason when it has not in time. Gives what calls the latter off. */
  #stop(reason: unknown, reject: (reason: unknown) => void): () => void {
    const { stopMs, timers = systemTimers } = this.options;
    if (stopMs === 0) {
      reject(reason);
      return () => undefined;
    }
    this.#post({ kind: 'abort', reason: encodeError(reason) });
    return timers.after(stopMs, () => reject(reason));
  }

  #post(message: ToJobThread): void {
    this.#worker.postMessage(message);
  }

  #lost(what: string, how: string): UnavailableError {
    return new UnavailableError(`the thread of ${what} ${how}; ${this.options.remedy}`);
  }
}
