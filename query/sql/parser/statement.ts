import type { Long } from '../../../core/index.js';
import { sqlError } from '../position.js';
import type { StatementNode } from './ast.js';
import { parseExpression, parseOperand } from './expression.js';
import { parseName } from './names.js';
import { parseQuery } from './query.js';
import { type Grammar, TokenStream } from './token-stream.js';

const GRAMMAR: Grammar = {
  expression: parseExpression,
  operand: parseOperand,
  query: parseQuery,
};

/**
 * Parses one statement: `[SET key = value; …] [EXPLAIN PLAN FOR] query [;]`.
 * Throws UserError 'sqlParse' with the place; UnsupportedError for grammar that is known and not built.
 */
export function parseStatement(text: string): StatementNode {
  const tokens = new TokenStream(text, GRAMMAR);
  const context = parseSettings(tokens);
  const explain = tokens.accept('EXPLAIN', 'PLAN', 'FOR');
  refuseOthers(tokens);
  const query = tokens.query();
  while (tokens.accept(';'));
  if (tokens.peek().kind !== 'end') throw tokens.unexpected('the end of the statement');
  return { explain, query, context, parameterCount: tokens.parameterCount };
}

function parseSettings(tokens: TokenStream): Map<string, string | Long | boolean | null> {
  const settings = new Map<string, string | Long | boolean | null>();
  while (tokens.accept('SET')) {
    const key = parseName(tokens, 'the name of a setting');
    tokens.expect('=');
    const value = tokens.expression();
    if (value.kind !== 'literal') {
      throw sqlError('sqlParse', `SET ${key} wants a literal`, value.position);
    }
    settings.set(key, value.value);
    tokens.expect(';');
  }
  return settings;
}

/** Statements that are no queries: refused with what to do instead. */
function refuseOthers(tokens: TokenStream): void {
  const { upper, position } = tokens.peek();
  if (upper === 'INSERT' || upper === 'REPLACE') {
    throw sqlError(
      'sqlPlan',
      `${upper} is not supported here; submit an ingestion task to /druid/indexer/v1/task instead`,
      position,
    );
  }
  if (!['SELECT', 'WITH', 'VALUES', '('].includes(upper)) {
    throw tokens.unexpected('SELECT, WITH, VALUES or EXPLAIN PLAN FOR');
  }
}
