import type { Aggregator, AggregatorForm } from '../../model/index.js';
import type { Aggregate } from './aggregates.js';
import type { Columns } from './columns.js';
import { lowerColumn } from './expressions.js';
import { longAt } from './long-at.js';
import { codeOf, extremeLong, type Num } from './numbers.js';
import { ALWAYS } from './tests.js';
import { lowerText } from './text-choices.js';
import { add, get, load, op } from './wasm/code.js';

type RowForm = Extract<AggregatorForm, { kind: 'row' }>;

/**
 * First, last and any value: a group keeps the number of a row, the smallest or the largest, since rows are
 * sorted by time. The interpreter makes the state of that row.
 */
export function lowerRow(
  columns: Columns,
  aggregator: Aggregator,
  form: RowForm,
): Aggregate | null {
  const { cursor, source } = columns.rows();
  const isFirst = form.which === 'first';
  const valid = form.skipsNulls ? validOf(columns, aggregator, form.column) : null;
  if (valid === undefined || !isSafe(columns, form.column)) return null;
  // A column of stored states has times of its own.
  const { type } = source.column(form.column);
  if (type === aggregator.storedType && type !== aggregator.resultType) return null;
  const accumulator = aggregator.accumulator(source);
  return {
    filter: ALWAYS,
    longFold: null,
    derived: null,
    valid,
    field: { kind: 'i64', initial: isFirst ? 2n ** 32n : -1n },
    isCount: false,
    sketch: null,
    gather: null,
    entriesPerRow: 0,
    isOrdered: true,
    update(kernel, cell) {
      const row = op('i64.extend_i32_u', get(kernel.row));
      return [cell.write(isFirst ? extremeLong(kernel, 'min', cell.read(), row) : row)];
    },
    // A row of another segment has another number.
    combine: null,
    state(view, at, seen) {
      if (!seen) return null;
      cursor.row = Number(longAt(view, at));
      return accumulator.fold(aggregator.initial());
    },
  };
}

/** Where a row gives a value; undefined where only the interpreter can tell. */
function validOf(columns: Columns, aggregator: Aggregator, name: string): Num['valid'] | undefined {
  const num = lowerColumn(columns, name);
  if (num !== null) return num.valid;
  const column = columns.onlyCodes([name]);
  if (column === null) return undefined;
  const source = columns.over(column);
  const accumulator = aggregator.accumulator(source);
  const known = Uint8Array.from({ length: column.size }, (_, code) => {
    source.code = code;
    return Number(accumulator.fold(aggregator.initial()) !== null);
  });
  if (!known.includes(0)) return null;
  return (kernel) => load('i32.load8_u', add(get(kernel.table(known)), codeOf(kernel, column)));
}

/** Whether reading it fails for no row: of many rows that the interpreter would read, one is read. */
const isSafe = (columns: Columns, name: string): boolean =>
  columns.virtual(name) === null ||
  lowerColumn(columns, name) !== null ||
  lowerText(columns, name) !== null;
