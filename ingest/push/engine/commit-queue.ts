import { CapacityError } from '../../../core/index.js';
import type { PushAnswer } from '../types.js';
import type { PreparedCommand, PushTable } from './push-table.js';

/** A request that waits for the log. */
export interface Waiting {
  readonly table: PushTable;
  readonly sizeBytes: number;
  readonly durable: boolean;
  readonly sinceMs: number;
  /** Makes the command, when its turn has come. Throws when it is refused. */
  prepare(arrivalMs: number): PreparedCommand;
  resolve(answer: PushAnswer): void;
  reject(error: unknown): void;
}

/** Commands of one group are written and synced together. */
const MAX_GROUP_BYTES = 16 * 2 ** 20;
const MAX_GROUP_COMMANDS = 1024;

/** What waits for its turn, first come first served, bounded in bytes. */
export class CommitQueue {
  #waiting: Waiting[] = [];
  #sizeBytes = 0;

  constructor(private readonly maxBytes: number) {}

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Since when the oldest waits; null when nothing does. */
  get oldestMs(): number | null {
    return this.#waiting[0]?.sinceMs ?? null;
  }

  /** Throws CapacityError when there is no room for so many more; an empty queue has room for anything. */
  checkRoom(sizeBytes: number): void {
    if (this.#sizeBytes === 0 || this.#sizeBytes + sizeBytes <= this.maxBytes) return;
    throw new CapacityError(
      `${this.#sizeBytes} bytes of pushes wait already, ${sizeBytes} more are beyond the ${this.maxBytes} that may; ` +
        'send the batch again after the time in Retry-After, or raise push.queueBytes',
      1000,
    );
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#sizeBytes += waiting.sizeBytes;
  }

  /** The next group, oldest first: one command at least, unless nothing waits. */
  take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { sizeBytes } of this.#waiting) {
      if (count > 0 && (bytes + sizeBytes > MAX_GROUP_BYTES || count === MAX_GROUP_COMMANDS)) break;
      bytes += sizeBytes;
      count++;
    }
    this.#sizeBytes -= bytes;
    return this.#waiting.splice(0, count);
  }
}
