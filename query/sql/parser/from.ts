import { UnsupportedError } from '../../../core/index.js';
import type { FromNode, JoinNode } from './ast.js';
import { parseAlias, parseColumnNames, parseName } from './names.js';
import type { TokenStream } from './token-stream.js';

/** Everything behind FROM: tables, subqueries, joins and commas. */
export function parseFrom(tokens: TokenStream): FromNode {
  let left = parseSource(tokens);
  for (;;) {
    const { position } = tokens.peek();
    const type = parseJoinType(tokens);
    if (type === null) return left;
    const right = parseSource(tokens);
    const on = type !== 'CROSS' && tokens.accept('ON') ? tokens.expression() : null;
    if (type !== 'CROSS' && on === null) throw tokens.unexpected('ON');
    left = { kind: 'join', type, left, right, on, position };
  }
}

/** Takes the words of a join, or a comma; null when none is next. */
function parseJoinType(tokens: TokenStream): JoinNode['type'] | null {
  if (tokens.accept(',') || tokens.accept('CROSS', 'JOIN')) return 'CROSS';
  if (tokens.accept('JOIN') || tokens.accept('INNER', 'JOIN')) return 'INNER';
  for (const type of ['LEFT', 'RIGHT', 'FULL'] as const) {
    if (tokens.accept(type, 'OUTER', 'JOIN') || tokens.accept(type, 'JOIN')) return type;
  }
  if (tokens.at('NATURAL')) throw new UnsupportedError('NATURAL JOIN is not supported; write ON');
  return null;
}

function parseSource(tokens: TokenStream): FromNode {
  const { position } = tokens.peek();
  refuseExtensions(tokens);
  if (tokens.at('VALUES')) {
    const query = tokens.query();
    return { kind: 'derived', query, ...parseTableAlias(tokens), position };
  }
  if (!tokens.at('(')) {
    const path = [parseName(tokens, 'a table or (')];
    while (tokens.accept('.')) {
      const part = tokens.peek();
      path.push(part.kind === 'word' ? tokens.take().text : parseName(tokens, 'a table name'));
    }
    return { kind: 'table', path, ...parseTableAlias(tokens), position };
  }
  tokens.take();
  if (tokens.at('SELECT') || tokens.at('WITH') || tokens.at('VALUES') || tokens.at('(')) {
    const query = tokens.query();
    tokens.expect(')');
    return { kind: 'derived', query, ...parseTableAlias(tokens), position };
  }
  const inner = tokens.nested(() => parseFrom(tokens));
  tokens.expect(')');
  return inner;
}

function parseTableAlias(tokens: TokenStream) {
  const alias = parseAlias(tokens);
  const columns = alias === null ? null : parseColumnNames(tokens);
  if (tokens.at('PIVOT') || tokens.at('UNPIVOT')) refuseExtensions(tokens);
  return { alias, columns };
}

function refuseExtensions(tokens: TokenStream): void {
  const word = tokens.peek().upper;
  if (word === 'TABLE' || word === 'UNNEST' || word === 'PIVOT' || word === 'UNPIVOT') {
    throw new UnsupportedError(`${word} (…) in FROM is not supported`);
  }
}
