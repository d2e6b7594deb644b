import { LONG_MIN } from '../../../core/index.js';
import type { Token } from '../lexer.js';
import type { Position } from '../position.js';
import type { ExpressionNode } from './ast.js';
import { parsePrimary } from './primary.js';
import type { TokenStream } from './token-stream.js';

/** Binding powers, loosest first. */
const OR = 1;
const AND = 2;
const NOT = 3;
const COMPARE = 4;
const ADD = 5;
const MULTIPLY = 6;
const UNARY = 7;

const BINARY: ReadonlyMap<string, number> = new Map([
  ['OR', OR],
  ['AND', AND],
  ['=', COMPARE],
  ['<>', COMPARE],
  ['!=', COMPARE],
  ['<', COMPARE],
  ['<=', COMPARE],
  ['>', COMPARE],
  ['>=', COMPARE],
  ['+', ADD],
  ['-', ADD],
  ['||', ADD],
  ['*', MULTIPLY],
  ['/', MULTIPLY],
  ['%', MULTIPLY],
]);

/** A whole expression. */
export function parseExpression(tokens: TokenStream): ExpressionNode {
  return parseAbove(tokens, 0);
}

/** An expression that may stand before or after a comparison: no comparison, IN, AND or OR outside brackets. */
export function parseOperand(tokens: TokenStream): ExpressionNode {
  return parseAbove(tokens, COMPARE);
}

/** An expression of operators that bind tighter than `power` (Pratt's method). */
function parseAbove(tokens: TokenStream, power: number): ExpressionNode {
  let left = parsePrefix(tokens);
  for (;;) {
    const operator = tokens.peek();
    const binding = operator.kind === 'quoted' ? undefined : BINARY.get(operator.upper);
    if (binding !== undefined) {
      if (binding <= power) return left;
      tokens.take();
      const right = parseAbove(tokens, binding);
      left = operation(operator, left, right);
      continue;
    }
    if (COMPARE <= power) return left;
    const next = parsePredicate(tokens, left);
    if (next === null) return left;
    left = next;
  }
}

/** `a AND b AND c` is one node: long chains must not make deep trees. */
function operation(token: Token, left: ExpressionNode, right: ExpressionNode): ExpressionNode {
  const operator = token.upper === '!=' ? '<>' : token.upper;
  const chained = operator === 'AND' || operator === 'OR';
  if (chained && left.kind === 'operator' && left.operator === operator) {
    left.operands.push(right);
    return left;
  }
  return { kind: 'operator', operator, operands: [left, right], position: token.position };
}

function parsePrefix(tokens: TokenStream): ExpressionNode {
  const { position } = tokens.peek();
  if (tokens.accept('NOT')) {
    const operand = tokens.nested(() => parseAbove(tokens, NOT));
    return { kind: 'operator', operator: 'NOT', operands: [operand], position };
  }
  if (tokens.accept('+')) return tokens.nested(() => parseAbove(tokens, UNARY));
  if (tokens.accept('-')) {
    if (tokens.peek().text === LEAST_LONG_DIGITS) return leastLong(tokens, position);
    const operand = tokens.nested(() => parseAbove(tokens, UNARY));
    return { kind: 'operator', operator: '-', operands: [operand], position };
  }
  return parseSubscripts(tokens, parsePrimary(tokens));
}

/** The digits of -2^63, which do not fit 64 bits without their sign. */
const LEAST_LONG_DIGITS = '9223372036854775808';

function leastLong(tokens: TokenStream, position: Position): ExpressionNode {
  tokens.take();
  return { kind: 'literal', type: 'integer', value: LONG_MIN, position };
}

/** `array[1]`: counted from 1. */
function parseSubscripts(tokens: TokenStream, operand: ExpressionNode): ExpressionNode {
  let node = operand;
  while (tokens.at('[')) {
    const { position } = tokens.take();
    const index = tokens.expression();
    tokens.expect(']');
    node = {
      kind: 'call',
      name: 'ARRAY_ORDINAL',
      distinct: false,
      operands: [node, index],
      filter: null,
      position,
    };
  }
  return node;
}

/** IS …, [NOT] BETWEEN, IN, LIKE after `operand`; null when none follows. */
function parsePredicate(tokens: TokenStream, operand: ExpressionNode): ExpressionNode | null {
  if (tokens.at('IS')) return parseIs(tokens, operand);
  const { position } = tokens.peek();
  const negated = tokens.at('NOT');
  const keyword = tokens.peek(negated ? 1 : 0).upper;
  if (keyword !== 'BETWEEN' && keyword !== 'IN' && keyword !== 'LIKE') return null;
  if (negated) tokens.take();
  tokens.take();
  if (keyword === 'IN') {
    return { kind: 'in', negated, operand, among: parseInList(tokens), position };
  }
  if (keyword === 'LIKE') {
    const pattern = parseOperand(tokens);
    const escapedBy = tokens.accept('ESCAPE') ? parseOperand(tokens) : null;
    return { kind: 'like', negated, operand, pattern, escapedBy, position };
  }
  const symmetric = tokens.accept('SYMMETRIC');
  if (!symmetric) tokens.accept('ASYMMETRIC');
  const low = parseOperand(tokens);
  tokens.expect('AND');
  const high = parseOperand(tokens);
  return { kind: 'between', negated, symmetric, operand, low, high, position };
}

function parseInList(tokens: TokenStream) {
  tokens.expect('(');
  const among = atQuery(tokens) ? tokens.query() : tokens.list(() => tokens.expression());
  tokens.expect(')');
  return among;
}

const atQuery = (tokens: TokenStream): boolean =>
  tokens.at('SELECT') || tokens.at('WITH') || tokens.at('VALUES');

function parseIs(tokens: TokenStream, operand: ExpressionNode): ExpressionNode {
  const { position } = tokens.take();
  const negated = tokens.accept('NOT');
  if (tokens.accept('DISTINCT', 'FROM')) {
    const right = parseOperand(tokens);
    return { kind: 'distinctFrom', negated, left: operand, right, position };
  }
  const test = tokens.peek().upper;
  if (test === 'NULL' || test === 'TRUE' || test === 'FALSE' || test === 'UNKNOWN') {
    tokens.take();
    return { kind: 'is', negated, operand, test: test === 'UNKNOWN' ? 'NULL' : test, position };
  }
  throw tokens.unexpected('NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM');
}
