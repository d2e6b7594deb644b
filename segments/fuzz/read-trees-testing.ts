import { type ArenaPool, CorruptSegmentError, type Disk } from '../../core/index.js';
import { findRecords, type StarNodes } from '../../indexes/index.js';
import type { SegmentDirectory } from '../format/directory.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { attachImmutable } from '../immutable/attach.js';
import { loadJob, performLoad } from '../immutable/load.js';
import { partsOf } from '../immutable/parts.js';
import { nodesOf } from '../star/tree-nodes.js';
import type { Segment } from '../types.js';

/** For tests: a star-tree of a file, in memory: its records as rows, and its nodes. */
export interface LoadedTree {
  readonly directory: SegmentDirectory;
  readonly number: number;
  readonly records: Segment;
  readonly nodes: StarNodes;
}

/** For tests: loads the star-trees of a segment file one by one, and lets each go when it was used. Throws CorruptSegmentError. */
export function withTrees<T>(
  disk: Disk,
  path: string,
  pool: ArenaPool,
  use: (tree: LoadedTree) => T,
): T[] {
  const directory = readSegmentDirectory(disk, path);
  return directory.trees.map((_, number) => {
    const range = pool.allocate(directory.fileSizeBytes);
    try {
      const { memory } = range.arena;
      const wanted = partsOf(directory, { columns: 'all', indexes: 'all', tree: number });
      const parts = wanted.map((part) => ({ ...part, base: range.offset }));
      performLoad(disk, loadJob(path, directory, memory, parts));
      const loaded = new Map(parts.map(({ key, base }) => [key, base]));
      const shared = { path, memory, scratch: null, directory, loaded };
      const handle = { kind: 'immutable', ...shared, tree: number } as const;
      const nodes = nodesOf(handle);
      if (nodes === null) throw new CorruptSegmentError(path, 0, 'damaged nodes');
      return use({ directory, number, records: attachImmutable(handle), nodes });
    } finally {
      pool.free(range);
    }
  });
}

/** For tests: by what dimensions are read, the records that answer a query of them without conditions, and of the codes 1 and 2. */
export function recordsFound({ directory, number, nodes }: LoadedTree): number[][] {
  const { dimensions } = directory.trees[number]!;
  const some = { kind: 'ranges', ranges: [{ from: 1, to: 3 }] } as const;
  return Array.from({ length: 2 ** dimensions.length }, (_, bits) => {
    const isRead = dimensions.map((_, i) => ((bits >> i) & 1) === 1);
    return [null, some].flatMap((set) => {
      const passing = isRead.map((is) => (is ? set : null));
      return [...findRecords(nodes, { passing, isRead }).ranges];
    });
  });
}
