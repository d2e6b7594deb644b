import type { ColumnReader, RowSource } from '../rows.js';
import type { Scalar, Value, ValueType } from '../types.js';
import type { Expression } from './expression.js';

/** A value with the type it came out as. */
export interface TypedValue {
  readonly type: ValueType;
  readonly value: Value;
}

/** Rows rarely come in more shapes; where they do, compiling starts anew. */
const MAX_SHAPES = 100;

/**
 * Compiles an expression against rows whose fields have no declared types, such as events before they are
 * ingested. The types are those of each row's own values: text, LONG for whole numbers, DOUBLE for
 * others, lists of these. Of `source`, only `exists` and `get` are used. It is compiled once for each
 * combination of types that turns up.
 */
export function compileUntyped(expression: Expression, source: RowSource): () => TypedValue {
  const inputs = expression.inputs.map((name) => ({ name, column: source.column(name) }));
  const shapes = new Map<string, ColumnReader>();
  return () => {
    const types = new Map<string, FieldType>();
    for (const { name, column } of inputs) types.set(name, typeOfValue(column.get()));
    const shape = [...types.values()].join();
    let reader = shapes.get(shape);
    if (reader === undefined) {
      if (shapes.size >= MAX_SHAPES) shapes.clear();
      reader = expression.compile(typedSource(source, types));
      shapes.set(shape, reader);
    }
    return { type: reader.type, value: reader.get() };
  };
}

/** `NULL` is a field that holds nothing in this row; `STRINGS` a multi-value one. */
type FieldType = 'NULL' | 'STRINGS' | ValueType;

function typedSource(source: RowSource, types: ReadonlyMap<string, FieldType>): RowSource {
  return {
    column(name) {
      const column = source.column(name);
      const type = types.get(name) ?? 'NULL';
      return {
        type: type === 'NULL' || type === 'STRINGS' ? 'STRING' : type,
        multiValue: type === 'STRINGS',
        exists: type !== 'NULL',
        get: () => column.get(),
      };
    },
  };
}

function typeOfValue(value: Value): FieldType {
  if (value === null) return 'NULL';
  if (!Array.isArray(value))
    return typeof value === 'object' ? 'NULL' : scalarType(value as Scalar);
  const types = new Set((value as readonly Scalar[]).filter((x) => x !== null).map(scalarType));
  if (types.size === 0 || types.has('STRING')) return 'STRINGS';
  return types.has('DOUBLE') ? 'ARRAY<DOUBLE>' : 'ARRAY<LONG>';
}

function scalarType(value: Scalar): 'STRING' | 'LONG' | 'DOUBLE' {
  if (typeof value === 'string') return 'STRING';
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? 'LONG' : 'DOUBLE';
}
