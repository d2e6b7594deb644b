import { z } from 'zod';
import { toLong } from '../../core/index.js';
import { parseDouble, parseExactLong } from '../decimal.js';
import { compareNumbers } from '../ordering.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Value } from '../types.js';
import type { Having } from './having.js';

const numericText = z
  .string()
  .transform(numberIn)
  .refine((number) => number !== null, { error: 'want a number' });

const Schema = z.object({
  aggregation: nameSpec,
  value: z
    .union([z.number(), z.bigint().transform(toLong), numericText], {
      error: 'want a number',
    })
    .nullish(),
});

/** Compares an aggregator or post-aggregator with a number, exactly for 64-bit integers. Null equals null and is in no order. */
export const readComparison =
  (holds: (order: number) => boolean): SpecReader<Having> =>
  (json, field) => {
    const { aggregation, value } = readSpec(Schema, json, field);
    const wanted = value ?? null;
    return {
      spec: json,
      compile: () => (row) => {
        const value = row.value(aggregation);
        if (value === null || wanted === null) return value === wanted && holds(0);
        const got = numberOf(value);
        return got !== null && holds(compareNumbers(got, wanted));
      },
    };
  };

function numberOf(value: Value): number | bigint | null {
  if (typeof value === 'string') return numberIn(value);
  return typeof value === 'number' || typeof value === 'bigint' ? value : null;
}

function numberIn(text: string): number | bigint | null {
  return parseExactLong(text) ?? parseDouble(text);
}
