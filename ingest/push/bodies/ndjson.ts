import type { BatchColumn } from '../../input/batch.js';
import { joinColumns } from '../../input/ndjson/join-columns.js';
import { piecesOf } from '../../input/ndjson/pieces.js';
import { BLOCK_BYTES, Tokenizer } from '../../input/ndjson/tokenizer.js';
import type { BadRow, BodyOptions, BodyRows } from './body.js';
import { rawRow } from './raw-row.js';
import { MAX_CELLS, oversized, RowsBuilder, readObject } from './rows-builder.js';
import { contentStart, linesIn, trimmed } from './spans.js';

/**
 * Of this thread, for all tables: what it has learned changes nothing of what it reads. Made when the first
 * body comes.
 */
let tokenizer: Tokenizer | null = null;

/** One JSON object a line; blank lines are no rows. */
export function readNdjson(body: Uint8Array, options: BodyOptions): BodyRows {
  tokenizer ??= new Tokenizer(null);
  return new LineRows(body, options, tokenizer).read() ?? readLineByLine(body, options);
}

function readLineByLine(body: Uint8Array, { maxRowBytes }: BodyOptions): BodyRows {
  const rows = new RowsBuilder(body, maxRowBytes);
  linesIn(body, (start, end) => {
    const [from, to] = trimmed(body, start, end);
    if (from < to) rows.addObject(from, to);
  });
  return rows.build('ndjson');
}

/** A body of lines, read by the tokenizer where they are plain. */
class LineRows {
  readonly #numbers: number[] = [];
  readonly #bad: BadRow[] = [];
  /** Start and end of each row. */
  readonly #spans: number[] = [];
  readonly #parts: { rowCount: number; columns: ReadonlyMap<string, BatchColumn> }[] = [];
  readonly #names = new Set<string>();

  constructor(
    private readonly body: Uint8Array,
    private readonly options: BodyOptions,
    private readonly tokenizer: Tokenizer,
  ) {}

  /** Null when the body is not for the tokenizer: it has a very long line, or very many cells. */
  read(): BodyRows | null {
    const { body, options } = this;
    this.tokenizer.timeColumn = options.timeColumn ?? null;
    this.tokenizer.maxLineBytes = options.maxRowBytes;
    let at = contentStart(body);
    for (const piece of piecesOf(body.subarray(at))) {
      if (piece.length > BLOCK_BYTES || !this.#readPiece(piece, at)) return null;
      at += piece.length;
    }
    const rowCount = this.#numbers.length;
    return {
      count: this.#spans.length / 2,
      batch: { rowCount, columns: joinColumns(this.#parts), bad: [], bytes: body.length },
      numbers: Uint32Array.from(this.#numbers),
      bad: this.#bad,
      raw: (row) => {
        const [start, end] = trimmed(body, this.#spans[2 * row]!, this.#spans[2 * row + 1]!);
        return rawRow('ndjson', body.subarray(start, end));
      },
    };
  }

  /** Reads lines that begin at `at` in the body; false when there are too many cells. */
  #readPiece(piece: Uint8Array, at: number): boolean {
    const { tokenizer } = this;
    tokenizer.load([piece]);
    for (;;) {
      const first = tokenizer.rowCount;
      const stop = tokenizer.advance();
      for (let row = first; row < tokenizer.rowCount; row++) {
        const [start, end] = tokenizer.lineOf(row);
        this.#numbers.push(this.#span(at + start, at + end));
      }
      if (stop === 'surprise') this.#readLine(at);
      else {
        if (!this.#takePart()) return false;
        if (stop === 'end') return true;
      }
    }
  }

  /** The next line, which is not plain. */
  #readLine(at: number): void {
    const [first, last] = this.tokenizer.skipLine();
    // The tokenizer may have ended the last line.
    const [start, end] = trimmed(this.body, at + first, Math.min(at + last, this.body.length));
    const row = this.#span(start, end);
    const message = oversized(end - start, this.options.maxRowBytes);
    if (message !== null) {
      this.#bad.push({ row, reason: 'oversized', message });
      return;
    }
    const record = readObject(this.body.subarray(start, end));
    if (typeof record === 'string') this.#bad.push({ row, reason: 'malformed', message: record });
    else {
      if (this.tokenizer.isFull) this.#takePart();
      this.tokenizer.add(record);
      this.#numbers.push(row);
    }
  }

  #takePart(): boolean {
    const { rowCount } = this.tokenizer;
    const columns = this.tokenizer.take();
    if (rowCount > 0) this.#parts.push({ rowCount, columns });
    for (const name of columns.keys()) this.#names.add(name);
    return this.#numbers.length * this.#names.size <= MAX_CELLS;
  }

  #span(start: number, end: number): number {
    return this.#spans.push(start, end) / 2 - 1;
  }
}
