import { z } from 'zod';
import { doubleToLong, type Long } from '../../core/index.js';
import { toDouble } from '../aggregators/number-input.js';
import { compareNumbers, compareValues } from '../ordering.js';
import { finalisedOperand } from '../result-row-source.js';
import { distinct, optionalText, parseEach, readSpec, type SpecReader } from '../spec.js';
import type { Value } from '../types.js';
import type { PostAggregator } from './post-aggregator.js';

const Schema = z.object({
  name: optionalText,
  fields: z.array(z.unknown(), { error: 'want a list' }).min(1, 'want at least one field'),
});

type NumberType = 'LONG' | 'DOUBLE';

const toNumber: Record<NumberType, (value: Value) => Long | null> = {
  DOUBLE: toDouble,
  LONG(value) {
    if (typeof value === 'bigint') return value;
    const double = toDouble(value);
    return double === null ? null : doubleToLong(double);
  },
};

/** The largest or smallest of some fields; nulls are skipped, null when there is nothing else. */
export const readExtreme =
  (type: NumberType, which: 'greatest' | 'least'): SpecReader<PostAggregator> =>
  (json, field, parse) => {
    const { name, fields } = readSpec(Schema, json, field);
    const operands = parseEach(fields, `${field}.fields`, parse);
    const sign = which === 'greatest' ? 1 : -1;
    return {
      name: name ?? '',
      spec: json,
      inputs: distinct(operands.flatMap(({ inputs }) => inputs)),
      resultType: () => type,
      compile(types) {
        const compiled = operands.map((operand) => finalisedOperand(operand.compile(types)));
        return (row) => {
          let best: Long | null = null;
          for (const operand of compiled) {
            const value = toNumber[type](operand(row));
            if (value === null) continue;
            if (best === null || sign * compareNumbers(value, best) > 0) best = value;
          }
          return best;
        };
      },
      compare: compareValues(type),
    };
  };
