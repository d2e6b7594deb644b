import type { Clock, Random, Wait } from '../../core/index.js';

/** Chance and time, by which a store is asked again. */
export interface StoreMeans {
  readonly random: Random;
  /** For how long to go on. */
  readonly steady: Clock;
  readonly wait: Wait;
}

/** How often something is tried again, and after which time. */
export interface PatienceLimits {
  /** Of the first wait; each is twice as long as the one before. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** So long after the first failure nothing is begun again. */
  readonly totalMs: number;
}

/** Waits between attempts: ever longer, and by chance, so that those who met once do not meet again. */
export class Patience {
  #attempts = 0;
  #failedMs: number | null = null;

  constructor(
    private readonly means: StoreMeans,
    private readonly limits: PatienceLimits,
  ) {}

  /** How often it waited. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Waits for the next attempt; false when there is to be none. */
  async again(): Promise<boolean> {
    const { firstMs, longestMs, totalMs } = this.limits;
    const { random, steady, wait } = this.means;
    this.#failedMs ??= steady.nowMs();
    if (steady.nowMs() - this.#failedMs >= totalMs) return false;
    const fullMs = Math.min(longestMs, firstMs * 2 ** this.#attempts++);
    await wait(fullMs * (0.5 + random.nextUint32() / 2 ** 33));
    return true;
  }
}
