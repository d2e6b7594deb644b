import { tableFromIPC } from 'apache-arrow';
import { stringifyJson, utf8Encode } from '../../../core/index.js';
import { type ArrowColumn, cellsOf, Room } from './arrow-cells.js';
import { checkMessages } from './arrow-messages.js';
import type { BadRow, BodyOptions, BodyRows } from './body.js';
import { rawRow } from './raw-row.js';
import { MAX_CELLS, RowsBuilder } from './rows-builder.js';

/** How many times its size a body may unpack to: texts of dictionaries stand in many rows. */
const MAX_RATIO = 100;

type Columns = ReadonlyMap<string, ArrowColumn>;

/**
 * An Arrow IPC stream or file. A body that cannot be read, or claims more than its size allows, is one
 * malformed row. The raw form of a row is its JSON, on which also its size is measured, about.
 */
export function readArrow(body: Uint8Array, { maxRowBytes }: BodyOptions): BodyRows {
  try {
    const columns = readColumns(body);
    const sizes = rowSizes(columns);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total > MAX_RATIO * body.length) throw new Error(`it unpacks to ${total} bytes`);
    return rowsOf(columns, sizes, body.length, maxRowBytes);
  } catch (error) {
    // Whatever the library throws on, it is the body that is at fault.
    const why = error instanceof Error ? error.message : String(error);
    const rows = new RowsBuilder(body, maxRowBytes);
    rows.addMalformed(0, body.length, `not an Arrow IPC stream or file: ${why}`);
    return rows.build('arrow');
  }
}

function readColumns(body: Uint8Array): Columns {
  checkMessages(body);
  const table = tableFromIPC(body);
  const { numRows } = table;
  const { fields } = table.schema;
  if (fields.length === 0) throw new Error('it has no columns');
  if (numRows * fields.length > MAX_CELLS) {
    throw new Error(`it has more than ${MAX_CELLS} cells; send fewer rows in one batch`);
  }
  const room = new Room(body.length);
  return new Map(
    fields.map(({ name, type }, i) => [name, cellsOf(table.getChildAt(i), type, numRows, room)]),
  );
}

function rowsOf(
  columns: Columns,
  sizes: Float64Array,
  bytes: number,
  maxRowBytes: number,
): BodyRows {
  const bad: BadRow[] = [];
  const numbers = Uint32Array.from(sizes.keys()).filter((row) => {
    const size = sizes[row]!;
    if (size <= maxRowBytes) return true;
    const message = `the row has about ${size} bytes, more than limits.maxRowBytes[${maxRowBytes}]; send less in one row, or raise the limit`;
    bad.push({ row, reason: 'oversized', message });
    return false;
  });
  const all = [...columns];
  const take = (values: readonly unknown[]) =>
    bad.length === 0 ? values : Array.from(numbers, (row) => values[row]);
  const types = all.flatMap(([name, { type }]) => (type === null ? [] : [[name, type] as const]));
  const batch = {
    rowCount: numbers.length,
    columns: new Map(all.map(([name, { values }]) => [name, take(values)])),
    types: new Map(types),
    bad: [],
    bytes,
  };
  const raw = (row: number) => {
    const fields = all.map(([name, { values }]) => [name, values[row]] as const);
    return rawRow('ndjson', utf8Encode(stringifyJson(Object.fromEntries(fields))));
  };
  return { count: sizes.length, batch, numbers, bad, raw };
}

/** About what each row takes as JSON. */
function rowSizes(columns: Columns): Float64Array {
  const [first] = columns.values();
  const sizes = new Float64Array(first!.values.length);
  for (const [name, { values }] of columns) {
    for (let row = 0; row < sizes.length; row++) sizes[row]! += name.length + sizeOf(values[row]);
  }
  return sizes;
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? stringifyJson(value).length : 8;
}
