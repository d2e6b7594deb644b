import { elementType, isArrayType, isComplexType, type Scalar, type Value } from '../../types.js';
import type { ExprType } from '../ast.js';
import { arrayOf, asArray, asTruth, coerced, commonType } from '../coerce.js';
import { forEachCombination, type Operand, operand } from '../operand.js';
import {
  type ApplyDefinition,
  type BoundLambda,
  callError,
  defineApply,
  type Lambda,
  nameOf,
} from './definition.js';
import { applying } from './work.js';

/** Functions that apply a lambda to the elements of arrays. A null array gives null. */

type List = readonly Scalar[];

/** More combinations than this are refused. */
const MAX_COMBINATIONS = 1_000_000;

const elementTypes = (args: readonly Operand[]): ExprType[] =>
  args.map(({ type }) => (type === null ? null : elementType(arrayOf(type))));

/** The type of the arrays that hold what a lambda gives. */
function arrayOfResults(name: string, { body }: BoundLambda): ExprType {
  if (body.type !== null && (isArrayType(body.type) || isComplexType(body.type))) {
    throw callError(name, `needs a lambda that gives scalars, got ${body.type}`);
  }
  return arrayOf(body.type);
}

/** Calls `visit` with the slots set to each combination, the last array moving fastest; false when an array is null. */
function applyToEach(
  name: string,
  slots: BoundLambda['slots'],
  arrays: readonly (() => List | null)[],
  visit: () => void,
): boolean {
  const lists: List[] = [];
  let combinations = 1;
  for (const read of arrays) {
    const list = read();
    if (list === null) return false;
    lists.push(list);
    combinations *= list.length;
  }
  if (combinations > MAX_COMBINATIONS) {
    throw callError(
      name,
      `has ${combinations} combinations, at most ${MAX_COMBINATIONS} are allowed`,
    );
  }
  applying(name, combinations, () => forEachCombination(lists, slots, visit));
  return true;
}

function compileMap(name: string, lambda: Lambda, args: readonly Operand[]): Operand {
  const bound = lambda.bind(elementTypes(args));
  const arrays = args.map(asArray);
  const { get } = bound.body;
  return operand(arrayOfResults(name, bound), () => {
    const results: Scalar[] = [];
    const push = () => results.push(get() as Scalar);
    return applyToEach(name, bound.slots, arrays, push) ? results : null;
  });
}

/** The accumulator has the type that both its start and what the lambda makes of it fit. */
function bindFold(
  lambda: Lambda,
  elements: readonly ExprType[],
  start: ExprType,
): BoundLambda & { type: ExprType } {
  let type = start;
  for (;;) {
    const bound = lambda.bind([...elements, type]);
    const wider = commonType([type, bound.body.type]);
    if (wider === type) return { ...bound, type };
    type = wider;
  }
}

function compileFold(name: string, lambda: Lambda, args: readonly Operand[]): Operand {
  const arrayArgs = args.slice(0, -1);
  const start = args[args.length - 1]!;
  const bound = bindFold(lambda, elementTypes(arrayArgs), start.type);
  const arrays = arrayArgs.map(asArray);
  const initial = coerced(start, bound.type).get;
  const next = coerced(bound.body, bound.type).get;
  const accumulator = bound.slots[bound.slots.length - 1]!;
  return operand(bound.type, () => {
    accumulator.value = initial();
    const fold = () => {
      accumulator.value = next();
    };
    return applyToEach(name, bound.slots, arrays, fold) ? accumulator.value : null;
  });
}

/** Tests the elements one by one until one gives `decisive`, then 1 for true; otherwise the contrary. */
const deciding = (usage: string, doc: string, decisive: boolean): ApplyDefinition =>
  defineApply({
    usage,
    doc,
    takesArray: () => true,
    lambdaArity: () => 1,
    compile: (lambda, [array]) => {
      const { slots, body } = lambda.bind(elementTypes([array!]));
      const list = asArray(array!);
      const truth = asTruth(body);
      return operand('LONG', () => {
        const elements = list();
        if (elements === null) return null;
        const isDecided = (element: Scalar) => {
          slots[0]!.value = element;
          return (truth() === true) === decisive;
        };
        const isFound = applying(nameOf(usage), elements.length, () => elements.some(isDecided));
        return Number(isFound === decisive);
      });
    },
  });

const FILTER = defineApply({
  usage: 'filter(lambda, array)',
  doc: 'the elements for which the lambda is true',
  takesArray: () => true,
  lambdaArity: () => 1,
  compile: (lambda, [array]) => {
    const { slots, body } = lambda.bind(elementTypes([array!]));
    const list = asArray(array!);
    const truth = asTruth(body);
    return operand(arrayOf(array!.type), (): Value => {
      const elements = list();
      if (elements === null) return null;
      const isKept = (element: Scalar) => {
        slots[0]!.value = element;
        return truth() === true;
      };
      return applying('filter', elements.length, () => elements.filter(isKept));
    });
  },
});

export const APPLY_FUNCTIONS: readonly ApplyDefinition[] = [
  defineApply({
    usage: 'map(lambda, array)',
    doc: 'what the lambda makes of each element',
    takesArray: () => true,
    lambdaArity: () => 1,
    lifted: 'cartesian_map',
    compile: (lambda, args) => compileMap('map', lambda, args),
  }),
  defineApply({
    usage: 'cartesian_map(lambda, array, …)',
    doc: 'what the lambda makes of each combination of elements, the last array moving fastest',
    takesArray: () => true,
    lambdaArity: (argCount) => argCount,
    lifted: 'cartesian_map',
    compile: (lambda, args) => compileMap('cartesian_map', lambda, args),
  }),
  FILTER,
  defineApply({
    usage: 'fold(lambda, array, start)',
    doc: 'the accumulator after lambda(element, accumulator) on each element',
    takesArray: (index) => index === 0,
    lambdaArity: () => 2,
    lifted: 'cartesian_fold',
    compile: (lambda, args) => compileFold('fold', lambda, args),
  }),
  defineApply({
    usage: 'cartesian_fold(lambda, array, start, …)',
    doc: 'fold over each combination of elements; the start comes last',
    takesArray: (index, literals) => index < literals.length - 1,
    lambdaArity: (argCount) => argCount,
    lifted: 'cartesian_fold',
    compile: (lambda, args) => compileFold('cartesian_fold', lambda, args),
  }),
  deciding('any(lambda, array)', '1 where the lambda is true for an element', true),
  deciding('all(lambda, array)', '1 where the lambda is true for all elements', false),
];
