import { CancelledError, type Clock, type JsonObject } from '../../core/index.js';
import {
  innerTableNames,
  metricsJson,
  type NativeQuery,
  type OnStart,
  type QueryStats,
  roundedMs,
} from '../../query/index.js';
import type { InFlightShare } from '../in-flight.js';
import { type Phase, type QueryTimes, timesOf } from './query-times.js';
import type { Claim, QueryScheduler } from './scheduler.js';

/** What is asked, as far as it is known before it is planned. */
export interface Question extends Claim {
  /** Under which it may be cancelled. */
  readonly id: string;
  /** Of a native query its own. */
  readonly type: string;
  /** Of a native query. */
  readonly tables?: readonly string[];
  /** What its body takes, and will be given back when it has ended. */
  readonly share: InFlightShare;
}

/** The type of what is asked in SQL. */
export const SQL_TYPE = 'sql';

interface NativeRun {
  readonly query: NativeQuery;
  readonly stats: QueryStats;
}

export interface AskedQueryServices {
  readonly scheduler: QueryScheduler;
  /** Never goes back. */
  readonly stopwatch: Clock;
  /** When it has ended, once. */
  readonly onEnd: (query: AskedQuery, outcome: Outcome) => void;
}

/** How a request ended; `gone`: its client did not wait for the whole answer. */
export type Outcome = 'success' | 'gone' | { readonly error: unknown };

/** A query that somebody asked for, until its answer is written: queued, running, being written. */
export class AskedQuery {
  /** The native queries that it has become, in their order. */
  readonly natives: NativeRun[] = [];
  readonly #controller = new AbortController();
  readonly #askedMs: number;
  #startedMs: number | null = null;
  #answeredMs: number | null = null;
  #endedMs: number | null = null;

  constructor(
    readonly question: Question,
    /** Milliseconds since the epoch. */
    readonly askedAtMs: number,
    private readonly services: AskedQueryServices,
    private readonly client: AbortSignal | undefined,
  ) {
    this.#askedMs = services.stopwatch.nowMs();
    if (client?.aborted === true) this.cancel();
    else client?.addEventListener('abort', this.cancel, { once: true });
  }

  /** Raised when it is cancelled, be it that its client has gone. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly cancel = (): void => {
    this.#controller.abort(new CancelledError(`Query [${this.question.id}] cancelled`));
  };

  /** To be told of the native queries that it becomes. */
  readonly onStart: OnStart = (query, stats) => void this.natives.push({ query, stats });

  /** Does the work when others leave room for it. Throws CapacityError where they do not in time. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { scheduler, stopwatch } = this.services;
    const slot = await scheduler.enter(this.question, this.signal);
    this.#startedMs = stopwatch.nowMs();
    try {
      return await work(this.signal);
    } finally {
      this.#answeredMs = stopwatch.nowMs();
      slot.release();
    }
  }

  /** Holds memory for the answer until the query has ended. Throws CapacityError where others leave no room for it. */
  hold(bytes: number): void {
    this.question.share.take(bytes);
  }

  end(outcome: Outcome): void {
    if (this.#endedMs !== null) return;
    this.#endedMs = this.services.stopwatch.nowMs();
    this.client?.removeEventListener('abort', this.cancel);
    this.question.share.release();
    this.services.onEnd(this, outcome);
  }

  get phase(): Phase {
    if (this.#startedMs === null) return 'queue';
    return this.#answeredMs === null ? (this.natives.at(-1)?.stats.phase ?? 'plan') : 'write';
  }

  /** So far. */
  get times(): QueryTimes {
    const ended = this.#endedMs ?? this.services.stopwatch.nowMs();
    const answered = this.#answeredMs ?? ended;
    const started = this.#startedMs ?? answered;
    const stats = this.natives.map((each) => each.stats);
    return timesOf({ asked: this.#askedMs, started, answered, ended }, stats);
  }

  /** Those that it reads, as far as it is known. */
  get tables(): string[] {
    const { tables } = this.question;
    return [...new Set(tables ?? this.natives.flatMap(({ query }) => innerTableNames(query)))];
  }

  sum(count: 'rowsScanned' | 'segments'): number {
    return this.natives.reduce((total, { stats }) => total + stats[count], 0);
  }

  /** How many segments are missing of its answer so far. */
  get missingSegments(): number {
    return this.natives.reduce((total, { stats }) => total + stats.missing.length, 0);
  }

  /** What it took so far, where its context asks to be told. */
  metricsJson(): JsonObject | null {
    if (!this.natives.some(({ query }) => query.context.explainMetrics)) return null;
    const { queue, plan, scan, merge } = this.times;
    return {
      queueMs: roundedMs(queue),
      planMs: roundedMs(plan),
      scanMs: roundedMs(scan),
      mergeMs: roundedMs(merge),
      queries: this.natives.map(({ query, stats }) => metricsJson(query, stats)),
    };
  }
}
