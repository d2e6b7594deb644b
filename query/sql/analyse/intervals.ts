import { literal, type Rex, type RexLiteral } from '../algebra/rex.js';
import { isInterval, isTime } from '../algebra/types.js';
import { callOf, type FunctionContext } from '../functions/definition.js';
import { MINUS, PLUS } from '../functions/operators.js';
import { TIME_SHIFT } from '../functions/time-forms.js';
import type { IntervalNode } from '../parser/ast.js';
import { type Position, planError } from '../position.js';

const UNITS = ['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'] as const;
/** How many of the next smaller unit, and the separator between the two in a text. */
const MS: Readonly<Record<string, number>> = {
  WEEK: 604_800_000,
  DAY: 86_400_000,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1000,
};
const MONTHS: Readonly<Record<string, number>> = { YEAR: 12, QUARTER: 3, MONTH: 1 };

/** The literal of INTERVAL '…' unit [TO unit]: milliseconds, or months. */
export function intervalLiteral(node: IntervalNode): RexLiteral {
  const { text, from, to, position } = node;
  const units = to === null ? [from] : UNITS.slice(unitIndex(from), unitIndex(to) + 1);
  const negative = text.trim().startsWith('-');
  const fields = text
    .trim()
    .replace(/^[-+]/, '')
    .split(to === null ? /$^/ : /[- :]/);
  const numbers = fields.map((field) => (/^\d+(\.\d+)?$/.test(field) ? Number(field) : Number.NaN));
  if (numbers.some(Number.isNaN) || numbers.length !== units.length) {
    throw planError(`Illegal interval literal [${text}] for ${units.join(' to ')}`, position);
  }
  const inMonths = from in MONTHS;
  const sizes = inMonths ? MONTHS : MS;
  const total = numbers.reduce(
    (sum, number, i) => sum + number * (sizes[units[i]!] ?? Number.NaN),
    0,
  );
  const value = Math.round(negative ? -total : total) + 0;
  return literal(inMonths ? 'INTERVAL MONTH' : 'INTERVAL DAY', value, position);
}

const unitIndex = (unit: string): number => UNITS.indexOf(unit as (typeof UNITS)[number]);

/** `left + right` or `left - right` where one of them is an interval; null when none is. */
export function intervalArithmetic(
  operator: string,
  left: Rex,
  right: Rex,
  context: FunctionContext,
  position: Position,
): Rex | null {
  if (operator === '*') return scaled(left, right, position);
  if (operator !== '+' && operator !== '-') return null;
  if (operator === '+' && isInterval(left.type) && isTime(right.type)) {
    return intervalArithmetic('+', right, left, context, position);
  }
  if (!isInterval(right.type) || !isTime(left.type)) return null;
  if (right.kind !== 'literal') throw planError('An interval must be a constant', position);
  const amount = right.value as number;
  if (right.type === 'INTERVAL MONTH') {
    const step = literal('BIGINT', operator === '-' ? -amount + 0 : amount, position);
    const zone = literal('VARCHAR', context.timeZone, position);
    const args = [left, literal('VARCHAR', 'P1M', position), step, zone];
    return callOf(TIME_SHIFT, args, position);
  }
  const fn = operator === '+' ? PLUS : MINUS;
  return callOf(fn, [left, literal('BIGINT', amount, position)], position);
}

/** `3 * INTERVAL '1' DAY`, either way round. */
function scaled(left: Rex, right: Rex, position: Position): Rex | null {
  if (isInterval(left.type)) return isInterval(right.type) ? null : scaled(right, left, position);
  if (!isInterval(right.type)) return null;
  if (left.kind !== 'literal' || right.kind !== 'literal') {
    throw planError('An interval can only be multiplied by a constant', position);
  }
  return literal(right.type, Number(left.value) * Number(right.value), position);
}
