import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { asQuantiles } from '../sketch-values/operands.js';
import {
  cumulativeOf,
  equalPoints,
  histogramOf,
  quantilesOf,
  quantilesText,
  rankOf,
} from '../sketch-values/quantiles.js';
import { integerSpec, readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator } from './post-aggregator.js';
import { fractionSpec, ofSketch } from './sketch-operand.js';

const number = z.number({ error: 'want a number' });

/** Split points: each greater than the one before. */
const points = z
  .array(number, { error: 'want a list of numbers' })
  .refine((list) => list.every((point, i) => i === 0 || point > list[i - 1]!), {
    error: 'want numbers, each greater than the one before',
  });

const QuantileSchema = z.object({ fraction: fractionSpec });

export const readQuantile: SpecReader<PostAggregator> = (json, field, parse) => {
  const wanted = readSpec(QuantileSchema, json, field).fraction;
  return ofSketch(
    { json, field, parse },
    asQuantiles,
    'DOUBLE',
    (sketch) => quantilesOf(sketch, [wanted])[0]!,
  );
};

const QuantilesSchema = z.object({ fractions: z.array(fractionSpec, { error: 'want a list' }) });

export const readQuantiles: SpecReader<PostAggregator> = (json, field, parse) => {
  const { fractions } = readSpec(QuantilesSchema, json, field);
  return ofSketch({ json, field, parse }, asQuantiles, 'ARRAY<DOUBLE>', (sketch) =>
    quantilesOf(sketch, fractions),
  );
};

const HistogramSchema = z.object({
  splitPoints: points.nullish(),
  numBins: integerSpec(10).refine((count) => count >= 2 && count <= 1_000_000, {
    error: 'want at least 2 bins, a million at most',
  }),
});

/** How many items are in each bin: between the split points, or of the whole range in bins of one width. */
export const readHistogram: SpecReader<PostAggregator> = (json, field, parse) => {
  const { splitPoints, numBins } = readSpec(HistogramSchema, json, field);
  if (splitPoints && typeof json.numBins === 'number') {
    const path = `${field}.splitPoints`;
    throw new UserError(`${path}: want either this or numBins, not both`, 'query', path);
  }
  return ofSketch({ json, field, parse }, asQuantiles, 'ARRAY<DOUBLE>', (sketch) =>
    histogramOf(sketch, splitPoints ?? equalPoints(sketch, numBins)),
  );
};

const CumulativeSchema = z.object({ splitPoints: points });

/** The fraction of items below each split point, and 1. */
export const readCumulative: SpecReader<PostAggregator> = (json, field, parse) => {
  const { splitPoints } = readSpec(CumulativeSchema, json, field);
  return ofSketch({ json, field, parse }, asQuantiles, 'ARRAY<DOUBLE>', (sketch) =>
    cumulativeOf(sketch, splitPoints),
  );
};

const RankSchema = z.object({ value: number });

export const readRank: SpecReader<PostAggregator> = (json, field, parse) => {
  const { value } = readSpec(RankSchema, json, field);
  return ofSketch({ json, field, parse }, asQuantiles, 'DOUBLE', (sketch) => rankOf(sketch, value));
};

export const readQuantilesToString: SpecReader<PostAggregator> = (json, field, parse) =>
  ofSketch({ json, field, parse }, asQuantiles, 'STRING', quantilesText);
