import type { Aggregator, ColumnReader } from '../../model/index.js';
import { isDenseSketch } from '../../sketches/index.js';
import type { StatePieces } from '../interpreter/state-column.js';
import { DenseUnion } from './dense-union.js';

/**
 * HyperLogLogs of records as they are stored, by group. Dense ones of a group are united, which takes less time than to copy them; of
 * others nothing is made before somebody asks for the group's. Stored ones have the bytes of a state.
 */
export class StoredPieces {
  readonly #pieces: Uint8Array[] = [];
  readonly #groups: number[] = [];
  readonly #hasPiece: Uint8Array;
  /** By group: its dense pieces. */
  readonly #dense = new Map<number, Uint8Array[]>();

  private constructor(private readonly groupCount: number) {
    this.#hasPiece = new Uint8Array(groupCount);
  }

  /** Null where the states of an aggregator have to be folded. */
  static of({ form }: Aggregator, groupCount: number): StoredPieces | null {
    return form?.kind === 'sketch' ? new StoredPieces(groupCount) : null;
  }

  /** The bytes may be those of a segment. */
  add(piece: Uint8Array, group: number): void {
    this.#hasPiece[group] = 1;
    if (isDenseSketch(piece)) {
      const others = this.#dense.get(group);
      if (others !== undefined) {
        others.push(piece);
        return;
      }
      this.#dense.set(group, [piece]);
    }
    this.#pieces.push(piece);
    this.#groups.push(group);
  }

  /**
   * All, and `nothing` for each group that has no piece: a copy, which may be read when segments are no longer held. Throws
   * CorruptSketchError.
   */
  column(nothing: () => Uint8Array): StatePieces {
    for (let group = 0; group < this.groupCount; group++) {
      if (this.#hasPiece[group] === 0) this.add(nothing(), group);
    }
    const ends = new Uint32Array(this.#pieces.length);
    const bytes = new Uint8Array(this.#pieces.reduce((size, { length }) => size + length, 0));
    let size = 0;
    for (const [i, piece] of this.#pieces.entries()) {
      const dense = this.#dense.get(this.#groups[i]!);
      if (dense?.[0] === piece && dense.length > 1) union().write(dense, bytes, size);
      else copy(piece, bytes, size);
      size += piece.length;
      ends[i] = size;
    }
    return { bytes, ends, groups: Uint32Array.from(this.#groups) };
  }
}

/** Of this thread. */
let denseUnion: DenseUnion | null = null;

function union(): DenseUnion {
  denseUnion ??= new DenseUnion();
  return denseUnion;
}

/** By words where bytes lie so: out of shared memory, `set` moves bytes one by one unless both sides lie alike. */
function copy(from: Uint8Array, to: Uint8Array<ArrayBuffer>, at: number): void {
  if ((from.byteOffset | from.length | at) % 4 !== 0) {
    to.set(from, at);
    return;
  }
  const source = new Uint32Array(from.buffer, from.byteOffset, from.length / 4);
  const target = new Uint32Array(to.buffer, at, source.length);
  for (let i = 0; i < target.length; i++) target[i] = source[i]!;
}

/** Reads stored forms that are states of an aggregator; null where a column has none. */
export function storedForms(reader: ColumnReader, { storedType }: Aggregator) {
  const { type, stored } = reader;
  return type === storedType && stored !== undefined ? () => reader.stored!() : null;
}
