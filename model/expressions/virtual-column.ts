import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { type ColumnReader, memoised, type RowSource } from '../rows.js';
import {
  nameSpec,
  optionalText,
  parseOneOf,
  readSpec,
  type SpecFamily,
  type SpecReader,
} from '../spec.js';
import { isArrayType, type Scalar, type Value, type ValueType } from '../types.js';
import { valueCaster } from './cast.js';
import { type Expression, parseExpression } from './expression.js';

/** A column that is computed from others when it is read. */
export interface VirtualColumn {
  readonly name: string;
  /** The JSON it was parsed from. */
  readonly spec: JsonObject;
  /** The columns it reads. */
  readonly inputs: readonly string[];
  /** Compiles it against rows; values have the type that the spec asks for. */
  reader(source: RowSource): ColumnReader;
  /** What is computed, and the type it is cast to. */
  readonly expression: Expression;
  readonly outputType: ValueType;
}

const OUTPUT_TYPES: readonly ValueType[] = [
  'STRING',
  'LONG',
  'DOUBLE',
  'FLOAT',
  'ARRAY<STRING>',
  'ARRAY<LONG>',
  'ARRAY<DOUBLE>',
];

const ExpressionSchema = z.object({
  name: nameSpec,
  expression: nameSpec,
  outputType: optionalText,
});

const readExpression: SpecReader<VirtualColumn> = (json, field) => {
  const { name, expression, outputType } = readSpec(ExpressionSchema, json, field);
  const type = outputTypeOf(outputType, `${field}.outputType`);
  const parsed = parseExpression(expression, `${field}.expression`);
  return {
    name,
    spec: json,
    inputs: parsed.inputs,
    reader: (source) => castReader(parsed.compile(source), type),
    expression: parsed,
    outputType: type,
  };
};

/** FLOAT when absent, as in Druid. */
function outputTypeOf(text: string | null, field: string): ValueType {
  if (text === null) return 'FLOAT';
  const wanted = text.toUpperCase();
  const type = OUTPUT_TYPES.find((known) => known === wanted);
  if (type !== undefined) return type;
  throw new UserError(
    `${field}: want one of ${OUTPUT_TYPES.join(', ')}; got ${JSON.stringify(text)}`,
    'query',
    field,
  );
}

const FAMILY: SpecFamily<VirtualColumn> = {
  role: 'VirtualColumn',
  types: new Map([['expression', readExpression]]),
  refused: new Map([
    ['nested-field', 'flatten the JSON into columns at ingestion (flattenSpec)'],
    ['mv-filtered', 'use the expression mv_filter_only(column, [values]) or mv_filter_none'],
    ['mv-prefix-filtered', 'use the expression mv_filter_prefix(column, prefix)'],
    ['mv-regex-filtered', 'use the expression mv_filter_regex(column, pattern)'],
    ['fallback', 'use the expression coalesce(column, other)'],
  ]),
};

/** Reads one virtual column. Throws UserError that names `field`. */
export function parseVirtualColumn(json: unknown, field: string): VirtualColumn {
  const column = parseOneOf(FAMILY, json, field);
  if (column.name === '__time') {
    throw new UserError(
      `${field}.name: virtual column name[__time] is not allowed; give it another name`,
      'query',
      `${field}.name`,
    );
  }
  return column;
}

/**
 * The source with virtual columns in front of its own. Each is compiled when first asked for, and may
 * read others, but not, even by way of others, itself: that throws UserError.
 */
export function withVirtualColumns(
  source: RowSource,
  columns: readonly VirtualColumn[],
): RowSource {
  if (columns.length === 0) return source;
  const byName = new Map(columns.map((column) => [column.name, column]));
  const readers = new Map<string, ColumnReader>();
  const underway: string[] = [];
  const combined: RowSource = {
    column(name) {
      const known = readers.get(name);
      if (known !== undefined) return known;
      const reader = byName.get(name)?.reader(guarded(name)) ?? source.column(name);
      readers.set(name, reader);
      return reader;
    },
  };
  /** What the virtual column `name` sees: all columns, none of which may lead back to it. */
  const guarded = (name: string): RowSource => ({
    column(input) {
      underway.push(name);
      try {
        if (byName.has(input) && underway.includes(input))
          throw selfReference([...underway, input]);
        return combined.column(input);
      } finally {
        underway.pop();
      }
    },
  });
  return combined;
}

const selfReference = (path: readonly string[]): UserError =>
  new UserError(
    `virtualColumns: self-referential column [${path.join('] reads [')}]; rename one of them`,
    'query',
    'virtualColumns',
  );

/** A reader whose values have another type, converted once per distinct value where there is a dictionary. */
function castReader(reader: ColumnReader, type: ValueType): ColumnReader {
  if (reader.type === type && (type === 'STRING' || !reader.multiValue)) return reader;
  const convert = cellCaster(reader, type);
  const multiValue = type === 'STRING' && (reader.multiValue || isArrayType(reader.type));
  const get = memoised(reader, convert);
  const { exists, dictionary } = reader;
  if (dictionary === undefined) return { type, multiValue, exists, get };
  return {
    type,
    multiValue,
    exists,
    get,
    dictionary: {
      get size() {
        return dictionary.size;
      },
      id: () => dictionary.id(),
      value: (id) => convert(dictionary.value(id)),
    },
  };
}

/** Casts cells. Between arrays and multi-value texts a list stays one; as a number it is null. */
function cellCaster({ type }: ColumnReader, to: ValueType): (cell: Value) => Value {
  if (to === 'STRING' && isArrayType(type)) {
    const convert = valueCaster(type, 'ARRAY<STRING>');
    return (cell) => {
      const list = convert(cell) as readonly Scalar[] | null;
      return list === null || list.length > 1 ? list : (list[0] ?? null);
    };
  }
  const convert = valueCaster(type, to);
  if (to === 'STRING' || isArrayType(to) || isArrayType(type)) return convert;
  return (cell) => (Array.isArray(cell) ? null : convert(cell));
}
