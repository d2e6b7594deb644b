import { z } from 'zod';
import { doubleToLong, type JsonObject, type Long, UserError } from '../../core/index.js';
import { parseDouble } from '../decimal.js';
import { textToLong } from '../expressions/cast.js';
import { type Expression, parseExpression } from '../expressions/expression.js';
import { type ColumnReader, memoised, type RowSource } from '../rows.js';
import { readSpec } from '../spec.js';
import type { Scalar, Value } from '../types.js';

/** The one column or expression that an aggregator reads. */
export interface Input {
  readonly inputs: readonly string[];
  open(source: RowSource): ColumnReader;
  /** Null when it is the one column in `inputs`. */
  readonly expression: Expression | null;
}

export const columnInput = (column: string): Input => ({
  inputs: [column],
  expression: null,
  open: (source) => source.column(column),
});

const Schema = z.object({
  fieldName: z.string().min(1, 'must not be empty').nullish(),
  expression: z.string().min(1, 'must not be empty').nullish(),
});

/** Reads `fieldName` or `expression`, exactly one of which must be there. */
export function readInput(json: JsonObject, field: string): Input {
  const { fieldName, expression } = readSpec(Schema, json, field);
  if (fieldName && !expression) return columnInput(fieldName);
  if (!expression || fieldName) {
    throw new UserError(
      `${field}.fieldName: want exactly one of "fieldName" and "expression"`,
      'query',
      `${field}.fieldName`,
    );
  }
  const parsed = parseExpression(expression, `${field}.expression`);
  return {
    inputs: parsed.inputs,
    open: (source) => parsed.compile(source),
    expression: parsed,
  };
}

export type NumericType = 'LONG' | 'DOUBLE' | 'FLOAT';

/**
 * Reads a column of any type as numbers of `type`. Text is parsed; what spells no number is null,
 * and so are complex values. Of a list the first element counts.
 */
export function numberReader(reader: ColumnReader, type: NumericType): () => Long | null {
  return memoised(reader, CONVERSIONS[type]);
}

const CONVERSIONS: Record<NumericType, (value: Value) => Long | null> = {
  LONG: toLongValue,
  DOUBLE: toDouble,
  FLOAT: (value) => {
    const double = toDouble(value);
    return double === null ? null : Math.fround(double);
  },
};

/** The number that a value of any type counts as, once it is read as `type`; null when it counts as none. */
export const asNumber =
  (type: NumericType) =>
  (value: Value): number | null => {
    const number = CONVERSIONS[type](value);
    return number === null ? null : Number(number);
  };

/** The LONG that a value stands for; null when it stands for none. */
export function toLongValue(value: Value): Long | null {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? value + 0 : doubleToLong(value);
  if (typeof value === 'bigint' || value === null) return value;
  if (typeof value === 'string') return textToLong(value.trim());
  return Array.isArray(value) ? toLongValue((value as readonly Scalar[])[0] ?? null) : null;
}

/** The double a value stands for; null when it stands for none. */
export function toDouble(value: Value): number | null {
  if (typeof value === 'number' || value === null) return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return parseDouble(value.trim());
  return Array.isArray(value) ? toDouble((value as readonly Scalar[])[0] ?? null) : null;
}
