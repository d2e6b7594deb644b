import { invariant } from '../../core/index.js';
import { unsignedArray, type Width, widthFor } from '../encodings/checks.js';
import type { ColumnEntry } from '../format/directory.js';
import type { MergeFile } from './merge-file.js';
import type { SpillFile } from './spill-file.js';

/** The ranks of the rows of one column of all files. */
export interface RankRows {
  /** Those of rows [from, from + count) of a file. */
  read(input: number, from: number, count: number): Uint8Array | Uint16Array | Uint32Array;
}

/** Dictionary ids of rows [from, from + count); a column that is not there has id 0 everywhere. */
function readIds(
  file: MergeFile,
  entry: ColumnEntry | null,
  from: number,
  count: number,
): Uint8Array | Uint16Array | Uint32Array {
  if (entry === null) return new Uint8Array(count);
  const block = entry.blocks.find(({ name }) => name === 'ids');
  invariant(block !== undefined, `${entry.name} has ids`);
  const width = (block.length / file.rowCount) as Width;
  const ids = unsignedArray(width, count);
  if (count > 0) file.read(new Uint8Array(ids.buffer), block.offset + width * from);
  return ids;
}

/** By the ranks of dictionary ids, which are all in memory. */
export class MappedRanks implements RankRows {
  constructor(
    private readonly files: readonly MergeFile[],
    private readonly entries: readonly (ColumnEntry | null)[],
    private readonly rankOf: readonly Uint32Array[],
  ) {}

  read(input: number, from: number, count: number): Uint32Array {
    const ids = readIds(this.files[input]!, this.entries[input]!, from, count);
    const rankOf = this.rankOf[input]!;
    const ranks = new Uint32Array(count);
    for (let i = 0; i < count; i++) ranks[i] = rankOf[ids[i]!]!;
    return ranks;
  }
}

/** As they were written, file after file, so wide as they need to be. */
export class StoredRanks implements RankRows {
  readonly #width: Width;
  /** Of the first row of each file. */
  readonly #bases: readonly number[];

  constructor(
    files: readonly MergeFile[],
    size: number,
    private readonly spill: SpillFile,
  ) {
    this.#width = widthFor(size - 1);
    let base = 0;
    this.#bases = files.map(({ rowCount }) => {
      base += rowCount;
      return base - rowCount;
    });
  }

  finish(): void {
    this.spill.finish();
  }

  /** Appends ranks of the rows that come next. */
  write(ranks: Uint32Array): void {
    const narrow = unsignedArray(this.#width, ranks.length);
    narrow.set(ranks);
    this.spill.write(new Uint8Array(narrow.buffer));
  }

  read(input: number, from: number, count: number): Uint8Array | Uint16Array | Uint32Array {
    const ranks = unsignedArray(this.#width, count);
    const row = this.#bases[input]! + from;
    this.spill.read(new Uint8Array(ranks.buffer), this.#width * row);
    return ranks;
  }
}
