import { UserError } from '../../core/index.js';
import { freeNames, type Node } from './ast.js';
import { type Expression, parseExpression } from './expression.js';
import { printNode } from './print.js';

/** A value of a row on the left that has to equal a column on the right. */
export interface JoinKey {
  readonly left: Expression;
  /** Without the prefix. */
  readonly right: string;
  /** `notdistinctfrom`: two nulls are the same. */
  readonly nullsMatch: boolean;
}

/** When rows of two sides belong together: where all keys are equal, unless they never do. */
export interface JoinCondition {
  readonly keys: readonly JoinKey[];
  readonly isNever: boolean;
}

/**
 * Reads the condition of a join: equalities joined by `&&`, each between an expression over the left side and a column of the right
 * one, whose names begin with `prefix`; constants stand for always and never.
 */
export function parseJoinCondition(text: unknown, prefix: string, field: string): JoinCondition {
  const keys: JoinKey[] = [];
  let isNever = false;
  for (const part of conjuncts(parseExpression(text, field).tree)) {
    if (part.kind === 'literal') isNever ||= !isTrue(part.value);
    else keys.push(keyOf(part, prefix, field));
  }
  return { keys, isNever };
}

const conjuncts = (node: Node): Node[] =>
  node.kind === 'binary' && node.operator === '&&'
    ? [...conjuncts(node.left), ...conjuncts(node.right)]
    : [node];

const isTrue = (value: unknown): boolean =>
  typeof value === 'string' ? value.toLowerCase() === 'true' : Number(value ?? 0) !== 0;

function keyOf(node: Node, prefix: string, field: string): JoinKey {
  const sides = sidesOf(node);
  for (const [left, right] of sides === null ? [] : [sides.both, [...sides.both].reverse()]) {
    const isRight = right?.kind === 'identifier' && right.name.startsWith(prefix);
    if (!isRight || [...freeNames(left!)].some((name) => name.startsWith(prefix))) continue;
    return {
      left: parseExpression(printNode(left!), field),
      right: right.name.slice(prefix.length),
      nullsMatch: sides!.nullsMatch,
    };
  }
  throw new UserError(
    `${field}: want equalities joined by &&, each of an expression over the left side and a column that begins with ${JSON.stringify(prefix)}; ` +
      `got ${printNode(node)}; test other conditions in the query's filter`,
    'query',
    field,
  );
}

function sidesOf(node: Node): { both: readonly Node[]; nullsMatch: boolean } | null {
  if (node.kind === 'binary' && node.operator === '==')
    return { both: [node.left, node.right], nullsMatch: false };
  if (node.kind === 'call' && node.name === 'notdistinctfrom')
    return { both: node.args, nullsMatch: true };
  return null;
}
