import { doubleToLong, type Long, parseLong, stringifyJson, UserError } from '../../core/index.js';
import { parseInstant, type Scalar, type Value } from '../../model/index.js';
import { literal, type RexLiteral } from './algebra/rex.js';
import { arrayOf, isArray, type SqlType, sqlTypeOf } from './algebra/types.js';

/** A value for `?`, as the request has it. */
export interface SqlParameter {
  readonly type: string;
  readonly value: unknown;
}

const NOWHERE = { line: 1, column: 1 };

/** The literals for the `?` of a statement. Throws UserError naming the parameter whose value does not fit its type. */
export function parameterLiterals(
  parameters: readonly SqlParameter[],
  timeZone: string,
): RexLiteral[] {
  return parameters.map(({ type: name, value }, i) => {
    const field = `parameters[${i}]`;
    const type = parameterType(name, value, field);
    if (value === null || value === undefined) return literal(type, null, NOWHERE);
    const read = readValue(value, type, timeZone);
    if (read !== null) return literal(type, read, NOWHERE);
    const shown = stringifyJson(value);
    throw new UserError(`${field}.value: ${shown} is no ${name}`, 'request', `${field}.value`);
  });
}

function parameterType(name: string, value: unknown, field: string): SqlType {
  const upper = String(name).toUpperCase();
  if (upper === 'ARRAY') return arrayType(value);
  const type = sqlTypeOf(upper);
  if (type !== null) return type;
  if (upper === 'NULL') return 'NULL';
  throw new UserError(
    `${field}.type: unknown type [${name}]; use VARCHAR, BIGINT, DOUBLE, BOOLEAN, TIMESTAMP, DATE or ARRAY`,
    'request',
    `${field}.type`,
  );
}

function arrayType(value: unknown): SqlType {
  const present = Array.isArray(value) ? value.filter((item) => item !== null) : [];
  if (present.length === 0 || present.some((item) => typeof item === 'string'))
    return 'VARCHAR ARRAY';
  return arrayOf(
    present.every((item) => Number.isInteger(item) || typeof item === 'bigint')
      ? 'BIGINT'
      : 'DOUBLE',
  );
}

function readValue(value: unknown, type: SqlType, timeZone: string): Value {
  if (isArray(type)) return Array.isArray(value) ? (value as readonly Scalar[]) : null;
  switch (type) {
    case 'VARCHAR':
      return typeof value === 'object' ? null : String(value);
    case 'BIGINT':
      return readLong(value);
    case 'DOUBLE':
    case 'FLOAT': {
      const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value);
      return Number.isNaN(number) && value !== 'NaN' ? null : number;
    }
    case 'BOOLEAN':
      return String(value).toLowerCase() === 'true'
        ? 1
        : String(value).toLowerCase() === 'false'
          ? 0
          : null;
    case 'TIMESTAMP':
    case 'DATE':
      return typeof value === 'string' ? parseInstant(value.trim(), timeZone) : readLong(value);
    default:
      return null;
  }
}

function readLong(value: unknown): Long | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? doubleToLong(value) : null;
  return typeof value === 'string' ? parseLong(value.trim()) : null;
}
