import { z } from 'zod';
import { castValue } from '../expressions/cast.js';
import { parseExpression } from '../expressions/expression.js';
import { outputTypeOf } from '../expressions/output-type.js';
import { ResultRowSource } from '../result-row-source.js';
import { nameSpec, optionalText, readSpec, type SpecReader } from '../spec.js';
import { orderingOf, orderingSpec } from './number-order.js';
import type { PostAggregator } from './post-aggregator.js';

const Schema = z.object({
  name: optionalText,
  expression: nameSpec,
  ordering: orderingSpec,
  outputType: optionalText,
});

/** An expression over the finalised fields of the row. */
export const readExpression: SpecReader<PostAggregator> = (json, field) => {
  const { name, expression, ordering, outputType: typeName } = readSpec(Schema, json, field);
  const outputType = typeName === null ? null : outputTypeOf(typeName, `${field}.outputType`);
  const parsed = parseExpression(expression, `${field}.expression`);
  return {
    name: name ?? '',
    spec: json,
    inputs: parsed.inputs,
    resultType: (types) => outputType ?? parsed.compile(new ResultRowSource(types)).type,
    compile(types) {
      const source = new ResultRowSource(types);
      const reader = parsed.compile(source);
      return (row) => {
        source.row = row;
        const value = reader.get();
        return outputType ? castValue(value, reader.type, outputType) : value;
      };
    },
    compare: orderingOf(ordering),
  };
};
