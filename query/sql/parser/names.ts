import type { TokenStream } from './token-stream.js';

/** Words that never name a column, table or alias unless quoted: what the grammar itself needs. */
const RESERVED = new Set(
  `ALL AND ANY AS ASC BETWEEN BY CASE CAST CREATE CROSS CUBE DELETE DESC DISTINCT ELSE END ESCAPE EXCEPT
   EXISTS EXPLAIN EXTEND FALSE FETCH FILTER FOR FROM FULL GROUP HAVING IN INNER INSERT INTERSECT INTO IS JOIN
   LEFT LIKE LIMIT NATURAL NOT NULL OFFSET ON OR ORDER OVER PARTITION PIVOT QUALIFY REPLACE RIGHT ROLLUP
   SELECT SIMILAR SOME TABLE THEN TRUE UNION UNKNOWN UNNEST UNPIVOT UPDATE USING VALUES WHEN WHERE WINDOW
   WITH`.split(/\s+/),
);

/** Whether the next token can be a name. */
export function atName(tokens: TokenStream): boolean {
  const token = tokens.peek();
  return token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.upper));
}

export function parseName(tokens: TokenStream, what: string): string {
  if (!atName(tokens)) throw tokens.unexpected(what);
  return tokens.take().text;
}

/** `[AS] alias`, or null. After AS any unreserved word will do. */
export function parseAlias(tokens: TokenStream): string | null {
  if (tokens.accept('AS')) return parseName(tokens, 'an alias');
  return atName(tokens) ? tokens.take().text : null;
}

/** `(a, b, c)`, or null when there is no bracket. */
export function parseColumnNames(tokens: TokenStream): string[] | null {
  if (!tokens.accept('(')) return null;
  const names = tokens.list(() => parseName(tokens, 'a column name'));
  tokens.expect(')');
  return names;
}
