import { UserError } from '../../core/index.js';
import { type PushToken, parseToken } from '../../ingest/index.js';

const FIELD = 'context.ingestToken';

/** How far queries see the push log, and who waits for them to see more. */
export class LogPosition {
  /** Null until the log is read: nobody knows yet which tokens can come true. */
  #seen: PushToken | null = null;
  readonly #waiters = new Set<() => void>();

  /** How many wait. */
  get waiterCount(): number {
    return this.#waiters.size;
  }

  advance(seen: PushToken): void {
    this.#seen = seen;
    for (const look of this.#waiters) look();
  }

  /**
   * Settles when queries see all before the token's position. Rejects with UserError for a token that
   * is none, or of another log; with the signal's reason when it is raised before.
   */
  waitFor(text: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const token = parseToken(text, FIELD);
      signal.throwIfAborted();
      const end = () => {
        signal.removeEventListener('abort', stop);
        this.#waiters.delete(look);
      };
      const stop = () => {
        end();
        reject(signal.reason);
      };
      const look = () => {
        if (this.#seen === null) return;
        const isOurs = token.logId === this.#seen.logId;
        if (isOurs && token.position > this.#seen.position) return;
        end();
        if (isOurs) resolve();
        else reject(otherLog(token, this.#seen));
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiters.add(look);
      look();
    });
  }
}

const otherLog = (token: PushToken, seen: PushToken): UserError =>
  new UserError(
    `${FIELD}: is of the push log "${token.logId}", this server's is "${seen.logId}"; ask the server that took the rows, or leave the token out`,
    'context',
    FIELD,
  );
