import { type CallNode, freeNames, type IdentifierNode, type Node } from './ast.js';
import { FUNCTIONS } from './functions/registry.js';

/**
 * How an expression uses its columns. A multi-value column in a scalar position is mapped: the
 * expression is computed for each of its values. One that is used as an array anywhere is an array
 * everywhere.
 */

/** Whether a call takes its argument as an array. */
export function takesArray(call: CallNode, index: number): boolean {
  const definition = FUNCTIONS.get(call.name.toLowerCase());
  if (definition?.takesArray === undefined) return false;
  const literals = call.args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined));
  return definition.takesArray(index, literals);
}

/** The names that a call somewhere in the tree takes as an array. */
export function arrayNames(node: Node): Set<string> {
  return new Set(namesTakenAsArrays(node));
}

function* namesTakenAsArrays(node: Node): Iterable<string> {
  if (node.kind === 'unary') yield* namesTakenAsArrays(node.operand);
  if (node.kind === 'binary') {
    yield* namesTakenAsArrays(node.left);
    yield* namesTakenAsArrays(node.right);
  }
  if (node.kind !== 'call') return;
  for (const [index, arg] of node.args.entries()) {
    if (arg.kind === 'identifier' && takesArray(node, index)) yield arg.name;
    else yield* namesTakenAsArrays(arg);
  }
  if (node.lambda === null) return;
  for (const name of namesTakenAsArrays(node.lambda.body)) {
    if (!node.lambda.parameters.includes(name)) yield name;
  }
}

/** The names in scalar positions, but for those inside array arguments, which are mapped there. */
export function scalarNames(node: Node): Set<string> {
  return new Set(namesTakenAsScalars(node));
}

function* namesTakenAsScalars(node: Node): Iterable<string> {
  if (node.kind === 'identifier') yield node.name;
  if (node.kind === 'unary') yield* namesTakenAsScalars(node.operand);
  if (node.kind === 'binary') {
    yield* namesTakenAsScalars(node.left);
    yield* namesTakenAsScalars(node.right);
  }
  if (node.kind !== 'call') return;
  for (const [index, arg] of node.args.entries()) {
    if (!takesArray(node, index)) yield* namesTakenAsScalars(arg);
  }
  if (node.lambda === null) return;
  for (const name of namesTakenAsScalars(node.lambda.body)) {
    if (!node.lambda.parameters.includes(name)) yield name;
  }
}

/**
 * The tree with the multi-value columns that lambdas of map and fold use from outside made parameters
 * of their own: `map(x -> concat(x, tags), a)` becomes `cartesian_map((x, tags) -> concat(x, tags), a, tags)`.
 */
export function liftLambdas(node: Node, isMultiValue: (name: string) => boolean): Node {
  if (![...freeNames(node)].some(isMultiValue)) return node;
  const lift = (child: Node) => liftLambdas(child, isMultiValue);
  switch (node.kind) {
    case 'unary':
      return { ...node, operand: lift(node.operand) };
    case 'binary':
      return { ...node, left: lift(node.left), right: lift(node.right) };
    case 'call':
      return liftCall({ ...node, args: node.args.map(lift) }, isMultiValue);
    default:
      return node;
  }
}

function liftCall(call: CallNode, isMultiValue: (name: string) => boolean): CallNode {
  if (call.lambda === null) return call;
  const { parameters } = call.lambda;
  const isFreeMultiValue = (name: string) => !parameters.includes(name) && isMultiValue(name);
  const body = liftLambdas(call.lambda.body, isFreeMultiValue);
  const definition = FUNCTIONS.get(call.name.toLowerCase());
  const lifted = definition?.kind === 'apply' ? definition.lifted : undefined;
  const extra = [...scalarNames(body)].filter(isFreeMultiValue);
  if (lifted === undefined || extra.length === 0) return { ...call, lambda: { parameters, body } };
  const columns = extra.map((name): IdentifierNode => ({ kind: 'identifier', name }));
  // The accumulator of a fold and its start stay last.
  const kept = lifted === 'cartesian_fold' ? -1 : undefined;
  const insert = <T>(list: readonly T[], more: readonly T[]): T[] => [
    ...list.slice(0, kept),
    ...more,
    ...(kept === undefined ? [] : list.slice(kept)),
  ];
  return {
    kind: 'call',
    name: lifted,
    lambda: { parameters: insert(parameters, extra), body },
    args: insert<Node>(call.args, columns),
  };
}
