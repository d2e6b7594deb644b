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
import { checkNodes, indexKindNamed, STAR_NODES } from '../../indexes/index.js';
import {
  type AutoType,
  isArrayType,
  isAutoType,
  isColumnName,
  isComplexType,
  JSON_TYPE,
  splitPathColumn,
  type ValueType,
} from '../../model/index.js';
import { codedEncoding, encodingNamed } from '../encodings/registry.js';
import type { Vector } from '../encodings/vector.js';
import type {
  BlockEntry,
  ColumnEntry,
  FormatVersion,
  SegmentDirectory,
  TreeEntry,
} from './directory.js';
import { BLOCK_ALIGNMENT, HEADER_BYTES } from './frame.js';

/** The directory as stored: JSON with sorted keys, so that equal segments are equal bytes. */
export function encodeDirectory(directory: Omit<SegmentDirectory, 'fileSizeBytes'>): Uint8Array {
  const { trees, ...others } = directory;
  return utf8Encode(stringifyJson(sortKeys(trees.length === 0 ? others : directory)));
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

const parameters = z.record(z.string(), z.union([z.number(), z.string()]));

const indexEntry = z.strictObject({
  kind: z.string(),
  parameters,
  blocks: z.array(blockEntry),
});

const columnWithoutIndexes = z.strictObject({
  name: z.string(),
  type: z.custom<ValueType>(
    (type) =>
      typeof type === 'string' &&
      /^(STRING|LONG|DOUBLE|FLOAT|ARRAY<(STRING|LONG|DOUBLE)>|COMPLEX<.+>)$/.test(type),
  ),
  role: z.enum(['time', 'dimension', 'metric', 'path']),
  auto: z.custom<AutoType>(isAutoType).optional(),
  multiValue: z.boolean(),
  encoding: z.string(),
  parameters,
  runnerUp: z.strictObject({ encoding: z.string(), sizeBytes: count }).optional(),
  aggregator: z.custom<JsonObject>(isJsonObject).nullable(),
  blocks: z.array(blockEntry),
  stats: statsEntry,
});

const column = columnWithoutIndexes.extend({
  indexes: z.array(indexEntry),
  indexChoice: z.strictObject({ bitmap: z.boolean(), kinds: z.array(z.string()) }).exactOptional(),
});

const treeEntry = z.strictObject({
  dimensions: z
    .array(
      z.strictObject({
        name: z.string(),
        skipStar: z.boolean(),
        granularity: z.unknown().optional(),
      }),
    )
    .min(1),
  maxLeafRecords: count,
  rowCount: u32,
  columns: z.array(column),
});

/** Times of rows: all that a number holds exactly, which is more than a `Date` does. */
const timeMs = z.int();

const head = z.strictObject({
  rowCount: u32,
  minTimeMs: timeMs.nullable(),
  maxTimeMs: timeMs.nullable(),
  rollup: z.boolean(),
  queryGranularity: z.unknown(),
});

const directories = {
  1: head
    .extend({
      formatVersion: z.literal(1),
      columns: z.array(columnWithoutIndexes.transform((each) => ({ ...each, indexes: [] }))),
    })
    .transform((each) => ({ ...each, trees: [] })),
  2: head.extend({
    formatVersion: z.literal(2),
    columns: z.array(column),
    trees: z.array(treeEntry).default([]),
    treeChoice: z.array(z.custom<JsonObject>(isJsonObject)).exactOptional(),
  }),
} as const;

/**
 * Reads a directory whose checksum has been verified, and checks that everything it names is
 * possible: blocks inside the file, in order, of the length that rows and encoding demand.
 *
 * `offset` is where it begins in the file, `version` is what the file's frame says. Throws CorruptSegmentError.
 */
export function decodeDirectory(
  bytes: Uint8Array,
  offset: number,
  fileSizeBytes: number,
  path: string,
  version: number,
): SegmentDirectory {
  const fail = (detail: string, column = '') =>
    new CorruptSegmentError(path, offset, detail, column);
  // The frame lets no other versions pass.
  const parsed = directories[version as FormatVersion].safeParse(parseDirectory(bytes, fail));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail(`directory field ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const directory = { ...parsed.data, fileSizeBytes };
  checkNames(directory, fail);
  let end = HEADER_BYTES;
  for (const { columns, rowCount } of [directory, ...directory.trees]) {
    for (const column of columns) {
      const failHere = (detail: string) => fail(detail, column.name);
      for (const { blocks } of [column, ...column.indexes]) {
        end = checkPlaces(blocks, end, offset, failHere);
      }
      const detail = checkEncoding(column, rowCount) ?? checkIndexes(column, rowCount);
      if (detail !== null) throw fail(detail, column.name);
    }
  }
  for (const tree of directory.trees) checkTree(tree, fail);
  return directory;
}

function checkTree({ dimensions, columns }: TreeEntry, fail: (detail: string) => Error): void {
  const names = columns.map(({ name }) => name);
  if (new Set(names).size !== names.length) throw fail('two columns of a star-tree have one name');
  if (dimensions.some(({ name }, i) => name !== names[i])) {
    throw fail('the first columns of a star-tree are not its dimensions');
  }
  for (const { name, type, encoding } of columns.slice(0, dimensions.length)) {
    if (encodingNamed(encoding) !== codedEncoding(kindOf(type) as Vector['kind'])) {
      throw fail(`dimension "${name}" of a star-tree has no dictionary`);
    }
  }
  const nodes = columns[0]!.indexes.find(({ kind }) => kind === STAR_NODES);
  const detail = nodes === undefined ? 'there are none' : checkNodes(nodes);
  if (detail !== null) throw fail(`nodes of a star-tree: ${detail}`);
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
  const json = new Set(columns.flatMap(({ name, type }) => (type === JSON_TYPE ? [name] : [])));
  for (const { name, role } of columns) {
    const column = jsonColumnOf(name, fail);
    const isPath = column !== undefined && json.has(column);
    if (isPath !== (role === 'path') || isPath === isColumnName(name))
      throw fail(`column ${JSON.stringify(name)} is not its role`);
  }
}

/** The column that a name is a path into; undefined for the name of a column. */
function jsonColumnOf(name: string, fail: (detail: string) => Error): string | undefined {
  try {
    return splitPathColumn(name)?.column;
  } catch {
    throw fail(`column ${JSON.stringify(name)} is no path`);
  }
}

/** Blocks lie one after another, aligned, before the directory; returns where the last one ends. */
function checkPlaces(
  blocks: readonly BlockEntry[],
  previousEnd: number,
  limit: number,
  fail: (detail: string) => Error,
): number {
  let end = previousEnd;
  for (const block of blocks) {
    const aligned = block.offset % BLOCK_ALIGNMENT === 0;
    if (!aligned || block.offset < end || block.offset + block.length > limit) {
      throw fail(`block "${block.name}" lies at ${block.offset}, which is not its place`);
    }
    end = block.offset + block.length;
  }
  return end;
}

/** The kind of the vectors of a type. */
const kindOf = (type: ValueType): string => {
  if (type === JSON_TYPE) return 'JSON';
  if (isComplexType(type)) return 'COMPLEX';
  return isArrayType(type) ? 'ARRAY' : type;
};

function checkEncoding(column: ColumnEntry, rowCount: number): string | null {
  const encoding = encodingNamed(column.encoding);
  if (encoding === undefined) return `encoding "${column.encoding}" is not known`;
  if (encoding.kind !== kindOf(column.type))
    return `encoding "${column.encoding}" does not hold ${column.type}`;
  return encoding.check(column, rowCount);
}

/** Indexes of unknown kinds are passed over: whoever wrote them knows more than we do, and columns do without. */
function checkIndexes({ indexes }: ColumnEntry, rowCount: number): string | null {
  if (new Set(indexes.map(({ kind }) => kind)).size !== indexes.length) {
    return 'two indexes are of one kind';
  }
  for (const index of indexes) {
    const detail = indexKindNamed(index.kind)?.check(index, rowCount) ?? null;
    if (detail !== null) return `index "${index.kind}": ${detail}`;
  }
  return null;
}
