import { STAR, type StarNodes } from './star-tree.js';

/**
 * Whether nodes make a tree over so many records, whose dimensions have so many codes, that can be gone down safely:
 *
 *     - records of a node, and its summed one, are there
 *     - every node but the root is the child of exactly one node, which lies before it, and is no deeper than there are dimensions
 *     - of the children of a node only the first may be a star child; codes of the others ascend, and exist
 *     - these others have all records of their node, one behind the other
 *
 * What the records themselves hold is not looked at.
 */
export function areSound(nodes: StarNodes, recordCount: number, sizes: readonly number[]): boolean {
  const { codes, starts, ends, summed, firsts, lasts } = nodes;
  const count = codes.length;
  // By node; of those that no node was found to lead to yet, -1.
  const depths = new Int32Array(count).fill(-1);
  depths[0] = 0;
  if (codes[0] !== STAR) return false;
  for (let node = 0; node < count; node++) {
    const depth = depths[node]!;
    const hasRecords =
      starts[node]! >= 0 && starts[node]! < ends[node]! && ends[node]! <= recordCount;
    const isSummed = summed[node]! >= 0 && summed[node]! < recordCount;
    if (depth < 0 || !hasRecords || !isSummed) return false;
    const [first, last] = [firsts[node]!, lasts[node]!];
    if (first === last) continue;
    const size = sizes[depth];
    if (size === undefined || first <= node || last <= first || last > count) return false;
    for (let child = first; child < last; child++) {
      if (depths[child] !== -1) return false;
      depths[child] = depth + 1;
    }
    if (!areChildrenSound(nodes, node, size)) return false;
  }
  return true;
}

function areChildrenSound(
  { codes, starts, ends, firsts, lasts }: StarNodes,
  node: number,
  size: number,
): boolean {
  const [first, last] = [firsts[node]!, lasts[node]!];
  let code = STAR;
  let end = starts[node]!;
  for (let child = codes[first] === STAR ? first + 1 : first; child < last; child++) {
    if (codes[child]! <= code || codes[child]! >= size || starts[child] !== end) return false;
    code = codes[child]!;
    end = ends[child]!;
  }
  return end === ends[node];
}
