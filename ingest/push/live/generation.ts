import { DEAD_LETTERS, type HandoffSegments, type LiveGeneration } from '../types.js';
import { LiveRows, type LiveStore, type SchemaMaker } from './live-rows.js';

/**
 * What the commands in [from, to) of the log brought to one push table and is not published yet: its
 * rows, and its dead letters. `to` is infinite while it grows.
 */
export class Generation {
  readonly rows: LiveRows;
  readonly letters: LiveRows;
  /** What was sealed of it already, by data source. */
  readonly sealed = new Map<string, HandoffSegments>();
  #to = Number.POSITIVE_INFINITY;

  constructor(
    readonly from: number,
    /** By the clock of this process: says only when it is handed off. */
    readonly startedMs: number,
    table: string,
    store: LiveStore,
    schemas: { readonly rows: SchemaMaker; readonly letters: SchemaMaker },
  ) {
    this.rows = new LiveRows(table, store, schemas.rows);
    this.letters = new LiveRows(DEAD_LETTERS, store, schemas.letters);
  }

  get to(): number {
    return this.#to;
  }

  get grows(): boolean {
    return this.#to === Number.POSITIVE_INFINITY;
  }

  get rowCount(): number {
    return this.rows.rowCount + this.letters.rowCount;
  }

  get sizeBytes(): number {
    return this.rows.sizeBytes + this.letters.sizeBytes;
  }

  /** Nothing behind `to` belongs to it. */
  end(to: number): void {
    this.#to = to;
    this.rows.freeze();
    this.letters.freeze();
  }

  live(): LiveGeneration {
    return { to: this.#to, parts: [...this.rows.parts(), ...this.letters.parts()] };
  }

  /** It is published, and announced no more. */
  retire(): void {
    this.rows.retire();
    this.letters.retire();
  }
}
