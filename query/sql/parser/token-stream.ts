import { type Token, tokenise } from '../lexer.js';
import { sqlError } from '../position.js';
import type { ExpressionNode, QueryNode } from './ast.js';

/** The mutually recursive parts of the grammar, tied together in `statement.ts`. */
export interface Grammar {
  expression(tokens: TokenStream): ExpressionNode;
  /** An expression without comparisons outside brackets. */
  operand(tokens: TokenStream): ExpressionNode;
  query(tokens: TokenStream): QueryNode;
}

/** Deeper nesting is refused, so that hostile text cannot exhaust the stack. */
const MAX_DEPTH = 200;

/** The tokens of a statement, read from the left. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;
  #parameterCount = 0;

  constructor(
    text: string,
    readonly grammar: Grammar,
  ) {
    this.#tokens = tokenise(text);
  }

  get parameterCount(): number {
    return this.#parameterCount;
  }

  nextParameter(): number {
    return this.#parameterCount++;
  }

  /** The token `ahead` places further on, without taking it. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#index++;
    return token;
  }

  /** Whether the next tokens are these keywords (capitals) or symbols. */
  at(...texts: string[]): boolean {
    return texts.every((text, i) => this.peek(i).upper === text);
  }

  /** Takes the keywords or symbols when they are next. */
  accept(...texts: string[]): boolean {
    if (!this.at(...texts)) return false;
    this.#index += texts.length;
    return true;
  }

  expect(...texts: string[]): void {
    for (const text of texts) if (!this.accept(text)) throw this.unexpected(text);
  }

  /** The error for the next token; `wanted` says what would have been right. */
  unexpected(wanted: string): Error {
    const token = this.peek();
    const got = token.kind === 'end' ? '<EOF>' : token.text;
    return sqlError(
      'sqlParse',
      `Received an unexpected token [${got}], want ${wanted}`,
      token.position,
    );
  }

  /** `item` separated by commas, one or more. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.accept(',')) items.push(item());
    return items;
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      throw sqlError('sqlParse', `Nested deeper than ${MAX_DEPTH} levels`, this.peek().position);
    }
    const node = parse();
    this.#depth--;
    return node;
  }

  expression(): ExpressionNode {
    return this.nested(() => this.grammar.expression(this));
  }

  operand(): ExpressionNode {
    return this.nested(() => this.grammar.operand(this));
  }

  query(): QueryNode {
    return this.nested(() => this.grammar.query(this));
  }
}
