import type { Value } from '../../types.js';
import { asTruth, coerced, commonType } from '../coerce.js';
import type { Operand } from '../operand.js';
import { comparison } from '../operators.js';
import { define, type FunctionDefinition } from './definition.js';

/** Choices, tests for null and three-valued truth. */

const typeOf = (operands: readonly Operand[]) => commonType(operands.map(({ type }) => type));

/** The operands, converted to the type they share. */
function alike(operands: readonly Operand[]): (() => Value)[] {
  const type = typeOf(operands);
  return operands.map((operand) => coerced(operand, type).get);
}

/** A test of the first argument that is never unknown. */
const test = (
  usage: string,
  doc: string,
  holds: (arg: Operand) => () => boolean,
): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: () => 'LONG',
    compile: (args) => {
      const matches = holds(args[0]!);
      return () => Number(matches());
    },
  });

const truthTest = (usage: string, doc: string, holds: (truth: boolean | null) => boolean) =>
  test(usage, doc, (arg) => {
    const truth = asTruth(arg);
    return () => holds(truth());
  });

/** Equality in which null equals null. */
function sameness([left, right]: readonly Operand[]): () => boolean {
  const equals = comparison('==', left!, right!);
  return () => equals() ?? (left!.get() === null && right!.get() === null);
}

/** The results among the arguments of a case: from `first` on every second one, and the last when it is an else. */
function branchesOf(args: readonly Operand[], first: number): readonly Operand[] {
  return args.filter((_, i) => i >= first && ((i - first) % 2 === 0 || i === args.length - 1));
}

/** The result of the first condition that holds. */
function choose(
  conditions: readonly (() => boolean | null)[],
  results: readonly (() => Value)[],
): () => Value {
  return () => {
    for (let i = 0; i < conditions.length; i++) if (conditions[i]!() === true) return results[i]!();
    return results.length > conditions.length ? results[conditions.length]!() : null;
  };
}

const firstKnown = (usage: string, doc: string): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: typeOf,
    compile: (args) => {
      const values = alike(args);
      return () => {
        for (const read of values) {
          const value = read();
          if (value !== null) return value;
        }
        return null;
      };
    },
  });

export const CONDITION_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'if(condition, then, else)',
    doc: 'then where the condition is true, else otherwise',
    resultType: ([, ...branches]) => typeOf(branches),
    compile: ([condition, ...branches]) => choose([asTruth(condition!)], alike(branches)),
  }),
  define({
    usage: 'case_searched(condition, result, …)',
    doc: 'the result after the first condition that is true; a last argument without partner is the else, null by default',
    resultType: (args) => typeOf(branchesOf(args, 1)),
    compile: (args) => {
      const conditions = args.filter((_, i) => i % 2 === 0 && i < args.length - 1);
      return choose(conditions.map(asTruth), alike(branchesOf(args, 1)));
    },
  }),
  define({
    usage: 'case_simple(x, value, result, …)',
    doc: 'the result after the first value that equals x; a last argument without partner is the else, null by default',
    resultType: (args) => typeOf(branchesOf(args, 2)),
    compile: (args) => {
      const values = args.filter((_, i) => i % 2 === 1 && i < args.length - 1);
      const conditions = values.map((value) => comparison('==', args[0]!, value));
      return choose(conditions, alike(branchesOf(args, 2)));
    },
  }),
  firstKnown('nvl(x, y)', 'x, or y where x is null'),
  firstKnown('coalesce(x, …)', 'the first argument that is not null'),
  test(
    'isnull(x)',
    '1 for null, else 0',
    ({ get }) =>
      () =>
        get() === null,
  ),
  test(
    'notnull(x)',
    '0 for null, else 1',
    ({ get }) =>
      () =>
        get() !== null,
  ),
  truthTest('istrue(x)', '1 where x is true, else 0', (truth) => truth === true),
  truthTest('isfalse(x)', '1 where x is false, else 0', (truth) => truth === false),
  truthTest('nottrue(x)', '1 where x is false or unknown, else 0', (truth) => truth !== true),
  truthTest('notfalse(x)', '1 where x is true or unknown, else 0', (truth) => truth !== false),
  define({
    usage: 'isdistinctfrom(x, y)',
    doc: '1 where x and y differ, null being a value like any other',
    resultType: () => 'LONG',
    compile: (args) => {
      const same = sameness(args);
      return () => Number(!same());
    },
  }),
  define({
    usage: 'notdistinctfrom(x, y)',
    doc: '1 where x and y are the same, null being a value like any other',
    resultType: () => 'LONG',
    compile: (args) => {
      const same = sameness(args);
      return () => Number(same());
    },
  }),
];
