import { CancelledError, QueryTimeoutError, type Timers, VarveError } from '../../core/index.js';

/** One signal for both ends of a call: its owner gives it up, or its time is over. Call `end` when nothing of it is left. */
export class CallScope {
  readonly #controller = new AbortController();
  readonly #cancelTimer: () => void;
  readonly #onOwner: () => void;
  #isEnded = false;

  constructor(
    what: string,
    deadlineMs: number,
    private readonly owner: AbortSignal | undefined,
    timers: Timers,
  ) {
    this.#cancelTimer = timers.after(deadlineMs, () =>
      this.cancel(new QueryTimeoutError(`${what} was not done within ${deadlineMs} ms`)),
    );
    this.#onOwner = () => {
      const reason: unknown = owner?.reason;
      this.cancel(reason instanceof VarveError ? reason : new CancelledError(`${what}: cancelled`));
    };
    if (owner?.aborted === true) this.#onOwner();
    else owner?.addEventListener('abort', this.#onOwner, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Without effect on a call that is over. */
  cancel(reason: VarveError): void {
    if (this.#isEnded) return;
    this.end();
    this.#controller.abort(reason);
  }

  end(): void {
    this.#isEnded = true;
    this.#cancelTimer();
    this.owner?.removeEventListener('abort', this.#onOwner);
  }
}

/** The promise, or the reason of the signal when that is raised before it settles. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The items, until the signal is raised: then it throws its reason, and the source is ended. */
export async function* untilAborted<T>(
  source: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = iteratorOf(source);
  let isDone = false;
  try {
    for (;;) {
      const next = await unlessAborted(Promise.resolve(iterator.next()), signal);
      isDone = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not waited for: a source that is stuck in a step ends when that does.
    if (!isDone) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

function iteratorOf<T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
}
