import { z } from 'zod';
import {
  CorruptSegmentError,
  isJsonObject,
  type JsonObject,
  parseJson,
  stringifyJson,
  utf8Decode,
  utf8Encode,
} from '../../core/index.js';
import type { ValueType } from '../../model/index.js';
import { encodingNamed } from '../encodings/registry.js';
import { type ColumnEntry, FORMAT_VERSION, type SegmentDirectory } from './directory.js';
import { BLOCK_ALIGNMENT, HEADER_BYTES } from './frame.js';

/** The directory as stored: JSON with sorted keys, so that equal segments are equal bytes. */
export function encodeDirectory(directory: Omit<SegmentDirectory, 'fileSizeBytes'>): Uint8Array {
  return utf8Encode(stringifyJson(sortKeys(directory)));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)]));
}

const count = z.int().min(0);
const u32 = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

const blockEntry = z.strictObject({
  name: z.string(),
  offset: count,
  length: count,
  crc32c: u32,
});

const statsEntry = z.strictObject({
  cardinality: count.nullable(),
  min: z.string().nullable(),
  max: z.string().nullable(),
  hasNulls: z.boolean(),
  sizeBytes: count,
});

const columnEntry = z.strictObject({
  name: z.string(),
  type: z.custom<ValueType>(
    (type) => typeof type === 'string' && /^(STRING|LONG|DOUBLE|FLOAT|COMPLEX<.+>)$/.test(type),
  ),
  role: z.enum(['time', 'dimension', 'metric']),
  multiValue: z.boolean(),
  encoding: z.string(),
  parameters: z.record(z.string(), z.union([z.number(), z.string()])),
  aggregator: z.custom<JsonObject>(isJsonObject).nullable(),
  blocks: z.array(blockEntry),
  stats: statsEntry,
});

const segmentDirectory = z.strictObject({
  formatVersion: z.literal(FORMAT_VERSION),
  rowCount: u32,
  minTimeMs: z.number().nullable(),
  maxTimeMs: z.number().nullable(),
  rollup: z.boolean(),
  queryGranularity: z.unknown(),
  columns: z.array(columnEntry),
});

/**
 * Reads a directory whose checksum has been verified, and checks that everything it names is
 * possible: blocks inside the file, in order, of the length that rows and encoding demand.
 *
 * `offset` is where it begins in the file. Throws CorruptSegmentError.
 */
export function decodeDirectory(
  bytes: Uint8Array,
  offset: number,
  fileSizeBytes: number,
  path: string,
): SegmentDirectory {
  const fail = (detail: string, column = '') =>
    new CorruptSegmentError(path, offset, detail, column);
  const parsed = segmentDirectory.safeParse(parseDirectory(bytes, fail));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail(`directory field ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const directory = { ...parsed.data, fileSizeBytes };
  checkNames(directory, fail);
  let end = HEADER_BYTES;
  for (const column of directory.columns) {
    end = checkPlaces(column, end, offset, (detail) => fail(detail, column.name));
    const detail = checkEncoding(column, directory.rowCount);
    if (detail !== null) throw fail(detail, column.name);
  }
  return directory;
}

function parseDirectory(bytes: Uint8Array, fail: (detail: string) => Error): unknown {
  try {
    return parseJson(utf8Decode(bytes));
  } catch {
    throw fail('the directory is not JSON');
  }
}

function checkNames({ columns }: SegmentDirectory, fail: (detail: string) => Error): void {
  const [time] = columns;
  if (time?.name !== '__time' || time.type !== 'LONG' || time.role !== 'time') {
    throw fail('the first column is not __time');
  }
  if (new Set(columns.map(({ name }) => name)).size !== columns.length) {
    throw fail('two columns have one name');
  }
}

/** Blocks lie one after another, aligned, before the directory; returns where the last one ends. */
function checkPlaces(
  column: ColumnEntry,
  previousEnd: number,
  limit: number,
  fail: (detail: string) => Error,
): number {
  let end = previousEnd;
  for (const block of column.blocks) {
    const aligned = block.offset % BLOCK_ALIGNMENT === 0;
    if (!aligned || block.offset < end || block.offset + block.length > limit) {
      throw fail(`block "${block.name}" lies at ${block.offset}, which is not its place`);
    }
    end = block.offset + block.length;
  }
  return end;
}

function checkEncoding(column: ColumnEntry, rowCount: number): string | null {
  const encoding = encodingNamed(column.encoding);
  if (encoding === undefined) return `encoding "${column.encoding}" is not known`;
  const kind = column.type.startsWith('COMPLEX<') ? 'COMPLEX' : column.type;
  if (encoding.kind !== kind) return `encoding "${column.encoding}" does not hold ${column.type}`;
  return encoding.check(column, rowCount);
}
