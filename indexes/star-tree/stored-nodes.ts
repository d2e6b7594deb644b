import { bytesOf, checkLengths, countOf, wordsOf } from '../blocks.js';
import type { BlockSink, EncodingParameters, LoadedBlocks, WrittenIndex } from '../types.js';
import type { StarNodes } from './star-tree.js';

/** What a directory calls the nodes of a star-tree. */
export const STAR_NODES = 'starNodes';

const BLOCKS = ['codes', 'starts', 'ends', 'summed', 'firsts', 'lasts'] as const;

/**
 * Nodes in a file, a block for each of their arrays:
 *
 *     parameters     nodes
 *     star.codes     nodes × i32, and so star.starts, star.ends, star.summed, star.firsts, star.lasts: see `StarNodes`
 */
export function writeNodes(nodes: StarNodes, sink: BlockSink): EncodingParameters {
  for (const name of BLOCKS) {
    sink.block(`star.${name}`, [bytesOf(nodes[name])]);
  }
  return { nodes: nodes.codes.length };
}

/** What is wrong with nodes in a directory; null when their parameters and block lengths fit. */
export function checkNodes(written: WrittenIndex): string | null {
  const count = countOf(written, 'nodes');
  if (count === null || count === 0) return 'want parameter nodes';
  return checkLengths(
    written,
    Object.fromEntries(BLOCKS.map((name) => [`star.${name}`, 4 * count])),
  );
}

/**
 * Nodes where they lie; `checkNodes` has passed. Null where one leads to records that are not there, or where a child does not
 * lie behind its parent: no writer writes them.
 */
export function attachNodes(blocks: LoadedBlocks): StarNodes | null {
  const nodes = Object.fromEntries(
    BLOCKS.map((name) => {
      const { buffer, byteOffset, length } = wordsOf(blocks.bytes(`star.${name}`));
      return [name, new Int32Array(buffer, byteOffset, length)];
    }),
  ) as unknown as StarNodes;
  return areSound(nodes, blocks.rowCount) ? nodes : null;
}

function areSound(
  { starts, ends, summed, firsts, lasts }: StarNodes,
  recordCount: number,
): boolean {
  for (let node = 0; node < starts.length; node++) {
    const hasRecords =
      starts[node]! >= 0 && starts[node]! < ends[node]! && ends[node]! <= recordCount;
    const isSummed = summed[node]! >= 0 && summed[node]! < recordCount;
    const isLeaf = firsts[node] === lasts[node];
    const hasChildren =
      firsts[node]! > node && firsts[node]! < lasts[node]! && lasts[node]! <= starts.length;
    if (!hasRecords || !isSummed || !(isLeaf || hasChildren)) return false;
  }
  return true;
}
