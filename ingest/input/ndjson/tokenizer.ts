import { type JsonObject, parseJson, utf8Decode } from '../../../core/index.js';
import { FieldTable, type Lifetime, type ReadColumn } from './field-table.js';
import { ALL_READ, FULL, NEW_FIELD } from './kernel.js';

/** Rows of a batch, at most. */
export const BATCH_ROWS = 8192;

/** Bytes of lines that are read at once, at most. */
export const BLOCK_BYTES = 2 * 1024 * 1024;

/** That may be read behind a block. */
const PADDING = 32;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Why the tokenizer stops: nothing is left, the batch is full, or the next line is not plain. */
export type Stop = 'end' | 'full' | 'surprise';

/**
 * Turns lines of JSON into columns. Lines that are plain records are read by the kernel; every other one is
 * given back, and what it turned out to hold is added as records, so that the rows of a batch
 * are in the order of their lines. What was learned (names, their order, dictionaries) stays from batch
 * to batch and changes nothing but the speed.
 *
 *     load(block) ─► advance() ─┬─ 'surprise': takeLine(), add(record) …, advance()
 *                               ├─ 'full': take() the batch, advance()
 *                               └─ 'end': take() the batch
 */
export class Tokenizer {
  #fields: FieldTable;
  /** Of the block in the kernel's memory. */
  #blockBytes = 0;
  #at = 0;
  #rowCount = 0;

  /** Lines that are longer are surprises. */
  maxLineBytes = BLOCK_BYTES;

  /** `lifetime` is that of the columns of a batch. */
  constructor(timeColumn: string | null, lifetime: Lifetime = 'own') {
    this.#fields = new FieldTable(timeColumn, BATCH_ROWS, BLOCK_BYTES + PADDING, lifetime);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get isFull(): boolean {
    return this.#rowCount === BATCH_ROWS;
  }

  /** Texts of this field that are common forms of ISO-8601 become instants. The batch must be empty. */
  set timeColumn(name: string | null) {
    this.#fields.setTimeColumn(name);
  }

  /**
   * Takes a block of whole lines of at most BLOCK_BYTES, in pieces cut anywhere; the last line may lack its end.
   * Rows that nobody took are forgotten.
   */
  load(pieces: readonly Uint8Array[]): void {
    if (this.#rowCount > 0) this.take();
    this.#fields = this.#fields.renewed();
    const { kernel, block } = this.#fields;
    const { bytes } = kernel;
    let end = block;
    for (const piece of pieces) {
      bytes.set(piece, end);
      end += piece.length;
    }
    if (bytes[end - 1] !== LINE_FEED) bytes[end++] = LINE_FEED;
    bytes.fill(0, end, end + PADDING);
    this.#blockBytes = end - block;
    this.#at = 0;
  }

  /** Reads lines as rows of the batch, until it stops. */
  advance(): Stop {
    const { kernel, block, lines } = this.#fields;
    const { exports } = kernel;
    for (;;) {
      exports.setRowCount(this.#rowCount);
      const end = block + this.#blockBytes;
      const state = exports.readLines(
        block + this.#at,
        end,
        BATCH_ROWS,
        lines,
        block,
        this.maxLineBytes,
      );
      this.#rowCount = exports.rowCount.value;
      this.#at = exports.at.value - block;
      if (state === ALL_READ) return 'end';
      if (state === FULL) return 'full';
      if (state !== NEW_FIELD || !this.#learn()) return 'surprise';
    }
  }

  /** The next line without its end, which is then behind; null at the end of the block. */
  takeLine(): string | null {
    if (this.#at >= this.#blockBytes) return null;
    const [start, end] = this.skipLine();
    const { kernel, block } = this.#fields;
    const line = kernel.bytes.subarray(block + start, block + end);
    return utf8Decode(line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line);
  }

  /** Where in the block the next line begins, and where the line feed is that ends it; it is then behind. */
  skipLine(): [start: number, end: number] {
    const { kernel, block } = this.#fields;
    const start = this.#at;
    const end = kernel.bytes.indexOf(LINE_FEED, block + start) - block;
    this.#at = end + 1;
    return [start, end];
  }

  /** Where in the block the line begins that the kernel read as this row, and where it ends. */
  lineOf(row: number): [start: number, end: number] {
    const { kernel, lines } = this.#fields;
    const { words } = kernel;
    const at = lines / 4 + 2 * row;
    return [words[at]!, words[at + 1]!];
  }

  /** Adds a record as the next row. The batch must not be full. */
  add(record: JsonObject): void {
    this.#fields.add(record, this.#rowCount++);
  }

  /** The columns of the batch, in the order in which their fields first appeared; a new batch begins. */
  take(): Map<string, ReadColumn> {
    const columns = this.#fields.take(this.#rowCount, (row) => Object.keys(this.#recordOf(row)));
    this.#rowCount = 0;
    return columns;
  }

  /** The record that the kernel read as this row. */
  #recordOf(row: number): JsonObject {
    const { kernel, block } = this.#fields;
    const [start, end] = this.lineOf(row);
    return parseJson(utf8Decode(kernel.bytes.subarray(block + start, block + end))) as JsonObject;
  }

  /** Makes a field of the name that the kernel stopped at. */
  #learn(): boolean {
    const { kernel } = this.#fields;
    const { nameStart, nameEnd } = kernel.exports;
    return this.#fields.learn(kernel.bytes.slice(nameStart.value, nameEnd.value));
  }
}
