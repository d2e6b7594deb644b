import type { ArrayType, Scalar, ScalarType } from '../types.js';

/** What is known of a value before rows are seen; null when it can only be null. */
export type ExprType = ScalarType | ArrayType | `COMPLEX<${string}>` | null;

export type UnaryOperator = '-' | '!';
export type BinaryOperator =
  | '^'
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | '&&'
  | '||';

/** A constant. Never an operand of unary minus when it is a number: the parser takes the sign in. */
export interface LiteralNode {
  readonly kind: 'literal';
  readonly type: ExprType;
  readonly value: Scalar | readonly Scalar[];
}

/** A column, a lambda parameter or whatever the place of use puts in scope. */
export interface IdentifierNode {
  readonly kind: 'identifier';
  readonly name: string;
}

interface UnaryNode {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Node;
}

interface BinaryNode {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Node;
  readonly right: Node;
}

/** `name` is the canonical name of a function in the registry. `lambda` is there for apply functions only. */
export interface CallNode {
  readonly kind: 'call';
  readonly name: string;
  readonly lambda: LambdaNode | null;
  /** Without the lambda. */
  readonly args: readonly Node[];
}

export interface LambdaNode {
  readonly parameters: readonly string[];
  readonly body: Node;
}

export type Node = LiteralNode | IdentifierNode | UnaryNode | BinaryNode | CallNode;

/** The nodes directly below, the body of a lambda included. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'identifier':
      return [];
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'call':
      return node.lambda === null ? node.args : [node.lambda.body, ...node.args];
  }
}

const known = new WeakMap<Node, ReadonlySet<string>>();

/** The names a node reads from outside, in order of first use; lambda parameters are inside. */
export function freeNames(node: Node): ReadonlySet<string> {
  const cached = known.get(node);
  if (cached !== undefined) return cached;
  const names = new Set(node.kind === 'identifier' ? [node.name] : namesBelow(node));
  known.set(node, names);
  return names;
}

function* namesBelow(node: Node): Iterable<string> {
  for (const child of childrenOf(node)) {
    const bound = node.kind === 'call' && child === node.lambda?.body ? node.lambda.parameters : [];
    for (const name of freeNames(child)) if (!bound.includes(name)) yield name;
  }
}
