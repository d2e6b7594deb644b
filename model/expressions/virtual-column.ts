import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { pathReader, rowColumn, splitPathColumn } from '../json/path-column.js';
import type { ColumnReader, RowSource } from '../rows.js';
import {
  nameSpec,
  optionalText,
  parseOneOf,
  readSpec,
  type SpecFamily,
  type SpecReader,
} from '../spec.js';
import type { ValueType } from '../types.js';
import { type Expression, parseExpression } from './expression.js';
import { readNestedField } from './nested-field.js';
import { castReader, outputTypeOf } from './output-type.js';

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

const FAMILY: SpecFamily<VirtualColumn> = {
  role: 'VirtualColumn',
  types: new Map([
    ['expression', readExpression],
    ['nested-field', readNestedField],
  ]),
  refused: new Map([
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
      const reader = open(name);
      readers.set(name, reader);
      return reader;
    },
  };
  const open = (name: string): ColumnReader => {
    const place = splitPathColumn(name);
    if (place !== null && byName.has(place.column)) {
      return pathReader(combined.column(place.column), place.path);
    }
    return byName.get(name)?.reader(guarded(name)) ?? source.column(name);
  };
  /** What the virtual column `name` sees: all columns, none of which may lead back to it. */
  const guarded = (name: string): RowSource => ({
    column(input) {
      underway.push(name);
      try {
        const column = rowColumn(input);
        if (byName.has(column) && underway.includes(column)) {
          throw selfReference([...underway, column]);
        }
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
