import { nullBitmapBytes } from '../null-bitmap.js';
import { Part } from './part.js';

/**
 * The null bitmap of a growing column (`null-bitmap.ts`), which is there once there is a null. Bits behind the rows are
 * zero. A byte may hold bits of rows that readers see and of others: those of the former never change.
 */
export class NullBits {
  readonly #part = new Part('nulls', 1, true);
  #isNeeded = false;

  get any(): boolean {
    return this.#part.count > 0;
  }

  /** Null where no row is null. */
  get bitmap(): Uint8Array | null {
    return this.any ? this.#part.bytes : null;
  }

  /** Where it is, or is asked for. */
  get parts(): readonly Part[] {
    return this.any || this.#isNeeded ? [this.#part] : [];
  }

  /** Where it is. */
  get stored(): readonly Part[] {
    return this.any ? [this.#part] : [];
  }

  /** Asks for room for so many rows, where there are nulls or now come some. */
  reserve(rowCount: number, someAreNull: boolean): void {
    this.#isNeeded = someAreNull;
    if (this.any || someAreNull) this.#part.need(nullBitmapBytes(rowCount));
  }

  /** The bitmap for so many rows, new ones not null; null where none is. */
  extend(rowCount: number): Uint8Array | null {
    if (!this.any && !this.#isNeeded) return null;
    this.#part.count = nullBitmapBytes(rowCount);
    return this.#part.bytes;
  }
}
