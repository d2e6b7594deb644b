import { ResourceLimitError } from '../../core/index.js';

/** What the coordinator assigned does not fit; it is to be assigned elsewhere. */
export class ShelfFullError extends ResourceLimitError {}

export interface BudgetOptions {
  /** All files together, those that are being fetched included. */
  readonly maxBytes: number;
  /** Of them, never for assigned segments, so that the others can be asked for. */
  readonly coldBytes: number;
}

/** Counts the bytes of the shelf: of files that are there and of those to come. */
export class ShelfBudget {
  #usedBytes = 0;
  #assignedBytes = 0;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly options: BudgetOptions) {}

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get assignedBytes(): number {
    return this.#assignedBytes;
  }

  get maxAssignedBytes(): number {
    return this.options.maxBytes - this.options.coldBytes;
  }

  add(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /** Whoever waits for room looks again. */
  free(bytes: number): void {
    this.#usedBytes -= bytes;
    this.wake();
  }

  wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Throws ShelfFullError. */
  assign(idText: string, bytes: number): void {
    const { maxAssignedBytes } = this;
    const amount = this.#assignedBytes + bytes;
    if (amount > maxAssignedBytes) {
      throw new ShelfFullError(
        `segment ${idText} cannot be assigned: assigned segments would have ${amount} bytes, at most ${maxAssignedBytes} fit; add disk or historicals`,
        maxAssignedBytes,
        amount,
      );
    }
    this.#assignedBytes = amount;
  }

  unassign(bytes: number): void {
    this.#assignedBytes -= bytes;
    this.wake();
  }

  /**
   * Takes room as soon as there is some: `makeRoom` removes what it can when asked for so many bytes. Throws
   * ResourceLimitError where it can never be.
   */
  async take(
    what: string,
    bytes: number,
    makeRoom: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { maxBytes } = this.options;
    for (;;) {
      signal.throwIfAborted();
      if (bytes > maxBytes) throw tooLarge(what, maxBytes, bytes);
      const missing = this.#usedBytes + bytes - maxBytes;
      if (missing > 0) makeRoom(missing);
      if (this.#usedBytes + bytes <= maxBytes) {
        this.#usedBytes += bytes;
        return;
      }
      await this.#change(signal);
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const wake = done(resolve);
      const onAbort = done(() => reject(signal.reason));
      this.#waiting.add(wake);
      signal.addEventListener('abort', onAbort);
    });
  }
}

const tooLarge = (what: string, limit: number, amount: number): ResourceLimitError =>
  new ResourceLimitError(
    `${what} needs ${amount} bytes of disk while it is fetched, the shelf may have ${limit}; give it more, or use fewer rows per segment`,
    limit,
    amount,
  );
