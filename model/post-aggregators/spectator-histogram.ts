import { z } from 'zod';
import { asSpectator } from '../sketch-values/operands.js';
import { readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator } from './post-aggregator.js';
import { ofSketch } from './sketch-operand.js';

/** A number, or a text of one. */
const percentileSpec = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .transform(Number),
    ],
    {
      error: 'want a number',
    },
  )
  .refine((value) => value >= 0 && value <= 100, { error: 'want a percentile from 0 to 100' });

const PercentileSchema = z.object({ percentile: percentileSpec });

export const readSpectatorPercentile: SpecReader<PostAggregator> = (json, field, parse) => {
  const { percentile } = readSpec(PercentileSchema, json, field);
  return ofSketch(
    { json, field, parse },
    asSpectator,
    'DOUBLE',
    (histogram) => histogram.percentiles([percentile])[0]!,
  );
};

const PercentilesSchema = z.object({
  percentiles: z.array(percentileSpec, { error: 'want a list' }).min(1, 'must not be empty'),
});

export const readSpectatorPercentiles: SpecReader<PostAggregator> = (json, field, parse) => {
  const { percentiles } = readSpec(PercentilesSchema, json, field);
  return ofSketch({ json, field, parse }, asSpectator, 'ARRAY<DOUBLE>', (histogram) =>
    histogram.percentiles(percentiles),
  );
};

export const readSpectatorCount: SpecReader<PostAggregator> = (json, field, parse) =>
  ofSketch({ json, field, parse }, asSpectator, 'LONG', ({ count }) => count);
