import type { TreeEntry } from '../../segments/index.js';

/** What a query asks of the dimensions of a tree: which are read, and which share of the values of each may pass. */
export interface DimensionReads {
  readonly isRead: readonly boolean[];
  readonly shares: readonly number[];
}

/**
 * About how many records of a tree are read: as the search goes down it finds nodes, one for each combination of the values that pass,
 * until nothing is read below them, or until they are leaves, whose records are all read, whatever they hold. Values are taken to
 * combine as they like, but there are no more nodes than records below them: some values tell others.
 */
export function expectedRecords(tree: TreeEntry, { isRead, shares }: DimensionReads): number {
  const { dimensions, maxLeafRecords } = tree;
  const counts = dimensions.map((_, i) => tree.columns[i]!.stats.cardinality ?? 1);
  let nodes = 1;
  // Below all of them.
  let records = tree.rowCount;
  for (const [depth, { skipStar }] of dimensions.entries()) {
    if (!isRead.includes(true, depth)) return nodes;
    if (records <= nodes * maxLeafRecords) return records;
    const count = counts[depth]!;
    if (isRead[depth]) {
      const share = shares[depth]!;
      records = Math.max(1, records * share);
      nodes = Math.min(records, nodes * Math.max(1, count * share));
    } else if (skipStar) {
      nodes = Math.min(records, nodes * count);
    } else {
      const below = counts.slice(depth + 1).reduce((all, each) => all * each, 1);
      records = Math.min(records, nodes * below);
    }
  }
  return nodes;
}
