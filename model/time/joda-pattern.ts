import { UserError } from '../../core/index.js';

/** A piece of a Joda-time pattern: `count` times the same letter, or text that stands for itself. */
export type PatternToken =
  | { readonly kind: 'field'; readonly letter: string; readonly count: number }
  | { readonly kind: 'text'; readonly text: string };

const LETTERS = 'GCYxweEyDMdaKhHkmsSzZ';

/**
 * Reads a Joda-time pattern. Text between quotes, and everything that is no letter, stands for
 * itself; two quotes are one quote; a quote that is never closed quotes the rest.
 * Throws UserError for a letter that means nothing.
 */
export function parsePattern(pattern: string, field: string): PatternToken[] {
  const tokens: PatternToken[] = [];
  for (const [piece] of pattern.matchAll(/([A-Za-z])\1*|'(?:[^']|'')*(?:'|$)|[^A-Za-z']+/g)) {
    if (/^[A-Za-z]/.test(piece)) tokens.push(fieldToken(piece, pattern, field));
    else tokens.push({ kind: 'text', text: textOf(piece) });
  }
  return tokens;
}

function fieldToken(piece: string, pattern: string, field: string): PatternToken {
  const letter = piece.charAt(0);
  if (LETTERS.includes(letter)) return { kind: 'field', letter, count: piece.length };
  throw new UserError(
    `${field}: the pattern ${JSON.stringify(pattern)} has the letter "${letter}", which is no field; use the letters ${LETTERS}, and put text in single quotes`,
    'query',
    field,
  );
}

function textOf(piece: string): string {
  if (piece === "''") return "'";
  if (!piece.startsWith("'")) return piece;
  const closed = /^'(?:[^']|'')*'$/.test(piece);
  return piece.slice(1, closed ? -1 : undefined).replaceAll("''", "'");
}

/** True when the token prints nothing but digits, so that a number before it must know its own width. */
export function isNumeric(token: PatternToken | undefined): boolean {
  if (token === undefined || token.kind === 'text') return false;
  return token.letter === 'M' ? token.count <= 2 : 'CYxweyDdKhHkmsS'.includes(token.letter);
}

export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Monday first. */
export const WEEKDAYS: readonly string[] = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
];

/** `Jan`, `Mon`. */
export const short = (name: string): string => name.slice(0, 3);
