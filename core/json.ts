import { parse as parseLossless, stringify as stringifyLossless } from 'lossless-json';
import { UserError } from './errors.js';
import { LONG_MAX, LONG_MIN } from './long.js';

/** A JSON object whose members are not known yet. Look members up with `Object.hasOwn`, never with `in`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deeper texts are refused, so that what walks the result by recursion cannot overflow the stack. */
const MAX_DEPTH = 500;

/**
 * Sixteen digits where a number literal may begin; integers of fewer are always exact as a double.
 * (Digits right behind a quote or a point belong to a string or a fraction.)
 */
const LONG_DIGIT_RUN = /(?:^|[\s:,[-])\d{16}/;

/**
 * Parses JSON without rounding 64-bit integers.
 *
 * Numbers   an integer literal (no fraction, no exponent) that is safe as a double is a `number`;
 *           beyond that and within 64 bits a `bigint`; every other literal a `number`, so that a
 *           `bigint` in the result is always a canonical Long
 * Keys      the last of equal keys wins, `__proto__` is an ordinary key, as with `JSON.parse`
 * Errors    UserError of kind `json` with line, column and reason; also for nesting beyond 500
 */
export function parseJson(text: string): unknown {
  checkDepth(text);
  try {
    return LONG_DIGIT_RUN.test(text) ? parseExact(text) : JSON.parse(text);
  } catch (error) {
    throw jsonError(text, error);
  }
}

/** JSON text of `value`; bigints as digits, NaN and infinities as null, an undefined value as `null`. */
export function stringifyJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent) ?? 'null';
  } catch (error) {
    // JSON.stringify refuses bigints; they are rare, so asking first would cost more than trying.
    if (!(error instanceof TypeError) || !error.message.includes('BigInt')) throw error;
    return stringifyLossless(value, undefined, indent) ?? 'null';
  }
}

function parseExact(text: string): unknown {
  return parseLossless(text, null, {
    parseNumber: parseNumberExactly,
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

function parseNumberExactly(literal: string): number | bigint {
  const narrow = Number(literal);
  // At most 20 characters can fit 64 bits; the bound keeps BigInt away from million-digit literals.
  if (Number.isSafeInteger(narrow) || literal.length > 20 || !/^-?\d+$/.test(literal))
    return narrow;
  const wide = BigInt(literal);
  return wide < LONG_MIN || wide > LONG_MAX ? narrow : wide;
}

function checkDepth(text: string): void {
  if (text.length <= 2 * MAX_DEPTH) return;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_DEPTH) throw tooDeep(text, i);
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
}

function tooDeep(text: string, position: number): UserError {
  const where = placeIn(text, position);
  return new UserError(
    `JSON is nested more than ${MAX_DEPTH} levels deep at ${where}; flatten it`,
    'json',
  );
}

function jsonError(text: string, error: unknown): UserError {
  const position = positionOf(error) ?? positionOf(failureOfLossless(text)) ?? text.length;
  const found =
    position >= text.length
      ? 'the text ends too early'
      : `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(position)!))}`;
  return new UserError(`not valid JSON: ${found} at ${placeIn(text, position)}`, 'json', '', {
    position: String(position),
  });
}

/** The character index that a parser's message names. V8 leaves it out for short texts. */
function positionOf(error: unknown): number | null {
  if (!(error instanceof SyntaxError)) return null;
  const match = /at position (\d+)/.exec(error.message);
  return match === null ? null : Number(match[1]);
}

function failureOfLossless(text: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    return error;
  }
}

function placeIn(text: string, position: number): string {
  const before = text.slice(0, position);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return `line ${line}, column ${position - lineStart + 1}`;
}
