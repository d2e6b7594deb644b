import { parseLong } from '../../../core/index.js';
import type { Token } from '../lexer.js';
import { sqlError } from '../position.js';
import type { CaseNode, ExpressionNode, LiteralNode } from './ast.js';
import { parseCall } from './calls.js';
import { parseIntervalUnits, parseTypeName } from './literals.js';
import { atName, parseName } from './names.js';
import type { TokenStream } from './token-stream.js';

/** Functions that are written without brackets. */
const NILADIC = new Set([
  'CURRENT_TIMESTAMP',
  'CURRENT_DATE',
  'LOCALTIMESTAMP',
  'CURRENT_TIME',
  'LOCALTIME',
]);

/** Reserved words that are functions when a bracket follows. */
const RESERVED_FUNCTIONS = new Set(['LEFT', 'RIGHT', 'REPLACE', 'INSERT']);

/** An expression without operators around it. */
export function parsePrimary(tokens: TokenStream): ExpressionNode {
  const token = tokens.peek();
  switch (token.kind) {
    case 'string':
    case 'integer':
    case 'decimal':
    case 'double':
      return numberOrText(tokens.take());
    case 'parameter':
      tokens.take();
      return { kind: 'parameter', index: tokens.nextParameter(), position: token.position };
    case 'symbol':
      if (token.text === '(') return parseBrackets(tokens);
      if (token.text === '*') {
        tokens.take();
        return { kind: 'star', qualifier: [], position: token.position };
      }
      break;
    case 'word':
      return parseWord(tokens);
    case 'quoted':
      return parseIdentifier(tokens);
    case 'end':
      break;
  }
  throw tokens.unexpected('an expression');
}

function numberOrText(token: Token): LiteralNode {
  const { kind, text, position } = token;
  if (kind === 'string') return { kind: 'literal', type: 'string', value: text, position };
  if (kind !== 'integer')
    return { kind: 'literal', type: 'decimal', value: Number(text), position };
  const long = parseLong(text);
  if (long !== null) return { kind: 'literal', type: 'integer', value: long, position };
  throw sqlError('sqlParse', `Numeric literal [${text}] does not fit 64 bits`, position);
}

/** (expression), (a, b) or (SELECT …). */
function parseBrackets(tokens: TokenStream): ExpressionNode {
  const { position } = tokens.take();
  if (tokens.at('SELECT') || tokens.at('WITH')) {
    const query = tokens.query();
    tokens.expect(')');
    return { kind: 'subquery', query, position };
  }
  const elements = tokens.list(() => tokens.expression());
  tokens.expect(')');
  return elements.length === 1 ? elements[0]! : { kind: 'row', elements, position };
}

/** Whatever starts with an unquoted word: keyword forms, calls, names. */
function parseWord(tokens: TokenStream): ExpressionNode {
  const { upper, position } = tokens.peek();
  const next = tokens.peek(1);
  if (upper === 'NULL' || upper === 'TRUE' || upper === 'FALSE') {
    tokens.take();
    return upper === 'NULL'
      ? { kind: 'literal', type: 'null', value: null, position }
      : { kind: 'literal', type: 'boolean', value: upper === 'TRUE', position };
  }
  if (upper === 'CASE') return parseCase(tokens);
  if (upper === 'CAST' && next.upper === '(') return parseCast(tokens);
  if (upper === 'EXISTS' && next.upper === '(') return parseExists(tokens);
  if (upper === 'ARRAY' && next.upper === '[') return parseArray(tokens);
  if ((upper === 'TIMESTAMP' || upper === 'DATE') && next.kind === 'string') {
    tokens.take();
    return { kind: 'temporal', type: upper, text: tokens.take().text, position };
  }
  if (upper === 'INTERVAL' && (next.kind === 'string' || next.upper === '-')) {
    tokens.take();
    const sign = tokens.accept('-') ? '-' : '';
    if (tokens.peek().kind !== 'string') throw tokens.unexpected("the interval's text");
    const text = sign + tokens.take().text;
    return { kind: 'interval', text, ...parseIntervalUnits(tokens), position };
  }
  if (NILADIC.has(upper) && next.upper !== '(') {
    tokens.take();
    return { kind: 'call', name: upper, distinct: false, operands: [], filter: null, position };
  }
  if (next.upper === '(' && (atName(tokens) || RESERVED_FUNCTIONS.has(upper))) {
    return parseCall(tokens);
  }
  if (!atName(tokens)) throw tokens.unexpected('an expression');
  return parseIdentifier(tokens);
}

/** `column`, `table.column` or `table.*`. */
function parseIdentifier(tokens: TokenStream): ExpressionNode {
  const { position } = tokens.peek();
  const parts = [tokens.take().text];
  while (tokens.accept('.')) {
    if (tokens.accept('*')) return { kind: 'star', qualifier: parts, position };
    // After a point even a reserved word can only be a name.
    const part = tokens.peek();
    parts.push(part.kind === 'word' ? tokens.take().text : parseName(tokens, 'a column name'));
  }
  return { kind: 'identifier', parts, position };
}

function parseCase(tokens: TokenStream): CaseNode {
  const { position } = tokens.take();
  const operand = tokens.at('WHEN') ? null : tokens.expression();
  const branches = [];
  while (tokens.accept('WHEN')) {
    const when = tokens.expression();
    tokens.expect('THEN');
    branches.push({ when, result: tokens.expression() });
  }
  if (branches.length === 0) throw tokens.unexpected('WHEN');
  const otherwise = tokens.accept('ELSE') ? tokens.expression() : null;
  tokens.expect('END');
  return { kind: 'case', operand, branches, otherwise, position };
}

function parseCast(tokens: TokenStream): ExpressionNode {
  const { position } = tokens.take();
  tokens.expect('(');
  const operand = tokens.expression();
  tokens.expect('AS');
  const type = parseTypeName(tokens);
  tokens.expect(')');
  return { kind: 'cast', operand, type, position };
}

function parseExists(tokens: TokenStream): ExpressionNode {
  const { position } = tokens.take();
  tokens.expect('(');
  const query = tokens.query();
  tokens.expect(')');
  return { kind: 'exists', query, position };
}

function parseArray(tokens: TokenStream): ExpressionNode {
  const { position } = tokens.take();
  tokens.expect('[');
  const elements = tokens.at(']') ? [] : tokens.list(() => tokens.expression());
  tokens.expect(']');
  return { kind: 'array', elements, position };
}
