import { InternalError } from '../../core/index.js';
import { JSON_TYPE, Json, memoised, type RowCursor, type Value } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import {
  blocksOf,
  isColumnReader,
  type MutableColumn,
  positionOf,
  type RowOrder,
  type RowValue,
} from './column.js';
import type { Part } from './part.js';
import { pickedIds, RowIds } from './row-ids.js';
import { TextIds } from './text-ids.js';

/** A JSON column: a growing dictionary of texts in order of arrival, and an id per row. Id 0 is null. */
export class JsonColumn implements MutableColumn {
  readonly keyWords = 1;
  readonly knownCells: (Value | undefined)[] = [null];
  readonly #ids = new RowIds();
  readonly #texts = new TextIds();
  #staged = new Uint32Array(0);
  #hasNulls = false;

  constructor(
    readonly name: string,
    private readonly role: ColumnEntry['role'],
  ) {}

  get heapBytes(): number {
    return this.#texts.heapBytes;
  }

  get parts(): readonly Part[] {
    return [this.#ids.part, ...this.#texts.parts];
  }

  stage(source: RowValue, rows: RowCursor, order: RowOrder, count: number): void {
    const staged = new Uint32Array(count);
    const next = isColumnReader(source)
      ? memoised(source, (cell) => this.#idOf(cell))
      : () => this.#idOf(source.get());
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      staged[i] = next();
    }
    this.#staged = staged;
  }

  writeKeys(keys: Uint32Array, stride: number, at: number): void {
    const staged = this.#staged;
    for (let i = 0; i < staged.length; i++) keys[at + i * stride] = staged[i]!;
  }

  reserve(rowCount: number): void {
    this.#ids.reserve(rowCount, this.#texts.count);
    this.#texts.reserve();
  }

  store(picks: Uint32Array | null, firstRow: number): void {
    this.#texts.store();
    const ids = pickedIds(this.#staged, picks);
    this.#ids.store(ids, firstRow);
    this.#hasNulls ||= ids.includes(0);
    this.#staged = new Uint32Array(0);
  }

  entry(): ColumnEntry {
    const { name, role, parts } = this;
    const blocks = blocksOf(parts);
    return {
      name,
      type: JSON_TYPE,
      role,
      multiValue: false,
      encoding: 'json.dictionary',
      parameters: {
        size: this.#texts.count,
        width: this.#ids.width,
        order: 'arrival',
        paths: 'none',
      },
      aggregator: null,
      blocks,
      indexes: [],
      stats: {
        cardinality: null,
        min: null,
        max: null,
        hasNulls: this.#hasNulls,
        sizeBytes: blocks.reduce((sum, { length }) => sum + length, 0),
      },
    };
  }

  #idOf(cell: Value): number {
    if (cell === null) return 0;
    if (cell instanceof Json) return this.#texts.idOf(cell.text);
    throw new InternalError(`JSON column ${this.name} was given ${typeof cell}`);
  }
}
