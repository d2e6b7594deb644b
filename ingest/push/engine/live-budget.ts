import type { LiveMemory } from '../live/live-memory.js';
import type { PushEngineOptions } from './engine-options.js';
import type { Handoffs } from './handoffs.js';
import type { PushTables } from './push-tables.js';

/** The part of the budget beyond which live rows are sealed in the background. */
const RELIEF = 0.5;

/** Keeps what live rows take in memory within its budget: the largest become sorted pieces on disk. */
export class LiveBudget {
  #isRelieving = false;

  constructor(
    private readonly options: PushEngineOptions,
    private readonly tables: PushTables,
    private readonly memory: LiveMemory,
    private readonly handoffs: Handoffs,
  ) {}

  /** Seals until live rows take no more than they may, as far as that helps; waits for queries that read what was sealed. */
  async makeRoom(): Promise<void> {
    const { memoryBytes } = this.options.limits;
    while (this.memory.usedBytes > memoryBytes) {
      if (!(await this.#sealLargest())) return;
      if (this.memory.usedBytes > memoryBytes) await this.memory.nextRelease();
    }
  }

  /** Seals in the background while there is room yet, so that nobody need wait for it. */
  relieve(): void {
    const isEnough = this.memory.usedBytes <= RELIEF * this.options.limits.memoryBytes;
    if (this.#isRelieving || isEnough) return;
    this.#isRelieving = true;
    void this.#sealLargest().finally(() => {
      this.#isRelieving = false;
    });
  }

  /** False when there is nothing to seal, or it failed: the pool has room beyond the budget, and pushes are refused meanwhile. */
  async #sealLargest(): Promise<boolean> {
    const largest = this.tables.largest();
    if (largest === null) return false;
    largest.rows.freeze();
    try {
      await this.handoffs.sealPiece(largest.table, largest.rows);
      return true;
    } catch (error) {
      this.options.logger.warn({ err: error }, 'live rows could not be sealed');
      return false;
    }
  }
}
