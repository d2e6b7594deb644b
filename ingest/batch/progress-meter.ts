import type { Clock } from '../../core/index.js';
import type { RowCounter } from '../rows/row-counter.js';
import type { Progress } from './progress.js';

/** Often enough for a person who watches. */
const INTERVAL_MS = 200;

/** Tells how far a task has come, a few times a second. */
export class ProgressMeter {
  readonly #startedMs: number;
  #toldMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly counter: RowCounter,
    private readonly onProgress: (progress: Progress) => void,
  ) {
    this.#startedMs = clock.nowMs();
    this.#toldMs = this.#startedMs;
  }

  /** Tells it unless it was told just now. */
  tick(phase: Progress['phase']): void {
    if (this.clock.nowMs() - this.#toldMs >= INTERVAL_MS) this.tell(phase);
  }

  tell(phase: Progress['phase']): void {
    const nowMs = this.clock.nowMs();
    this.#toldMs = nowMs;
    const { stats, rows } = this.counter;
    const seconds = Math.max(1, nowMs - this.#startedMs) / 1000;
    this.onProgress({ phase, stats, rowsPerSecond: rows / seconds });
  }
}
