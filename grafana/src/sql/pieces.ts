/**
 * Finds macro calls in a statement. Strings, quoted names and comments are opaque: what looks like a
 * macro in there is left alone.
 */

/** A run of SQL as it stands, or a call such as `$__timeGroup(__time, '5m')`. */
export type Piece = Text | MacroCall;

interface Text {
  readonly kind: 'text';
  readonly text: string;
}

interface MacroCall {
  readonly kind: 'macro';
  /** Without the `$__`. */
  readonly name: string;
  /** Trimmed source texts, which may hold macros themselves; none for `$__name` and `$__name()`. */
  readonly args: readonly string[];
}

/** A doubled quote ends one string and begins the next, so that it needs no case of its own. */
const OPAQUE = /'[^']*(?:'|$)|"[^"]*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const MACRO = /\$__(\w+)/y;

/** The text of `pattern` at `index`, or null. */
function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

/** The index behind the string, quoted name or comment at `index`, or behind one character. */
const tokenEnd = (sql: string, index: number): number =>
  index + (matchAt(OPAQUE, sql, index)?.[0].length ?? 1);

/** The pieces of a statement in order; texts and calls, read one after another, are the statement. */
export function piecesOf(sql: string): Piece[] {
  const pieces: Piece[] = [];
  let textStart = 0;
  let index = 0;
  while (index < sql.length) {
    const name = matchAt(MACRO, sql, index)?.[1];
    if (name === undefined) {
      index = tokenEnd(sql, index);
      continue;
    }
    if (index > textStart) pieces.push({ kind: 'text', text: sql.slice(textStart, index) });
    index += name.length + 3;
    const call = sql[index] === '(' ? argumentsAt(sql, index, name) : { args: [], end: index };
    pieces.push({ kind: 'macro', name, args: call.args });
    index = call.end;
    textStart = index;
  }
  if (textStart < sql.length) pieces.push({ kind: 'text', text: sql.slice(textStart) });
  return pieces;
}

/** Splits the list that opens at `open` at its own commas; `end` is the index behind its `)`. */
function argumentsAt(sql: string, open: number, name: string): { args: string[]; end: number } {
  const args: string[] = [];
  let depth = 1;
  let start = open + 1;
  let index = start;
  while (index < sql.length) {
    const char = sql[index] as string;
    if ('(['.includes(char)) depth++;
    if (')]'.includes(char)) depth--;
    if (depth === 0 || (depth === 1 && char === ',')) {
      args.push(sql.slice(start, index).trim());
      start = index + 1;
    }
    if (depth === 0) {
      return { args: args.length === 1 && args[0] === '' ? [] : args, end: index + 1 };
    }
    index = tokenEnd(sql, index);
  }
  throw new Error(`$__${name}( is never closed: a ) is missing`);
}
