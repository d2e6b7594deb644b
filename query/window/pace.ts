/**
 * Windows are computed in the main thread: after so many rows others get their turn, and it is asked whether the answer is
 * still wanted.
 *
 *     if (pace.isDue(rows)) await pace.turn();
 */
export class Pace {
  #left = ROWS_PER_TURN;

  constructor(private readonly signal: AbortSignal) {}

  /** Counts rows that were worked on; true when it is time for a turn. */
  isDue(rows: number): boolean {
    this.#left -= rows;
    return this.#left <= 0;
  }

  /** Throws the signal's reason when it is raised. */
  async turn(): Promise<void> {
    this.#left = ROWS_PER_TURN;
    await new Promise((resolve) => setImmediate(resolve));
    this.signal.throwIfAborted();
  }
}

const ROWS_PER_TURN = 50_000;
