import type { Long } from '../../core/index.js';
import { parseLong } from '../../core/index.js';

/** A piece of expression text; `at` is the offset of its first character. */
export type Token = { readonly at: number; readonly end: number } & (
  | { readonly kind: 'long'; readonly value: Long | 'too large' }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'identifier'; readonly value: string; readonly quoted: boolean }
  | { readonly kind: 'symbol'; readonly value: string }
  | { readonly kind: 'end' }
);

/** Where the text stops being an expression, and why. */
export class SyntaxProblem extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

const BLANK = /[ \t\r\n]*/y;
const NUMBER = /\d+(?:(\.\d*)?([eE][+-]?\d+)?)/y;
const WORD = /[_$a-zA-Z][_$a-zA-Z0-9]*/y;
const SYMBOL = /->|<=|>=|==|!=|&&|\|\||[-!^*/%+<>()[\],]/y;
const QUOTED: Readonly<Record<string, RegExp>> = {
  "'": /'([^'\\]*(?:\\[\s\S][^'\\]*)*)'/y,
  '"': /"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y,
};
const DOUBLE_WORDS = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
]);

/** Splits expression text into tokens, the last of which is `end`. Throws SyntaxProblem. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = skipBlank(text, 0);
  while (at < text.length) {
    const token = readToken(text, at);
    tokens.push(token);
    at = skipBlank(text, token.end);
  }
  tokens.push({ kind: 'end', at, end: at });
  return tokens;
}

const skipBlank = (text: string, at: number): number => at + matchAt(BLANK, text, at)![0].length;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function readToken(text: string, at: number): Token {
  const quote = text[at]!;
  if (quote === "'" || quote === '"') return readQuoted(text, at, quote);
  const number = matchAt(NUMBER, text, at);
  if (number !== null) return readNumber(number, at);
  const word = matchAt(WORD, text, at)?.[0];
  if (word !== undefined) {
    const end = at + word.length;
    const value = DOUBLE_WORDS.get(word);
    if (value !== undefined) return { kind: 'double', value, at, end };
    return { kind: 'identifier', value: word, quoted: false, at, end };
  }
  const symbol = matchAt(SYMBOL, text, at)?.[0];
  if (symbol !== undefined) return { kind: 'symbol', value: symbol, at, end: at + symbol.length };
  throw new SyntaxProblem(`unexpected character ${JSON.stringify(quote)}${hintFor(text, at)}`, at);
}

/** What people who write SQL or JavaScript meant. */
function hintFor(text: string, at: number): string {
  if (text[at] === '=') return '; equality is ==';
  if (text[at] === '&' || text[at] === '|') return '; the logical operators are && and ||';
  return text[at] === '?' ? '; there is no ternary, use if(condition, then, else)' : '';
}

function readNumber(match: RegExpExecArray, at: number): Token {
  const [digits, fraction, exponent] = match;
  const end = at + digits.length;
  if (fraction !== undefined || exponent !== undefined) {
    return { kind: 'double', value: Number(digits), at, end };
  }
  return { kind: 'long', value: parseLong(digits) ?? tooLarge(digits), at, end };
}

/** 2^63 itself is half of a number: behind a minus sign it is the smallest one. */
function tooLarge(digits: string): Long | 'too large' {
  return BigInt(digits) === 2n ** 63n ? 2n ** 63n : 'too large';
}

function readQuoted(text: string, at: number, quote: string): Token {
  const match = matchAt(QUOTED[quote]!, text, at);
  if (match === null) throw new SyntaxProblem(`the ${quote} is never closed`, at);
  const end = at + match[0].length;
  const value = resolveEscapes(match[1]!, at + 1);
  return quote === "'"
    ? { kind: 'string', value, at, end }
    : { kind: 'identifier', value, quoted: true, at, end };
}

const ESCAPES = new Map([
  ["'", "'"],
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function resolveEscapes(text: string, at: number): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (match, hex, letter, offset: number) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const plain = ESCAPES.get(letter);
    if (plain === undefined) {
      throw new SyntaxProblem(
        `unknown escape ${match}; a backslash itself is written \\\\`,
        at + offset,
      );
    }
    return plain;
  });
}
