import { UserError, utf8Encode } from '../../core/index.js';
import { valueCaster } from '../expressions/cast.js';
import type { Expression } from '../expressions/expression.js';
import { arrayNames } from '../expressions/usage.js';
import { rowColumn } from '../json/path-column.js';
import { type ColumnReader, NULL_READER, type RowSource } from '../rows.js';
import type { Scalar, Value, ValueType } from '../types.js';

/** A name that an expression reads and its owner sets. */
export class Variable implements ColumnReader {
  readonly multiValue = false;
  readonly exists = true;
  value: Value = null;

  constructor(readonly type: ValueType) {}

  get(): Value {
    return this.value;
  }
}

type Names = Readonly<Record<string, ColumnReader>>;

/** The names, and nothing beside them. */
const sourceOf = (names: Names): RowSource => ({
  column: (name) => (Object.hasOwn(names, name) ? names[name]! : NULL_READER),
});

/** Throws UserError for a name that the expression may not read. */
export function checkReads(
  expression: Expression,
  field: string,
  allowed: readonly string[],
  remedy: string,
): void {
  const bad = expression.inputs.map(rowColumn).find((name) => !allowed.includes(name));
  if (bad === undefined) return;
  throw new UserError(`${field}: "${bad}" is not known here; ${remedy}`, 'query', field);
}

/** The expression as a function of some values, of its own type unless told another. */
export function functionOf(
  expression: Expression,
  names: readonly string[],
  types: readonly ValueType[],
  wanted?: ValueType,
): { readonly type: ValueType; readonly call: (...values: readonly Value[]) => Value } {
  const variables = types.map((type) => new Variable(type));
  const reader = expression.compile(
    sourceOf(Object.fromEntries(names.map((name, i) => [name, variables[i]!]))),
  );
  const type = wanted ?? reader.type;
  const cast = valueCaster(reader.type, type);
  const call = (...values: readonly Value[]): Value => {
    for (const [i, variable] of variables.entries()) variable.value = values[i]!;
    return cast(reader.get());
  };
  return { type, call };
}

/** A value of the accumulator's type after the current row; null inputs may be left out. */
export interface RowFold {
  /** Whether any field that the expression reads is null in the current row. */
  hasNull(): boolean;
  fold(accumulated: Value): Value;
}

/**
 * The fold of an expression over rows. A list of a multi-value column that the expression takes one value of is folded
 * value by value.
 */
export function rowFold(
  source: RowSource,
  expression: Expression,
  accumulator: string,
  type: ValueType,
): RowFold {
  const arrays = arrayNames(expression.tree);
  const names = expression.inputs.filter((name) => name !== accumulator);
  const columns = names.map((name) => source.column(name));
  const isSpread = (i: number): boolean => columns[i]!.multiValue && !arrays.has(names[i]!);
  const variables = columns.map((column, i) => (isSpread(i) ? new Variable('STRING') : column));
  const accumulated = new Variable(type);
  const all = { ...Object.fromEntries(names.map((name, i) => [name, variables[i]!])) };
  all[accumulator] = accumulated;
  const reader = expression.compile({ column: (name) => all[name] ?? source.column(name) });
  const cast = valueCaster(reader.type, type);
  const spread = names.flatMap((_, i) =>
    isSpread(i) ? [{ column: columns[i]!, variable: variables[i] as Variable }] : [],
  );
  const foldFrom = (at: number): void => {
    if (at === spread.length) {
      accumulated.value = cast(reader.get());
      return;
    }
    const { column, variable } = spread[at]!;
    const cell = column.get();
    for (const value of Array.isArray(cell) ? (cell as readonly Scalar[]) : [cell]) {
      variable.value = value;
      foldFrom(at + 1);
    }
  };
  return {
    hasNull: () => columns.some((column) => column.get() === null),
    fold(value) {
      accumulated.value = value;
      foldFrom(0);
      return accumulated.value;
    },
  };
}

/** About how many bytes a value takes: nine for a number, one for a null, five and its UTF-8 for a text, five and its elements for a list; a sketch, which bounds itself, counts as a number. */
export function valueSizeBytes(value: Value): number {
  if (value === null) return 1;
  if (typeof value === 'string') return 5 + utf8Encode(value).length;
  if (!Array.isArray(value)) return 9;
  return (value as readonly Scalar[]).reduce<number>((sum, item) => sum + valueSizeBytes(item), 5);
}
