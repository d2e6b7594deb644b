import { invariant } from '../../core/index.js';
import { attachNodes, STAR_NODES, type StarNodes } from '../../indexes/index.js';
import type { ColumnEntry } from '../format/directory.js';
import type { ImmutableSegmentHandle } from '../immutable/handle.js';
import { partKey } from '../immutable/parts.js';

/** The nodes of the tree that a handle means, which are in memory; null where they are damaged. */
export function nodesOf({
  directory,
  loaded,
  memory,
  tree,
}: ImmutableSegmentHandle): StarNodes | null {
  invariant(tree !== undefined, 'rows have no nodes');
  const { columns, dimensions, rowCount } = directory.trees[tree]!;
  const [first] = columns;
  const entry = first!.indexes.find(({ kind }) => kind === STAR_NODES)!;
  const base = loaded.get(partKey(first!.name, STAR_NODES, tree));
  invariant(base !== undefined, 'nodes are read that were not pinned');
  const bytes = (name: string): Uint8Array => {
    const { offset, length } = entry.blocks.find((block) => block.name === name)!;
    return new Uint8Array(memory.buffer, base + offset, length);
  };
  const sizes = columns.slice(0, dimensions.length).map(codeCount);
  return attachNodes({ rowCount, parameters: entry.parameters, bytes }, sizes);
}

/** How many codes a dimension has: that of null, among numbers, is behind those of the dictionary. */
const codeCount = ({ type, parameters, stats }: ColumnEntry): number =>
  Number(parameters.size) + (type !== 'STRING' && stats.hasNulls ? 1 : 0);
