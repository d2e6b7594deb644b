import { z } from 'zod';
import { asTDigest } from '../sketch-values/operands.js';
import { readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator } from './post-aggregator.js';
import { fractionSpec, ofSketch } from './sketch-operand.js';

const QuantileSchema = z.object({ fraction: fractionSpec });

export const readTDigestQuantile: SpecReader<PostAggregator> = (json, field, parse) => {
  const { fraction } = readSpec(QuantileSchema, json, field);
  return ofSketch({ json, field, parse }, asTDigest, 'DOUBLE', (digest) =>
    digest.quantile(fraction),
  );
};

const QuantilesSchema = z.object({ fractions: z.array(fractionSpec, { error: 'want a list' }) });

export const readTDigestQuantiles: SpecReader<PostAggregator> = (json, field, parse) => {
  const { fractions } = readSpec(QuantilesSchema, json, field);
  return ofSketch({ json, field, parse }, asTDigest, 'ARRAY<DOUBLE>', (digest) =>
    fractions.map((fraction) => digest.quantile(fraction)),
  );
};
