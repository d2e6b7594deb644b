import { CapacityError } from '../../core/index.js';

interface Waiter {
  readonly isUrgent: boolean;
  start(): void;
}

/** Lets a few work at the same time; others wait in the order in which they came, those that are urgent before all others. */
export class Slots {
  readonly #waiting: Waiter[] = [];
  #running = 0;

  constructor(
    private readonly count: number,
    private readonly maxWaiting = Number.POSITIVE_INFINITY,
  ) {}

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Rejects with the reason of the signal when it is raised while it waits, and with CapacityError where too many do. */
  async run<T>(signal: AbortSignal, isUrgent: boolean, work: () => Promise<T>): Promise<T> {
    await this.#enter(signal, isUrgent);
    try {
      return await work();
    } finally {
      this.#running--;
      this.#waiting.shift()?.start();
    }
  }

  #enter(signal: AbortSignal, isUrgent: boolean): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.count) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.maxWaiting) {
      throw new CapacityError(`${this.maxWaiting} wait already; ask again later`, 1000);
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const start = () => {
        signal.removeEventListener('abort', onAbort);
        this.#running++;
        resolve();
      };
      const waiter: Waiter = { isUrgent, start };
      signal.addEventListener('abort', onAbort, { once: true });
      const behind = isUrgent ? this.#waiting.findIndex((each) => !each.isUrgent) : -1;
      if (behind === -1) this.#waiting.push(waiter);
      else this.#waiting.splice(behind, 0, waiter);
    });
  }
}
