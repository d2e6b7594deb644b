import { type Clock, Histogram } from '../../core/index.js';

/** Seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

export type DatabaseCall = 'read' | 'snapshot' | 'write' | 'touch';

/** What calls of a database that others share came to, for metrics. */
export class DatabaseCounts {
  /** From the call to its end, with all that was tried again. */
  readonly seconds: Readonly<Record<DatabaseCall, Histogram>> = {
    read: new Histogram(BOUNDS),
    snapshot: new Histogram(BOUNDS),
    write: new Histogram(BOUNDS),
    touch: new Histogram(BOUNDS),
  };
  /** Attempts that failed and were made again, since the server was away, or another transaction in the way. */
  readonly retries = { lost: 0, conflict: 0 };
  failures = 0;

  constructor(private readonly steady: Clock) {}

  async timed<T>(call: DatabaseCall, run: () => Promise<T>): Promise<T> {
    const startMs = this.steady.nowMs();
    try {
      return await run();
    } catch (error) {
      this.failures++;
      throw error;
    } finally {
      this.seconds[call].add((this.steady.nowMs() - startMs) / 1000);
    }
  }
}
