import { z } from 'zod';
import { asMoments } from '../sketch-values/operands.js';
import { readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator } from './post-aggregator.js';
import { fractionSpec, ofSketch } from './sketch-operand.js';

const QuantilesSchema = z.object({ fractions: z.array(fractionSpec, { error: 'want a list' }) });

export const readMomentQuantiles: SpecReader<PostAggregator> = (json, field, parse) => {
  const { fractions } = readSpec(QuantilesSchema, json, field);
  return ofSketch({ json, field, parse }, asMoments, 'ARRAY<DOUBLE>', (sketch) =>
    sketch.quantiles(fractions),
  );
};

export const readMomentMin: SpecReader<PostAggregator> = (json, field, parse) =>
  ofSketch({ json, field, parse }, asMoments, 'DOUBLE', ({ min }) => min);

export const readMomentMax: SpecReader<PostAggregator> = (json, field, parse) =>
  ofSketch({ json, field, parse }, asMoments, 'DOUBLE', ({ max }) => max);
