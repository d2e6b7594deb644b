import { InternalError } from '../../core/index.js';
import {
  type ComplexType,
  type ComplexTypeSerde,
  complexName,
  complexType,
  type RowCursor,
} from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { setNull } from '../null-bitmap.js';
import { ByteStrings } from './byte-strings.js';
import {
  blocksOf,
  type MutableColumn,
  positionOf,
  type RowOrder,
  type RowValue,
} from './column.js';
import { NullBits } from './null-bits.js';
import type { Part } from './part.js';

const NO_BYTES = new Uint8Array(0);

/** Sketches and other states in stored form. Always a metric, so never a key. */
export class ComplexColumn implements MutableColumn {
  readonly keyWords = 0;
  readonly heapBytes = 0;
  readonly knownCells = null;
  readonly #strings = new ByteStrings('bytes', 'offsets');
  readonly #nulls = new NullBits();
  readonly #serde: ComplexTypeSerde;
  #staged: (Uint8Array | null)[] = [];

  constructor(
    readonly name: string,
    private readonly type: ComplexType,
    private readonly role: ColumnEntry['role'],
  ) {
    this.#serde = complexType(complexName(type));
  }

  get parts(): readonly Part[] {
    return [this.#strings.bytes, this.#strings.offsets, ...this.#nulls.parts];
  }

  stage(source: RowValue, rows: RowCursor, order: RowOrder, count: number): void {
    const staged: (Uint8Array | null)[] = [];
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      const value = source.get();
      staged.push(value === null ? null : this.#serde.encode(value as object));
    }
    this.#staged = staged;
  }

  writeKeys(): void {
    throw new InternalError(`${this.type} column ${this.name} cannot be a rollup key`);
  }

  reserve(rowCount: number): void {
    const bytes = this.#staged.reduce((sum, each) => sum + (each?.length ?? 0), 0);
    this.#strings.reserve(this.#staged.length, bytes);
    this.#nulls.reserve(rowCount, this.#staged.includes(null));
  }

  store(picks: Uint32Array | null, firstRow: number): void {
    const staged = picks === null ? this.#staged : Array.from(picks, (i) => this.#staged[i]!);
    const strings = staged.map((bytes) => bytes ?? NO_BYTES);
    this.#strings.store(
      Buffer.concat(strings),
      Uint32Array.from(strings, ({ length }) => length),
    );
    const bitmap = this.#nulls.extend(firstRow + staged.length);
    if (bitmap !== null) {
      for (let i = 0; i < staged.length; i++) if (staged[i] === null) setNull(bitmap, firstRow + i);
    }
    this.#staged = [];
  }

  entry(): ColumnEntry {
    const { name, type, role } = this;
    const { bytes, offsets } = this.#strings;
    const sizeBytes = bytes.length;
    const hasNulls = this.#nulls.any;
    return {
      name,
      type,
      role,
      multiValue: false,
      encoding: 'complex.bytes',
      parameters: {},
      aggregator: null,
      blocks: blocksOf([bytes, offsets, ...this.#nulls.stored]),
      indexes: [],
      stats: { cardinality: null, min: null, max: null, hasNulls, sizeBytes },
    };
  }
}
