import { InternalError, invariant } from '../../core/index.js';
import { type Cell, CellTable, compareCells } from '../cells.js';
import {
  type DoubleVector,
  type FloatVector,
  isTextList,
  type LongOffsets,
  type LongVector,
  type LongWords,
  type StringVector,
  type Vector,
} from '../encodings/vector.js';
import { isNull, nullBitmapBytes, setNull } from '../null-bitmap.js';

/** The values of some rows of a column; `firstRow` counts from the beginning of the column. */
export interface VectorBlock {
  readonly firstRow: number;
  readonly vector: Vector;
}

/** Vectors of consecutive rows as one; each is read before the next is asked for. States of sketches are not joined. */
export function joinVectors(rowCount: number, blocks: Iterable<VectorBlock>): Vector {
  let joint: Joint | null = null;
  for (const { firstRow, vector } of blocks) {
    joint ??= jointLike(vector, rowCount);
    joint.add(firstRow, vector);
  }
  invariant(joint !== null, 'a column has rows');
  return joint.vector();
}

interface Joint {
  add(firstRow: number, vector: Vector): void;
  vector(): Vector;
}

function jointLike(vector: Vector, rowCount: number): Joint {
  switch (vector.kind) {
    case 'LONG':
      return new LongJoint(vector, rowCount);
    case 'DOUBLE':
    case 'FLOAT':
      return new DoubleJoint(vector, rowCount);
    case 'STRING':
      return new StringJoint(rowCount);
    default:
      throw new InternalError(`vectors of ${vector.kind} are not joined`);
  }
}

/** A null bitmap that exists once there is a null. */
class JointNulls {
  bitmap: Uint8Array | null = null;

  constructor(private readonly rowCount: number) {}

  add(firstRow: number, count: number, nulls: Uint8Array | null): void {
    if (nulls === null) return;
    for (let i = 0; i < count; i++) {
      if (!isNull(nulls, i)) continue;
      this.bitmap ??= new Uint8Array(nullBitmapBytes(this.rowCount));
      setNull(this.bitmap, firstRow + i);
    }
  }
}

/** All blocks have the layout of the first one. */
class LongJoint implements Joint {
  readonly #nulls: JointNulls;
  readonly #words: Uint32Array | null = null;
  readonly #offsets: LongOffsets['offsets'] | null = null;

  constructor(
    private readonly like: LongVector,
    private readonly rowCount: number,
  ) {
    this.#nulls = new JointNulls(rowCount);
    if (like.layout === 'words') this.#words = new Uint32Array(2 * rowCount);
    else this.#offsets = unsignedLike(like.offsets, rowCount);
  }

  add(firstRow: number, vector: LongVector): void {
    const { rowCount, nulls } = vector;
    this.#nulls.add(firstRow, rowCount, nulls);
    if (vector.layout === 'words') {
      this.#words?.set(vector.words.subarray(0, 2 * rowCount), 2 * firstRow);
    } else {
      this.#offsets?.set(vector.offsets.subarray(0, rowCount), firstRow);
    }
    const { like } = this;
    const isAlike =
      vector.layout === 'words'
        ? like.layout === 'words'
        : like.layout === 'offsets' && vector.base === like.base;
    invariant(isAlike, 'blocks of a column have one layout');
  }

  vector(): LongVector {
    const { like, rowCount } = this;
    const facts = { kind: 'LONG', rowCount, nulls: this.#nulls.bitmap } as const;
    return like.layout === 'words'
      ? ({ ...facts, layout: 'words', words: this.#words! } satisfies LongWords)
      : { ...facts, layout: 'offsets', base: like.base, offsets: this.#offsets! };
  }
}

function unsignedLike(
  like: LongOffsets['offsets'],
  count: number,
): Uint8Array | Uint16Array | Uint32Array {
  if (like instanceof Uint8Array) return new Uint8Array(count);
  return like instanceof Uint16Array ? new Uint16Array(count) : new Uint32Array(count);
}

class DoubleJoint implements Joint {
  readonly #nulls: JointNulls;
  readonly #values: Float64Array | Float32Array;

  constructor(
    { kind }: DoubleVector | FloatVector,
    private readonly rowCount: number,
  ) {
    this.#nulls = new JointNulls(rowCount);
    this.#values = kind === 'DOUBLE' ? new Float64Array(rowCount) : new Float32Array(rowCount);
  }

  add(firstRow: number, { values, rowCount, nulls }: DoubleVector | FloatVector): void {
    this.#values.set(values.subarray(0, rowCount), firstRow);
    this.#nulls.add(firstRow, rowCount, nulls);
  }

  vector(): DoubleVector | FloatVector {
    const values = this.#values;
    const nulls = this.#nulls.bitmap;
    const { rowCount } = this;
    return values instanceof Float64Array
      ? { kind: 'DOUBLE', rowCount, values, nulls }
      : { kind: 'FLOAT', rowCount, values, nulls };
  }
}

/** Of a metric, whose values have no merged dictionary. */
class StringJoint implements Joint {
  readonly #table = new CellTable();
  readonly #ids: Uint32Array;

  constructor(private readonly rowCount: number) {
    this.#ids = new Uint32Array(rowCount);
  }

  add(firstRow: number, { cells, ids, rowCount }: StringVector): void {
    invariant(!isTextList(cells), 'a metric has its cells as values');
    const idOf = cells.map((cell: Cell) => this.#table.idOf(cell));
    for (let i = 0; i < rowCount; i++) this.#ids[firstRow + i] = idOf[ids[i]!]!;
  }

  vector(): StringVector {
    const { cells } = this.#table;
    const sorted = Array.from(cells.keys()).sort((a, b) => compareCells(cells[a]!, cells[b]!));
    const rankOf = new Uint32Array(cells.length);
    for (const [rank, id] of sorted.entries()) rankOf[id] = rank;
    const ids = this.#ids.map((id) => rankOf[id]!);
    const { rowCount } = this;
    return { kind: 'STRING', rowCount, cells: sorted.map((id) => cells[id]!), ids };
  }
}
