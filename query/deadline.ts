import { CancelledError, QueryTimeoutError, UserError, VarveError } from '../core/index.js';
import type { QueryLimits } from './limits.js';
import type { QueryContext } from './native/context.js';

/** The longest delay a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How long the query may run. Throws a UserError when it asks for more than the server allows. */
export function timeoutOf(context: QueryContext, limits: QueryLimits): number {
  const { timeoutMs } = context;
  if (timeoutMs === null) return Math.min(limits.timeoutMs, limits.maxTimeoutMs);
  if (timeoutMs === 0) return limits.maxTimeoutMs;
  if (timeoutMs <= limits.maxTimeoutMs) return timeoutMs;
  throw new UserError(
    `context.timeout: configured [timeout = ${timeoutMs}] is more than the enforced limit of ${limits.maxTimeoutMs} ms; ask for less`,
    'context',
    'context.timeout',
  );
}

/**
 * One signal for both ends of a query: its owner cancels it (CancelledError) or its time is up
 * (QueryTimeoutError). Call `end` when the query is answered.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #onCancel: () => void;

  constructor(
    queryId: string | null,
    timeoutMs: number,
    private readonly owner: AbortSignal | undefined,
  ) {
    const name = queryId === null ? 'Query' : `Query [${queryId}]`;
    this.#timer = setTimeout(
      () =>
        this.#controller.abort(
          new QueryTimeoutError(
            `${name} timed out after ${timeoutMs} ms; ask for less data, or set a longer context "timeout"`,
          ),
        ),
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
    this.#timer.unref();
    this.#onCancel = () => {
      const reason: unknown = owner?.reason;
      this.#controller.abort(
        reason instanceof VarveError ? reason : new CancelledError(`${name} cancelled`),
      );
    };
    if (owner?.aborted === true) this.#onCancel();
    else owner?.addEventListener('abort', this.#onCancel, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.owner?.removeEventListener('abort', this.#onCancel);
  }
}
