import type { Clock } from '../../core/index.js';
import type { RowCounter } from '../rows/row-counter.js';
import type { Progress } from './progress.js';

/** Often enough for a person who watches. */
const INTERVAL_MS = 200;

/** Tells how far a task has come, a few times a second. */
export class ProgressMeter {
  readonly #startedMs: number;
  #toldMs: number;
  #phase: Progress['phase'] = 'BUILD_SEGMENTS';

  constructor(
    private readonly clock: Clock,
    private readonly counter: RowCounter,
    private readonly onProgress: (progress: Progress) => void,
  ) {
    this.#startedMs = clock.nowMs();
    this.#toldMs = this.#startedMs;
  }

  /** Begins a phase, and tells it. */
  enter(phase: Progress['phase']): void {
    this.#phase = phase;
    this.tell();
  }

  /** Tells it unless it was told just now. */
  tick(): void {
    if (this.clock.nowMs() - this.#toldMs >= INTERVAL_MS) this.tell();
  }

  tell(): void {
    const nowMs = this.clock.nowMs();
    this.#toldMs = nowMs;
    const { stats, rows, parseExceptions } = this.counter;
    const seconds = Math.max(1, nowMs - this.#startedMs) / 1000;
    const rowsPerSecond = rows / seconds;
    this.onProgress({ phase: this.#phase, stats, parseExceptions, rowsPerSecond });
  }
}
