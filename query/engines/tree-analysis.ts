import { type JsonObject, stringifyJson } from '../../core/index.js';
import type { TreeDescription } from '../../segments/index.js';

/** A star-tree of one segment, or those that several segments have alike: of the same dimensions and metrics, split as far. */
export interface TreeAnalysis extends TreeDescription {
  readonly segments: number;
  /** Of these segments. */
  readonly rowCount: number;
}

export const treesOf = (trees: readonly TreeDescription[], rowCount: number): TreeAnalysis[] =>
  trees.map((tree) => ({ ...tree, segments: 1, rowCount }));

/** All of several segments, those alike as one, in the order in which they come. */
export function mergeTrees(analyses: readonly (readonly TreeAnalysis[])[]): TreeAnalysis[] {
  const merged = new Map<string, TreeAnalysis>();
  for (const tree of analyses.flat()) {
    const { dimensions, metrics, maxLeafRecords } = tree;
    const shape = dimensions.map(({ cardinality: _, ...dimension }) => dimension);
    const key = stringifyJson([shape, metrics, maxLeafRecords]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? tree : mergedTree(known, tree));
  }
  return [...merged.values()];
}

const mergedTree = (a: TreeAnalysis, b: TreeAnalysis): TreeAnalysis => ({
  ...a,
  segments: a.segments + b.segments,
  rowCount: a.rowCount + b.rowCount,
  recordCount: a.recordCount + b.recordCount,
  nodeCount: a.nodeCount + b.nodeCount,
  sizeBytes: a.sizeBytes + b.sizeBytes,
  // The most of a segment.
  dimensions: a.dimensions.map((dimension, i) => ({
    ...dimension,
    cardinality: most(dimension.cardinality, b.dimensions[i]!.cardinality),
  })),
});

const most = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : Math.max(a, b);

/** As it is shown. */
export function treeJson(tree: TreeAnalysis): JsonObject {
  const { segments, dimensions, metrics, maxLeafRecords, rowCount } = tree;
  const { recordCount: records, nodeCount: nodes, sizeBytes: bytes } = tree;
  const shared = { segments, dimensions, metrics, maxLeafRecords };
  return { ...shared, rows: rowCount, records, nodes, bytes };
}
