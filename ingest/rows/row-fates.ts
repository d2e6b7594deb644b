/** Where a row was found to be of no use, and why. */
export interface Loss {
  readonly step: 'timestamp' | 'transform';
  readonly reason: string;
}

/** Why a row that is fine is not wanted; its place tells it from the others among the fates. */
const DISCARDS = [
  'transformSpec.filter does not pass it',
  'its time is outside of granularitySpec.intervals',
  'it was refused',
] as const;

export type Discard = (typeof DISCARDS)[number];

const LOST = DISCARDS.length + 1;

/** What becomes of each row of one batch, decided step by step. */
export class RowFates {
  /** Of rows that are thrown away, why, counted from 1; LOST of rows that are lost. Null while none is. */
  #gone: Uint8Array | null = null;
  readonly #lost = new Map<number, Loss>();
  readonly #errors = new Map<number, string[]>();
  #goneCount = 0;

  constructor(readonly rowCount: number) {}

  /** The rows that cannot be used at all. */
  get lost(): ReadonlyMap<number, Loss> {
    return this.#lost;
  }

  /** Rows that are kept, with the values of theirs that became null. */
  get errors(): ReadonlyMap<number, readonly string[]> {
    return this.#errors;
  }

  get thrownAway(): number {
    return this.#goneCount - this.#lost.size;
  }

  /** The row cannot be used. */
  lose(row: number, step: Loss['step'], reason: string): void {
    this.#go(row, LOST);
    this.#lost.set(row, { step, reason });
  }

  /** The row is fine and not wanted. */
  throwAway(row: number, why: Discard): void {
    this.#go(row, DISCARDS.indexOf(why) + 1);
  }

  /** Null of rows that are kept or lost. */
  whyThrownAway(row: number): Discard | null {
    return DISCARDS[(this.#gone?.[row] ?? 0) - 1] ?? null;
  }

  #go(row: number, why: number): void {
    this.#gone ??= new Uint8Array(this.rowCount);
    if (this.#gone[row] === 0) this.#goneCount++;
    this.#gone[row] = why;
  }

  /** A value of a kept row became null. */
  blame(row: number, reason: string): void {
    const reasons = this.#errors.get(row);
    if (reasons === undefined) this.#errors.set(row, [reason]);
    else if (!reasons.includes(reason)) reasons.push(reason);
  }

  /** The rows that are still wanted, ascending; not to be written to. */
  kept(): Uint32Array {
    if (this.#gone === null) return allRows(this.rowCount);
    const kept = new Uint32Array(this.rowCount - this.#goneCount);
    const gone = this.#gone;
    let count = 0;
    for (let row = 0; row < gone.length; row++) if (gone[row] === 0) kept[count++] = row;
    return kept;
  }
}

let rows = new Uint32Array(0);

/** 0, 1, 2 and so on: an array for all batches. */
function allRows(count: number): Uint32Array {
  if (count > rows.length) rows = Uint32Array.from({ length: 2 * count }, (_, row) => row);
  return rows.subarray(0, count);
}
