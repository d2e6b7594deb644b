import { setTimeout as wait } from 'node:timers/promises';
import { type DruidClient, until } from './druid-client.mjs';
import type { PushLoop } from './push-loop.js';

/** Counts pushed rows again and again, on one broker after the other: an answer has all that was acknowledged before, and nothing twice. */
export class PushWatch {
  /** Answers that were looked at. */
  looks = 0;
  /** What is wrong with answers. */
  readonly wrong: string[] = [];
  /** Why there were none. */
  readonly refused: string[] = [];
  #isEnding = false;
  readonly #watching: Promise<void>;

  constructor(
    private readonly pushes: PushLoop,
    private readonly brokers: readonly DruidClient[],
  ) {
    this.#watching = this.#watch();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#watching;
  }

  /** Does something meanwhile; afterwards rows are stored and counted again. Prints how long they were not. */
  async during(name: string, action: () => Promise<void>): Promise<void> {
    const { pushes } = this;
    const before = { errors: pushes.errors.length, refused: this.refused.length };
    pushes.takeLongestMs();
    await action();
    const [stored, counted] = [pushes.acknowledged, this.looks];
    await until('rows are taken', () => pushes.acknowledged > stored + 500);
    await until('rows are counted', () => this.looks > counted + 4);
    const errors = pushes.errors.slice(before.errors);
    const kinds = [...new Set(errors.map((each) => each.slice(0, 160)))].slice(0, 3);
    console.log(
      `${name}: no row was stored for ${pushes.takeLongestMs().toFixed(0)} ms at the longest, ` +
        `${errors.length} pushes and ${this.refused.length - before.refused} counts were refused` +
        (kinds.length === 0 ? '' : `: ${kinds.join(' | ')}`),
    );
  }

  async #watch(): Promise<void> {
    for (let i = 0; !this.#isEnding; i++) {
      const broker = this.brokers[i % this.brokers.length]!;
      try {
        const { atLeast, rows, atMost } = await this.pushes.look(broker);
        this.looks++;
        if (rows < atLeast || rows > atMost) {
          this.wrong.push(`${broker.url}: ${rows} rows, not from ${atLeast} to ${atMost}`);
        }
      } catch (error) {
        this.refused.push(String(error).slice(0, 300));
      }
      await wait(50);
    }
  }
}
