import type { TokenStream } from './token-stream.js';

const INTERVAL_UNITS = new Set([
  'YEAR',
  'QUARTER',
  'MONTH',
  'WEEK',
  'DAY',
  'HOUR',
  'MINUTE',
  'SECOND',
]);

/** The units behind an interval's text: `DAY`, `DAYS`, `DAY(3) TO SECOND(3)`. */
export function parseIntervalUnits(tokens: TokenStream): { from: string; to: string | null } {
  const from = parseIntervalUnit(tokens);
  return { from, to: tokens.accept('TO') ? parseIntervalUnit(tokens) : null };
}

function parseIntervalUnit(tokens: TokenStream): string {
  const word = tokens.peek().upper;
  const unit = INTERVAL_UNITS.has(word) ? word : word.replace(/S$/, '');
  if (!INTERVAL_UNITS.has(unit))
    throw tokens.unexpected('YEAR, MONTH, DAY, HOUR, MINUTE or SECOND');
  tokens.take();
  parsePrecision(tokens);
  return unit;
}

/** A type name in capitals; precision is accepted and dropped; `ARRAY` may follow. */
export function parseTypeName(tokens: TokenStream): string {
  const token = tokens.peek();
  if (token.kind !== 'word') throw tokens.unexpected('a type name');
  tokens.take();
  let name = token.upper;
  if (name === 'DOUBLE') tokens.accept('PRECISION');
  if (name === 'CHARACTER') {
    name = tokens.accept('VARYING') ? 'VARCHAR' : 'CHAR';
  }
  parsePrecision(tokens);
  return tokens.accept('ARRAY') ? `${name} ARRAY` : name;
}

function parsePrecision(tokens: TokenStream): void {
  if (!tokens.accept('(')) return;
  do {
    if (tokens.peek().kind !== 'integer') throw tokens.unexpected('a number of digits');
    tokens.take();
  } while (tokens.accept(','));
  tokens.expect(')');
}
