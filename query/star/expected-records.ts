import type { TreeEntry } from '../../segments/index.js';

/** What a query asks of the dimensions of a tree: which are read, and which share of the values of each may pass. */
export interface DimensionReads {
  readonly isRead: readonly boolean[];
  readonly shares: readonly number[];
}

/** As many records are tested, by their codes, in the time that one is folded in. */
export const TESTED_PER_FOLDED = 20;

/** About how many records of a tree are read. */
export interface ExpectedRecords {
  readonly records: number;
  /** What that takes, in records that are folded, or rows. */
  readonly cost: number;
}

/**
 * As the search goes down it finds nodes, one for each combination of the values that pass, until nothing is read below them, or until
 * they are leaves, whose records are all tested. Values are taken to combine as they like, but there are no more nodes than records
 * below them: some values tell others.
 */
export function expectedRecords(
  tree: TreeEntry,
  { isRead, shares }: DimensionReads,
): ExpectedRecords {
  const { dimensions, maxLeafRecords } = tree;
  const counts = dimensions.map((_, i) => tree.columns[i]!.stats.cardinality ?? 1);
  const product = (numbers: readonly number[]) => numbers.reduce((all, each) => all * each, 1);
  let nodes = 1;
  // Below all of them.
  let records = tree.rowCount;
  for (const [depth, { skipStar }] of dimensions.entries()) {
    if (!isRead.includes(true, depth)) break;
    if (records <= nodes * maxLeafRecords) {
      const passing = records * product(shares.slice(depth));
      return { records, cost: passing + records / TESTED_PER_FOLDED };
    }
    const count = counts[depth]!;
    if (isRead[depth]) {
      const share = shares[depth]!;
      records = Math.max(1, records * share);
      nodes = Math.min(records, nodes * Math.max(1, count * share));
    } else if (skipStar) {
      nodes = Math.min(records, nodes * count);
    } else {
      records = Math.min(records, nodes * product(counts.slice(depth + 1)));
    }
  }
  return { records: nodes, cost: nodes };
}
