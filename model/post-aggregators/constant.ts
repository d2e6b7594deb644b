import { z } from 'zod';
import { toLong } from '../../core/index.js';
import { compareBy } from '../ordering.js';
import { optionalText, readSpec, type SpecReader } from '../spec.js';
import type { ValueType } from '../types.js';
import type { PostAggregator } from './post-aggregator.js';

const Schema = z.object({
  name: optionalText,
  value: z.union([z.number(), z.bigint().transform(toLong), z.string()], {
    error: 'want a number or a text',
  }),
});

/** A number or a text; whole numbers are LONG. */
export const readConstant: SpecReader<PostAggregator> = (json, field) => {
  const { name, value } = readSpec(Schema, json, field);
  const type = constantType(value);
  return {
    name: name ?? '',
    spec: json,
    inputs: [],
    resultType: () => type,
    compile: () => () => value,
    compare: compareBy('natural'),
  };
};

function constantType(value: string | number | bigint): ValueType {
  if (typeof value === 'string') return 'STRING';
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? 'LONG' : 'DOUBLE';
}
