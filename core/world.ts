/** The seam to time and chance: storage and cluster code take these as arguments and use nothing else. */

/** Wall-clock time. Never decides correctness, only how soon things happen and how they are labelled. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  nowMs(): number;
}

export interface Random {
  /** A uniform integer in [0, 2^32). */
  nextUint32(): number;
}

/** The real clock. Only server/, tests and benchmarks may reach for it. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** Counts from the start of the process, with fractions, and never goes back: for how long things take, not for when they happen. */
export const steadyClock: Clock = { nowMs: () => performance.now() };

/** A clock that stands still until told otherwise. */
export class ManualClock implements Clock {
  constructor(private timeMs: number) {}
  nowMs(): number {
    return this.timeMs;
  }
  advance(byMs: number): void {
    this.timeMs += byMs;
  }
}

/** Settles after this time. */
export type Wait = (durationMs: number) => Promise<void>;

/** Waits by the real clock. */
export const realWait: Wait = (durationMs) =>
  new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });

/** Calls `run` again and again, first after `periodMs`, until the function that it gives is called. For entries of threads. */
export function every(periodMs: number, run: () => void): () => void {
  const timer = setInterval(run, periodMs);
  return () => clearInterval(timer);
}
