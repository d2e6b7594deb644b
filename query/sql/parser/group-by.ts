import type { ExpressionNode, GroupItemNode } from './ast.js';
import type { TokenStream } from './token-stream.js';

/** CUBE of n expressions makes 2^n sets. */
const MAX_CUBE = 10;

/** The list behind GROUP BY. */
export function parseGroupBy(tokens: TokenStream): GroupItemNode[] {
  if (tokens.accept('(', ')')) return [];
  return tokens.list(() => parseGroupItem(tokens));
}

function parseGroupItem(tokens: TokenStream): GroupItemNode {
  const { position } = tokens.peek();
  if (tokens.accept('GROUPING', 'SETS', '(')) {
    const sets = tokens.list(() => parseSets(tokens)).flat();
    tokens.expect(')');
    return { kind: 'groupingSets', sets, position };
  }
  if (tokens.at('ROLLUP') || tokens.at('CUBE')) {
    return { kind: 'groupingSets', sets: parseSets(tokens), position };
  }
  return tokens.expression();
}

/** One element of GROUPING SETS: `(a, b)`, `a`, `()`, `ROLLUP (…)` or `CUBE (…)`. */
function parseSets(tokens: TokenStream): ExpressionNode[][] {
  if (tokens.accept('ROLLUP')) {
    const parts = parseParts(tokens);
    return Array.from({ length: parts.length + 1 }, (_, i) =>
      parts.slice(0, parts.length - i).flat(),
    );
  }
  if (tokens.accept('CUBE')) return cube(tokens, parseParts(tokens));
  return [parsePart(tokens)];
}

function cube(tokens: TokenStream, parts: ExpressionNode[][]): ExpressionNode[][] {
  if (parts.length > MAX_CUBE) throw tokens.unexpected(`at most ${MAX_CUBE} expressions in CUBE`);
  const count = 1 << parts.length;
  // The full set first, then ever fewer, as the standard lists them.
  return Array.from({ length: count }, (_, i) =>
    parts.filter((__, at) => ((count - 1 - i) >> (parts.length - 1 - at)) & 1).flat(),
  );
}

function parseParts(tokens: TokenStream): ExpressionNode[][] {
  tokens.expect('(');
  const parts = tokens.list(() => parsePart(tokens));
  tokens.expect(')');
  return parts;
}

function parsePart(tokens: TokenStream): ExpressionNode[] {
  if (tokens.accept('(', ')')) return [];
  const expression = tokens.expression();
  return expression.kind === 'row' ? [...expression.elements] : [expression];
}
