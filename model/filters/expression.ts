import { z } from 'zod';
import { parseExpression } from '../expressions/expression.js';
import { memoised } from '../rows.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Scalar } from '../types.js';
import { anyElement, unlessNull } from './column-filter.js';
import type { Filter } from './filter.js';

const Schema = z.object({ expression: nameSpec });

/**
 * Rows for which the expression is true: a number above zero, or the text `true`. A list (what an
 * expression over a multi-value column gives) is true when any element is; null is unknown.
 */
export const readExpression: SpecReader<Filter> = (json, field) => {
  const { expression } = readSpec(Schema, json, field);
  const parsed = parseExpression(expression, `${field}.expression`);
  return {
    spec: json,
    inputs: parsed.inputs,
    form: { kind: 'expression', expression: parsed },
    predicate: (source) => memoised(parsed.compile(source), isTrue),
  };
};

const isTrue = anyElement(
  unlessNull((value: Exclude<Scalar, null>) =>
    typeof value === 'string' ? value.toLowerCase() === 'true' : value > 0,
  ),
);
