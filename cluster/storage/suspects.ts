import type { Clock } from '../../core/index.js';

/** Of what is remembered from round to round. */
const MOST_SUSPECTS = 100_000;

/**
 * Things that were found to be of no use, and since when, by a steady clock of this process: nothing is done about them before
 * they were found so again, a grace time later. Which delays what happens; whether it may happen is not decided here.
 */
export class Suspects {
  #before = new Map<string, number>();
  #now = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly graceMs: number,
  ) {}

  get count(): number {
    return this.#before.size;
  }

  /** Found in this round: whether it is time to do something about it. */
  see(key: string): boolean {
    const nowMs = this.clock.nowMs();
    const sinceMs = this.#before.get(key);
    // Those that were seen first are kept: the others come when those are gone.
    const isKnown = sinceMs !== undefined;
    if (isKnown || this.#now.size < MOST_SUSPECTS) this.#now.set(key, sinceMs ?? nowMs);
    return isKnown && nowMs - sinceMs >= this.graceMs;
  }

  /** Dealt with. */
  forget(key: string): void {
    this.#now.delete(key);
  }

  /** A whole round is over: what was not seen in it is no suspect any more. */
  endRound(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }
}
