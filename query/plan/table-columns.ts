import type { ColumnSchema } from '../engines/engine.js';
import { mergedColumns } from '../merged-columns.js';
import type { TableSnapshot } from '../tables.js';
import type { TypesOf } from './column-facts.js';

type Columns = readonly ColumnSchema[];

/** Of tables alone. A schema does not change: a table that changes has another one. */
const merged = new WeakMap<Columns, Columns>();

/** The columns of all tables, each of the type that the values of all tables fit. */
export function columnsIn(snapshot: TableSnapshot, names: readonly string[]): Columns {
  const [columns = [], ...others] = names.map((name) => snapshot.schema(name)?.columns ?? []);
  if (others.length > 0) return mergedColumns([columns, ...others]);
  const known = merged.get(columns) ?? mergedColumns([columns]);
  merged.set(columns, known);
  return known;
}

const types = new WeakMap<Columns, TypesOf>();

/** The types of columns by name: the same object for the same columns. */
export function typesOf(columns: Columns): TypesOf {
  const known = types.get(columns) ?? new Map(columns.map(({ name, type }) => [name, type]));
  types.set(columns, known);
  return known;
}
