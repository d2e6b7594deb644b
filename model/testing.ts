export { jsonKey, jsonValue } from './json/testing.js';

import type { Aggregator, State } from './aggregators/aggregator.js';
import type { ColumnReader, DictionaryReader, RowCursor } from './rows.js';
import { NULL_READER } from './rows.js';
import type { Value, ValueType } from './types.js';

/** For tests: a column of rows held as objects. */
export interface TestColumn {
  readonly type: ValueType;
  readonly multiValue?: boolean;
  /** Whether the column is read through a dictionary of its distinct cells. */
  readonly dictionary?: boolean;
}

/**
 * For tests: rows as plain objects behind a `RowCursor`. A name that is not among `columns` does
 * not exist; a row without the name holds null.
 */
export class TestRows implements RowCursor {
  row = 0;

  constructor(
    private readonly columns: Readonly<Record<string, TestColumn>>,
    private readonly rows: readonly Readonly<Record<string, Value>>[],
  ) {}

  get rowCount(): number {
    return this.rows.length;
  }

  column(name: string): ColumnReader {
    const column = Object.hasOwn(this.columns, name) ? this.columns[name] : undefined;
    if (column === undefined) return NULL_READER;
    const { type, multiValue = false } = column;
    const get = () => this.rows[this.row]?.[name] ?? null;
    const reader = { type, multiValue, exists: true, get };
    return column.dictionary ? { ...reader, dictionary: this.dictionaryOf(name) } : reader;
  }

  /** What `read` gives at each row in turn. */
  map<T>(read: () => T): T[] {
    return this.rows.map((_, row) => {
      this.row = row;
      return read();
    });
  }

  /** Stands on each row in turn. */
  forEach(visit: () => void): void {
    for (this.row = 0; this.row < this.rows.length; this.row++) visit();
  }

  private dictionaryOf(name: string): DictionaryReader {
    const values: Value[] = [];
    const idByKey = new Map<string, number>();
    const ids = this.rows.map((row) => {
      const value = row[name] ?? null;
      const key = keyOf(value);
      const id = idByKey.get(key) ?? values.push(value) - 1;
      idByKey.set(key, id);
      return id;
    });
    return { size: values.length, id: () => ids[this.row]!, value: (id) => values[id]! };
  }
}

const keyOf = (value: Value): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' || (typeof part === 'number' && !Number.isFinite(part))
      ? `${typeof part} ${part}`
      : part,
  );

/** For tests: the state of an aggregator over rows of one column, where lists may be. */
export function foldCells(
  into: Aggregator,
  type: ValueType,
  cells: readonly Value[],
  column = into.inputs[0]!,
): State {
  const rows = new TestRows(
    { [column]: { type, multiValue: true } },
    cells.map((cell) => ({ [column]: cell })),
  );
  const accumulator = into.accumulator(rows);
  let state = into.initial();
  rows.forEach(() => {
    state = accumulator.fold(state);
  });
  return state;
}
