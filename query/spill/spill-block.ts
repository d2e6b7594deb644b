import type { Disk } from '../../core/index.js';
import type { BlockSink } from '../compiler/group-blocks.js';
import { inMemory, type ReadBlock } from '../compiler/merge-partitions.js';
import { readPieces, type SpillFile } from './spill-file.js';

/** Writes the entries of a block as they lie, a piece for each partition. */
export const intoFile =
  (file: SpillFile): BlockSink =>
  (words, ends) => {
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    const count = ends.at(-1)!;
    const stride = count === 0 ? 0 : words.byteLength / count;
    return {
      words: file.write(
        bytes,
        Float64Array.from(ends, (end) => end * stride),
      ),
      ends,
    };
  };

/** Reads blocks in memory where they lie, others from their files. */
export const blockReader =
  (disk: Disk): ReadBlock =>
  (block, from, to) => {
    const { words } = block;
    if (words instanceof Int32Array) return inMemory(block, from, to);
    return { words: new Int32Array(readPieces(disk, words, from, to).buffer), first: 0 };
  };
