import { ResourceLimitError } from '../../core/index.js';
import { memoised } from '../../model/index.js';
import type { OpenScan } from '../interpreter/walk.js';
import type { JoinSource } from '../native/query.js';
import type { ExpandedRows } from './expanded-segment.js';
import { type JoinIndex, NO_CODE } from './join-index.js';
import { NO_ROW, type RightSide } from './right-side.js';
import { RowList } from './row-list.js';

/** Of one job: two numbers a row. */
const MAX_ROWS = 2 ** 24;

/** Takes rows of a segment one after the other, on which the cursor of a scan stands, and knows those of the right side that each has. */
export class JoinedRows {
  readonly #rows = new RowList();
  readonly #rightRows = new RowList();
  readonly #index: JoinIndex;
  readonly #code: () => number;

  /** `seen` has a byte for each row of the right side, which is set when the row came up; null where nobody asks. */
  constructor(
    private readonly scan: OpenScan,
    private readonly join: JoinSource,
    private readonly right: RightSide,
    private readonly seen: Uint8Array | null,
  ) {
    this.#index = right.index(join);
    this.#code = codeReader(scan, join, this.#index);
  }

  add(): void {
    const { row } = this.scan.cursor;
    const code = this.#code();
    const { starts, rows } = this.#index.byCode;
    const from = code === NO_CODE ? 0 : starts[code]!;
    const to = code === NO_CODE ? 0 : starts[code + 1]!;
    if (this.#rows.length + to - from > MAX_ROWS) throw tooManyRows();
    for (let i = from; i < to; i++) this.#push(row, rows[i]!);
    if (from === to && this.join.keepsLeft) this.#push(row, NO_ROW);
  }

  #push(row: number, right: number): void {
    this.#rows.push(row);
    this.#rightRows.push(right);
    if (this.seen !== null && right !== NO_ROW) this.seen[right] = 1;
  }

  get expanded(): ExpandedRows {
    return {
      rows: this.#rows.rows,
      added: this.right.added(this.join, this.#rightRows.rows),
    };
  }
}

/** The code of the current row's keys. */
function codeReader(
  { cursor }: OpenScan,
  { condition: { keys } }: JoinSource,
  index: JoinIndex,
): () => number {
  const readers = keys.map(({ left }) => left.compile(cursor));
  const toOrdinal = readers.map(({ type }, i) => index.ordinalOf(i, type));
  const [only, ...more] = readers;
  if (only === undefined) return () => 0;
  if (more.length === 0) return memoised(only, (value) => index.code([toOrdinal[0]!(value)]));
  const ordinals = readers.map((reader, i) => memoised(reader, toOrdinal[i]!));
  return () => index.code(ordinals.map((ordinal) => ordinal()));
}

const tooManyRows = (): ResourceLimitError =>
  new ResourceLimitError(
    `the join makes more than ${MAX_ROWS} rows of a piece of its left side; join by more selective keys, or filter either side`,
    MAX_ROWS,
    MAX_ROWS + 1,
  );
