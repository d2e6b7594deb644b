import type { ColumnEntry } from '../format/directory.js';
import { paddedLength } from '../format/frame.js';
import { blocksOf } from '../format/segment-bytes.js';
import type { SegmentWriter } from '../format/segment-writer.js';
import type { TreeDefinition } from '../schema.js';
import { buildTrees } from './build-trees.js';
import { StoredRows } from './stored-rows.js';

/** What the build of a tree may take of memory. */
const MEMORY_BYTES = 512 << 20;

/** Of fewer rows no tree is derived: to scan them takes no longer than to look for it. */
const LEAST_ROWS = 50_000;

/** Adds the star-trees of the rows that were written that a definition means. */
export function writeTrees(
  writer: SegmentWriter,
  definition: TreeDefinition,
  rowCount: number,
): void {
  const { dimensions, maxShare } = definition;
  if (dimensions === undefined && rowCount < LEAST_ROWS) return;
  const trees = writer.readBack((file, columns) =>
    buildTrees(new StoredRows(file, columns, rowCount), definition, {
      memoryBytes: MEMORY_BYTES,
      fileBytes: maxShare === undefined ? null : maxShare * sizeOf(columns),
      sizeOf: (built) => writer.sizeOfTree(built),
    }),
  );
  for (const tree of trees) writer.tree(tree);
}

/** Of columns in a file, with their indexes. */
const sizeOf = (columns: readonly ColumnEntry[]): number =>
  blocksOf({ columns, trees: [] }).reduce((sum, { block }) => sum + paddedLength(block.length), 0);
