import type { JsonObject } from '../../../core/index.js';
import { JSON_TYPE, parseJsonMatch, type Value, type ValueType } from '../../../model/index.js';
import type { Rex, RexCall, RexLiteral } from '../algebra/rex.js';
import { isArray, isComplex, nativeType } from '../algebra/types.js';
import type { ScalarFunction } from '../functions/definition.js';
import { JSON_MATCH } from '../functions/json.js';
import * as op from '../functions/operators.js';
import {
  CONTAINS_STRING,
  ICONTAINS_STRING,
  REGEXP_LIKE,
  TEXT_MATCH,
} from '../functions/strings.js';
import { expressionText } from '../functions/text.js';

/** The column an expression can be read from, or null where it must stay an expression. */
export type ColumnOf = (rex: Rex) => string | null;

type Converter = (call: RexCall, columnOf: ColumnOf) => JsonObject | null;

/** Operators with a native filter of their own. A converter gives null when its arguments do not fit. */
const CONVERTERS: ReadonlyMap<ScalarFunction, Converter> = new Map<ScalarFunction, Converter>([
  [
    op.AND,
    (call, columnOf) => ({ type: 'and', fields: call.args.map((arg) => toFilter(arg, columnOf)) }),
  ],
  [
    op.OR,
    (call, columnOf) => ({ type: 'or', fields: call.args.map((arg) => toFilter(arg, columnOf)) }),
  ],
  [op.NOT, ({ args }, columnOf) => not(toFilter(args[0]!, columnOf))],
  [op.IS_TRUE, ({ args }, columnOf) => ({ type: 'istrue', field: toFilter(args[0]!, columnOf) })],
  [op.IS_FALSE, ({ args }, columnOf) => ({ type: 'isfalse', field: toFilter(args[0]!, columnOf) })],
  [
    op.IS_NOT_TRUE,
    ({ args }, columnOf) => not({ type: 'istrue', field: toFilter(args[0]!, columnOf) }),
  ],
  [
    op.IS_NOT_FALSE,
    ({ args }, columnOf) => not({ type: 'isfalse', field: toFilter(args[0]!, columnOf) }),
  ],
  [op.IS_NULL, isNull],
  [op.IS_NOT_NULL, (call, columnOf) => notOrNull(isNull(call, columnOf))],
  [op.EQUALS, (call, columnOf) => compared(call, columnOf, 'equals')],
  [op.NOT_EQUALS, (call, columnOf) => notOrNull(compared(call, columnOf, 'equals'))],
  [op.LESS, (call, columnOf) => compared(call, columnOf, 'range')],
  [op.LESS_OR_EQUAL, (call, columnOf) => compared(call, columnOf, 'range')],
  [op.GREATER, (call, columnOf) => compared(call, columnOf, 'range')],
  [op.GREATER_OR_EQUAL, (call, columnOf) => compared(call, columnOf, 'range')],
  [op.IN, among],
  [op.LIKE, like],
  [
    REGEXP_LIKE,
    (call, columnOf) => textual(call, columnOf, (pattern) => ({ type: 'regex', pattern })),
  ],
  [CONTAINS_STRING, (call, columnOf) => textual(call, columnOf, contains(true))],
  [ICONTAINS_STRING, (call, columnOf) => textual(call, columnOf, contains(false))],
  [
    TEXT_MATCH,
    (call, columnOf) => textual(call, columnOf, (query) => ({ type: 'textMatch', query })),
  ],
  [JSON_MATCH, jsonMatch],
]);

/** The native filter that matches where a condition is true; `expression` where nothing native fits. */
export function toFilter(rex: Rex, columnOf: ColumnOf): JsonObject {
  if (rex.kind === 'literal') return { type: rex.value === 1 ? 'true' : 'false' };
  if (rex.kind === 'field') {
    return { type: 'equals', column: rex.name, matchValueType: 'LONG', matchValue: 1 };
  }
  const native = rex.kind === 'call' ? CONVERTERS.get(rex.fn)?.(rex, columnOf) : null;
  return native ?? { type: 'expression', expression: expressionText(rex) };
}

const not = (field: JsonObject): JsonObject => ({ type: 'not', field });

const notOrNull = (field: JsonObject | null): JsonObject | null =>
  field === null ? null : not(field);

function isNull({ args }: RexCall, columnOf: ColumnOf): JsonObject | null {
  const column = readable(args[0]!, columnOf);
  return column === null ? null : { type: 'null', column };
}

function readable(rex: Rex, columnOf: ColumnOf): string | null {
  return isComplex(rex.type) ? null : columnOf(rex);
}

/** How the literal is compared: in the type of the column, or as a double when it has a fraction. */
function matchType(column: Rex, value: RexLiteral): ValueType {
  const type = nativeType(column.type);
  return type === 'LONG' && nativeType(value.type) === 'DOUBLE' ? 'DOUBLE' : type;
}

function compared(call: RexCall, columnOf: ColumnOf, kind: 'equals' | 'range'): JsonObject | null {
  const [left, right] = call.args as [Rex, Rex];
  if (left.kind === 'literal' && right.kind !== 'literal') {
    const fn = op.MIRRORED.get(call.fn)!;
    return compared({ ...call, fn, args: [right, left] }, columnOf, kind);
  }
  // A comparison with NULL is never true nor false: no native filter says so.
  if (right.kind !== 'literal' || !comparable(right.value) || isArray(left.type)) return null;
  const column = readable(left, columnOf);
  if (column === null) return null;
  const matchValueType = matchType(left, right);
  if (kind === 'equals') return { type: 'equals', column, matchValueType, matchValue: right.value };
  const { fn } = call;
  const open = fn === op.LESS || fn === op.GREATER;
  const below = fn === op.LESS || fn === op.LESS_OR_EQUAL;
  return below
    ? {
        type: 'range',
        column,
        matchValueType,
        upper: right.value,
        ...(open ? { upperOpen: true } : {}),
      }
    : {
        type: 'range',
        column,
        matchValueType,
        lower: right.value,
        ...(open ? { lowerOpen: true } : {}),
      };
}

const comparable = (value: Value): boolean =>
  typeof value === 'string' ||
  typeof value === 'bigint' ||
  (typeof value === 'number' && Number.isFinite(value));

/** Neither true nor false for any row. */
const UNKNOWN: JsonObject = { type: 'expression', expression: 'null' };

/** Text goes into an `in` filter, numbers into a chain of `equals`. A NULL in the list makes "not found" unknown. */
function among(call: RexCall, columnOf: ColumnOf): JsonObject | null {
  const { args, position } = call;
  const [operand, ...values] = args as [Rex, ...RexLiteral[]];
  const rest = values.filter(({ value }) => value !== null);
  if (rest.length < values.length) {
    const found =
      rest.length === 0 ? [] : [toFilter({ ...call, args: [operand, ...rest] }, columnOf)];
    return { type: 'or', fields: [...found, UNKNOWN] };
  }
  if (!rest.every(({ value }) => comparable(value))) return null;
  if (operand.type !== 'VARCHAR') {
    const fields = rest.map((value) =>
      toFilter(
        { kind: 'call', fn: op.EQUALS, args: [operand, value], type: 'BOOLEAN', position },
        columnOf,
      ),
    );
    return { type: 'or', fields };
  }
  const dimension = columnOf(operand);
  return dimension === null
    ? null
    : { type: 'in', dimension, values: rest.map(({ value }) => value) };
}

function like({ args }: RexCall, columnOf: ColumnOf): JsonObject | null {
  const [operand, pattern, escaped] = args as [Rex, RexLiteral, RexLiteral | undefined];
  const dimension = operand.type === 'VARCHAR' ? columnOf(operand) : null;
  if (dimension === null || pattern.value === null) return null;
  return {
    type: 'like',
    dimension,
    pattern: pattern.value,
    ...(escaped === undefined ? {} : { escape: escaped.value }),
  };
}

function textual(
  { args }: RexCall,
  columnOf: ColumnOf,
  filter: (text: string) => JsonObject,
): JsonObject | null {
  const [operand, text] = args as [Rex, RexLiteral];
  const dimension = operand.type === 'VARCHAR' ? columnOf(operand) : null;
  if (dimension === null || typeof text.value !== 'string') return null;
  return { ...filter(text.value), dimension };
}

function jsonMatch({ args }: RexCall): JsonObject | null {
  const [document, text] = args as [Rex, RexLiteral];
  if (document.kind !== 'field' || document.type !== JSON_TYPE) return null;
  if (typeof text.value !== 'string') return null;
  const conditions = parseJsonMatch(text.value, 'JSON_MATCH');
  return { type: 'jsonMatch', column: document.name, conditions };
}

const contains =
  (caseSensitive: boolean) =>
  (value: string): JsonObject => ({
    type: 'search',
    query: { type: 'contains', value, caseSensitive },
  });
