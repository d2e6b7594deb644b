import { type ColumnReader, isComplexType, NULL_READER, type Value } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import { DimensionValues } from '../interpreter/group-table.js';
import type { JoinSource } from '../native/query.js';
import { type AddedColumns, described, valuesReader } from './expanded-segment.js';
import { JoinIndex } from './join-index.js';
import { adds } from './sources.js';

/** Stands for no row of the right side. */
export const NO_ROW = 0xffff_ffff;

/** A column by the places of its distinct values. */
export interface RightColumn {
  readonly values: readonly Value[];
  /** By row. */
  readonly ordinals: Uint32Array;
}

/** The rows on the right of a join, as a thread has opened them: what is found out about them holds for all jobs. */
export class RightSide {
  readonly #columns = new Map<string, RightColumn>();
  #index: JoinIndex | null = null;

  constructor(readonly segment: Segment) {}

  /** By the keys of the join, which is the same at each call. */
  index({ condition }: JoinSource): JoinIndex {
    this.#index ??= JoinIndex.of(condition, this);
    return this.#index;
  }

  /** Of any type but COMPLEX. */
  column(name: string): RightColumn {
    const known = this.#columns.get(name) ?? this.#read(name);
    this.#columns.set(name, known);
    return known;
  }

  /** Its columns; `rows` has the row of it that each row of the join has, or NO_ROW. */
  added(join: JoinSource, rows: Uint32Array): AddedColumns {
    const { prefix } = join;
    return {
      columns: this.segment.columns.map(({ name, type, multiValue }) =>
        described({ name: prefix + name, type, multiValue }),
      ),
      has: (name) => adds(join, name),
      reader: (name, row) =>
        name.startsWith(prefix)
          ? this.#reader(name.slice(prefix.length), () => rows[row()]!)
          : NULL_READER,
    };
  }

  #reader(name: string, rightRow: () => number): ColumnReader {
    const column = this.segment.describe(name);
    if (column === null) return NULL_READER;
    const { type, multiValue } = column;
    if (isComplexType(type)) return this.#complexReader(name, rightRow);
    const { values, ordinals } = this.column(name);
    const missing = values.length;
    return valuesReader(type, multiValue, [...values, null], () => {
      const row = rightRow();
      return row === NO_ROW ? missing : ordinals[row]!;
    });
  }

  #complexReader(name: string, rightRow: () => number): ColumnReader {
    const cursor = this.segment.cursor();
    const { type, multiValue, get } = cursor.column(name);
    return {
      type,
      multiValue,
      exists: true,
      get: () => {
        const row = rightRow();
        if (row === NO_ROW) return null;
        cursor.row = row;
        return get();
      },
    };
  }

  #read(name: string): RightColumn {
    const cursor = this.segment.cursor();
    const { get } = cursor.column(name);
    const values = new DimensionValues();
    const ordinals = new Uint32Array(this.segment.rowCount);
    for (let row = 0; row < ordinals.length; row++) {
      cursor.row = row;
      ordinals[row] = values.ordinal(get());
    }
    return { values: values.all, ordinals };
  }
}

const sides = new WeakMap<Segment, RightSide>();

/** The right side that the rows of a segment are: the same for the same rows. */
export function rightSideOf(segment: Segment): RightSide {
  const known = sides.get(segment) ?? new RightSide(segment);
  sides.set(segment, known);
  return known;
}
