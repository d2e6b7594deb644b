import { setTimeout as wait } from 'node:timers/promises';
import type { DruidClient } from './druid-client.mjs';

const BATCH_ROWS = 50;
const PAUSE_MS = 15;

/** The spec of a table for the rows of a `PushLoop`, but for when they are handed off. */
export const CLICKS = {
  timestampSpec: { column: 'timestamp', format: 'iso' },
  dimensionsSpec: { dimensions: ['user', { type: 'long', name: 'n' }] },
  granularitySpec: { segmentGranularity: 'hour' },
};

/** A count of rows that was looked at: those that were there at least, the answer, those that may have been there. */
interface Seen {
  readonly atLeast: number;
  readonly rows: number;
  readonly atMost: number;
}

/**
 * Pushes batches to nodes by turns, each batch again and again until a node has answered that it is stored. Every row has a
 * number of its own, so that their count and sum say whether each is there, once.
 */
export class PushLoop {
  #sent = 0;
  #acknowledged = 0;
  #token = '';
  #isEnding = false;
  #loop: Promise<void> = Promise.resolve();
  /** What nodes answered instead. */
  readonly errors: string[] = [];
  #lastAckMs = performance.now();
  #longestMs = 0;

  constructor(
    private readonly table: string,
    private readonly clients: readonly DruidClient[],
  ) {}

  start(): void {
    this.#loop = this.#push();
  }

  /** Waits until the batch that is under way is stored. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#loop;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The longest time without an answer that rows are stored, since it was asked last. */
  takeLongestMs(): number {
    const longest = Math.max(this.#longestMs, performance.now() - this.#lastAckMs);
    this.#longestMs = 0;
    return longest;
  }

  /** What the rows add up to once each is stored, and each once. */
  get expected(): readonly [number, number] {
    return [this.#acknowledged, (this.#acknowledged * (this.#acknowledged - 1)) / 2];
  }

  /** How many rows there are, by a query that is to see all that were acknowledged before it. */
  async look(broker: DruidClient): Promise<Seen> {
    const atLeast = this.#acknowledged;
    const context = { ingestToken: this.#token, timeout: 20_000 };
    const [row] = await broker.sql(`SELECT COUNT(*) FROM ${this.table}`, context);
    return { atLeast, rows: Number(row?.[0]), atMost: this.#sent };
  }

  async #push(): Promise<void> {
    for (let sequence = 0; !this.#isEnding; sequence++) {
      const rows = Array.from({ length: BATCH_ROWS }, (_, i) => {
        const n = this.#sent + i;
        const timestamp = new Date(Date.UTC(2024, 0, 1) + n * 1000).toISOString();
        return JSON.stringify({ timestamp, user: `u${n % 97}`, n });
      });
      this.#sent += BATCH_ROWS;
      await this.#untilStored(rows.join('\n'), sequence);
      await wait(PAUSE_MS);
    }
  }

  async #untilStored(lines: string, sequence: number): Promise<void> {
    for (let tries = 0; ; tries++) {
      const client = this.clients[(sequence + tries) % this.clients.length]!;
      try {
        const sender = { producer: 'loop', sequence };
        ({ token: this.#token } = await client.push(this.table, lines, sender));
        this.#acknowledged += BATCH_ROWS;
        const nowMs = performance.now();
        this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastAckMs);
        this.#lastAckMs = nowMs;
        return;
      } catch (error) {
        this.errors.push(String(error));
        await wait(100);
      }
    }
  }
}
