import { z } from 'zod';
import { hllTypeSpec, lgKSpec } from '../aggregators/hll-sketch.js';
import { hllBounds, hllEstimate, hllText, hllUnion } from '../sketch-values/hll.js';
import { asHll } from '../sketch-values/operands.js';
import { flagSpec, integerSpec, readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator } from './post-aggregator.js';
import { ofSketch, ofSketches } from './sketch-operand.js';

const EstimateSchema = z.object({ round: flagSpec(false) });

export const readHllEstimate: SpecReader<PostAggregator> = (json, field, parse) => {
  const { round } = readSpec(EstimateSchema, json, field);
  const type = round ? 'LONG' : 'DOUBLE';
  return ofSketch({ json, field, parse }, asHll, type, (sketch) => hllEstimate(sketch, round));
};

const BoundsSchema = z.object({
  numStdDev: integerSpec(1).refine((n) => n >= 1 && n <= 3, { error: 'want 1 to 3' }),
});

/** The estimate, a lower and an upper bound. */
export const readHllBounds: SpecReader<PostAggregator> = (json, field, parse) => {
  const { numStdDev } = readSpec(BoundsSchema, json, field);
  return ofSketch({ json, field, parse }, asHll, 'ARRAY<DOUBLE>', (sketch) =>
    hllBounds(sketch, numStdDev),
  );
};

const UnionSchema = z.object({ lgK: lgKSpec, tgtHllType: hllTypeSpec });

export const readHllUnion: SpecReader<PostAggregator> = (json, field, parse) => {
  const { lgK, tgtHllType } = readSpec(UnionSchema, json, field);
  return ofSketches({ json, field, parse }, asHll, 'COMPLEX<HLLSketch>', (sketches) =>
    hllUnion(lgK, tgtHllType, sketches),
  );
};

export const readHllToString: SpecReader<PostAggregator> = (json, field, parse) =>
  ofSketch({ json, field, parse }, asHll, 'STRING', hllText);
