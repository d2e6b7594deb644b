import { CapacityError } from '../../core/index.js';

/** When there may be room again: a group of pushes takes milliseconds, a piece to be sealed about a second. */
const RETRY_AFTER_MS = 1000;

/** Bytes of pushes that the main thread holds or has handed to the push worker, which has not answered yet: bounded. */
export class InFlightBytes {
  #bytes = 0;

  constructor(readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws CapacityError when so many more are too many; where nothing is held, there is room for anything. */
  checkRoom(bytes: number): void {
    if (this.#bytes === 0 || this.#bytes + bytes <= this.maxBytes) return;
    throw new CapacityError(
      `${this.#bytes} bytes of pushes are under way, ${bytes} more are beyond the ${this.maxBytes} that may be; ` +
        'send the batch again after the time in Retry-After, or raise push.queueBytes',
      RETRY_AFTER_MS,
    );
  }

  /** A share of the bytes, none to begin with. Release it in the end. */
  share(): InFlightShare {
    return new InFlightShare(this, (bytes) => {
      this.#bytes += bytes;
    });
  }
}

/** What one push holds. */
export class InFlightShare {
  #bytes = 0;

  constructor(
    private readonly all: InFlightBytes,
    private readonly count: (bytes: number) => void,
  ) {}

  /** Holds `bytes` more. Throws CapacityError when others leave no room for them. */
  take(bytes: number): void {
    // A push that is alone may be as large as pushes may be.
    if (this.all.bytes > this.#bytes) this.all.checkRoom(bytes);
    this.#bytes += bytes;
    this.count(bytes);
  }

  release(): void {
    this.count(-this.#bytes);
    this.#bytes = 0;
  }
}
