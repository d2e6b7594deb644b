import { z } from 'zod';
import { frequencyHash } from '../../sketches/index.js';
import { asCountMin } from '../sketch-values/operands.js';
import { readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator } from './post-aggregator.js';
import { ofSketch } from './sketch-operand.js';

const Schema = z.object({
  value: z.union([z.string(), z.number(), z.bigint()], { error: 'want a text or a number' }),
});

/** How often a value came: never too few. */
export const readFrequency: SpecReader<PostAggregator> = (json, field, parse) => {
  const hash = frequencyHash(readSpec(Schema, json, field).value);
  return ofSketch({ json, field, parse }, asCountMin, 'LONG', (sketch) => sketch.estimate(hash));
};
