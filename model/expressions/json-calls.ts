import { parseJsonPath } from '../json/json-path.js';
import { pathColumn } from '../json/path-column.js';
import type { CallNode, Node } from './ast.js';

const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * The tree with calls of `json_value` on a column reading the column of their path instead: `json_value(x, '$.a', t)`
 * becomes `json_value(<$.a of x>, '$', t)`. Names that a lambda binds are no columns.
 */
export function withPathColumns(node: Node, bound: ReadonlySet<string> = NO_NAMES): Node {
  switch (node.kind) {
    case 'unary':
      return { ...node, operand: withPathColumns(node.operand, bound) };
    case 'binary': {
      const left = withPathColumns(node.left, bound);
      return { ...node, left, right: withPathColumns(node.right, bound) };
    }
    case 'call':
      return readingPath(callBelow(node, bound), bound);
    default:
      return node;
  }
}

function callBelow({ name, lambda, args }: CallNode, bound: ReadonlySet<string>): CallNode {
  return {
    kind: 'call',
    name,
    lambda:
      lambda === null
        ? null
        : {
            parameters: lambda.parameters,
            body: withPathColumns(lambda.body, new Set([...bound, ...lambda.parameters])),
          },
    args: args.map((arg) => withPathColumns(arg, bound)),
  };
}

function readingPath(call: CallNode, bound: ReadonlySet<string>): CallNode {
  const [column, path, ...rest] = call.args;
  if (call.name !== 'json_value' || column?.kind !== 'identifier' || bound.has(column.name)) {
    return call;
  }
  if (path?.kind !== 'literal' || typeof path.value !== 'string') return call;
  const name = pathColumn(column.name, parseJsonPath(path.value, 'json_value'));
  return {
    ...call,
    args: [{ kind: 'identifier', name }, { ...path, value: '$' }, ...rest],
  };
}
