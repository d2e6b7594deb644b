import { ResourceLimitError } from '../../core/index.js';

/** What all queries of a process may hold together. */
export class MemoryBudget {
  #usedBytes = 0;

  constructor(readonly limitBytes: number) {}

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Opens the share of one query, which may hold `limitBytes` by itself. Close it when the query has ended. */
  open(limitBytes: number): QueryMemory {
    return new QueryMemory(limitBytes, {
      limitBytes: this.limitBytes,
      freeBytes: () => this.limitBytes - this.#usedBytes,
      add: (bytes) => {
        this.#usedBytes += bytes;
      },
    });
  }
}

/** What a query's share adds to, and takes from when the number is below 0. */
interface Shared {
  readonly limitBytes: number;
  freeBytes(): number;
  add(bytes: number): void;
}

/** The bytes that one query holds, those of queries inside it included. Their sum is what the process counts. */
export class QueryMemory {
  #usedBytes = 0;
  #isClosed = false;

  constructor(
    readonly limitBytes: number,
    private readonly shared: Shared,
  ) {}

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** What may still be taken. */
  get freeBytes(): number {
    return Math.min(this.limitBytes - this.#usedBytes, this.shared.freeBytes());
  }

  /** Whether so many bytes more may be taken. */
  hasRoom(bytes: number): boolean {
    return bytes <= this.freeBytes;
  }

  /** Takes bytes. Throws ResourceLimitError, and takes none, beyond a limit. */
  hold(bytes: number): void {
    const amount = this.#usedBytes + bytes;
    if (amount > this.limitBytes) throw beyondQuery(this.limitBytes, amount);
    if (!this.hasRoom(bytes)) throw beyondProcess(this.shared.limitBytes, amount);
    this.#add(bytes);
  }

  /** Gives bytes back that were taken. */
  release(bytes: number): void {
    this.#add(-bytes);
  }

  /** Gives back what is still held; what comes after counts no more. */
  close(): void {
    this.#add(-this.#usedBytes);
    this.#isClosed = true;
  }

  #add(bytes: number): void {
    if (this.#isClosed) return;
    this.shared.add(bytes);
    this.#usedBytes += bytes;
  }
}

const beyondQuery = (limit: number, amount: number): ResourceLimitError =>
  new ResourceLimitError(
    `the query would hold ${amount} bytes in memory, more than maxQueryBytes = ${limit}; filter more, group by fewer dimensions, ask for fewer rows, or raise query.maxQueryBytes`,
    limit,
    amount,
  );

const beyondProcess = (limit: number, amount: number): ResourceLimitError =>
  new ResourceLimitError(
    `no memory is left for the query, which would hold ${amount} bytes: all queries together may hold query.memoryBytes = ${limit}; ask again when others have ended, ask for less, or raise it`,
    limit,
    amount,
  );
