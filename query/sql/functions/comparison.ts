import { parseLong } from '../../../core/index.js';
import type { Rex } from '../algebra/rex.js';
import { isArray, isNumber, isTime, type SqlType } from '../algebra/types.js';
import type { Position } from '../position.js';
import { castTo, timeLiteral } from './cast.js';
import { callOf, type FunctionContext, type ScalarFunction } from './definition.js';

/** `a fn b` after the implicit casts of a comparison. */
export function comparison(
  fn: ScalarFunction,
  a: Rex,
  b: Rex,
  context: FunctionContext,
  position: Position,
): Rex {
  return callOf(fn, alike(a, b, context), position);
}

/**
 * Brings both sides of a comparison to one type: a constant text takes the type of the other
 * side (a number, a time, a boolean); a text column against a number is compared as a number,
 * against a time as a time.
 */
export function alike(a: Rex, b: Rex, context: FunctionContext): [Rex, Rex] {
  if (a.type === b.type || a.type === 'NULL' || b.type === 'NULL') return [a, b];
  if (a.type === 'VARCHAR' && b.type !== 'VARCHAR') {
    const [right, left] = alikeText(b, a, context);
    return [left, right];
  }
  if (b.type === 'VARCHAR') return alikeText(a, b, context);
  return [a, b];
}

/** `text` is the VARCHAR side. */
function alikeText(other: Rex, text: Rex, context: FunctionContext): [Rex, Rex] {
  if (isTime(other.type)) {
    return [
      other,
      text.kind === 'literal' && typeof text.value === 'string'
        ? timeLiteral(text.value, 'TIMESTAMP', context, text.position)
        : castTo(text, 'TIMESTAMP', context),
    ];
  }
  if (isNumber(other.type)) return [other, castTo(text, numberType(text, other.type), context)];
  if (other.type === 'BOOLEAN' || isArray(other.type)) {
    return [other, castTo(text, other.type, context)];
  }
  return [other, text];
}

/** Whole numbers stay exact when both sides are; any other text is compared as a double. */
function numberType(text: Rex, other: SqlType): SqlType {
  const whole =
    text.kind === 'literal' &&
    typeof text.value === 'string' &&
    parseLong(text.value.trim()) !== null;
  return whole && other === 'BIGINT' ? 'BIGINT' : 'DOUBLE';
}
