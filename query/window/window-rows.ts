import {
  type ColumnReader,
  NULL_READER,
  type RowCursor,
  type Value,
  type ValueType,
} from '../../model/index.js';

export interface WindowColumn {
  readonly name: string;
  readonly type: ValueType;
  /** By row id. */
  readonly values: readonly Value[];
}

/**
 * Rows on their way through the operators of a window query, by column. Each has an id from the start, which is where its
 * values lie. Sorting, filtering and partitioning change the order of ids alone; nothing that is here is ever changed.
 */
export class WindowRows {
  constructor(
    readonly columns: ReadonlyMap<string, WindowColumn>,
    /** How many ids there are, those of rows that a filter left out included. */
    readonly idCount: number,
    /** The ids of the rows that are left, in their order. A position is an index into it. */
    readonly order: Uint32Array,
    /** The first position of each partition, ascending, none of them empty; the number of rows is the last entry. */
    readonly starts: Uint32Array = wholeOf(order),
  ) {}

  get rowCount(): number {
    return this.order.length;
  }

  get partitionCount(): number {
    return this.starts.length - 1;
  }

  /** With columns more, which hide others of their names. */
  with(columns: readonly WindowColumn[]): WindowRows {
    const all = new Map(this.columns);
    for (const column of columns) all.set(column.name, column);
    return new WindowRows(all, this.idCount, this.order, this.starts);
  }

  /** With these columns alone. */
  withColumns(names: ReadonlySet<string>): WindowRows {
    const left = [...this.columns].filter(([name]) => names.has(name));
    return new WindowRows(new Map(left), this.idCount, this.order, this.starts);
  }

  /** These rows, of one partition unless it says which. */
  arranged(order: Uint32Array, starts?: Uint32Array): WindowRows {
    return new WindowRows(this.columns, this.idCount, order, starts);
  }

  /** Room for a value of each row. */
  newValues(): Value[] {
    return new Array<Value>(this.idCount).fill(null);
  }

  /** For filters, expressions and aggregators: its `row` is an id. */
  cursor(): RowCursor {
    const cursor: RowCursor = {
      row: 0,
      rowCount: this.idCount,
      column: (name) => {
        const column = this.columns.get(name);
        return column === undefined ? NULL_READER : readerOf(column, cursor);
      },
    };
    return cursor;
  }
}

/** All rows as one partition; none where there are no rows. */
export const wholeOf = ({ length }: Uint32Array): Uint32Array =>
  length === 0 ? Uint32Array.of(0) : Uint32Array.of(0, length);

const readerOf = ({ type, values }: WindowColumn, cursor: RowCursor): ColumnReader => ({
  type,
  multiValue: type === 'STRING' && values.some((value) => Array.isArray(value)),
  exists: true,
  get: () => values[cursor.row]!,
});
