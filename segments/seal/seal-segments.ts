import { type Disk, invariant } from '../../core/index.js';
import { SegmentWriter, type WrittenColumn } from '../format/segment-writer.js';
import { type DimensionSchema, type SegmentSchema, timeTruncation } from '../schema.js';
import type { Segment } from '../types.js';
import { readLong } from '../words.js';
import { type SealInput, sealInputOf } from './input.js';
import { metricVector, numberVector, stringVector, timeVector } from './output-vectors.js';
import { type MergedRows, RowMerger } from './row-merger.js';
import { dimensionKey, type KeyColumn, timeKey } from './sort-key.js';

export interface SealOptions {
  /** Rows of an output segment at most; the last one may have fewer. */
  readonly maxRowsPerSegment: number;
  /** Told after each output segment how many of the input rows are in files. */
  readonly onProgress?: (rowsDone: number, rowsTotal: number) => void;
}

/** One file that was written and is durable. */
export interface SealedSegment {
  readonly path: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal, of the whole file. */
  readonly sha256: string;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  /** `__time`, dimensions in sort order, metrics. */
  readonly columns: readonly WrittenColumn[];
}

interface Plan {
  readonly inputs: readonly SealInput[];
  readonly schema: SegmentSchema;
  readonly dimensions: readonly DimensionSchema[];
  readonly keys: readonly KeyColumn[];
  readonly truncate: (timeMs: number) => number;
}

/**
 * Merges segments, mutable or not, into sorted immutable files `directory/name(partition)`.
 *
 * Columns   those of the schema; dimensions that only the inputs have come behind them, so that no
 *           data is dropped. A column that an input lacks is null there; one of another type is cast.
 * Rollup    with `schema.rollup` rows of equal truncated time and dimensions become one.
 * Memory    one output column at a time, the merged dictionaries of all string dimensions, and 8
 *           bytes per input row of the output segment at hand.
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
  const { maxRowsPerSegment, onProgress } = options;
  invariant(maxRowsPerSegment >= 1, 'maxRowsPerSegment is at least 1');
  const rowsTotal = inputs.reduce((sum, { rowCount }) => sum + rowCount, 0);
  if (rowsTotal === 0) return [];
  const plan = planOf(inputs, schema);
  const partsOf = (input: number) => plan.keys.map(({ parts }) => parts[input]!);
  const merger = new RowMerger(plan.inputs, partsOf, schema.rollup);
  disk.makeDirectory(directory);
  const sealed: SealedSegment[] = [];
  let rowsDone = 0;
  try {
    for (;;) {
      const merged = merger.next(maxRowsPerSegment);
      if (merged === null) return sealed;
      sealed.push(writeSegment(disk, `${directory}/${name(sealed.length)}`, plan, merged));
      rowsDone += merged.rows.length;
      onProgress?.(rowsDone, rowsTotal);
    }
  } catch (error) {
    for (const { path } of sealed) disk.remove(path);
    throw error;
  }
}

function planOf(segments: readonly Segment[], schema: SegmentSchema): Plan {
  const inputs = segments.map(sealInputOf);
  const dimensions = [...schema.dimensions, ...furtherDimensions(segments, schema)];
  const truncate = timeTruncation(schema);
  const keys = [
    timeKey(inputs, truncate),
    ...dimensions.map((dimension) => dimensionKey(inputs, dimension)),
  ];
  return { inputs, schema, dimensions, keys, truncate };
}

/** Dimensions of the inputs that the schema does not name, in order of appearance. */
function furtherDimensions(
  segments: readonly Segment[],
  { dimensions, metrics }: SegmentSchema,
): DimensionSchema[] {
  const known = new Set([...dimensions, ...metrics].map(({ name }) => name));
  const further: DimensionSchema[] = [];
  for (const { columns } of segments) {
    for (const { name, type, role } of columns) {
      if (role !== 'dimension' || known.has(name)) continue;
      known.add(name);
      further.push({ name, type: dimensionType(type), multiValueHandling: 'ARRAY' });
    }
  }
  return further;
}

const dimensionType = (type: string): DimensionSchema['type'] =>
  type === 'LONG' || type === 'DOUBLE' || type === 'FLOAT' ? type : 'STRING';

function writeSegment(disk: Disk, path: string, plan: Plan, merged: MergedRows): SealedSegment {
  const { inputs, schema, dimensions, keys, truncate } = plan;
  const { rowCount } = merged;
  const writer = new SegmentWriter(disk, path);
  try {
    const time = timeVector(inputs, merged, truncate);
    const minTimeMs = readLong(time.words, 0) as number;
    const maxTimeMs = readLong(time.words, 2 * (rowCount - 1)) as number;
    writer.column('__time', 'time', time);
    for (const [i, dimension] of dimensions.entries()) {
      const { ranks } = keys[i + 1]!;
      const vector =
        ranks === null
          ? numberVector(inputs, merged, dimension.name, dimension.type)
          : stringVector(inputs, merged, ranks);
      writer.column(dimension.name, 'dimension', vector);
    }
    for (const metric of schema.metrics) {
      writer.column(metric.name, 'metric', metricVector(inputs, merged, metric), metric.spec);
    }
    const { rollup } = schema;
    const queryGranularity = schema.queryGranularity.spec;
    const head = { rowCount, minTimeMs, maxTimeMs, rollup, queryGranularity };
    const written = writer.finish(head);
    return {
      path,
      rowCount,
      ...written,
      minTimeMs,
      maxTimeMs,
    };
  } catch (error) {
    writer.abandon();
    throw error;
  }
}
