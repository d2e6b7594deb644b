import { pause, type Random, type Timers } from '../../core/index.js';
import { ObjectStoreUnavailableError } from './object-store.js';

export interface RetryPolicy {
  /** In all, the first one included. */
  readonly maxAttempts: number;
  /** What one attempt may take until something comes. */
  readonly timeoutMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 6,
  timeoutMs: 30_000,
  firstDelayMs: 100,
  maxDelayMs: 10_000,
};

/**
 * Tries again what may go well another time: after a random part of a time that doubles, so that those who failed together do
 * not come back together.
 */
export class Retrier {
  constructor(
    private readonly timers: Timers,
    private readonly random: Random,
    private readonly policy: RetryPolicy,
  ) {}

  /** `attempt` gets a signal that is raised when it takes too long, too. */
  async run<T>(signal: AbortSignal, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let failures = 0; ; ) {
      signal.throwIfAborted();
      try {
        return await this.once(signal, attempt);
      } catch (error) {
        failures++;
        await this.afterFailure(error, failures, signal);
      }
    }
  }

  /** One attempt, within its time. */
  async once<T>(signal: AbortSignal, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const cancel = this.timers.after(this.policy.timeoutMs, () => late.abort(this.tooLate()));
    try {
      return await attempt(AbortSignal.any([signal, late.signal]));
    } catch (error) {
      signal.throwIfAborted();
      late.signal.throwIfAborted();
      throw error;
    } finally {
      cancel();
    }
  }

  /** Waits until it is time to try again; throws the error where it is not worth it. */
  async afterFailure(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { maxAttempts, firstDelayMs, maxDelayMs } = this.policy;
    const isTransient = error instanceof ObjectStoreUnavailableError && error.isTransient;
    if (!isTransient || failures >= maxAttempts) throw error;
    const mostMs = Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1));
    await pause(this.timers, (mostMs * this.random.nextUint32()) / 2 ** 32, signal);
  }

  /** Calls `onLate` unless something comes in time. */
  watch(onLate: (error: Error) => void): () => void {
    return this.timers.after(this.policy.timeoutMs, () => onLate(this.tooLate()));
  }

  private tooLate(): ObjectStoreUnavailableError {
    return new ObjectStoreUnavailableError(
      `deep storage does not answer within ${this.policy.timeoutMs} ms; look at the network, or allow more by deepStorage.timeoutMs`,
      true,
    );
  }
}
