import { CapacityError, type Clock } from '../../core/index.js';

export interface SchedulerOptions {
  /** Queries that run at once. */
  readonly maxRunning: number;
  /** Of those, by lane; a lane that is not here has no limit of its own. */
  readonly laneLimits: ReadonlyMap<string, number>;
  /** Queries without a lane that may wait. A lane has a queue of its own, of its share of as many places. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
  readonly clock: Clock;
  /** Runs something later, unless the function that it gives is called before. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** How much a query is to be preferred, and among which it counts. */
export interface Claim {
  /** Higher goes first. */
  readonly priority: number;
  /** One of the limited ones, or null. */
  readonly lane: string | null;
}

/** The right to run. */
export interface Slot {
  /** To be called once. */
  release(): void;
}

interface Waiter extends Claim {
  readonly start: () => void;
  readonly refuse: (error: unknown) => void;
}

/** When a refused query may be asked again. */
const RETRY_AFTER_MS = 1000;

/** From so many ends on it is told how long a wait will be; of more than the most, the latest count. */
const LEAST_ENDS = 4;
const MOST_ENDS = 32;
/** A wait of more than this part of the longest one is too long: the pace is not even, and who waits for nothing should have been told at once. */
const LIKELY_SHARE = 0.5;

/**
 * Lets so many queries run at once. Others wait a moment: the highest priority goes first, among equals whoever came first. A
 * lane that is full makes its own queries wait, past which others go. Where the queue is full, or the wait too long, CapacityError:
 * at once where the wait is likely to be too long at the pace at which others end.
 *
 * Invariant: nobody waits who could run.
 */
export class QueryScheduler {
  readonly #running = new Map<string | null, number>();
  /** In the order in which they may go. */
  readonly #waiting: Waiter[] = [];
  /** When queries ended lately, while others waited all the time. */
  #ends: number[] = [];
  readonly #refused = new Map<string | null, number>();
  #runningCount = 0;

  constructor(private readonly options: SchedulerOptions) {}

  get runningCount(): number {
    return this.#runningCount;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  runningOf(lane: string | null): number {
    return this.#running.get(lane) ?? 0;
  }

  waitingOf(lane: string | null): number {
    return this.#waiting.reduce((count, each) => count + (each.lane === lane ? 1 : 0), 0);
  }

  /** Queries that were refused, by lane; those of which it was not known yet have none. */
  get refused(): ReadonlyMap<string | null, number> {
    return this.#refused;
  }

  /** Throws CapacityError where a query would be refused, whatever it claims. */
  checkRoom(): void {
    const { laneLimits } = this.options;
    if (this.#hasPlace(null)) return;
    for (const lane of laneLimits.keys()) if (this.#hasPlace(lane)) return;
    throw this.#refusal(null);
  }

  /**
   * Waits for the right to run. Rejects with CapacityError, or with the signal's reason when it is raised before, which
   * frees the place in the queue.
   */
  enter(claim: Claim, signal: AbortSignal): Promise<Slot> {
    const { lane } = claim;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#canRun(lane)) return Promise.resolve(this.#started(lane));
    const longestMs = LIKELY_SHARE * this.options.maxWaitMs;
    if (!this.#hasPlace(lane) || this.#expectedMs(claim) > longestMs) {
      return Promise.reject(this.#refusal(lane));
    }
    return this.#wait(claim, signal);
  }

  #wait(claim: Claim, signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        stopTimer();
        signal.removeEventListener('abort', cancel);
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        if (this.#waiting.length === 0) this.#ends = [];
      };
      const waiter: Waiter = {
        ...claim,
        start: () => {
          leave();
          resolve(this.#started(claim.lane));
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const cancel = () => waiter.refuse(signal.reason);
      const { maxWaitMs, after } = this.options;
      const stopTimer = after(maxWaitMs, () => waiter.refuse(this.#refusal(claim.lane)));
      signal.addEventListener('abort', cancel, { once: true });
      const behind = this.#waiting.findIndex(({ priority }) => priority < claim.priority);
      this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, waiter);
    });
  }

  #started(lane: string | null): Slot {
    this.#count(lane, 1);
    let isHeld = true;
    return {
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#count(lane, -1);
        if (this.#waiting.length > 0) this.#ended();
        this.#waiting.find((each) => this.#canRun(each.lane))?.start();
      },
    };
  }

  #ended(): void {
    this.#ends.push(this.options.clock.nowMs());
    if (this.#ends.length > MOST_ENDS) this.#ends.shift();
  }

  /** How long a query would wait if others of its lane end as fast as all of them do: it may be longer. 0 where too few have ended. */
  #expectedMs({ lane, priority }: Claim): number {
    const [first = 0] = this.#ends;
    if (this.#ends.length < LEAST_ENDS) return 0;
    const ahead = this.#waiting.filter((each) => each.lane === lane && each.priority >= priority);
    const paceMs = (this.options.clock.nowMs() - first) / (this.#ends.length - 1);
    return paceMs * (ahead.length + 1);
  }

  #count(lane: string | null, by: number): void {
    this.#running.set(lane, this.runningOf(lane) + by);
    this.#runningCount += by;
  }

  #limitOf(lane: string | null): number {
    const limit = lane === null ? undefined : this.options.laneLimits.get(lane);
    return Math.min(limit ?? this.options.maxRunning, this.options.maxRunning);
  }

  #canRun(lane: string | null): boolean {
    return (
      this.#runningCount < this.options.maxRunning && this.runningOf(lane) < this.#limitOf(lane)
    );
  }

  /** Whether one more query may run or wait. */
  #hasPlace(lane: string | null): boolean {
    if (this.#canRun(lane)) return true;
    const { maxRunning, maxWaiting } = this.options;
    const places = Math.ceil((maxWaiting * this.#limitOf(lane)) / maxRunning);
    return this.waitingOf(lane) < places;
  }

  #refusal(lane: string | null): CapacityError {
    this.#refused.set(lane, (this.#refused.get(lane) ?? 0) + 1);
    const limit = this.#limitOf(lane);
    const which =
      lane === null
        ? `total query capacity of ${limit} exceeded`
        : `query capacity of ${limit} exceeded for lane '${lane}'`;
    return new CapacityError(
      `Too many concurrent queries, ${which}. Please try your query again later, after the time in Retry-After`,
      RETRY_AFTER_MS,
    );
  }
}
