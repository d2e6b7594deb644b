import { bytesOf, checkLengths, countOf, wordsOf } from '../blocks.js';
import type { BlockSink, EncodingParameters, LoadedBlocks, WrittenIndex } from '../types.js';
import { areSound } from './sound-nodes.js';
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
 * Nodes where they lie, of dimensions with so many codes; `checkNodes` has passed. Null where they are not sound (see
 * `sound-nodes.ts`): no writer writes such.
 */
export function attachNodes(blocks: LoadedBlocks, sizes: readonly number[]): StarNodes | null {
  const nodes = Object.fromEntries(
    BLOCKS.map((name) => {
      const { buffer, byteOffset, length } = wordsOf(blocks.bytes(`star.${name}`));
      return [name, new Int32Array(buffer, byteOffset, length)];
    }),
  ) as unknown as StarNodes;
  return areSound(nodes, blocks.rowCount, sizes) ? nodes : null;
}
