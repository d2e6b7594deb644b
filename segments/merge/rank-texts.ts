import { invariant } from '../../core/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { ByteStream } from './byte-stream.js';
import type { MergeFile } from './merge-file.js';
import type { MergeSpace } from './merge-space.js';
import { mergeTexts } from './merge-texts.js';
import type { MergedTexts } from './merged-texts.js';
import { MappedRanks, type RankRows, StoredRanks } from './rank-rows.js';
import type { SpillFile } from './spill-file.js';

/** A text column of all files, its dictionaries merged into one. */
export interface RankedTexts {
  readonly texts: MergedTexts;
  readonly rows: RankRows;
}

/**
 * Merges the dictionaries of a text column. Where the ranks of all dictionary ids, 4 bytes each, are too many for memory,
 * those of the rows are written to a temporary file, of as many files at a time as memory holds the dictionary of.
 */
export function rankTextColumn(
  files: readonly MergeFile[],
  entries: readonly (ColumnEntry | null)[],
  space: MergeSpace,
): RankedTexts {
  const sizes = entries.map((entry) => (entry === null ? 1 : Number(entry.parameters.size)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (space.keeps(4 * total)) {
    const rankOf = sizes.map((size) => new Uint32Array(size));
    const texts = mergeTexts(files, entries, space, (input, id, rank) => {
      rankOf[input]![id] = rank;
    });
    return { texts, rows: new MappedRanks(files, entries, rankOf) };
  }
  const arrivals = new Arrivals(space.spill());
  const texts = mergeTexts(files, entries, space, (input, _id, rank) => arrivals.add(input, rank));
  arrivals.finish();
  const rows = new StoredRanks(files, texts.size, space.spill());
  for (const [from, to] of groupsOf(sizes, space.dictionaryBytes / 4)) {
    const rankOf = arrivals.ranksOf(sizes, from, to);
    const mapped = new MappedRanks(files, entries, rankOf);
    for (let input = from; input < to; input++) {
      const { rowCount } = files[input]!;
      for (let row = 0; row < rowCount; row += space.blockRows) {
        rows.write(mapped.read(input, row, Math.min(space.blockRows, rowCount - row)));
      }
    }
  }
  rows.finish();
  arrivals.remove();
  return { texts, rows };
}

/** Runs of files, [from, to), of at most so many dictionary entries together, or of one file. */
function* groupsOf(sizes: readonly number[], most: number): Generator<[number, number]> {
  let from = 0;
  let entries = 0;
  for (const [i, size] of sizes.entries()) {
    if (i > from && entries + size > most) {
      yield [from, i];
      from = i;
      entries = 0;
    }
    entries += size;
  }
  if (from < sizes.length) yield [from, sizes.length];
}

const CODE_BYTES = 2;
const NEW_RANK = 1 << 15;
const BUFFER_BYTES = 1 << 16;

/** Which file each dictionary entry is of, in the order of ranks: a code of two bytes each, marked where a rank begins. */
class Arrivals {
  readonly #code = new Uint16Array(1);
  #lastRank = -1;
  #count = 0;

  constructor(private readonly spill: SpillFile) {}

  /** Ranks do not fall; those of one file are its ids in turn. */
  add(input: number, rank: number): void {
    invariant(input < NEW_RANK, `at most ${NEW_RANK} files are merged at once`);
    this.#code[0] = rank === this.#lastRank ? input : input | NEW_RANK;
    this.#lastRank = rank;
    this.spill.write(new Uint8Array(this.#code.buffer));
    this.#count++;
  }

  finish(): void {
    this.spill.finish();
  }

  remove(): void {
    this.spill.remove();
  }

  /** By file, those from `from` to before `to` only: the ranks of its ids. */
  ranksOf(sizes: readonly number[], from: number, to: number): Uint32Array[] {
    const rankOf = sizes.map((size, i) => new Uint32Array(i >= from && i < to ? size : 0));
    const nextId = new Uint32Array(sizes.length);
    const end = CODE_BYTES * this.#count;
    const read = (target: Uint8Array, offset: number) => this.spill.read(target, offset);
    const stream = new ByteStream(read, end, BUFFER_BYTES);
    let rank = -1;
    for (let at = 0; at < end; at += CODE_BYTES) {
      const [low = 0, high = 0] = stream.at(at, CODE_BYTES);
      const code = low | (high << 8);
      if ((code & NEW_RANK) !== 0) rank++;
      const input = code & ~NEW_RANK;
      if (input >= from && input < to) rankOf[input]![nextId[input]!++] = rank;
    }
    return rankOf;
  }
}
