import {
  CapacityError,
  type Clock,
  type Random,
  systemClock,
  systemRandom,
  UnavailableError,
} from '../../core/index.js';
import type { PushAnswer, PushRequest } from '../../ingest/index.js';

/** Takes one batch to a store; throws the errors of core/errors.ts. May take the same batch again. */
export type Transport = (request: PushRequest) => Promise<PushAnswer>;

/** What retries need of the world. */
export interface ProducerWorld {
  readonly clock: Clock;
  readonly random: Random;
  sleep(ms: number): Promise<void>;
}

export const realWorld: ProducerWorld = {
  clock: systemClock,
  random: systemRandom,
  sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
};

const FIRST_WAIT_MS = 50;
const MAX_WAIT_MS = 5_000;

/** Whether the same batch may succeed a little later. */
export const isPassing = (error: unknown): error is CapacityError | UnavailableError =>
  error instanceof CapacityError || error instanceof UnavailableError;

/**
 * How long to wait before try `attempt` (from 0) is repeated: longer and longer, each time by chance between half and
 * all of it, so that clients who were refused together do not come back together; never less than the server says.
 */
export function waitBeforeRetry(attempt: number, error: unknown, random: Random): number {
  const longest = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 30));
  const waitMs = longest / 2 + (longest / 2) * (random.nextUint32() / 2 ** 32);
  return error instanceof CapacityError ? Math.max(waitMs, error.retryAfterMs) : waitMs;
}
