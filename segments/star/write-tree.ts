import type { SegmentWriter } from '../format/segment-writer.js';
import type { TreeDefinition } from '../schema.js';
import { buildTree } from './build-tree.js';
import { StoredRows } from './stored-rows.js';

/** Adds a star-tree of the rows that were written, if it has fewer records than there are rows. */
export function writeTree(
  writer: SegmentWriter,
  definition: TreeDefinition,
  rowCount: number,
): void {
  writer.readBack((file, columns) => {
    const built = buildTree(new StoredRows(file, columns, rowCount), definition, rowCount);
    if (built !== null) writer.tree(built.entry, built.nodes, built.columns);
  });
}
