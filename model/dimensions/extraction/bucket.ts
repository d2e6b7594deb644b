import { z } from 'zod';
import { formatDouble } from '../../../core/index.js';
import { parseDouble, parseExactLong } from '../../decimal.js';
import { readSpec } from '../../spec.js';
import type { Scalar } from '../../types.js';
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

/** Rounds numbers down to a multiple of `size` counted from `offset`, whole ones exactly; null for what is no number. */
export const readBucket: ExtractionReader = (json, field) => {
  const { size, offset } = readSpec(Schema, json, field);
  const isWhole = Number.isSafeInteger(size) && Number.isSafeInteger(offset);
  return {
    spec: json,
    apply(value) {
      const number = typeof value === 'string' ? parseDouble(value) : value;
      if (number === null) return null;
      const long = isWhole ? wholeNumber(value) : null;
      if (long !== null) return String(bucketOf(long, BigInt(size), BigInt(offset)));
      const start = Math.floor((Number(number) - offset) / size) * size + offset;
      return Number.isInteger(start) && Math.abs(start) < LONG_END
        ? String(BigInt(start))
        : formatDouble(start);
    },
  };
};

const LONG_END = 2 ** 63;

/** A 64-bit integer, also as text; null for other values. */
function wholeNumber(value: Scalar): bigint | null {
  const long = value === null ? null : parseExactLong(String(value));
  return long === null ? null : BigInt(long);
}

function bucketOf(value: bigint, size: bigint, offset: bigint): bigint {
  const beyond = (value - offset) % size;
  return value - beyond - (beyond < 0n ? size : 0n);
}
