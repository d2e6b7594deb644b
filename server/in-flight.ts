import { CapacityError } from '../core/index.js';

/** When there may be room again: a group of pushes takes milliseconds, a piece to be sealed or an answer to be read about a second. */
const RETRY_AFTER_MS = 1000;

/** Whose bytes are bounded, and by which setting, for messages. */
export interface InFlightNames {
  /** Such as `pushes`. */
  readonly what: string;
  readonly setting: string;
}

/** Bytes that requests hold while they are under way, such as those of pushes that are not answered yet: bounded. */
export class InFlightBytes {
  #bytes = 0;
  #refused = 0;

  constructor(
    readonly maxBytes: number,
    private readonly names: InFlightNames,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** How often there was no room. */
  get refused(): number {
    return this.#refused;
  }

  /** Throws CapacityError when so many more are too many; where nothing is held, there is room for anything. */
  checkRoom(bytes: number): void {
    if (this.#bytes === 0 || this.#bytes + bytes <= this.maxBytes) return;
    this.#refused++;
    const { what, setting } = this.names;
    throw new CapacityError(
      `${this.#bytes} bytes of ${what} are under way, ${bytes} more are beyond the ${this.maxBytes} that may be; ` +
        `send it again after the time in Retry-After, or raise ${setting}`,
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

/** What one request holds. */
export class InFlightShare {
  #bytes = 0;

  constructor(
    private readonly all: InFlightBytes,
    private readonly count: (bytes: number) => void,
  ) {}

  /** Holds `bytes` more. Throws CapacityError when others leave no room for them. */
  take(bytes: number): void {
    // A request that is alone may be as large as requests may be.
    if (this.all.bytes > this.#bytes) this.all.checkRoom(bytes);
    this.#bytes += bytes;
    this.count(bytes);
  }

  release(): void {
    this.count(-this.#bytes);
    this.#bytes = 0;
  }
}
