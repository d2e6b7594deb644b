import {
  type AsyncBuffer,
  type DecodedArray,
  type FileMetaData,
  type ParquetScan,
  parquetMetadataAsync,
  parquetScan,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { UserError, VarveError } from '../../../core/index.js';
import type { ValueType } from '../../../model/index.js';
import type { InputBatch } from '../batch.js';
import type { ByteRanges, InputEntity } from '../sources/source.js';
import type { Flatten } from './flatten/flatten-spec.js';
import { parquetColumns, toCells } from './parquet-cells.js';

/** Rows of a batch: few enough to keep the converted values of one batch small. */
const BATCH_ROWS = 8192;

/** A row group is decoded as a whole, so its cells must fit memory. */
const MAX_GROUP_CELLS = 2 ** 28;

/**
 * Row group by row group: the columns of a group come decoded as arrays and stay so. The
 * library's types become ours: 64-bit integers are Longs, decimals doubles, timestamps Dates.
 */
export async function* readGroups(
  entity: InputEntity,
  flatten: Flatten,
  utf8: boolean,
): AsyncIterable<InputBatch> {
  const ranges = await entity.ranges();
  try {
    yield* readFile(ranges, entity.uri, flatten, utf8);
  } finally {
    ranges.close();
  }
}

async function* readFile(
  ranges: ByteRanges,
  uri: string,
  flatten: Flatten,
  utf8: boolean,
): AsyncIterable<InputBatch> {
  const file = bufferOf(ranges);
  const guard = <T>(read: () => T | Promise<T>) => reported(uri, read);
  const metadata = await guard(() => parquetMetadataAsync(file, { geoparquet: false }));
  const scan = await guard(() => parquetScan({ file, metadata, compressors, utf8 }));
  const types = new Map<string, ValueType>();
  for (const [name, { type }] of parquetColumns(metadata)) if (type !== null) types.set(name, type);
  let rowStart = 0;
  for (const { num_rows, columns, total_byte_size } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    checkGroup((rowEnd - rowStart) * columns.length, uri);
    for (let start = rowStart; start < rowEnd; start += BATCH_ROWS) {
      const end = Math.min(start + BATCH_ROWS, rowEnd);
      const group = { rowStart, rowEnd };
      const cells = await guard(() => batchColumns(scan, metadata, group, start, end));
      const bytes = Math.floor((Number(total_byte_size) * (end - start)) / (rowEnd - rowStart));
      yield flatten({ rowCount: end - start, columns: cells, types, bad: [], bytes });
    }
    rowStart = rowEnd;
  }
}

/** Rows [start, end) of a group; the scan remembers a group's columns between calls. */
async function batchColumns(
  scan: ParquetScan,
  metadata: FileMetaData,
  group: { readonly rowStart: number; readonly rowEnd: number },
  start: number,
  end: number,
): Promise<InputBatch['columns']> {
  const columns = new Map<string, ArrayLike<unknown>>();
  for (const [column, { scale }] of parquetColumns(metadata)) {
    const values: DecodedArray = await scan.readColumn({ column, ...group });
    const from = start - group.rowStart;
    columns.set(column, toCells(values, from, from + end - start, scale));
  }
  return columns;
}

function checkGroup(cells: number, uri: string): void {
  if (cells <= MAX_GROUP_CELLS) return;
  throw new UserError(
    `${uri}: a row group has ${cells} cells, more than ${MAX_GROUP_CELLS}; write the file with smaller row groups`,
  );
}

/** Runs a step of reading; what the library throws is about the file. */
async function reported<T>(uri: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof VarveError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${uri} is not a Parquet file that can be read: ${reason}`);
  }
}

/** What the library reads from: the ranges that it asks for. */
const bufferOf = ({ sizeBytes, read }: ByteRanges): AsyncBuffer => ({
  byteLength: sizeBytes,
  slice: (start, end = sizeBytes) => exactBuffer(read(start, end - start)),
});

const exactBuffer = (bytes: Uint8Array): ArrayBuffer =>
  bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
    ? (bytes.buffer as ArrayBuffer)
    : new Uint8Array(bytes).buffer;
