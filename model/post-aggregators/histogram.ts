import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { between, bucketsOfWidth, equalBuckets } from '../../sketches/index.js';
import { quantileOfHistogram, shownBreaks, shownQuantiles } from '../sketch-values/histograms.js';
import { asApproximateHistogram, asHistogram } from '../sketch-values/operands.js';
import { integerSpec, readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator } from './post-aggregator.js';
import { ofFieldName } from './sketch-operand.js';

/** What is asked of histograms, by the name of their aggregator. */

const number = z.number({ error: 'want a number' });

const probability = number.refine((value) => value > 0 && value < 1, {
  error: 'want a fraction between 0 and 1',
});

const QuantileSchema = z.object({ probability });

export const readHistogramQuantile: SpecReader<PostAggregator> = (json, field) => {
  const wanted = readSpec(QuantileSchema, json, field).probability;
  return ofFieldName(json, field, asHistogram, 'DOUBLE', (histogram) =>
    quantileOfHistogram(histogram, wanted),
  );
};

const QuantilesSchema = z.object({ probabilities: z.array(probability, { error: 'want a list' }) });

/** Quantiles together with the extremes. */
export const readHistogramQuantiles: SpecReader<PostAggregator> = (json, field) => {
  const { probabilities } = readSpec(QuantilesSchema, json, field);
  return ofFieldName(json, field, asHistogram, 'COMPLEX<quantiles>', (histogram) =>
    shownQuantiles(histogram, probabilities),
  );
};

export const readHistogramMin: SpecReader<PostAggregator> = (json, field) =>
  ofFieldName(json, field, asHistogram, 'DOUBLE', ({ min }) => min);

export const readHistogramMax: SpecReader<PostAggregator> = (json, field) =>
  ofFieldName(json, field, asHistogram, 'DOUBLE', ({ max }) => max);

const HISTOGRAM = 'COMPLEX<histogram>';

const EqualSchema = z.object({
  numBuckets: integerSpec(null).refine(
    (count) => count !== null && count >= 2 && count <= 1_000_000,
    { error: 'want 2 to 1000000 buckets' },
  ),
});

export const readEqualBuckets: SpecReader<PostAggregator> = (json, field) => {
  const { numBuckets } = readSpec(EqualSchema, json, field);
  return ofFieldName(json, field, asApproximateHistogram, HISTOGRAM, (histogram) =>
    shownBreaks(equalBuckets(histogram, numBuckets!)),
  );
};

const WidthSchema = z.object({
  bucketSize: number.refine((size) => size > 0, { error: 'want more than 0' }),
  offset: number.nullish().transform((offset) => offset ?? 0),
});

export const readBuckets: SpecReader<PostAggregator> = (json, field) => {
  const { bucketSize, offset } = readSpec(WidthSchema, json, field);
  return ofFieldName(json, field, asApproximateHistogram, HISTOGRAM, (histogram) => {
    const buckets = bucketsOfWidth(histogram, bucketSize, offset);
    if (buckets !== null) return shownBreaks(buckets);
    const path = `${field}.bucketSize`;
    const range = `${histogram.min} to ${histogram.max}`;
    const wanted = `want a larger one, for more than a million are in ${range}`;
    throw new UserError(`${path}: ${wanted}; got ${bucketSize}`, 'query', path);
  });
};

const BreaksSchema = z.object({
  breaks: z
    .array(number, { error: 'want a list of numbers' })
    .min(2, 'want at least two breaks')
    .refine((list) => list.every((point, i) => i === 0 || point > list[i - 1]!), {
      error: 'want numbers, each greater than the one before',
    }),
});

export const readCustomBuckets: SpecReader<PostAggregator> = (json, field) => {
  const { breaks } = readSpec(BreaksSchema, json, field);
  return ofFieldName(json, field, asApproximateHistogram, HISTOGRAM, (histogram) =>
    shownBreaks(between(histogram, breaks)),
  );
};
