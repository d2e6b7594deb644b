import { InternalError, type Long } from '../../core/index.js';
import type { ColumnReader, ColumnVector, RowCursor, Value } from '../../model/index.js';
import type { ColumnEntry, EncodingParameters } from '../format/directory.js';
import { encodeStats } from '../format/stats.js';
import { isNull, nullBitmapBytes, setNull } from '../null-bitmap.js';
import {
  blocksOf,
  type MutableColumn,
  positionOf,
  type RowOrder,
  type RowValue,
} from './column.js';
import { NullBits } from './null-bits.js';
import type { Part } from './part.js';

/** What the numeric columns share: nulls, statistics, keys of three words. Entries of null rows are 0. */
export abstract class NumberColumn implements MutableColumn {
  readonly keyWords = 3;
  readonly heapBytes = 0;
  readonly knownCells = null;
  readonly #nulls = new NullBits();
  /** Bits of staged rows that are null; null where none is. */
  protected stagedNulls: Uint8Array | null = null;
  protected stagedCount = 0;
  protected min: Long | null = null;
  protected max: Long | null = null;

  constructor(
    readonly name: string,
    private readonly type: 'LONG' | 'DOUBLE' | 'FLOAT',
    private readonly role: ColumnEntry['role'],
    protected readonly values: Part,
  ) {}

  /** Makes room for so many staged values, all of them 0. */
  protected abstract beginStage(count: number): void;
  protected abstract stageValue(i: number, value: Long): void;
  /** Takes staged values over from a vector, in place of `beginStage`. False where its kind does not fit. */
  protected abstract stageVector(vector: ColumnVector, order: RowOrder): boolean;
  /** Brings `min` and `max` up to date, and asks for entries that hold all staged values. */
  protected abstract fitStaged(): void;
  /** Writes the two words that tell values apart. */
  protected abstract writeKey(keys: Uint32Array, at: number, i: number): void;
  protected abstract storeValues(picks: Uint32Array | null, firstRow: number, count: number): void;
  protected abstract get encoding(): string;
  protected abstract get parameters(): EncodingParameters;

  get parts(): readonly Part[] {
    return [this.values, ...this.#nulls.parts];
  }

  /** The bitmap of the rows stored; null where none is null. */
  protected get storedNulls(): Uint8Array | null {
    return this.#nulls.bitmap;
  }

  stage(source: RowValue, rows: RowCursor, order: RowOrder, count: number): void {
    this.stagedNulls = null;
    this.stagedCount = count;
    const { vector } = source as Partial<ColumnReader>;
    if (vector !== undefined && this.#stageWhole(vector, order, count)) return;
    this.beginStage(count);
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      const value = source.get();
      if (value === null) this.#stageNull(i);
      else if (typeof value === 'number' || typeof value === 'bigint') this.stageValue(i, value);
      else throw this.#notNumber(value);
    }
  }

  writeKeys(keys: Uint32Array, stride: number, at: number): void {
    for (let i = 0; i < this.stagedCount; i++) {
      const to = at + i * stride;
      const isNullHere = this.isStagedNull(i);
      keys[to] = isNullHere ? 0 : 1;
      if (isNullHere) keys.fill(0, to + 1, to + 3);
      else this.writeKey(keys, to + 1, i);
    }
  }

  reserve(rowCount: number): void {
    this.fitStaged();
    this.values.need(rowCount);
    this.#nulls.reserve(rowCount, this.stagedNulls !== null);
  }

  store(picks: Uint32Array | null, firstRow: number): void {
    const count = picks === null ? this.stagedCount : picks.length;
    this.storeValues(picks, firstRow, count);
    this.values.count = firstRow + count;
    const bitmap = this.#nulls.extend(firstRow + count);
    if (bitmap !== null && this.stagedNulls !== null) {
      for (let i = 0; i < count; i++) {
        if (this.isStagedNull(positionOf(picks, i))) setNull(bitmap, firstRow + i);
      }
    }
    this.beginStage(0);
    this.stagedCount = 0;
  }

  entry(): ColumnEntry {
    const { name, type, role, min, max } = this;
    const blocks = blocksOf([this.values, ...this.#nulls.stored]);
    const facts = { cardinality: null, min, max, hasNulls: this.#nulls.any, multiValue: false };
    const sizeBytes = blocks.reduce((sum, { length }) => sum + length, 0);
    return {
      name,
      type,
      role,
      multiValue: false,
      encoding: this.encoding,
      parameters: this.parameters,
      aggregator: null,
      blocks,
      indexes: [],
      stats: encodeStats(facts, type, sizeBytes),
    };
  }

  #stageWhole(vector: ColumnVector, order: RowOrder, count: number): boolean {
    if (vector.kind === 'ids' || !this.stageVector(vector, order)) return false;
    const { nulls } = vector;
    if (nulls === null) return true;
    for (let i = 0; i < count; i++) {
      if (!isNull(nulls, positionOf(order, i))) continue;
      this.#stageNull(i);
      this.stageValue(i, 0);
    }
    return true;
  }

  #stageNull(i: number): void {
    this.stagedNulls ??= new Uint8Array(nullBitmapBytes(this.stagedCount));
    setNull(this.stagedNulls, i);
  }

  protected isStagedNull(i: number): boolean {
    return this.stagedNulls !== null && isNull(this.stagedNulls, i);
  }

  #notNumber(value: Value): InternalError {
    return new InternalError(`${this.type} column ${this.name} was given ${JSON.stringify(value)}`);
  }
}
