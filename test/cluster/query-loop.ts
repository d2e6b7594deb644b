import { setTimeout as wait } from 'node:timers/promises';
import { type DruidClient, until } from './druid-client.mjs';

/** Leaves the machine to those who answer. */
const PAUSE_MS = 20;

interface Asked {
  readonly startMs: number;
  readonly endMs: number;
  /** What was wrong about it; null: nothing. */
  readonly error: string | null;
}

/** How queries did over a time. */
export interface Ran {
  readonly right: number;
  readonly errors: readonly string[];
  readonly slowestMs: number;
  /** From the first moment until the end of the last query that failed; 0 where none did. */
  readonly troubleMs: number;
}

/** Asks brokers the same again and again; every answer is the right one, or an error. */
export class QueryLoop {
  readonly #asked: Asked[] = [];
  #isEnding = false;
  #loops: Promise<void>[] = [];
  /** Answers that were given for the right one, and are not. */
  readonly wrong: string[] = [];

  constructor(
    private readonly queries: readonly { readonly sql: string; readonly answer: string }[],
  ) {}

  start(clients: readonly DruidClient[]): void {
    this.#loops = clients.map((client) => this.#loop(client));
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#loops);
  }

  /** Runs `action` and says how the queries did since its start, those included that were under way. */
  async during(name: string, action: () => Promise<void>): Promise<Ran> {
    const startMs = performance.now();
    await action();
    const before = this.#since(startMs).filter(({ error }) => error === null).length;
    await until(`right answers after: ${name}`, () => this.#right(startMs) >= before + 6, 30_000);
    const asked = this.#since(startMs);
    const failed = asked.filter(({ error }) => error !== null);
    const ran = {
      right: asked.length - failed.length,
      errors: failed.map(({ error }) => error ?? ''),
      slowestMs: Math.max(...asked.map((each) => each.endMs - each.startMs)),
      troubleMs: Math.max(0, ...failed.map(({ endMs }) => endMs - startMs)),
    };
    console.log(`${name}: ${inWords(ran)}`);
    return ran;
  }

  #right(startMs: number): number {
    return this.#since(startMs).filter(({ error }) => error === null).length;
  }

  #since(startMs: number): Asked[] {
    return this.#asked.filter(({ endMs }) => endMs >= startMs);
  }

  async #loop(client: DruidClient): Promise<void> {
    for (let i = 0; !this.#isEnding; i++) {
      const { sql, answer } = this.queries[i % this.queries.length]!;
      const startMs = performance.now();
      const error = await this.#ask(client, sql, answer);
      this.#asked.push({ startMs, endMs: performance.now(), error });
      await wait(PAUSE_MS);
    }
  }

  /** What went wrong; null: it is the right answer. */
  async #ask(client: DruidClient, query: string, answer: string): Promise<string | null> {
    const context = { useCache: false, useResultLevelCache: false };
    const body = { query, resultFormat: 'array', context };
    try {
      const { status, text } = await client.request('POST', '/druid/v2/sql', body, 20_000);
      if (status !== 200) return `${status} ${text.slice(0, 300)}`;
      if (text === answer) return null;
      this.wrong.push(`${client.url}: ${query}: ${text.slice(0, 500)} instead of ${answer}`);
      return 'a wrong answer';
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      return String(cause);
    }
  }
}

function inWords({ right, errors, slowestMs, troubleMs }: Ran): string {
  const kinds = [...new Set(errors)].slice(0, 3);
  const trouble = `the last one ${troubleMs.toFixed(0)} ms after the start: ${kinds.join(' | ')}`;
  const failed = errors.length === 0 ? '' : `, ${trouble}`;
  return `${right} right, ${errors.length} errors${failed}; the slowest took ${slowestMs.toFixed(0)} ms`;
}
