import {
  type Data,
  Field,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
} from 'apache-arrow';
import type { Value } from '../../model/index.js';
import type { ArrowTable } from './arrow-answers.js';
import { type Form, formOf } from './arrow-forms.js';

/** Rows of one record batch: enough to make columns worth it, few enough to flow. */
const ROWS_PER_BATCH = 4096;

/** An Arrow IPC stream, in pieces: its schema and a record batch after the other, each made when it is wanted. */
export function* arrowStream({ columns, rows, timeZone }: ArrowTable): Generator<Uint8Array> {
  const forms = columns.map((column, i) => formOf(column, timeZone, () => cellsOf(rows, i)));
  const schema = new Schema(columns.map(({ name }, i) => new Field(name, forms[i]!.type, true)));
  const writer = new PieceWriter();
  let start = 0;
  // Also of no rows there is a batch: the schema goes out with the first one.
  do {
    writer.write(batchOf(schema, forms, rows.slice(start, start + ROWS_PER_BATCH)));
    yield* writer.taken();
    start += ROWS_PER_BATCH;
  } while (start < rows.length);
  writer.finish();
  yield* writer.taken();
}

function* cellsOf(rows: readonly (readonly Value[])[], column: number): Generator<Value> {
  for (const row of rows) yield row[column]!;
}

function batchOf(
  schema: Schema,
  forms: readonly Form[],
  rows: readonly (readonly Value[])[],
): RecordBatch {
  const children = forms.map((form, i) => dataOf(form, rows, i));
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length: rows.length, nullCount: 0, children }));
}

function dataOf({ type, cell }: Form, rows: readonly (readonly Value[])[], column: number): Data {
  const builder = makeBuilder({ type, nullValues: [null] });
  for (const row of rows) {
    const value = row[column]!;
    builder.append(value === null ? null : cell(value));
  }
  return builder.finish().flush();
}

/** A writer whose bytes are taken as soon as they are there: the library's own are read by promises. */
class PieceWriter extends RecordBatchStreamWriter {
  #pieces: Uint8Array[] = [];

  taken(): readonly Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  protected override _write(chunk: ArrayBufferView): this {
    const { buffer, byteOffset, byteLength } = chunk;
    if (byteLength > 0) this.#pieces.push(new Uint8Array(buffer, byteOffset, byteLength));
    this._position += byteLength;
    return this;
  }
}
