import { InternalError, type Long } from '../../core/index.js';
import type { RowCursor, Value } from '../../model/index.js';
import type { ColumnDescription } from '../types.js';
import { compareDoubles, writeLong, writeSortableDouble } from '../words.js';
import type { ArenaStore } from './arena-store.js';
import {
  CHUNK_MASK,
  CHUNK_ROWS,
  CHUNK_SHIFT,
  Chunks,
  doublesAt,
  floatsAt,
  NullChunks,
  wordsAt,
} from './chunks.js';
import { type MutableColumn, positionOf, type RowOrder, type RowValue } from './column.js';
import type { MutableColumnHandle } from './handle.js';

type NumberType = 'LONG' | 'DOUBLE' | 'FLOAT';
type NumberView = Uint32Array | Float64Array | Float32Array;

/** What the three kinds of numeric columns share: nulls, statistics, keys of three words. */
abstract class NumberColumn<View extends NumberView> implements MutableColumn {
  readonly keyWords = 3;
  readonly heapBytes = 0;
  readonly knownCells = null;
  readonly #nulls: NullChunks;
  protected min: Long | null = null;
  protected max: Long | null = null;

  constructor(
    readonly name: string,
    private readonly type: NumberType,
    private readonly role: ColumnDescription['role'],
    store: ArenaStore,
    private readonly bytesPerRow: number,
    protected readonly chunks: Chunks<View>,
  ) {
    this.#nulls = new NullChunks(store);
  }

  /** Writes a value that is not null to its place, and keeps min and max. */
  protected abstract put(row: number, value: Long): void;

  /** Writes the two words that tell values apart. */
  protected abstract putKey(keys: Uint32Array, at: number, value: Long): void;

  ensure(rowCount: number): void {
    this.chunks.ensure(rowCount);
  }

  write(row: number, value: Value): void {
    if (value === null) {
      this.#nulls.set(row);
      return;
    }
    if (typeof value !== 'number' && typeof value !== 'bigint') throw this.#notNumber(value);
    if (this.#nulls.any) this.#nulls.clear(row);
    this.put(row, value);
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

  writeKeys(
    source: RowValue,
    rows: RowCursor,
    order: RowOrder,
    count: number,
    keys: Uint32Array,
    stride: number,
    at: number,
  ): void {
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      const value = source.get();
      const to = at + i * stride;
      keys[to] = value === null ? 0 : 1;
      if (value === null) keys.fill(0, to + 1, to + 3);
      else if (typeof value === 'number' || typeof value === 'bigint') {
        this.putKey(keys, to + 1, value);
      } else throw this.#notNumber(value);
    }
  }

  handle(): MutableColumnHandle {
    const { min, max } = this;
    const sizeBytes = this.bytesPerRow * CHUNK_ROWS * this.chunks.places.length;
    const hasNulls = this.#nulls.any;
    return {
      description: {
        name: this.name,
        type: this.type,
        multiValue: false,
        role: this.role,
        stats: { cardinality: null, min, max, hasNulls, sizeBytes },
      },
      chunks: this.chunks.places.slice(),
      nulls: this.#nulls.places.slice(),
      heap: null,
      lists: null,
      cellCount: 0,
    };
  }

  #notNumber(value: object | string): InternalError {
    return new InternalError(`${this.type} column ${this.name} was given ${JSON.stringify(value)}`);
  }
}

export class LongColumn extends NumberColumn<Uint32Array> {
  constructor(name: string, role: ColumnDescription['role'], store: ArenaStore) {
    super(name, 'LONG', role, store, 8, new Chunks(store, 8, wordsAt));
  }

  protected override put(row: number, value: Long): void {
    writeLong(this.chunks.views[row >>> CHUNK_SHIFT]!, 2 * (row & CHUNK_MASK), value);
    if (this.min === null || value < this.min) this.min = value;
    if (this.max === null || value > this.max) this.max = value;
  }

  protected override putKey(keys: Uint32Array, at: number, value: Long): void {
    writeLong(keys, at, value);
  }
}

export class DoubleColumn extends NumberColumn<Float64Array> {
  constructor(name: string, role: ColumnDescription['role'], store: ArenaStore) {
    super(name, 'DOUBLE', role, store, 8, new Chunks(store, 8, doublesAt));
  }

  protected override put(row: number, value: Long): void {
    const double = Number(value);
    this.chunks.views[row >>> CHUNK_SHIFT]![row & CHUNK_MASK] = double;
    if (this.min === null || compareDoubles(double, Number(this.min)) < 0) this.min = double;
    if (this.max === null || compareDoubles(double, Number(this.max)) > 0) this.max = double;
  }

  protected override putKey(keys: Uint32Array, at: number, value: Long): void {
    writeSortableDouble(keys, at, Number(value));
  }
}

export class FloatColumn extends NumberColumn<Float32Array> {
  constructor(name: string, role: ColumnDescription['role'], store: ArenaStore) {
    super(name, 'FLOAT', role, store, 4, new Chunks(store, 4, floatsAt));
  }

  protected override put(row: number, value: Long): void {
    const float = Math.fround(Number(value));
    this.chunks.views[row >>> CHUNK_SHIFT]![row & CHUNK_MASK] = float;
    if (this.min === null || compareDoubles(float, Number(this.min)) < 0) this.min = float;
    if (this.max === null || compareDoubles(float, Number(this.max)) > 0) this.max = float;
  }

  protected override putKey(keys: Uint32Array, at: number, value: Long): void {
    writeSortableDouble(keys, at, Math.fround(Number(value)));
  }
}
