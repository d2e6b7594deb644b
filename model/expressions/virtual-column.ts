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
import { readFallbackColumn } from './fallback-column.js';
import {
  readListFilteredColumn,
  readPrefixFilteredColumn,
  readRegexFilteredColumn,
} from './filtered-column.js';
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
  /** What is computed, for those who compile it otherwise; null where only the reader knows. */
  readonly expression: Expression | null;
  /** The type of the values. */
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
    ['mv-filtered', readListFilteredColumn],
    ['mv-prefix-filtered', readPrefixFilteredColumn],
    ['mv-regex-filtered', readRegexFilteredColumn],
    ['fallback', readFallbackColumn],
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
