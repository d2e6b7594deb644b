import { LONG_MIN, longSubtract } from '../../core/index.js';
import type { ArrayType, Scalar, ScalarType } from '../types.js';
import {
  type BinaryOperator,
  childrenOf,
  type ExprType,
  type LambdaNode,
  type LiteralNode,
  type Node,
  type UnaryOperator,
} from './ast.js';
import { SyntaxProblem, type Token, tokenize } from './lexer.js';

/** How the parser asks about functions: throws SyntaxProblem when there is none of this name. */
export type FunctionResolver = (name: string, at: number) => ResolvedFunction;

export interface ResolvedFunction {
  readonly name: string;
  /** True when the first argument is a lambda. */
  readonly takesLambda: boolean;
}

/** Deeper trees are refused, so that no walk over one can exhaust the stack. */
const MAX_DEPTH = 1000;

/** The body of a fold may be compiled once for each type its accumulator grows into, at every level. */
const MAX_LAMBDAS = 8;

/** Levels of binding, loosest first. All are left associative but `^`. */
const BINDING: ReadonlyMap<string, number> = new Map([
  ['&&', 1],
  ['||', 1],
  ...['<', '<=', '>', '>=', '==', '!='].map((operator) => [operator, 2] as const),
  ...['+', '-'].map((operator) => [operator, 3] as const),
  ...['*', '/', '%'].map((operator) => [operator, 4] as const),
  ['^', 5],
]);

/**
 * Parses expression text. The grammar, tightest first; unary operators bind tighter than `^`, and
 * `&&` and `||` share one level:
 *
 *     unary    = ("-" | "!") unary | primary
 *     binary   = unary { operator unary }          levels in BINDING
 *     primary  = "(" binary ")" | name | name "(" [ lambda "," ] [ binary { "," binary } ] ")" | literal
 *     lambda   = name "->" binary | "(" [ name { "," name } ] ")" "->" binary
 *     literal  = long | double | string | "null" | array
 *     array    = [ [ "ARRAY" ] "<" type ">" ] "[" [ scalar { "," scalar } ] "]"
 *
 * Throws SyntaxProblem.
 */
export function parseText(text: string, resolve: FunctionResolver): Node {
  return new Parser(tokenize(text), resolve).parse();
}

class Parser {
  #next = 0;
  #nesting = 0;
  #lambdas = 0;
  readonly #depths = new WeakMap<Node, number>();

  constructor(
    private readonly tokens: readonly Token[],
    private readonly resolve: FunctionResolver,
  ) {}

  parse(): Node {
    const node = this.#binary(1);
    if (this.#peek().kind !== 'end') this.#fail('an operator or the end');
    return node;
  }

  #binary(level: number): Node {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const binding = token.kind === 'symbol' ? BINDING.get(token.value) : undefined;
      if (binding === undefined || binding < level) return left;
      this.#next++;
      const operator = (token as { value: string }).value as BinaryOperator;
      const right = this.#binary(operator === '^' ? binding : binding + 1);
      left = this.#checked({ kind: 'binary', operator, left, right });
    }
  }

  #unary(): Node {
    const operator = (['-', '!'] as const).find((symbol) => this.#is(symbol));
    if (operator === undefined) return this.#primary();
    this.#next++;
    if (operator === '-' && this.#takeSmallest()) return literal('LONG', LONG_MIN);
    const operand = this.#nested(() => this.#unary());
    return this.#checked(applyUnary(operator, operand));
  }

  /** The digits of 2^63, which are a LONG only behind a minus sign. */
  #takeSmallest(): boolean {
    const token = this.#peek();
    const found = token.kind === 'long' && token.value === -LONG_MIN;
    if (found) this.#next++;
    return found;
  }

  #primary(): Node {
    const token = this.#peek();
    switch (token.kind) {
      case 'identifier':
        return this.#name(token);
      case 'symbol': {
        if (token.value === '[' || token.value === '<') return this.#array();
        if (token.value !== '(') break;
        this.#next++;
        const inner = this.#nested(() => this.#binary(1));
        this.#expect(')');
        return inner;
      }
      case 'end':
        break;
      default:
        return this.#scalar();
    }
    return this.#fail('a value');
  }

  #name(token: Extract<Token, { kind: 'identifier' }>): Node {
    if (!token.quoted && token.value === 'null') return this.#scalar();
    if (!token.quoted && this.#startsArrayType()) return this.#array();
    this.#next++;
    if (!this.#is('(')) return { kind: 'identifier', name: token.value };
    const { name, takesLambda } = this.resolve(token.value, token.at);
    this.#next++;
    return this.#nested(() => this.#call(name, takesLambda));
  }

  #call(name: string, takesLambda: boolean): Node {
    let lambda: LambdaNode | null = null;
    const args: Node[] = [];
    if (takesLambda) {
      lambda = this.#lambda();
    } else if (!this.#is(')')) {
      args.push(this.#binary(1));
    }
    while (!this.#is(')')) {
      this.#expect(',', 'a comma or a closing parenthesis');
      args.push(this.#binary(1));
    }
    this.#next++;
    return this.#checked({ kind: 'call', name, lambda, args });
  }

  #lambda(): LambdaNode {
    const parameters: string[] = [];
    if (this.#is('(')) {
      this.#next++;
      while (!this.#is(')')) {
        if (parameters.length > 0) this.#expect(',');
        parameters.push(this.#parameter());
      }
      this.#next++;
    } else {
      parameters.push(this.#parameter());
    }
    this.#expect('->', 'a lambda such as (x) -> x + 1 as the first argument');
    if (++this.#lambdas > MAX_LAMBDAS)
      this.#fail(`at most ${MAX_LAMBDAS} lambdas inside one another`);
    const body = this.#binary(1);
    this.#lambdas--;
    return { parameters, body };
  }

  #parameter(): string {
    const token = this.#peek();
    if (token.kind !== 'identifier') return this.#fail('a lambda such as (x) -> x + 1');
    this.#next++;
    return token.value;
  }

  /** `ARRAY < type > [` rather than a column called ARRAY that is compared. */
  #startsArrayType(): boolean {
    const word = this.#peek();
    if (word.kind !== 'identifier' || word.value.toUpperCase() !== 'ARRAY') return false;
    return this.#is('<', 1) && this.#is('>', 3) && this.#is('[', 4);
  }

  #array(): LiteralNode {
    if (this.#peek().kind === 'identifier') this.#next++;
    const declared = this.#is('<') ? this.#elementType() : null;
    this.#expect('[');
    const elements: LiteralNode[] = [];
    while (!this.#is(']')) {
      if (elements.length > 0) this.#expect(',');
      elements.push(this.#scalar());
    }
    this.#next++;
    const { at } = this.#peek();
    return arrayLiteral(elements, declared, at);
  }

  #elementType(): ScalarType {
    this.#next++;
    const token = this.#peek();
    const type = token.kind === 'identifier' ? token.value.toUpperCase() : '';
    if (type !== 'STRING' && type !== 'LONG' && type !== 'DOUBLE') {
      return this.#fail('STRING, LONG or DOUBLE');
    }
    this.#next++;
    this.#expect('>');
    return type;
  }

  #scalar(): LiteralNode {
    const token = this.#peek();
    const start = this.#next++;
    if (token.kind === 'long') {
      if (token.value !== 'too large' && token.value !== -LONG_MIN) {
        return literal('LONG', token.value);
      }
      throw new SyntaxProblem(
        'the number does not fit a 64-bit LONG; write it as a double',
        token.at,
      );
    }
    if (token.kind === 'double') return literal('DOUBLE', token.value);
    if (token.kind === 'string') return literal('STRING', token.value);
    if (token.kind === 'identifier' && token.value === 'null') return literal(null, null);
    if (token.kind === 'symbol' && token.value === '-') {
      if (this.#takeSmallest()) return literal('LONG', LONG_MIN);
      const negated = applyUnary('-', this.#scalar());
      if (negated.kind === 'literal') return negated;
    }
    this.#next = start;
    return this.#fail('a literal; array(…) takes computed elements');
  }

  #peek(): Token {
    return this.tokens[this.#next]!;
  }

  #is(symbol: string, ahead = 0): boolean {
    const token = this.tokens[this.#next + ahead];
    return token?.kind === 'symbol' && token.value === symbol;
  }

  #expect(symbol: string, wanted = `'${symbol}'`): void {
    if (!this.#is(symbol)) this.#fail(wanted);
    this.#next++;
  }

  #fail(wanted: string): never {
    const token = this.#peek();
    const got = token.kind === 'end' ? 'the end' : showToken(token);
    throw new SyntaxProblem(`want ${wanted}, got ${got}`, token.at);
  }

  #nested<T>(read: () => T): T {
    this.#nesting++;
    if (this.#nesting > MAX_DEPTH) this.#tooDeep();
    const result = read();
    this.#nesting--;
    return result;
  }

  /** Chains such as a + b + … are read in a loop but stand deep in the tree. */
  #checked(node: Node): Node {
    const below = childrenOf(node).map((child) => this.#depths.get(child) ?? 0);
    const depth = Math.max(0, ...below) + 1;
    if (depth > MAX_DEPTH) this.#tooDeep();
    this.#depths.set(node, depth);
    return node;
  }

  #tooDeep(): never {
    throw new SyntaxProblem(`more than ${MAX_DEPTH} levels; split it up`, this.#peek().at);
  }
}

const literal = (type: ExprType, value: Scalar): LiteralNode => ({ kind: 'literal', type, value });

function showToken(token: Token): string {
  return token.kind === 'end' ? 'the end' : `${token.kind} ${String(token.value)}`;
}

function applyUnary(operator: UnaryOperator, operand: Node): Node {
  if (operator === '-' && operand.kind === 'literal') {
    if (operand.type === 'LONG') return literal('LONG', longSubtract(0, operand.value as number));
    if (operand.type === 'DOUBLE') return literal('DOUBLE', -(operand.value as number));
  }
  return { kind: 'unary', operator, operand };
}

/** A mix of longs and doubles is a double array; an empty one without a type, and one of nulls, holds strings. */
function arrayLiteral(
  elements: readonly LiteralNode[],
  declared: ScalarType | null,
  at: number,
): LiteralNode {
  const types = new Set(elements.map(({ type }) => type).filter((type) => type !== null));
  const inferred =
    types.has('STRING') || types.size === 0 ? 'STRING' : types.has('DOUBLE') ? 'DOUBLE' : 'LONG';
  const element = declared ?? inferred;
  const fits = (type: ExprType) => type === element || (type === 'LONG' && element === 'DOUBLE');
  for (const type of types) {
    if (!fits(type))
      throw new SyntaxProblem(`a ${type} does not belong into an array of ${element}`, at);
  }
  const value = elements.map((node) => node.value as Scalar);
  return {
    kind: 'literal',
    type: `ARRAY<${element}>` as ArrayType,
    value: element === 'DOUBLE' ? value.map((x) => (x === null ? null : Number(x))) : value,
  };
}
