import { doubleToLong, parseLong } from '../../../core/index.js';
import { parseInstant, type Value } from '../../../model/index.js';
import { literal, type Rex, type RexLiteral } from '../algebra/rex.js';
import { isArray, isNumber, isTime, type SqlType } from '../algebra/types.js';
import { planError } from '../position.js';
import { callOf, type FunctionContext } from './definition.js';
import { JSON_VALUE } from './json.js';
import { CAST } from './operators.js';
import { TIME_FLOOR, TIME_FORMAT, TIME_PARSE } from './time-forms.js';

/**
 * The cast of an expression: itself when it has the type already, a literal for most literals,
 * otherwise a call. Texts become times (and back) in the statement's zone.
 */
export function castTo(rex: Rex, type: SqlType, context: FunctionContext): Rex {
  if (rex.type === type) return rex;
  if (rex.kind === 'literal') {
    const folded = castLiteral(rex, type, context);
    if (folded !== null) return folded;
  }
  const asked = asReturned(rex, type);
  if (asked !== null) return asked;
  const { position } = rex;
  const zone = literal('VARCHAR', context.timeZone, position);
  const missing = literal('VARCHAR', null, position);
  if (rex.type === 'VARCHAR' && isTime(type)) {
    const time = callOf(TIME_PARSE, [rex, missing, zone], position);
    return type === 'DATE' ? castTo(time, 'DATE', context) : time;
  }
  if (type === 'VARCHAR' && isTime(rex.type)) {
    const pattern = rex.type === 'DATE' ? 'yyyy-MM-dd' : 'yyyy-MM-dd HH:mm:ss';
    return callOf(TIME_FORMAT, [rex, literal('VARCHAR', pattern, position), zone], position);
  }
  if (type === 'DATE' && rex.type !== 'NULL') {
    const day = literal('VARCHAR', 'P1D', position);
    const args = [rex, day, literal('TIMESTAMP', null, position), zone];
    return { kind: 'call', fn: TIME_FLOOR, args, type, position };
  }
  return { kind: 'call', fn: CAST, args: [rex], type, position };
}

/** JSON_VALUE that is asked for the type at once: its own value, rather than the text of it, is cast. */
export function asReturned(rex: Rex, type: SqlType): Rex | null {
  if (rex.kind !== 'call' || rex.fn !== JSON_VALUE || rex.args.length > 2) return null;
  if (!isNumber(type) && !isArray(type)) return null;
  const { position } = rex;
  return callOf(JSON_VALUE, [...rex.args, literal('VARCHAR', type, position)], position);
}

/** The literal a literal becomes; null when that takes an expression. */
function castLiteral(
  { value, type: from, position }: RexLiteral,
  type: SqlType,
  context: FunctionContext,
): RexLiteral | null {
  const make = (result: Value): RexLiteral => literal(type, result, position);
  if (value === null) return make(null);
  if (from === 'TIMESTAMP' && (type === 'BIGINT' || type === 'DOUBLE')) return make(value);
  if (from === 'BIGINT' && type === 'TIMESTAMP') return make(value);
  if (from === 'DATE' && type === 'TIMESTAMP') return make(value);
  if (typeof value === 'string') {
    if (type === 'TIMESTAMP') return make(parseInstant(value.trim(), context.timeZone));
    if (isNumber(type)) return make(parseNumber(value, type));
    return null;
  }
  if (!isNumber(from) || !isNumber(type) || isArray(type)) return null;
  if (type === 'BIGINT') return make(doubleToLong(Number(value)));
  return make(type === 'FLOAT' ? Math.fround(Number(value)) : Number(value));
}

function parseNumber(text: string, type: SqlType): Value {
  const trimmed = text.trim();
  const long = parseLong(trimmed);
  if (long !== null && type === 'BIGINT') return long;
  const double = trimmed === '' ? Number.NaN : Number(trimmed);
  if (Number.isNaN(double)) return null;
  if (type === 'BIGINT') return doubleToLong(double);
  return type === 'FLOAT' ? Math.fround(double) : double;
}

/** The literal of a TIMESTAMP '…', DATE '…' or of a text compared with a time. */
export function timeLiteral(
  text: string,
  type: 'TIMESTAMP' | 'DATE',
  context: FunctionContext,
  position: RexLiteral['position'],
): RexLiteral {
  const ms = parseInstant(text.trim(), context.timeZone);
  if (ms === null) {
    throw planError(
      `Illegal ${type} constant [${text}]; write it as 2000-01-02 03:04:05`,
      position,
    );
  }
  return literal(type, ms, position);
}
