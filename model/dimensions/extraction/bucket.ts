import { z } from 'zod';
import { formatDouble } from '../../../core/index.js';
import { parseDouble } from '../../decimal.js';
import { readSpec } from '../../spec.js';
import type { ExtractionReader } from './extraction-fn.js';

const decimal = (whenAbsent: number) =>
  z
    .union([
      z.number(),
      z
        .string()
        .transform(Number)
        .pipe(z.number({ error: 'want a number' })),
    ])
    .nullish()
    .transform((value) => value ?? whenAbsent);
const Schema = z.object({
  size: decimal(1).refine((size) => size > 0, { error: 'want a number above 0' }),
  offset: decimal(0),
});

/** Rounds numbers down to a multiple of `size` counted from `offset`; null for what is no number. */
export const readBucket: ExtractionReader = (json, field) => {
  const { size, offset } = readSpec(Schema, json, field);
  return {
    spec: json,
    apply(value) {
      if (value === null) return null;
      const number = typeof value === 'string' ? parseDouble(value) : Number(value);
      if (number === null) return null;
      const start = Math.floor((number - offset) / size) * size + offset;
      return Number.isSafeInteger(start) ? String(start + 0) : formatDouble(start);
    },
  };
};
