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

  /** Begins the next row; false when it is too long and has its fate already. */
  begin(start: number, end: number): boolean {
    this.#spans.push(start, end);
    if (end - start <= this.maxRowBytes) return true;
    this.bad(
      'oversized',
      `the row has ${end - start} bytes, more than limits.maxRowBytes[${this.maxRowBytes}]; send less in one row or raise the limit`,
    );
    return false;
  }

  /** The row that was begun is bad. */
  bad(reason: BadRow['reason'], message: string): void {
    this.#bad.push({ row: this.count - 1, reason, message });
  }

  /** The row that was begun has these fields. */
  good(set: (batch: BatchBuilder) => void): void {
    set(this.#batch);
    this.#batch.endRecord();
    this.#numbers.push(this.count - 1);
  }

  /** Reads a span as one JSON object, which is a row. */
  object(start: number, end: number): void {
    if (!this.begin(start, end)) return;
    const record = readObject(this.body.subarray(start, end));
    if (typeof record === 'string') this.bad('malformed', record);
    else {
      this.good((batch) => {
        for (const name in record) batch.set(name, record[name]);
      });
    }
  }

  build(format: PushFormat, prefix: Uint8Array = new Uint8Array(0)): BodyRows {
    return {
      count: this.count,
      batch: this.#batch.build(this.body.length),
      numbers: Uint32Array.from(this.#numbers),
      bad: this.#bad,
      raw: (row) => {
        const bytes = this.body.subarray(this.#spans[2 * row]!, this.#spans[2 * row + 1]!);
        return rawRow(format, prefix.length === 0 ? bytes : Buffer.concat([prefix, bytes]));
      },
    };
  }
}

/** The object that the bytes are, or why they are none. */
function readObject(bytes: Uint8Array): JsonObject | string {
  if (!isUtf8(bytes)) return 'the bytes are not UTF-8';
  try {
    const value = parseJson(utf8Decode(bytes));
    return isJsonObject(value) ? value : 'a row must be a JSON object';
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
