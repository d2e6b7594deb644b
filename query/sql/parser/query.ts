import { UnsupportedError } from '../../../core/index.js';
import type {
  CommonTableNode,
  ExpressionNode,
  OrderItemNode,
  QueryNode,
  SelectItemNode,
  SelectNode,
  ValuesNode,
} from './ast.js';
import { parseFrom } from './from.js';
import { parseGroupBy } from './group-by.js';
import { parseAlias, parseColumnNames, parseName } from './names.js';
import type { TokenStream } from './token-stream.js';

/** `[WITH …] body [UNION ALL body …] [ORDER BY …] [LIMIT …] [OFFSET …]`. */
export function parseQuery(tokens: TokenStream): QueryNode {
  const { position } = tokens.peek();
  const withTables = tokens.accept('WITH') ? tokens.list(() => parseCommonTable(tokens)) : [];
  const body = parseUnion(tokens);
  const orderBy = tokens.accept('ORDER', 'BY') ? tokens.list(() => parseOrderItem(tokens)) : [];
  return { kind: 'query', with: withTables, body, orderBy, ...parseLimits(tokens), position };
}

function parseCommonTable(tokens: TokenStream): CommonTableNode {
  const { position } = tokens.peek();
  const name = parseName(tokens, 'a name for the WITH query');
  const columns = parseColumnNames(tokens);
  tokens.expect('AS', '(');
  const query = tokens.query();
  tokens.expect(')');
  return { name, columns, query, position };
}

function parseUnion(tokens: TokenStream): QueryNode['body'] {
  const { position } = tokens.peek();
  const queries = [parseBody(tokens)];
  for (;;) {
    if (tokens.at('EXCEPT') || tokens.at('INTERSECT') || tokens.at('MINUS')) {
      throw new UnsupportedError(`${tokens.peek().upper} is not supported; use IN or NOT IN`);
    }
    if (!tokens.accept('UNION')) break;
    if (!tokens.accept('ALL')) {
      throw new UnsupportedError(
        'UNION DISTINCT is not supported; use SELECT DISTINCT over UNION ALL',
      );
    }
    queries.push(parseBody(tokens));
  }
  if (queries.length === 1) return queries[0]!;
  const wrap = (body: QueryNode['body']): QueryNode =>
    body.kind === 'query'
      ? body
      : {
          kind: 'query',
          with: [],
          body,
          orderBy: [],
          limit: null,
          offset: null,
          position: body.position,
        };
  return { kind: 'union', queries: queries.map(wrap), position };
}

function parseBody(tokens: TokenStream): QueryNode['body'] {
  if (tokens.at('SELECT')) return parseSelect(tokens);
  if (tokens.at('VALUES')) return parseValues(tokens);
  if (!tokens.accept('(')) throw tokens.unexpected('SELECT, VALUES, WITH or (');
  const query = tokens.query();
  tokens.expect(')');
  return query;
}

function parseValues(tokens: TokenStream): ValuesNode {
  const { position } = tokens.take();
  const rows = tokens.list(() => {
    const row = tokens.expression();
    return row.kind === 'row' ? row.elements : [row];
  });
  return { kind: 'values', rows, position };
}

function parseSelect(tokens: TokenStream): SelectNode {
  const { position } = tokens.take();
  const distinct = tokens.accept('DISTINCT');
  if (!distinct) tokens.accept('ALL');
  const items = tokens.list(() => parseSelectItem(tokens));
  const from = tokens.accept('FROM') ? parseFrom(tokens) : null;
  const where = tokens.accept('WHERE') ? tokens.expression() : null;
  const groupBy = tokens.accept('GROUP', 'BY') ? parseGroupBy(tokens) : null;
  const having = tokens.accept('HAVING') ? tokens.expression() : null;
  if (tokens.at('WINDOW') || tokens.at('QUALIFY')) {
    throw new UnsupportedError(`${tokens.peek().upper}: window functions are not supported`);
  }
  return { kind: 'select', distinct, items, from, where, groupBy, having, position };
}

function parseSelectItem(tokens: TokenStream): SelectItemNode {
  const { position } = tokens.peek();
  const expression = tokens.expression();
  return { expression, alias: parseAlias(tokens), position };
}

function parseOrderItem(tokens: TokenStream): OrderItemNode {
  const { position } = tokens.peek();
  const expression = tokens.expression();
  const descending = tokens.accept('DESC');
  if (!descending) tokens.accept('ASC');
  let nullsFirst: boolean | null = null;
  if (tokens.accept('NULLS')) {
    nullsFirst = tokens.accept('FIRST');
    if (!nullsFirst) tokens.expect('LAST');
  }
  return { expression, descending, nullsFirst, position };
}

interface Limits {
  readonly limit: ExpressionNode | null;
  readonly offset: ExpressionNode | null;
}

/** LIMIT n, LIMIT m, n, OFFSET m [ROWS], FETCH FIRST n ROWS ONLY, in any order. */
function parseLimits(tokens: TokenStream): Limits {
  let limit: ExpressionNode | null = null;
  let offset: ExpressionNode | null = null;
  for (;;) {
    if (limit === null && tokens.accept('LIMIT')) {
      if (tokens.accept('ALL')) continue;
      limit = tokens.expression();
      if (offset === null && tokens.accept(',')) {
        offset = limit;
        limit = tokens.expression();
      }
    } else if (offset === null && tokens.accept('OFFSET')) {
      offset = tokens.expression();
      if (!tokens.accept('ROWS')) tokens.accept('ROW');
    } else if (limit === null && tokens.accept('FETCH')) {
      if (!tokens.accept('NEXT')) tokens.expect('FIRST');
      limit = tokens.expression();
      if (!tokens.accept('ROWS')) tokens.expect('ROW');
      tokens.expect('ONLY');
    } else {
      return { limit, offset };
    }
  }
}
