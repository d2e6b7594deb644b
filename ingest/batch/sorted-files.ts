import { type Disk, isJsonObject, type JsonObject, stringifyJson } from '../../core/index.js';
import { type Aggregator, contains, type Interval, parseAggregator } from '../../model/index.js';
import {
  type ChunkSpan,
  isMergeable,
  readSegmentDirectory,
  type SegmentDirectory,
  type SegmentSchema,
  timeTruncation,
} from '../../segments/index.js';
import type { SegmentSlice } from '../input/sources/source.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { fixedDimensions, type Piece } from './chunk-sealer.js';

/** A file of a table whose rows are sorted as those of the task's segments are, all of one chunk. */
export interface SortedFile {
  readonly chunk: Interval;
  readonly piece: Piece;
  readonly rowCount: number;
}

export interface PartedSlices {
  readonly files: readonly SortedFile[];
  /** What has to be read row by row. */
  readonly slices: readonly SegmentSlice[];
}

type Chunked = SegmentSchema & { readonly chunkOf: (timeMs: number) => ChunkSpan };

/**
 * Finds the slices of a table that are files as the task would write them of the same rows: with its dimensions, in their
 * order and types, its metrics in the states that it combines, its times. They need not be read: they are merged. Files of
 * more than `maxBytes` are read all the same.
 */
export function partSlices(
  disk: Disk,
  spec: TaskSpec,
  slices: readonly SegmentSlice[],
  schema: Chunked,
  maxBytes: number,
): PartedSlices {
  if (!takesRowsAsTheyAre(spec)) return { files: [], slices };
  const directories = slices.map(({ path }) => readSegmentDirectory(disk, path));
  const fixed = { ...schema, dimensions: fixedDimensions(directories, schema) };
  const files: SortedFile[] = [];
  const others: SegmentSlice[] = [];
  for (const [i, slice] of slices.entries()) {
    const file = sortedFile(directories[i]!, slice, spec, fixed);
    if (file === null || file.piece.sizeBytes > maxBytes) others.push(slice);
    else files.push(file);
  }
  return { files, slices: others };
}

/** The task neither drops nor changes rows, and says which columns it takes; no others can come that widen `auto` ones. */
function takesRowsAsTheyAre({
  inputs,
  timestamp,
  dimensions,
  transforms,
  filter,
}: TaskSpec): boolean {
  return (
    (inputs.length === 1 || dimensions.listed.every(({ auto }) => auto === undefined)) &&
    timestamp.column === '__time' &&
    (timestamp.format === 'millis' || timestamp.format === 'auto') &&
    dimensions.discover === 'none' &&
    transforms.length === 0 &&
    filter === null
  );
}

/** Null when its rows have to be read. */
function sortedFile(
  directory: SegmentDirectory,
  { path, interval }: SegmentSlice,
  spec: TaskSpec,
  schema: Chunked,
): SortedFile | null {
  const { minTimeMs, maxTimeMs, rowCount, fileSizeBytes } = directory;
  if (minTimeMs === null || maxTimeMs === null) return null;
  const times: Interval = { startMs: minTimeMs, endMs: maxTimeMs + 1 };
  const span = schema.chunkOf(minTimeMs);
  const { intervals } = spec.granularity;
  const areAllTaken =
    contains(interval, times) &&
    contains(span, times) &&
    (intervals === null || intervals.some((each) => contains(each, times)));
  const fits =
    areAllTaken &&
    hasTimesOf(directory, minTimeMs, schema) &&
    hasColumnsOf(directory, schema) &&
    isMergeable([directory], schema);
  if (!fits) return null;
  const piece = { path, sizeBytes: fileSizeBytes, isShared: true };
  return { chunk: span.chunk, piece, rowCount };
}

/** Truncation leaves the times as they are. Only the first can be one that a chunk cut short. */
function hasTimesOf(
  { queryGranularity }: SegmentDirectory,
  minTimeMs: number,
  schema: Chunked,
): boolean {
  const { kind, spec } = schema.queryGranularity;
  if (kind === 'none') return true;
  return (
    jsonOf(queryGranularity) === jsonOf(spec) && timeTruncation(schema)(minTimeMs) === minTimeMs
  );
}

function hasColumnsOf({ columns }: SegmentDirectory, schema: Chunked): boolean {
  const dimensions = new Map(schema.dimensions.map((each) => [each.name, each]));
  const areDimensions = columns.every(({ name, role, multiValue }) => {
    if (role !== 'dimension') return true;
    const dimension = dimensions.get(name);
    return dimension !== undefined && (!multiValue || dimension.multiValueHandling === 'ARRAY');
  });
  const stored = new Map(columns.map((column) => [column.name, column]));
  return (
    areDimensions &&
    schema.metrics.every((metric) => {
      const column = stored.get(metric.name);
      const aggregator = column?.aggregator ?? metric.spec;
      return combines(metric, parseAggregator(aggregator, metric.name));
    })
  );
}

/** Whether a metric of the task is one that combines the states of a stored one, or of itself where none is stored. */
const combines = (metric: Aggregator, stored: Aggregator): boolean =>
  jsonOf(metric.spec) === jsonOf(stored.combining().spec);

/** Without what says how it is stored; members in one order. */
function jsonOf(spec: unknown): string {
  const { indexes: _, ...rest } = isJsonObject(spec) ? spec : ({ value: spec } as JsonObject);
  const entries = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return stringifyJson(Object.fromEntries(entries));
}
