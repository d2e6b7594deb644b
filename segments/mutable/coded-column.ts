import { Room } from '../../core/index.js';
import { memoised, type RowCursor, type Value } from '../../model/index.js';
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

/** A growing dictionary, or a part of one. */
interface Dictionary {
  readonly parts: readonly Part[];
  /** Asks for room for what came since the last `store`. */
  reserve(): void;
  store(): void;
}

/** What a column says of itself beside its name and role. */
type Description = Pick<ColumnEntry, 'type' | 'multiValue' | 'encoding' | 'parameters'> &
  Partial<Pick<ColumnEntry['stats'], 'cardinality' | 'min' | 'max'>>;

/**
 * A column whose cells have ids: growing dictionaries in order of arrival, and the id of a cell per row, as wide as
 * they need. Id 0 is null, whether there is one or not.
 */
export abstract class CodedColumn implements MutableColumn {
  readonly keyWords = 1;
  readonly knownCells: (Value | undefined)[] = [null];
  readonly #ids = new RowIds();
  readonly #room = new Room();
  #staged = new Uint32Array(0);
  protected hasNulls = false;

  constructor(
    readonly name: string,
    private readonly role: ColumnEntry['role'],
  ) {}

  abstract readonly heapBytes: number;
  /** Ids are below this. */
  protected abstract readonly idCount: number;
  protected abstract readonly dictionaries: readonly Dictionary[];
  /** The id of a cell, a new one perhaps; may throw. */
  protected abstract idOf(cell: Value): number;
  /** `width` is that of the ids. */
  protected abstract describe(width: number): Description;

  get parts(): readonly Part[] {
    return [this.#ids.part, ...this.dictionaries.flatMap(({ parts }) => parts)];
  }

  stage(source: RowValue, rows: RowCursor, order: RowOrder, count: number): void {
    const staged = this.#room.words(count);
    this.stageIds(source, rows, order, staged);
    this.#staged = staged;
  }

  writeKeys(keys: Uint32Array, stride: number, at: number): void {
    const staged = this.#staged;
    for (let i = 0; i < staged.length; i++) keys[at + i * stride] = staged[i]!;
  }

  reserve(rowCount: number): void {
    this.#ids.reserve(rowCount, this.idCount);
    for (const dictionary of this.dictionaries) dictionary.reserve();
  }

  store(picks: Uint32Array | null, firstRow: number): void {
    for (const dictionary of this.dictionaries) dictionary.store();
    const ids = pickedIds(this.#staged, picks);
    this.#ids.store(ids, firstRow);
    this.hasNulls ||= ids.includes(0);
    this.#staged = new Uint32Array(0);
  }

  entry(): ColumnEntry {
    const { name, role } = this;
    const blocks = blocksOf(this.parts);
    const described = this.describe(this.#ids.width);
    const { type, multiValue, encoding, parameters } = described;
    const { cardinality = null, min = null, max = null } = described;
    const sizeBytes = blocks.reduce((sum, { length }) => sum + length, 0);
    return {
      ...{ name, type, role, multiValue, encoding },
      parameters: { ...parameters, order: 'arrival' },
      aggregator: null,
      blocks,
      indexes: [],
      stats: { cardinality, min, max, hasNulls: this.hasNulls, sizeBytes },
    };
  }

  /** The ids of the rows; looked up once per distinct value where the source has a dictionary. */
  protected stageIds(
    source: RowValue,
    rows: RowCursor,
    order: RowOrder,
    staged: Uint32Array,
  ): void {
    const next = isColumnReader(source)
      ? memoised(source, (cell) => this.idOf(cell))
      : () => this.idOf(source.get());
    for (let i = 0; i < staged.length; i++) {
      rows.row = positionOf(order, i);
      staged[i] = next();
    }
  }
}
