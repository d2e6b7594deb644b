import type { CommandLog } from './command-log.js';
import type { PushEngineOptions } from './engine-options.js';
import type { Handoffs } from './handoffs.js';
import type { PushTable } from './push-table.js';
import type { PushTables } from './push-tables.js';

/** After a handoff that failed. */
const RETRY_MS = 5_000;

/** Decides when a table is handed off, and trims the log behind it. */
export class HandoffSchedule {
  readonly #running = new Set<string>();
  /** Tables whose handoff failed, and when it is tried again. */
  readonly #retryAtMs = new Map<string, number>();

  constructor(
    private readonly options: PushEngineOptions,
    private readonly log: CommandLog,
    private readonly tables: PushTables,
    private readonly handoffs: Handoffs,
    /** Commands before it are folded. */
    private readonly foldedTo: () => number,
  ) {}

  /** Begins the handoffs that are due. */
  consider(tables: Iterable<PushTable>): void {
    const nowMs = this.options.clock.nowMs();
    for (const table of tables) {
      if (!this.#isDue(table, nowMs)) continue;
      this.handOff(table).catch((error: unknown) => {
        const { logger, clock } = this.options;
        logger.error({ table: table.name, err: error }, 'a handoff failed; it is tried again');
        this.#retryAtMs.set(table.name, clock.nowMs() + RETRY_MS);
      });
    }
  }

  /** Ends what grows, and publishes it: all that is folded by now. */
  async handOff(table: PushTable): Promise<void> {
    const { name } = table;
    this.#running.add(name);
    try {
      table.endGeneration(this.foldedTo());
      // A position is published only when the log cannot end before it any more.
      this.log.sync();
      await this.handoffs.publishEnded(table);
      this.#retryAtMs.delete(name);
      this.log.trim(this.tables.unpublishedFrom ?? this.foldedTo());
    } finally {
      this.#running.delete(name);
    }
  }

  #isDue(table: PushTable, nowMs: number): boolean {
    if (this.#running.has(table.name)) return false;
    if (nowMs < (this.#retryAtMs.get(table.name) ?? 0)) return false;
    const { growing, nextToPublish } = table;
    if (nextToPublish !== null) return true;
    if (growing === null) return false;
    const { maxRows, periodMs } = table.state.spec.handoff;
    return (
      growing.rowCount >= maxRows ||
      nowMs - growing.startedMs >= periodMs ||
      (this.log.sizeBytes > this.options.limits.logBytes && this.#isOldest(table))
    );
  }

  /** Whether the log can be trimmed once this table is handed off. */
  #isOldest({ unpublishedFrom }: PushTable): boolean {
    return unpublishedFrom === this.tables.unpublishedFrom;
  }
}
