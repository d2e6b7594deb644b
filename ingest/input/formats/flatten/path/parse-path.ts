import { TextCursor } from '../text-cursor.js';
import { isFunction } from './functions.js';
import { parseLiteral, readQuoted, readRegex } from './literals.js';
import type { Operand, Path, PathFunction, Step, Test } from './steps.js';

/** A name behind a point. */
const NAME = /[^.[\]()\s'"*=<>!&|,][^.[\]()\s=<>!&|,]*/y;
const INDEX = /-?\d{1,15}/y;

/** Longer ones first, so that `<=` is not taken for `<`. */
const OPERATORS =
  /===|==|=~|!==|!=|<>|<=|<|>=|>|(?:in|nin|subsetof|anyof|noneof|size|empty|contains)(?![\w$])/iy;

/**
 * Reads a JSONPath in Jayway's dialect: `$.a['b c'][0][-1][1:3][*]..x[?(@.n > 1)].length()`. Throws UserError naming `field`
 * for what is none.
 */
export function parsePath(text: string, field: string): Path {
  const cursor = new TextCursor(text, field, 'a JSONPath');
  cursor.expect('$');
  const path = parseSteps(cursor);
  if (!cursor.isEnd) throw cursor.fail('it should end here');
  return path;
}

/** The steps behind `$` or `@`, as far as they go. */
function parseSteps(cursor: TextCursor): Path {
  const steps: Step[] = [];
  for (;;) {
    if (cursor.accept('..')) {
      steps.push({ kind: 'scan' });
      if (cursor.next === '[') continue;
    } else if (!cursor.accept('.')) {
      if (cursor.next !== '[') return { steps, call: null };
      steps.push(parseBrackets(cursor));
      continue;
    }
    if (cursor.accept('*')) {
      steps.push({ kind: 'all' });
      continue;
    }
    const start = cursor.at;
    const [name] = cursor.match(NAME) ?? [];
    if (name === undefined) throw cursor.fail('want a name, "*" or "["');
    if (cursor.next !== '(') steps.push({ kind: 'keys', keys: [name] });
    else {
      if (!isFunction(name)) {
        cursor.at = start;
        throw cursor.fail(`there is no function ${JSON.stringify(name)}`);
      }
      return { steps, call: parseCall(cursor, name) };
    }
  }
}

function parseCall(cursor: TextCursor, name: string): PathFunction {
  cursor.expect('(');
  const operands = [];
  cursor.skipBlanks();
  while (!cursor.accept(')')) {
    if (operands.length > 0) cursor.expect(',');
    operands.push(parseOperand(cursor));
    cursor.skipBlanks();
  }
  return { name, arguments: operands };
}

function parseBrackets(cursor: TextCursor): Step {
  cursor.expect('[');
  cursor.skipBlanks();
  const step = parseInside(cursor);
  cursor.skipBlanks();
  cursor.expect(']');
  return step;
}

function parseInside(cursor: TextCursor): Step {
  if (cursor.accept('*')) return { kind: 'all' };
  if (cursor.accept('?')) {
    cursor.skipBlanks();
    cursor.expect('(');
    const test = parseTest(cursor);
    cursor.skipBlanks();
    cursor.expect(')');
    return { kind: 'filter', test };
  }
  if (cursor.next === "'" || cursor.next === '"') {
    return { kind: 'keys', keys: listOf(cursor, readQuoted) };
  }
  const start = readIndex(cursor);
  cursor.skipBlanks();
  if (cursor.accept(':')) {
    cursor.skipBlanks();
    return { kind: 'slice', start, end: readIndex(cursor) };
  }
  if (start === null) throw cursor.fail('want a name in quotes, an index, a slice, "*" or "?("');
  const others = cursor.accept(',') ? listOf(cursor, wantIndex) : [];
  return { kind: 'indexes', indexes: [start, ...others] };
}

function listOf<T>(cursor: TextCursor, read: (cursor: TextCursor) => T): T[] {
  const list: T[] = [];
  do {
    cursor.skipBlanks();
    list.push(read(cursor));
    cursor.skipBlanks();
  } while (cursor.accept(','));
  return list;
}

function readIndex(cursor: TextCursor): number | null {
  const [digits] = cursor.match(INDEX) ?? [];
  return digits === undefined ? null : Number(digits);
}

function wantIndex(cursor: TextCursor): number {
  const index = readIndex(cursor);
  if (index === null) throw cursor.fail('want an index');
  return index;
}

/** `a || b && !c`, as far as it goes. */
function parseTest(cursor: TextCursor): Test {
  return joined(cursor, 'or', '||', () => joined(cursor, 'and', '&&', () => parseOne(cursor)));
}

function joined(cursor: TextCursor, kind: 'or' | 'and', sign: string, read: () => Test): Test {
  const tests = [read()];
  for (;;) {
    cursor.skipBlanks();
    if (!cursor.accept(sign)) return tests.length === 1 ? tests[0]! : { kind, tests };
    tests.push(read());
  }
}

function parseOne(cursor: TextCursor): Test {
  cursor.skipBlanks();
  if (cursor.accept('!')) return { kind: 'not', test: parseOne(cursor) };
  if (cursor.accept('(')) {
    const test = parseTest(cursor);
    cursor.skipBlanks();
    cursor.expect(')');
    return test;
  }
  const left = parseOperand(cursor);
  cursor.skipBlanks();
  const [operator] = cursor.match(OPERATORS) ?? [];
  if (operator === undefined) return { kind: 'exists', operand: left };
  return { kind: 'compare', operator: operator.toLowerCase(), left, right: parseOperand(cursor) };
}

/** A path, a literal, a list or a regular expression. */
function parseOperand(cursor: TextCursor): Operand {
  cursor.skipBlanks();
  const { next } = cursor;
  if (next === '@' || next === '$') {
    cursor.at++;
    return { kind: 'path', isFromRecord: next === '$', path: parseSteps(cursor) };
  }
  if (next === '/') return { kind: 'regex', regex: readRegex(cursor) };
  return { kind: 'literal', value: parseLiteral(cursor) };
}
