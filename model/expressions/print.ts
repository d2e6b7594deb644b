import { formatDouble } from '../../core/index.js';
import { elementType, isArrayType, type Scalar } from '../types.js';
import type { ExprType, LiteralNode, Node } from './ast.js';
import { quoteIdentifier, quoteString } from './quote.js';

/**
 * The canonical text: every operation in parentheses, every name quoted. Parsing it gives an equal
 * tree.
 */
export function printNode(node: Node): string {
  switch (node.kind) {
    case 'literal':
      return printLiteral(node);
    case 'identifier':
      return quoteIdentifier(node.name);
    case 'unary':
      return `${node.operator}${printNode(node.operand)}`;
    case 'binary':
      return `(${printNode(node.left)} ${node.operator} ${printNode(node.right)})`;
    case 'call': {
      const args = node.args.map(printNode);
      if (node.lambda !== null) {
        const parameters = node.lambda.parameters.map(quoteIdentifier).join(',');
        args.unshift(`(${parameters}) -> ${printNode(node.lambda.body)}`);
      }
      return `${node.name}(${args.join(',')})`;
    }
  }
}

function printLiteral({ type, value }: LiteralNode): string {
  if (!Array.isArray(value)) return printScalar(value as Scalar, type);
  const elements = (value as readonly Scalar[]).map((element) =>
    printScalar(element, type !== null && isArrayType(type) ? elementType(type) : null),
  );
  return `${type}[${elements.join(',')}]`;
}

function printScalar(value: Scalar, type: ExprType): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quoteString(value);
  return type === 'DOUBLE' ? formatDouble(Number(value)) : String(value);
}
