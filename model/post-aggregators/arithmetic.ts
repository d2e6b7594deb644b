import { z } from 'zod';
import { toDouble } from '../aggregators/number-input.js';
import { finalisedOperand } from '../result-row-source.js';
import { distinct, optionalText, parseEach, readSpec, type SpecReader } from '../spec.js';
import { orderingOf, orderingSpec } from './number-order.js';
import type { PostAggregator } from './post-aggregator.js';

const OPERATORS = ['+', '-', '*', '/', 'quotient', 'pow'] as const;
type Operator = (typeof OPERATORS)[number];

const Schema = z.object({
  name: optionalText,
  fn: z.enum(OPERATORS, { error: `want one of ${OPERATORS.join(' ')}` }),
  fields: z.array(z.unknown(), { error: 'want a list' }).min(2, 'want at least two fields'),
  ordering: orderingSpec,
});

/** `/` by zero is 0, whatever is divided; `quotient` follows IEEE 754. */
const APPLY: Record<Operator, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? 0 : a / b),
  quotient: (a, b) => a / b,
  pow: (a, b) => a ** b,
};

/**
 * Doubles, from left to right; null as soon as an operand is. An operand that accesses an
 * unfinalised state counts with its finalised value, the only number a sketch has.
 */
export const readArithmetic: SpecReader<PostAggregator> = (json, field, parse) => {
  const { name, fn, fields, ordering } = readSpec(Schema, json, field);
  const operands = parseEach(fields, `${field}.fields`, parse);
  const apply = APPLY[fn];
  return {
    name: name ?? '',
    spec: json,
    inputs: distinct(operands.flatMap(({ inputs }) => inputs)),
    resultType: () => 'DOUBLE',
    compile(types) {
      const compiled = operands.map((operand) => finalisedOperand(operand.compile(types)));
      return (row) => {
        let result: number | null = null;
        for (const [index, operand] of compiled.entries()) {
          const value = toDouble(operand(row));
          if (value === null) return null;
          result = index === 0 ? value : apply(result as number, value);
        }
        return result;
      };
    },
    compare: orderingOf(ordering),
  };
};
