import { ArenaPool, type Disk } from '../../core/index.js';
import {
  type ColumnReader,
  NONE_GRANULARITY,
  NULL_READER,
  parseAggregator,
  type RowCursor,
  type Value,
} from '../../model/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { type OpenSegment, openSegment } from '../immutable/load.js';
import { mergeSegments } from '../merge/merge-segments.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import type { SegmentSchema } from '../schema.js';
import { ColumnRoom } from '../seal/column-room.js';
import { sealInputsOf } from '../seal/input.js';
import { picksOf } from '../seal/picks.js';
import { rankedVector } from '../seal/ranks.js';
import { sealSegments } from '../seal/seal-segments.js';
import { rankStrings } from '../seal/string-columns.js';
import { countingUp } from '../seal/time-order.js';
import type { PartitionValue } from '../timeline/shard-spec.js';
import { type PartitionColumn, partitionColumn } from './partition-column.js';
import type { Buckets, Partitioning, RangePartitioning } from './partitioning.js';
import { RangeCutter, tuplesOf } from './range-rows.js';

export interface DecideOptions {
  /** What may be in memory: more than each of the files. */
  readonly memoryBytes: number;
  /** A directory of its own, which is gone afterwards. */
  readonly temporaryDir: string;
}

const ARENA_BYTES = 1 << 24;
const COUNT = 'count';

/**
 * What the buckets of the rows of some files are, which together need not fit into memory. Rows are counted as they are:
 * those that will be combined later count one by one.
 */
export function decideBuckets(
  disk: Disk,
  paths: readonly string[],
  partitioning: Partitioning,
  options: DecideOptions,
): Buckets {
  const counts = paths.map((path) => readSegmentDirectory(disk, path).rowCount);
  const rowCount = counts.reduce((sum, count) => sum + count, 0);
  if (partitioning.type === 'hashed') {
    const { numShards, targetRows } = partitioning;
    return { ...partitioning, numShards: numShards ?? Math.ceil(rowCount / targetRows) };
  }
  const { boundaries } = partitioning;
  if (boundaries !== null) return { ...partitioning, boundaries };
  try {
    const tuples = countTuples(disk, paths, partitioning, options);
    return { ...partitioning, boundaries: cutTuples(tuples, rowCount, partitioning) };
  } finally {
    disk.removeTree(options.temporaryDir);
  }
}

interface CountedTuple {
  readonly tuple: readonly PartitionValue[];
  readonly count: number;
}

function cutTuples(
  tuples: Iterable<CountedTuple>,
  rowCount: number,
  partitioning: RangePartitioning,
): (readonly PartitionValue[])[] {
  const cutter = new RangeCutter(rowCount, partitioning);
  const boundaries: (readonly PartitionValue[])[] = [];
  for (const { tuple, count } of tuples) if (cutter.add(count)) boundaries.push(tuple);
  return boundaries;
}

/**
 * The distinct tuples of all files in order, and how many rows have each: those of a file become a file of their own, rolled
 * up, which are merged like all others.
 */
function* countTuples(
  disk: Disk,
  paths: readonly string[],
  { dimensions }: RangePartitioning,
  { memoryBytes, temporaryDir }: DecideOptions,
): Generator<CountedTuple> {
  const schema = tupleSchema(dimensions.length);
  const arenaBytes = Math.min(ARENA_BYTES, memoryBytes);
  const pool = new ArenaPool({ arenaBytes, maxBytes: memoryBytes, scratchBytes: 1 });
  disk.makeDirectory(temporaryDir);
  const counted = paths.map((path, i) => {
    const segment = openSegment(disk, path, pool);
    try {
      return sealTuples(disk, `${temporaryDir}/counts`, `${i}`, segment, dimensions, schema);
    } finally {
      segment.close();
    }
  });
  const merged = mergeSegments(disk, `${temporaryDir}/merged`, String, counted, schema, {
    maxRowsPerSegment: Number.MAX_SAFE_INTEGER,
    memoryBytes,
    temporaryDir: `${temporaryDir}/merge`,
    durable: false,
  });
  for (const { path } of merged) {
    const segment = openSegment(disk, path, pool);
    try {
      yield* tuplesIn(segment, dimensions.length);
    } finally {
      segment.close();
    }
  }
}

const tupleColumn = (i: number): string => `d${i}`;

const tupleSchema = (width: number): SegmentSchema => ({
  dataSource: 'tuples',
  dimensions: Array.from({ length: width }, (_, i) => ({
    name: tupleColumn(i),
    type: 'STRING',
    multiValueHandling: 'ARRAY',
  })),
  metrics: [parseAggregator({ type: 'longSum', name: COUNT, fieldName: COUNT }, COUNT)],
  rollup: true,
  queryGranularity: NONE_GRANULARITY,
});

/** Writes the distinct tuples of a segment, and gives the file's path. */
function sealTuples(
  disk: Disk,
  directory: string,
  name: string,
  segment: OpenSegment,
  dimensions: readonly string[],
  schema: SegmentSchema,
): string {
  const { rowCount } = segment;
  const inputs = sealInputsOf([segment]);
  const picks = picksOf(countingUp(rowCount), inputs);
  const columns = dimensions.map((dimension) =>
    partitionColumn(
      dimension,
      rankedVector(rankStrings(inputs, dimension), picks, rowCount, new ColumnRoom()),
    ),
  );
  const pool = new ArenaPool({ arenaBytes: ARENA_BYTES, maxBytes: Number.MAX_SAFE_INTEGER });
  const open = new MutableSegment(schema, pool);
  try {
    open.append(tupleRows(columns, rowCount));
    const options = { maxRowsPerSegment: rowCount, durable: false };
    const [sealed] = sealSegments(disk, directory, () => name, [open.snapshot()], schema, options);
    return sealed!.path;
  } finally {
    open.close();
  }
}

/** A row for each distinct tuple. */
function tupleRows(columns: readonly PartitionColumn[], rowCount: number): RowCursor {
  const tuples = [...tuplesOf(columns, rowCount)];
  const cursor: RowCursor = {
    row: 0,
    rowCount: tuples.length,
    column(name) {
      if (name === '__time') return reader('LONG', () => 0);
      if (name === COUNT) return reader('LONG', () => tuples[cursor.row]!.count);
      const column = columns.find((_, i) => tupleColumn(i) === name);
      if (column === undefined) return NULL_READER;
      const { ids, cells } = column;
      return reader('STRING', () => cells[ids[tuples[cursor.row]!.row]!] as PartitionValue);
    },
  };
  return cursor;
}

const reader = (type: 'LONG' | 'STRING', get: () => Value): ColumnReader => ({
  type,
  multiValue: false,
  exists: true,
  get,
});

function* tuplesIn(segment: OpenSegment, width: number): Generator<CountedTuple> {
  const cursor = segment.cursor();
  const values = Array.from({ length: width }, (_, i) => cursor.column(tupleColumn(i)));
  const count = cursor.column(COUNT);
  for (cursor.row = 0; cursor.row < cursor.rowCount; cursor.row++) {
    yield {
      tuple: values.map((value) => value.get() as PartitionValue),
      count: Number(count.get()),
    };
  }
}
