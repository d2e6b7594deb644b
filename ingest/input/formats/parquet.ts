import { type FileMetaData, parquetMetadata, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { toLong, UserError } from '../../../core/index.js';
import type { InputBatch } from '../batch.js';
import type { InputEntity } from '../sources/source.js';
import type { InputFormat } from './format.js';

/**
 * Parquet, row group by row group: the columns of a group come decoded as arrays and stay so. The
 * library's types become ours: 64-bit integers are Longs, decimals doubles, timestamps Dates.
 */
export function parquetFormat(): InputFormat {
  return { type: 'parquet', read: readParquet };
}

async function* readParquet(entity: InputEntity): AsyncIterable<InputBatch> {
  const file = exactBuffer(await entity.bytes());
  const metadata = metadataOf(file, entity.uri);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    yield {
      rowCount: rowEnd - rowStart,
      columns: await groupColumns(file, metadata, rowStart, rowEnd),
      bad: [],
      bytes: Number(group.total_byte_size),
    };
    rowStart = rowEnd;
  }
}

function metadataOf(file: ArrayBuffer, uri: string): FileMetaData {
  try {
    return parquetMetadata(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${uri} is not a Parquet file that can be read: ${reason}`);
  }
}

async function groupColumns(
  file: ArrayBuffer,
  metadata: FileMetaData,
  rowStart: number,
  rowEnd: number,
): Promise<ReadonlyMap<string, ArrayLike<unknown>>> {
  const columns = new Map<string, unknown[]>();
  await parquetRead({
    file,
    metadata,
    compressors,
    rowStart,
    rowEnd,
    onChunk({ columnName, columnData, rowStart: from }) {
      const column = columns.get(columnName) ?? new Array<unknown>(rowEnd - rowStart);
      columns.set(columnName, column);
      copyCells(columnData, column, from - rowStart);
    },
  });
  return columns;
}

function copyCells(source: ArrayLike<unknown>, target: unknown[], offset: number): void {
  for (let i = 0; i < source.length; i++) {
    const value = source[i];
    const at = offset + i;
    if (at < 0 || at >= target.length) continue;
    target[at] = typeof value === 'bigint' ? toLong(value) : cell(value);
  }
}

function cell(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'bigint' ? toLong(item) : item));
  return value;
}

const exactBuffer = (bytes: Uint8Array): ArrayBuffer =>
  bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
    ? (bytes.buffer as ArrayBuffer)
    : bytes.slice().buffer;
