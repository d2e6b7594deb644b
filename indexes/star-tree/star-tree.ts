/**
 * A star-tree: rows that were rolled up to records, and rolled up again without one dimension after the other, so that a
 * query of some dimensions reads few records whatever the rows are. After Apache Pinot's star-tree index.
 *
 *     records   base      the rows, those of equal codes as one, sorted by the dimensions in split order
 *               starred   those of a node, sorted and as one without the node's dimension
 *               summed    all of a node in one record
 *     nodes     the root is of all base records; the children of a node at depth d are of its records with one code each of
 *               dimension d; the star child is of its starred records
 *
 * Both are told by numbers alone: which codes a record has, and of which rows or earlier records it is made. States of metrics
 * are folded after it, one metric at a time.
 */
export interface StarTree {
  readonly nodes: StarNodes;
  readonly records: StarRecords;
}

/**
 * By node; 0 is the root. The children of a node lie side by side, the star child first, the others by ascending code.
 * Depths are not kept: whoever goes down knows them.
 */
export interface StarNodes {
  /** Of the dimension that it is a child by; STAR for a star child, and the root. */
  readonly codes: Int32Array;
  /** Its records are [starts, ends). */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The record of all its rows. */
  readonly summed: Int32Array;
  /** Children are [firsts, lasts); none of a leaf. */
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
}

export const STAR = -1;

export interface StarRecords {
  readonly count: number;
  /** Records before this one are made of rows, those from it on of earlier records. */
  readonly baseCount: number;
  /** By dimension, by record; 0 where the record has all codes, which nobody may read. */
  readonly codes: readonly Int32Array[];
  /** Record r is made of members [ends[r - 1], ends[r]): rows or records, in the order in which they are folded. */
  readonly members: Int32Array;
  readonly ends: Int32Array;
}

/** What a tree is built of and how. Rows may stand for groups of some that are alike. */
export interface StarTreeSpec {
  /** By dimension, in split order: the code of each row. */
  readonly codes: readonly ArrayLike<number>[];
  /** By dimension: codes are [0, size). */
  readonly sizes: readonly number[];
  /** At least one. */
  readonly rowCount: number;
  /** A node of no more records has no children. */
  readonly maxLeafRecords: number;
  /** By dimension: whether there are no star children, since queries always filter or group by it. */
  readonly skipStar: readonly boolean[];
  /** A tree of more records is not worth it. */
  readonly maxRecords: number;
}
