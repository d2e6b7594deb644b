import type { DimensionSet, DistinctCounts } from './distinct-counts.js';
import { LEAF_RECORDS, type WouldBeTree } from './would-be-tree.js';

/** Records of a tree for each combination of its dimensions: measured over trees of leaves of 1,000 (Pinot's algorithm, 5 dimensions). */
const RECORDS_PER_COMBINATION = 1.63;

/** Of all of a tree. */
export function treeRecords({ dimensions }: WouldBeTree, counts: DistinctCounts): number {
  const combinations = counts.of(dimensions);
  // A root that is a leaf has one more, of all rows.
  return combinations <= LEAF_RECORDS ? combinations + 1 : combinations * RECORDS_PER_COMBINATION;
}

/** What is read of a dimension: the share of its values that pass. */
export type Reads = ReadonlyMap<string, number>;

/**
 * How many records of a segment a query looks at: goes down the levels of the tree as `findRecords` does, with nodes of a level that
 * are all of one size.
 */
export function queryRecords(tree: WouldBeTree, reads: Reads, counts: DistinctCounts): number {
  const { dimensions } = tree;
  let kept: DimensionSet = [];
  let nodes = 1;
  for (const [depth, dimension] of dimensions.entries()) {
    const below = dimensions.slice(depth);
    if (!below.some(({ name }) => reads.has(name))) return nodes;
    const size = counts.of([...kept, ...below]) / counts.of(kept);
    if (size <= LEAF_RECORDS) return nodes * Math.max(1, size);
    const passing = reads.get(dimension.name);
    if (passing === undefined && !dimension.skipStar) continue;
    const next = [...kept, dimension];
    const children = counts.of(next) / counts.of(kept);
    nodes *= Math.max(1, children * (passing ?? 1));
    kept = next;
  }
  return nodes;
}

/** The sets whose combinations `queryRecords` asks for. */
export function setsOf({ dimensions }: WouldBeTree, reads: Reads): DimensionSet[] {
  const sets: DimensionSet[] = [];
  let kept: DimensionSet = [];
  for (const [depth, dimension] of dimensions.entries()) {
    sets.push([...kept, ...dimensions.slice(depth)]);
    if (reads.has(dimension.name) || dimension.skipStar) kept = [...kept, dimension];
    sets.push(kept);
  }
  return sets;
}
