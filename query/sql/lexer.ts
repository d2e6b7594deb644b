import { type Position, sqlError } from './position.js';

/**
 * One token of SQL text.
 *
 *   word       an unquoted identifier or keyword: `text` as written, `upper` in capitals
 *   quoted     a "quoted" identifier, `""` undone
 *   string     a 'string', `''` undone (also U&'\00F6')
 *   integer    digits        decimal  digits with a point        double  with an exponent
 *   symbol     an operator or punctuation mark
 *   parameter  ?
 *   end        behind the last token; `text` is empty
 */
export interface Token {
  readonly kind:
    | 'word'
    | 'quoted'
    | 'string'
    | 'integer'
    | 'decimal'
    | 'double'
    | 'symbol'
    | 'parameter'
    | 'end';
  readonly text: string;
  readonly upper: string;
  readonly position: Position;
}

const SPACE = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const SYMBOL = /<>|!=|<=|>=|\|\||=>|[-+*/%(),.;=<>[\]:{}]/y;
const QUOTED = /"((?:[^"]|"")*)"/y;
const STRING = /'((?:[^']|'')*)'/y;
const UNICODE_STRING = /[uU]&'((?:[^']|'')*)'/y;

/** Splits SQL text into tokens, the last of kind `end`. Throws UserError 'sqlParse' for text that is no token. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  const locate = lineLocator(text);
  let offset = skipSpace(text, 0);
  while (offset < text.length) {
    const position = locate(offset);
    const { token, end } = readToken(text, offset, position);
    tokens.push(token);
    offset = skipSpace(text, end);
  }
  tokens.push({ kind: 'end', text: '', upper: '', position: locate(text.length) });
  return tokens;
}

function skipSpace(text: string, offset: number): number {
  return offset + (match(SPACE, text, offset)?.[0].length ?? 0);
}

function match(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

interface Read {
  readonly token: Token;
  readonly end: number;
}

function readToken(text: string, offset: number, position: Position): Read {
  const make = (kind: Token['kind'], value: string, length: number, upper = ''): Read => ({
    token: { kind, text: value, upper, position },
    end: offset + length,
  });
  const unicode = match(UNICODE_STRING, text, offset);
  if (unicode !== null) {
    return make('string', unescapeUnicode(undouble(unicode[1]!, "'"), position), unicode[0].length);
  }
  const word = match(WORD, text, offset)?.[0];
  if (word !== undefined) return make('word', word, word.length, word.toUpperCase());
  const string = match(STRING, text, offset);
  if (string !== null) return make('string', undouble(string[1]!, "'"), string[0].length);
  const quoted = match(QUOTED, text, offset);
  if (quoted !== null) return make('quoted', undouble(quoted[1]!, '"'), quoted[0].length);
  const number = match(NUMBER, text, offset)?.[0];
  if (number !== undefined) return make(numberKind(number), number, number.length);
  if (text[offset] === '?') return make('parameter', '?', 1);
  const symbol = match(SYMBOL, text, offset)?.[0];
  if (symbol !== undefined) return make('symbol', symbol, symbol.length, symbol);
  throw lexicalError(text, offset, position);
}

function lexicalError(text: string, offset: number, position: Position): Error {
  const open = text[offset]!;
  if (open === "'" || open === '"') {
    const what = open === "'" ? 'string' : 'quoted identifier';
    return sqlError('sqlParse', `The ${what} that starts here has no closing ${open}`, position);
  }
  return sqlError('sqlParse', `Lexical error: unexpected character [${open}]`, position);
}

const undouble = (body: string, quote: string): string => body.replaceAll(quote + quote, quote);

function numberKind(text: string): 'integer' | 'decimal' | 'double' {
  if (/[eE]/.test(text)) return 'double';
  return text.includes('.') ? 'decimal' : 'integer';
}

/** Undoes `\00F6`, `\+01F600` and `\\` of a U&'' string. */
function unescapeUnicode(body: string, position: Position): string {
  return body.replace(/\\(\\|\+[0-9a-fA-F]{6}|[0-9a-fA-F]{4}|)/g, (_, code: string) => {
    if (code === '') throw sqlError('sqlParse', "Bad escape in a U&'' string", position);
    if (code === '\\') return code;
    return String.fromCodePoint(Number.parseInt(code.replace('+', ''), 16));
  });
}

/** Offsets to lines and columns; asked in ascending order, so it walks the text once. */
function lineLocator(text: string): (offset: number) => Position {
  let line = 1;
  let lineStart = 0;
  let seen = 0;
  return (offset) => {
    for (; seen < offset; seen++) {
      if (text.charCodeAt(seen) === 10) {
        line++;
        lineStart = seen + 1;
      }
    }
    return { line, column: offset - lineStart + 1 };
  };
}
