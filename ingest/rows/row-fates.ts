/** Where a row was found to be of no use, and why. */
export interface Loss {
  readonly step: 'timestamp' | 'transform';
  readonly reason: string;
}

/** What becomes of each row of one batch, decided step by step. */
export class RowFates {
  /** 1 where the row is lost or thrown away; null while none is. */
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
    this.throwAway(row);
    this.#lost.set(row, { step, reason });
  }

  /** The row is fine and not wanted. */
  throwAway(row: number): void {
    this.#gone ??= new Uint8Array(this.rowCount);
    this.#goneCount += 1 - this.#gone[row]!;
    this.#gone[row] = 1;
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
