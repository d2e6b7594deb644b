import type { JsonObject } from '../../core/index.js';
import type { EncodingParameters, IndexChoice, WrittenIndex } from '../../indexes/index.js';
import type { AutoType, ValueType } from '../../model/index.js';

/** The version of the file format that is written; see `segment-writer.ts` for its drawing. */
export const FORMAT_VERSION = 2;

/**
 * Versions that are read:
 *
 *     1    no indexes: nothing in a directory speaks of them
 *     2    columns have indexes, and there may be star-trees
 */
export type FormatVersion = 1 | 2;

export type { EncodingParameters };

/** One run of bytes of the file. `offset` is a multiple of 64 from the beginning of the file. */
export interface BlockEntry {
  readonly name: string;
  readonly offset: number;
  /** Bytes of content, the zero padding behind it not counted. */
  readonly length: number;
  readonly crc32c: number;
}

/** Statistics as they are stored: values as text, since JSON has neither 64-bit integers nor NaN. */
export interface StatsEntry {
  readonly cardinality: number | null;
  readonly min: string | null;
  readonly max: string | null;
  readonly hasNulls: boolean;
  /** Bytes of content of all blocks but those of indexes. */
  readonly sizeBytes: number;
}

/** An index of a column. Readers pass over kinds that they do not know. */
export interface IndexEntry extends WrittenIndex {
  /** A name in the registry of kinds of index. */
  readonly kind: string;
  readonly blocks: readonly BlockEntry[];
}

/** The encoding that a column would have been stored with if there had not been a smaller one. */
export interface RunnerUp {
  readonly encoding: string;
  readonly sizeBytes: number;
}

export interface ColumnEntry {
  readonly name: string;
  readonly type: ValueType;
  /** `path`: what a JSON column of the segment holds at a path (see `json/column-place.ts`). */
  readonly role: 'time' | 'dimension' | 'metric' | 'path';
  readonly multiValue: boolean;
  /** Of a column whose type was found in its values: what these are. */
  readonly auto?: AutoType | undefined;
  /** A name in the registry of encodings. */
  readonly encoding: string;
  readonly parameters: EncodingParameters;
  /** Absent where there was but one, or where nobody has compared them. */
  readonly runnerUp?: RunnerUp | undefined;
  /** The JSON of the aggregator that made a metric; null for other columns. */
  readonly aggregator: JsonObject | null;
  readonly blocks: readonly BlockEntry[];
  readonly indexes: readonly IndexEntry[];
  /** Which indexes were asked for; absent where nothing was said. */
  readonly indexChoice?: IndexChoice;
  readonly stats: StatsEntry;
}

/** A dimension of a star-tree: the name of a column of the segment, and of one of the tree. */
export interface TreeDimensionEntry {
  readonly name: string;
  /** Nodes have no star child by it. */
  readonly skipStar: boolean;
  /** Of `__time`: the JSON of the granularity that it was truncated by. */
  readonly granularity?: unknown;
}

/** A star-tree (see `star/`): its records are the rows of a table of their own. */
export interface TreeEntry {
  /** In split order. */
  readonly dimensions: readonly TreeDimensionEntry[];
  readonly maxLeafRecords: number;
  readonly rowCount: number;
  /** Dimensions, then metrics, each with the aggregator that made it. The nodes are an index of the first. */
  readonly columns: readonly ColumnEntry[];
}

/**
 * What a segment file says of itself. Plain data: it crosses threads as it is, and it is stored as
 * JSON with sorted keys (without `fileSizeBytes`, which the file's length is).
 */
export interface SegmentDirectory {
  readonly formatVersion: FormatVersion;
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly rollup: boolean;
  /** The JSON of the granularity that `__time` was truncated by. */
  readonly queryGranularity: unknown;
  /** `__time`, then dimensions in sort order, then metrics. */
  readonly columns: readonly ColumnEntry[];
  /** Their blocks lie behind those of all columns. */
  readonly trees: readonly TreeEntry[];
  /** Which star-trees were asked for, worth it or not, as specs of ingestion have them; absent where nothing was said. */
  readonly treeChoice?: readonly JsonObject[];
  readonly fileSizeBytes: number;
}

/** A column of rows as it was written. */
export interface WrittenColumn extends Pick<ColumnEntry, 'name' | 'type' | 'multiValue' | 'auto'> {
  readonly role: Exclude<ColumnEntry['role'], 'path'>;
}

/** The columns that rows have: not those of paths. */
export const rowColumns = (columns: readonly ColumnEntry[]): WrittenColumn[] =>
  columns.flatMap(({ name, type, role, multiValue, auto }) =>
    role === 'path' ? [] : [{ name, type, role, multiValue, ...(auto && { auto }) }],
  );
