import { UnavailableError } from '../../core/index.js';

/** What is to be closed when a node ends, or could not start: in the opposite order. */
export class Closing {
  readonly #all: (() => Promise<void> | void)[] = [];
  readonly #ending = new AbortController();

  /** Raised before anything is closed. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  add(close: () => Promise<void> | void): void {
    this.#all.push(close);
  }

  /** Once; what was added is closed also where something before it fails. */
  async close(): Promise<void> {
    this.#ending.abort(new UnavailableError('this node ends'));
    const errors: unknown[] = [];
    for (const close of this.#all.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
