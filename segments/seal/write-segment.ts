import type { Disk } from '../../core/index.js';
import type { IndexChoice } from '../../indexes/index.js';
import type { Aggregator } from '../../model/index.js';
import type { Vector } from '../encodings/vector.js';
import type { WrittenColumn } from '../format/directory.js';
import { SegmentWriter } from '../format/segment-writer.js';
import { writeDimension } from '../json/write-dimension.js';
import type { DimensionSchema, SegmentSchema } from '../schema.js';
import { writeTrees } from '../star/write-trees.js';
import { treeSpec } from '../tree-spec.js';

/** One file that was written and is durable, unless it need not be. */
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
  /** Its copy in deep storage; absent where it has none. */
  readonly deep?: DeepCopy;
  /** Star-trees that it got; absent of none, and once it is published. */
  readonly treeCount?: number;
}

/** Where the packed form of a segment is in deep storage, and what it is. */
export interface DeepCopy {
  readonly key: string;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal, of the packed bytes. */
  readonly sha256: string;
}

/** The columns of one output file, each made when it is asked for, and as valid as until the next one is. */
export interface OutputColumns {
  readonly rowCount: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  time(): Vector;
  dimension(dimension: DimensionSchema): Vector;
  metric(metric: Aggregator): Vector;
}

/** Writes a file of rows. When it throws, there is none. */
export function writeSegment(
  disk: Disk,
  path: string,
  durable: boolean,
  { metrics, rollup, queryGranularity, starTrees }: SegmentSchema,
  dimensions: readonly DimensionSchema[],
  columns: OutputColumns,
): SealedSegment {
  const { rowCount, minTimeMs, maxTimeMs } = columns;
  // A file that is not durable is soon merged, and queries do without.
  const trees = durable ? starTrees : undefined;
  const writer = new SegmentWriter(disk, path, durable);
  try {
    writer.column('__time', 'time', columns.time());
    for (const dimension of dimensions) {
      writeDimension(writer, dimension, columns.dimension(dimension));
    }
    for (const metric of metrics) {
      const options = { aggregator: metric.spec, indexes: choiceOfMetric(metric) };
      writer.column(metric.name, 'metric', columns.metric(metric), options);
    }
    for (const tree of trees ?? []) writeTrees(writer, tree, rowCount);
    const treeChoice = trees && { treeChoice: trees.map(treeSpec) };
    const head = { rowCount, minTimeMs, maxTimeMs, rollup, ...treeChoice };
    const written = writer.finish({ ...head, queryGranularity: queryGranularity.spec });
    return { path, rowCount, ...written, minTimeMs, maxTimeMs };
  } catch (error) {
    writer.abandon();
    // It has its name already where only the sync of the directory failed.
    disk.remove(path);
    throw error;
  }
}

/** A metric says in its spec which indexes it shall have. */
function choiceOfMetric({ spec: { indexes } }: Aggregator): IndexChoice | undefined {
  if (!Array.isArray(indexes)) return undefined;
  return { bitmap: false, kinds: indexes.map(String) };
}
