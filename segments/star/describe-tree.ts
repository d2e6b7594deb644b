import type { JsonObject } from '../../core/index.js';
import { STAR_NODES } from '../../indexes/index.js';
import type { TreeEntry } from '../format/directory.js';
import { blocksOf } from '../format/segment-bytes.js';

/** What a star-tree is of, and what it takes. */
export interface TreeDescription {
  /** In split order. */
  readonly dimensions: readonly TreeDimensionDescription[];
  readonly metrics: readonly { readonly name: string; readonly aggregator: JsonObject | null }[];
  readonly maxLeafRecords: number;
  readonly recordCount: number;
  readonly nodeCount: number;
  /** Of its columns and nodes in a segment file. */
  readonly sizeBytes: number;
}

export interface TreeDimensionDescription {
  readonly name: string;
  /** Of `__time`: the JSON of what it is truncated by. */
  readonly granularity?: unknown;
  readonly skipStar: boolean;
  /** Distinct values, null included. */
  readonly cardinality: number | null;
}

export function describeTree(tree: TreeEntry): TreeDescription {
  const { dimensions, columns, maxLeafRecords, rowCount } = tree;
  const nodes = columns[0]!.indexes.find(({ kind }) => kind === STAR_NODES)!;
  return {
    dimensions: dimensions.map((dimension, i) => ({
      ...dimension,
      cardinality: columns[i]!.stats.cardinality,
    })),
    metrics: columns
      .filter(({ role }) => role === 'metric')
      .map(({ name, aggregator }) => ({ name, aggregator })),
    maxLeafRecords,
    recordCount: rowCount,
    nodeCount: Number(nodes.parameters.nodes),
    sizeBytes: treeBytes(tree),
  };
}

const treeBytes = (tree: TreeEntry): number =>
  blocksOf({ columns: [], trees: [tree] }).reduce((sum, { block }) => sum + block.length, 0);
