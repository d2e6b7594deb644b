import { invariant } from '../../core/index.js';
import { type Aggregator, isComplexType } from '../../model/index.js';
import { unsignedArray, widthFor } from '../encodings/checks.js';
import type { ComplexVector, Vector } from '../encodings/vector.js';
import type { DimensionSchema } from '../schema.js';
import { timesOf } from '../seal/number-columns.js';
import { metricVector, type NumericType, numberVector } from '../seal/output-vectors.js';
import type { OutputColumns } from '../seal/write-segment.js';
import { writeLong } from '../words.js';
import { blockRows } from './block-rows.js';
import { joinVectors, type VectorBlock } from './join-vectors.js';
import type { MergeFile } from './merge-file.js';
import { halves, type MergePlan, type PlanBlock, type PlanPiece } from './merge-plan.js';
import { RankSet } from './rank-set.js';
import type { RankedColumn } from './ranked-column.js';
import { variableBytes } from './row-window.js';
import type { WindowRoom } from './window-room.js';

/** What all pieces of a merge have in common. */
export interface MergeFacts {
  readonly files: readonly MergeFile[];
  readonly plan: MergePlan;
  readonly truncate: (timeMs: number) => number;
  readonly rankedOf: (dimension: DimensionSchema) => RankedColumn | null;
  /** Input rows that are looked at in one step. */
  readonly blockRows: number;
  readonly room: WindowRoom;
}

/**
 * The columns of one output file. Each is made block by block, of what the files have of it in the rows of the block, and
 * is in memory as a whole only then; states of sketches never are.
 */
export class PieceColumns implements OutputColumns {
  /** Whether some output row is made of several. */
  readonly #areCombined: boolean;

  constructor(
    private readonly facts: MergeFacts,
    private readonly piece: PlanPiece,
  ) {
    this.#areCombined = piece.entryCount > piece.rowCount;
  }

  get rowCount(): number {
    return this.piece.rowCount;
  }

  get minTimeMs(): number {
    return this.piece.minTimeMs;
  }

  get maxTimeMs(): number {
    return this.piece.maxTimeMs;
  }

  time(): Vector {
    const { rowCount, minTimeMs: base, maxTimeMs } = this.piece;
    if (maxTimeMs - base < 2 ** 32) {
      const offsets = new Uint32Array(rowCount);
      this.#eachTime((row, timeMs) => {
        offsets[row] = timeMs - base;
      });
      return { kind: 'LONG', layout: 'offsets', rowCount, base, offsets, nulls: null };
    }
    const words = new Uint32Array(2 * rowCount);
    this.#eachTime((row, timeMs) => writeLong(words, 2 * row, timeMs));
    return { kind: 'LONG', layout: 'words', rowCount, words, nulls: null };
  }

  dimension(dimension: DimensionSchema): Vector {
    const ranked = this.facts.rankedOf(dimension);
    if (ranked !== null) return this.#rankedVector(ranked);
    const { name, type } = dimension;
    return joinVectors(
      this.rowCount,
      this.#vectors([name], (rows) => numberVector(rows, name, type as NumericType)),
    );
  }

  metric(metric: Aggregator): Vector {
    const { name, storedType } = metric;
    const names = [...new Set([name, ...metric.combining().inputs])];
    const vectors = () => this.#vectors(names, (rows) => metricVector(rows, metric));
    if (!isComplexType(storedType)) return joinVectors(this.rowCount, vectors());
    return { kind: 'COMPLEX', type: storedType, rowCount: this.rowCount, bytes: inTurn(vectors()) };
  }

  #eachTime(put: (row: number, timeMs: number) => void): void {
    const { files, truncate, room } = this.facts;
    for (const block of this.#blocks(['__time'])) {
      const { inputs, firsts } = blockRows(files, ['__time'], block, this.#areCombined, room);
      const count = inputs.reduce((sum, { segment }) => sum + segment.rowCount, 0);
      const times = timesOf(inputs, count, truncate);
      for (let i = 0; i < block.rowCount; i++) put(block.firstRow + i, times[firsts[i]!]!);
    }
  }

  *#vectors(
    names: readonly string[],
    vectorOf: (rows: ReturnType<typeof blockRows>) => Vector,
  ): Generator<VectorBlock> {
    const { files, room } = this.facts;
    for (const block of this.#blocks(names)) {
      const rows = blockRows(files, names, block, this.#areCombined, room);
      yield { firstRow: block.firstRow, vector: vectorOf(rows) };
    }
  }

  /** Each with an empty room for its rows, into which they fit. */
  *#blocks(names: readonly string[]): Generator<PlanBlock> {
    const { plan, blockRows: size, room } = this.facts;
    room.forget();
    for (const block of plan.blocks(this.piece, size)) {
      for (const part of this.#fitting(block, names)) {
        room.clear();
        yield part;
      }
    }
  }

  /** Rows of different length may be too long for one step. */
  *#fitting(block: PlanBlock, names: readonly string[]): Generator<PlanBlock> {
    const { files, room } = this.facts;
    const bytes = names.reduce((sum, name) => sum + bytesOf(files, name, block), 0);
    const parts = bytes > room.sizeBytes / 2 ? halves(block, files.length) : null;
    if (parts === null) yield block;
    else for (const part of parts) yield* this.#fitting(part, names);
  }

  #rankedVector(ranked: RankedColumn): Vector {
    const { rowCount } = this;
    const ranks = new Uint32Array(rowCount);
    const used = new RankSet(ranked.size);
    for (const block of this.facts.plan.blocks(this.piece, this.facts.blockRows)) {
      for (const [i, rank] of firstRanks(ranked, block).entries()) {
        ranks[block.firstRow + i] = rank;
        used.add(rank);
      }
    }
    used.count();
    const kept = used.members();
    const ids = unsignedArray(widthFor(kept.length - 1), rowCount);
    for (let row = 0; row < rowCount; row++) ids[row] = used.placeOf(ranks[row]!);
    return ranked.vector(kept, ids);
  }
}

/** The rank of each output row of a block: that of its first input row. */
function firstRanks(ranked: RankedColumn, block: PlanBlock): Uint32Array {
  const { owners, starts, froms, counts, rowCount } = block;
  const ranks = Array.from(counts, (count, i) => ranked.rows.read(i, froms[i]!, count));
  const next = new Uint32Array(counts.length);
  const firsts = new Uint32Array(rowCount);
  for (let i = 0, row = 0; i < owners.length; i++) {
    const owner = owners[i]!;
    const rank = ranks[owner]![next[owner]!++]!;
    if (i === starts[row]) firsts[row++] = rank;
  }
  return firsts;
}

function bytesOf(files: readonly MergeFile[], name: string, { froms, counts }: PlanBlock): number {
  return files.reduce((sum, file, i) => {
    const span = { from: froms[i]!, to: froms[i]! + counts[i]! };
    return sum + (span.from === span.to ? 0 : (variableBytes(file, name, span) ?? 0));
  }, 0);
}

/** The bytes of states, asked for row by row in order. */
function inTurn(blocks: Generator<VectorBlock>): ComplexVector['bytes'] {
  let current: VectorBlock | null = null;
  return (row) => {
    while (current === null || row >= current.firstRow + current.vector.rowCount) {
      const { value, done } = blocks.next();
      invariant(!done, 'there is a block for every row');
      current = value;
    }
    const { vector, firstRow } = current;
    invariant(vector.kind === 'COMPLEX', 'blocks of a column are of one kind');
    return vector.bytes(row - firstRow);
  };
}
