import { childrenOf, type LiteralNode, type Node } from './ast.js';

/** Where a call of `lookup` has its name. */
const NAME_INDEX = 1;

/** The names of lookups in an expression, as they are written. */
export function lookupNames(node: Node): string[] {
  const own = nameNode(node);
  return [...(own === null ? [] : [String(own.value)]), ...childrenOf(node).flatMap(lookupNames)];
}

/** The tree with other names of lookups. */
export function renameLookups(node: Node, rename: (name: string) => string): Node {
  const below = (child: Node): Node => renameLookups(child, rename);
  switch (node.kind) {
    case 'literal':
    case 'identifier':
      return node;
    case 'unary':
      return { ...node, operand: below(node.operand) };
    case 'binary':
      return { ...node, left: below(node.left), right: below(node.right) };
    case 'call': {
      const own = nameNode(node);
      const args = node.args.map((arg) =>
        arg === own ? { ...own, value: rename(String(own.value)) } : below(arg),
      );
      const { lambda } = node;
      return { ...node, args, lambda: lambda && { ...lambda, body: below(lambda.body) } };
    }
  }
}

function nameNode(node: Node): LiteralNode | null {
  if (node.kind !== 'call' || node.name !== 'lookup') return null;
  const arg = node.args[NAME_INDEX];
  return arg?.kind === 'literal' && typeof arg.value === 'string' ? arg : null;
}
