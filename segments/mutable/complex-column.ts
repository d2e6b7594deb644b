import { InternalError } from '../../core/index.js';
import {
  type ComplexType,
  type ComplexTypeSerde,
  complexName,
  complexType,
  type RowCursor,
  type Value,
} from '../../model/index.js';
import type { ColumnDescription } from '../types.js';
import type { ArenaStore } from './arena-store.js';
import { ByteHeap } from './byte-heap.js';
import { type MutableColumn, positionOf, type RowOrder, type RowValue } from './column.js';
import type { MutableColumnHandle } from './handle.js';

/** Sketches and other states, stored form of each row in a heap. Always a metric, so never a key. */
export class ComplexColumn implements MutableColumn {
  readonly keyWords = 0;
  readonly heapBytes = 0;
  readonly knownCells = null;
  readonly #heap: ByteHeap;
  readonly #serde: ComplexTypeSerde;
  #sizeBytes = 0;
  #hasNulls = false;

  constructor(
    readonly name: string,
    private readonly type: ComplexType,
    private readonly role: ColumnDescription['role'],
    store: ArenaStore,
  ) {
    this.#heap = new ByteHeap(store);
    this.#serde = complexType(complexName(type));
  }

  ensure(): void {
    // Entries of the heap come as they are written.
  }

  write(row: number, value: Value): void {
    if (value === null) this.#hasNulls = true;
    const bytes = value === null ? null : this.#serde.encode(value as object);
    this.#heap.set(row, bytes);
    this.#sizeBytes += bytes?.length ?? 0;
  }

  writeRows(
    source: RowValue,
    rows: RowCursor,
    order: RowOrder,
    count: number,
    firstRow: number,
  ): void {
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      this.write(firstRow + i, source.get());
    }
  }

  writeKeys(): void {
    throw new InternalError(`${this.type} column ${this.name} cannot be a rollup key`);
  }

  handle(): MutableColumnHandle {
    const { name, type, role } = this;
    const sizeBytes = this.#sizeBytes;
    const stats = { cardinality: null, min: null, max: null, hasNulls: this.#hasNulls, sizeBytes };
    return {
      description: { name, type, multiValue: false, role, stats },
      chunks: [],
      nulls: [],
      heap: this.#heap.handle(),
      lists: null,
      cellCount: 0,
    };
  }
}
