import { compareText } from '../../../core/index.js';
import { compareNumbers } from '../../ordering.js';
import { isArrayType, isComplexType, type Value } from '../../types.js';
import type { ExprType } from '../ast.js';
import { coerced, commonType } from '../coerce.js';
import type { Operand } from '../operand.js';
import { define, type FunctionDefinition } from './definition.js';

/** `greatest` and `least`: nulls do not count; text among the arguments makes it an order of texts. */

function typeOf(args: readonly Operand[]): ExprType {
  const type = commonType(args.map((arg) => arg.type));
  return type !== null && (isArrayType(type) || isComplexType(type)) ? null : type;
}

const extreme = (usage: string, doc: string, sign: 1 | -1): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: typeOf,
    compile: (args) => {
      const type = typeOf(args);
      if (type === null) return () => null;
      const compare = (type === 'STRING' ? compareText : compareNumbers) as (
        a: Value,
        b: Value,
      ) => number;
      const values = args.map((arg) => coerced(arg, type).get);
      return () => {
        let best: Value = null;
        for (const read of values) {
          const value = read();
          if (value !== null && (best === null || compare(value, best) * sign > 0)) best = value;
        }
        return best;
      };
    },
  });

export const EXTREME_FUNCTIONS: readonly FunctionDefinition[] = [
  extreme('greatest([x], …)', 'the largest argument', 1),
  extreme('least([x], …)', 'the smallest argument', -1),
];
