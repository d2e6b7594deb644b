import { isUtf8 } from 'node:buffer';
import {
  isJsonObject,
  type JsonObject,
  parseJson,
  UserError,
  utf8Decode,
} from '../../../core/index.js';
import { BatchBuilder } from '../../input/batch-builder.js';
import type { PushFormat } from '../types.js';
import type { BadRow, BodyRows } from './body.js';
import { rawRow } from './raw-row.js';

/** Of a body: a field that one row has takes room in all of them. */
export const MAX_CELLS = 2 ** 24;

export const NOT_UTF8 = 'the bytes are not UTF-8';

/** Collects the rows of a body of text, each a span of its bytes. */
export class RowsBuilder {
  readonly #batch = new BatchBuilder();
  readonly #numbers: number[] = [];
  readonly #bad: BadRow[] = [];
  /** Start and end of each row. */
  readonly #spans: number[] = [];

  constructor(
    private readonly body: Uint8Array,
    private readonly maxRowBytes: number,
  ) {}

  get count(): number {
    return this.#spans.length / 2;
  }

  /** Adds a row; its number, or null when it is too long to be looked at. */
  add(start: number, end: number): number | null {
    const row = this.#span(start, end);
    const tooMany = `the batch has more than ${MAX_CELLS} cells, rows times fields; send fewer rows in one batch`;
    const message =
      oversized(end - start, this.maxRowBytes) ??
      (this.#batch.cellCount > MAX_CELLS ? tooMany : null);
    if (message === null) return row;
    this.#bad.push({ row, reason: 'oversized', message });
    return null;
  }

  /** Adds a row that cannot be read. */
  addMalformed(start: number, end: number, message: string): void {
    this.malformed(this.#span(start, end), message);
  }

  malformed(row: number, message: string): void {
    this.#bad.push({ row, reason: 'malformed', message });
  }

  /** The row has the fields that `set` sets; rows come in order. */
  good(row: number, set: (batch: BatchBuilder) => void): void {
    set(this.#batch);
    this.#batch.endRecord();
    this.#numbers.push(row);
  }

  /** Adds a row that is to be one JSON object. */
  addObject(start: number, end: number): void {
    const row = this.add(start, end);
    if (row === null) return;
    const record = readObject(this.body.subarray(start, end));
    if (typeof record === 'string') this.malformed(row, record);
    else {
      this.good(row, (batch) => {
        for (const name in record) batch.set(name, record[name]);
      });
    }
  }

  /** `prefix` is what a row needs before it to be a body by itself. */
  build(format: PushFormat, prefix: Uint8Array = new Uint8Array(0)): BodyRows {
    return {
      count: this.count,
      batch: this.#batch.build(this.body.length),
      numbers: Uint32Array.from(this.#numbers),
      bad: this.#bad.sort((a, b) => a.row - b.row),
      raw: (row) => {
        const bytes = this.body.subarray(this.#spans[2 * row]!, this.#spans[2 * row + 1]!);
        return rawRow(format, prefix.length === 0 ? bytes : Buffer.concat([prefix, bytes]));
      },
    };
  }

  #span(start: number, end: number): number {
    this.#spans.push(start, end);
    return this.count - 1;
  }
}

/** Why a row of so many bytes is too long; null when it is not. */
export const oversized = (sizeBytes: number, maxRowBytes: number): string | null =>
  sizeBytes <= maxRowBytes
    ? null
    : `the row has ${sizeBytes} bytes, more than limits.maxRowBytes[${maxRowBytes}]; send less in one row, or raise the limit`;

/** The object that the bytes are, or why they are none. */
export function readObject(bytes: Uint8Array): JsonObject | string {
  if (!isUtf8(bytes)) return NOT_UTF8;
  try {
    const value = parseJson(utf8Decode(bytes));
    return isJsonObject(value) ? value : 'a row must be a JSON object';
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
