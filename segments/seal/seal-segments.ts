import { type Disk, invariant } from '../../core/index.js';
import { type ArrayType, type Interval, isArrayType, JSON_TYPE } from '../../model/index.js';
import { chunkBuckets } from '../partition/chunk-buckets.js';
import type { Partitioning } from '../partition/partitioning.js';
import {
  type ChunkSpan,
  type DimensionSchema,
  type SegmentSchema,
  timeTruncation,
} from '../schema.js';
import type { ShardBucket } from '../timeline/shard-spec.js';
import type { Segment } from '../types.js';
import { ColumnRoom } from './column-room.js';
import { type SealInput, sealInputsOf } from './input.js';
import { rankJson } from './json-columns.js';
import { rankLists } from './list-columns.js';
import { outputDimensions } from './output-dimensions.js';
import {
  metricVector,
  type NumericType,
  numberVector,
  OutputRows,
  timeVector,
} from './output-vectors.js';
import { type Ranks, rankedVector } from './ranks.js';
import { type ChunkRows, type MergedRows, SortedRows } from './sorted-rows.js';
import { rankStrings, type StringRanks } from './string-columns.js';
import { type OutputColumns, type SealedSegment, writeSegment } from './write-segment.js';

export interface SealOptions {
  /** Rows of an output segment at most; the last one may have fewer. */
  readonly maxRowsPerSegment: number;
  /** False for files that need not outlive the process: nothing is synced. */
  readonly durable?: boolean;
  /** Told after each output segment how many of the input rows are in files. */
  readonly onProgress?: (rowsDone: number, rowsTotal: number) => void;
}

/** A file whose rows all belong to one time chunk. */
export interface SealedChunk {
  readonly interval: Interval;
  /** Which of its rows, where they were partitioned. */
  readonly bucket?: ShardBucket;
  readonly sealed: SealedSegment;
}

export interface ChunkOptions extends SealOptions {
  /** Absent: rows go into one file after another, in order. Else each bucket is one file, however many rows it has. */
  readonly partitioning?: Partitioning;
}

/**
 * Merges segments, mutable or not, into sorted immutable files `directory/name(partition)`.
 *
 * Columns   those of the schema; dimensions that only the inputs have come behind them, so that no
 *           data is dropped. A column that an input lacks is null there; one of another type is cast.
 * Rollup    with `schema.rollup` rows of equal truncated time and dimensions become one.
 * Memory    one output column at a time; 12 bytes per text of the merged dictionaries of all string
 *           dimensions; 12 bytes per input row (see `SortedRows`), and 12 more per input row of the
 *           output segment at hand. Columns that do not lie in memory are copied, one at a time.
 * Errors    on any, the files of this call are removed again. No rows at all make no file.
 */
export function sealSegments(
  disk: Disk,
  directory: string,
  name: (partition: number) => string,
  inputs: readonly Segment[],
  schema: SegmentSchema,
  options: SealOptions,
): SealedSegment[] {
  const { maxRowsPerSegment } = options;
  return sealAll(disk, directory, name, inputs, schema, options, ({ rows }) =>
    rows.pieces(maxRowsPerSegment),
  );
}

/**
 * As `sealSegments`, each file within one chunk of `schema.chunkOf`: those of a chunk one after another, chunks in order
 * of time, buckets of a chunk in theirs. Files are numbered through all chunks. Throws UserError where rows cannot be
 * partitioned.
 */
export function sealChunks(
  disk: Disk,
  directory: string,
  name: (file: number) => string,
  inputs: readonly Segment[],
  schema: SegmentSchema & Required<Pick<SegmentSchema, 'chunkOf'>>,
  options: ChunkOptions,
): SealedChunk[] {
  const places: Omit<SealedChunk, 'sealed'>[] = [];
  function* piecesOf(plan: Plan): Generator<MergedRows> {
    for (const { chunk, bucket, merged } of chunkRows(plan, schema.chunkOf, options)) {
      places.push({ interval: chunk, ...(bucket === undefined ? {} : { bucket }) });
      yield merged;
    }
  }
  const sealed = sealAll(disk, directory, name, inputs, schema, options, piecesOf);
  return sealed.map((each, i) => ({ ...places[i]!, sealed: each }));
}

function* chunkRows(
  { inputs, dimensions, rows, textRanksOf }: Plan,
  chunkOf: (timeMs: number) => ChunkSpan,
  { maxRowsPerSegment, partitioning }: ChunkOptions,
): Generator<ChunkRows & { readonly bucket?: ShardBucket }> {
  if (partitioning === undefined) {
    yield* rows.chunks(chunkOf, maxRowsPerSegment);
    return;
  }
  const input = { inputs, dimensions, times: rows.times, ranksOf: textRanksOf };
  for (const { chunk, merged } of rows.chunks(chunkOf, Number.MAX_SAFE_INTEGER)) {
    for (const part of chunkBuckets(input, merged, partitioning)) yield { chunk, ...part };
  }
}

function sealAll(
  disk: Disk,
  directory: string,
  name: (file: number) => string,
  inputs: readonly Segment[],
  schema: SegmentSchema,
  options: SealOptions,
  piecesOf: (plan: Plan) => Iterable<MergedRows>,
): SealedSegment[] {
  const { maxRowsPerSegment, durable = true, onProgress } = options;
  invariant(maxRowsPerSegment >= 1, 'maxRowsPerSegment is at least 1');
  const rowsTotal = inputs.reduce((sum, { rowCount }) => sum + rowCount, 0);
  if (rowsTotal === 0) return [];
  const plan = planOf(inputs, schema);
  disk.makeDirectory(directory);
  const sealed: SealedSegment[] = [];
  let rowsDone = 0;
  try {
    for (const merged of piecesOf(plan)) {
      const path = `${directory}/${name(sealed.length)}`;
      const columns = outputColumns(plan, merged);
      sealed.push(writeSegment(disk, path, durable, schema, plan.dimensions, columns));
      rowsDone += merged.entries.length;
      onProgress?.(rowsDone, rowsTotal);
    }
    return sealed;
  } catch (error) {
    for (const { path } of sealed) disk.remove(path);
    throw error;
  }
}

interface Plan {
  readonly inputs: readonly SealInput[];
  readonly schema: SegmentSchema;
  readonly dimensions: readonly DimensionSchema[];
  readonly rows: SortedRows;
  /** Of dimensions that have dictionaries; null for numbers. */
  readonly ranksOf: (dimension: DimensionSchema) => Ranks | null;
  /** Of any dimension, as text. */
  readonly textRanksOf: (name: string) => StringRanks;
  /** For the output column at hand. */
  readonly room: ColumnRoom;
}

function planOf(segments: readonly Segment[], schema: SegmentSchema): Plan {
  const inputs = sealInputsOf(segments);
  const dimensions = outputDimensions(segments, schema);
  const textRanksOf = remembered((name: string) => rankStrings(inputs, name));
  const jsonRanks = remembered((name: string) => rankJson(inputs, name));
  const listRanks = remembered((name: string, type: ArrayType) => rankLists(inputs, name, type));
  const ranksOf = ({ name, type }: DimensionSchema): Ranks | null => {
    if (type === 'STRING') return textRanksOf(name);
    if (type === JSON_TYPE) return jsonRanks(name);
    return isArrayType(type) ? listRanks(name, type) : null;
  };
  const rows = new SortedRows(inputs, dimensions, timeTruncation(schema), ranksOf, schema.rollup);
  return { inputs, schema, dimensions, rows, ranksOf, textRanksOf, room: new ColumnRoom() };
}

/** Computed once for each name. */
function remembered<T, A extends unknown[]>(make: (name: string, ...rest: A) => T) {
  const known = new Map<string, T>();
  return (name: string, ...rest: A): T => {
    const value = known.get(name) ?? make(name, ...rest);
    known.set(name, value);
    return value;
  };
}

/** The columns of some of the rows. */
function outputColumns({ inputs, rows, ranksOf, room }: Plan, merged: MergedRows): OutputColumns {
  const { times } = rows;
  const output = new OutputRows(inputs, merged, room);
  const { rowCount, firsts } = output;
  return {
    rowCount,
    minTimeMs: times[firsts[0]!]!,
    maxTimeMs: times[firsts[rowCount - 1]!]!,
    time: () => timeVector(output, times),
    dimension(dimension) {
      const { name, type } = dimension;
      const ranks = ranksOf(dimension);
      return ranks === null
        ? numberVector(output, name, type as NumericType)
        : rankedVector(ranks, output.picks, rowCount, room);
    },
    metric: (metric) => metricVector(output, metric),
  };
}
