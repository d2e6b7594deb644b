import { invariant } from '../../core/index.js';
import type { SpillFile } from './spill-file.js';

const CODE_BYTES = 2;
/** Set where a row is to be combined with the one before it. */
const JOINED = 1 << 15;

/** The rows of one output file. */
export interface PlanPiece {
  readonly rowCount: number;
  /** Input rows. */
  readonly entryCount: number;
  /** The number of its first input row among all. */
  readonly firstEntry: number;
  /** By file: its first row that is not before the piece. */
  readonly starts: Uint32Array;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

/** Some output rows of a piece, one after another, and the input rows that they are made of. */
export interface PlanBlock {
  /** The number of the first of them in the piece. */
  readonly firstRow: number;
  readonly rowCount: number;
  /** By input row: its file. Each file's rows are taken in turn. */
  readonly owners: Uint16Array;
  /** Output row i is made of input rows [starts[i], starts[i + 1]). */
  readonly starts: Uint32Array;
  /** By file: its first row in the block, and how many. */
  readonly froms: Uint32Array;
  readonly counts: Uint32Array;
}

/**
 * In which order the rows of all files come, told once and followed by every column: two bytes for each input row, its file
 * and whether it is combined with the row before it.
 */
export class MergePlan {
  readonly #code = new Uint16Array(1);

  constructor(
    private readonly spill: SpillFile,
    private readonly fileCount: number,
  ) {
    invariant(fileCount < JOINED, `at most ${JOINED} files are merged at once`);
  }

  add(input: number, isJoined: boolean): void {
    this.#code[0] = isJoined ? input | JOINED : input;
    this.spill.write(new Uint8Array(this.#code.buffer));
  }

  finish(): void {
    this.spill.finish();
  }

  /** The rows of a piece in blocks of about `blockRows` input rows; those of one output row stay together. */
  *blocks({ firstEntry, entryCount, starts }: PlanPiece, blockRows: number): Generator<PlanBlock> {
    const positions = starts.slice();
    let firstRow = 0;
    for (let entry = 0; entry < entryCount; ) {
      const left = entryCount - entry;
      // One that is combined with the last of these is of a file that has none of its equals among them.
      const codes = this.#read(firstEntry + entry, Math.min(left, blockRows + this.fileCount));
      const block = cutBlock(codes, blockRows, firstRow, positions);
      for (let i = 0; i < positions.length; i++) positions[i]! += block.counts[i]!;
      entry += block.owners.length;
      firstRow += block.rowCount;
      yield block;
    }
  }

  #read(entry: number, count: number): Uint16Array {
    const codes = new Uint16Array(count);
    this.spill.read(new Uint8Array(codes.buffer), CODE_BYTES * entry);
    return codes;
  }
}

function cutBlock(
  codes: Uint16Array,
  blockRows: number,
  firstRow: number,
  positions: Uint32Array,
): PlanBlock {
  let end = Math.min(codes.length, blockRows);
  while (end < codes.length && (codes[end]! & JOINED) !== 0) end++;
  const owners = new Uint16Array(end);
  const starts = new Uint32Array(end + 1);
  const counts = new Uint32Array(positions.length);
  let rowCount = 0;
  for (let i = 0; i < end; i++) {
    const code = codes[i]!;
    owners[i] = code & ~JOINED;
    counts[owners[i]!]!++;
    if ((code & JOINED) === 0) starts[rowCount++] = i;
  }
  starts[rowCount] = end;
  return {
    firstRow,
    rowCount,
    owners,
    starts: starts.subarray(0, rowCount + 1),
    froms: positions.slice(),
    counts,
  };
}

/** The block in two; null when it is of one output row. */
export function halves(block: PlanBlock, fileCount: number): [PlanBlock, PlanBlock] | null {
  const { rowCount, owners, starts, froms, firstRow } = block;
  if (rowCount < 2) return null;
  const middle = rowCount >>> 1;
  const cut = starts[middle]!;
  const before = countsOf(owners.subarray(0, cut), fileCount);
  const after = countsOf(owners.subarray(cut), fileCount);
  return [
    {
      firstRow,
      rowCount: middle,
      owners: owners.subarray(0, cut),
      starts: starts.subarray(0, middle + 1),
      froms,
      counts: before,
    },
    {
      firstRow: firstRow + middle,
      rowCount: rowCount - middle,
      owners: owners.subarray(cut),
      starts: starts.subarray(middle).map((start) => start - cut),
      froms: froms.map((from, i) => from + before[i]!),
      counts: after,
    },
  ];
}

function countsOf(owners: Uint16Array, fileCount: number): Uint32Array {
  const counts = new Uint32Array(fileCount);
  for (let i = 0; i < owners.length; i++) counts[owners[i]!]!++;
  return counts;
}
