import type { RowCounts } from '../types.js';

/** How a push table is doing. */
export interface TableStats extends RowCounts {
  readonly table: string;
  /** Dead letters ever made. */
  readonly letters: number;
  /** Rows and bytes that are not published yet. */
  readonly bufferedRows: number;
  readonly bufferedBytes: number;
  /** Over the last seconds. */
  readonly rowsPerSecond: number;
  /** All rows up to this time have come, as far as the sources tell; null before there are any. */
  readonly watermarkMs: number | null;
  /** How far the newest stored row lies behind the clock; null before there are any. */
  readonly freshnessMs: number | null;
  /** Commands before it are published. */
  readonly publishedPosition: number;
}

/** How the engine is doing. */
export interface EngineStats {
  readonly tables: readonly TableStats[];
  /** Commands before it can be queried. */
  readonly position: number;
  readonly waitingPushes: number;
  readonly waitingBytes: number;
  /** How long the oldest push has waited. */
  readonly lagMs: number;
  readonly logBytes: number;
  readonly memoryBytes: number;
  /** Why no push is acknowledged now; null when they are. */
  readonly blocked: string | null;
}

/** Half of what a rate shows is younger than this. */
const HALF_LIFE_MS = 5000;

/** Rows a second, measured from tick to tick, older ticks counting less and less. */
export class RowRate {
  #rows = 0;
  #perSecond = 0;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  add(rows: number): void {
    this.#rows += rows;
  }

  tick(nowMs: number): void {
    const passedMs = nowMs - this.#atMs;
    if (passedMs <= 0) {
      this.#atMs = nowMs;
      return;
    }
    const kept = 0.5 ** (passedMs / HALF_LIFE_MS);
    this.#perSecond = this.#perSecond * kept + ((this.#rows * 1000) / passedMs) * (1 - kept);
    this.#rows = 0;
    this.#atMs = nowMs;
  }

  get perSecond(): number {
    return this.#perSecond < 0.01 ? 0 : this.#perSecond;
  }
}
