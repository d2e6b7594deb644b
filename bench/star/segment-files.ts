import { ArenaPool, RealDisk } from '../../core/index.js';
import {
  MutableSegment,
  readSegmentDirectory,
  type SealedSegment,
  sealSegments,
} from '../../segments/index.js';
import { type BenchColumns, benchCursor, benchSchema } from '../ingest/columns.js';
import type { Configuration } from './load-spec.js';
import type { StarSet } from './star-set.js';
import { treeDefinitions } from './tree-definitions.js';

export const disk = new RealDisk();

/** Rows that wait to be sealed: five million of twenty columns. */
const ROOM_BYTES = 3 * 2 ** 30;

/** Writes rows as one segment file for each configuration, straight from memory, as a task would; tells how long each took. */
export function sealRows(
  columns: BenchColumns,
  set: StarSet,
  files: readonly { readonly configuration: Configuration; readonly directory: string }[],
  name: string,
): { readonly sealed: SealedSegment; readonly ms: number }[] {
  const pool = new ArenaPool({ arenaBytes: 2 ** 28, maxBytes: ROOM_BYTES, scratchBytes: 1 });
  const schema = benchSchema(set.dataSet);
  const rows = new MutableSegment(schema, pool);
  rows.append(benchCursor(columns));
  const snapshot = rows.snapshot();
  const written = files.map(({ configuration, directory }) => {
    disk.makeDirectory(directory);
    const start = performance.now();
    const starTrees = treeDefinitions(set, configuration);
    const [sealed] = sealSegments(
      disk,
      directory,
      () => name,
      [snapshot],
      { ...schema, starTrees },
      { maxRowsPerSegment: columns.rowCount },
    );
    return { sealed: sealed!, ms: performance.now() - start };
  });
  rows.close();
  return written;
}

/** Bytes of trees and of all else in segment files. */
export interface FileSizes {
  readonly rows: number;
  readonly rowBytes: number;
  readonly trees: readonly TreeSize[];
}

export interface TreeSize {
  readonly dimensions: string;
  readonly records: number;
  readonly bytes: number;
}

export function fileSizes(path: string): FileSizes {
  const { fileSizeBytes, rowCount, trees } = readSegmentDirectory(disk, path);
  const sizes = trees.map(
    ({ dimensions, columns, rowCount: records }): TreeSize => ({
      dimensions: dimensions.map(({ name }) => name).join(', '),
      records,
      bytes: columns.reduce((sum, column) => sum + bytesOf(column), 0),
    }),
  );
  const treeBytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  return { rows: rowCount, rowBytes: fileSizeBytes - treeBytes, trees: sizes };
}

type Entry = ReturnType<typeof readSegmentDirectory>['columns'][number];

const bytesOf = ({ blocks, indexes }: Entry): number =>
  [...blocks, ...indexes.flatMap((index) => index.blocks)].reduce(
    (sum, { length }) => sum + length,
    0,
  );
