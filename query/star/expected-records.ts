import type { TreeEntry } from '../../segments/index.js';

/** What a query asks of the dimensions of a tree: which are read, and which share of the values of each may pass. */
export interface DimensionReads {
  readonly isRead: readonly boolean[];
  readonly shares: readonly number[];
}

/** About how many records have to be read of a tree at least: as many as the values make that pass of the dimensions that are read, or all. */
export function leastRecords(tree: TreeEntry, { isRead, shares }: DimensionReads): number {
  const passing = countsOf(tree).map((count, i) =>
    isRead[i] ? Math.max(1, count * shares[i]!) : 1,
  );
  return Math.min(
    tree.rowCount,
    passing.reduce((all, each) => all * each, 1),
  );
}

/**
 * About how many are read, or all, if values combine as they like; more than there are where some tell others. As the search goes down it finds
 * nodes, one for each combination of the values that pass, until nothing is read below them, or until they are leaves: records of these
 * are all read, whatever they hold.
 */
export function mostRecords(tree: TreeEntry, { isRead, shares }: DimensionReads): number {
  const { dimensions, rowCount, maxLeafRecords } = tree;
  const counts = countsOf(tree);
  let nodes = 1;
  // Of each node.
  let records = rowCount;
  for (const [depth, { skipStar }] of dimensions.entries()) {
    if (!isRead.includes(true, depth)) return Math.min(rowCount, nodes);
    if (records <= maxLeafRecords) break;
    const count = counts[depth]!;
    const below = counts.slice(depth + 1).reduce((all, each) => all * each, 1);
    if (isRead[depth]) nodes *= Math.max(1, count * shares[depth]!);
    else if (skipStar) nodes *= count;
    const isSplit = isRead[depth] || skipStar;
    records = Math.max(1, Math.min(isSplit ? records / count : records, below));
  }
  return Math.min(rowCount, nodes * records);
}

const countsOf = ({ dimensions, columns }: TreeEntry): number[] =>
  dimensions.map((_, i) => columns[i]!.stats.cardinality ?? 1);
