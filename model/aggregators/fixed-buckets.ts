import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import {
  FixedBucketsHistogram,
  fixedBucketsImage,
  MAX_BUCKETS,
  OUTLIER_MODES,
  readFixedBucketsImage,
} from '../../sketches/index.js';
import { shownFixedBuckets } from '../sketch-values/histograms.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { numbersAndSketches } from './number-sketch.js';
import { sketchAggregator } from './sketch-aggregator.js';

const limit = z.number({ error: 'want a number' });

const Schema = z
  .object({
    name: nameSpec,
    fieldName: nameSpec,
    numBuckets: integerSpec(10).refine((count) => count >= 1 && count <= MAX_BUCKETS, {
      error: `want 1 to ${MAX_BUCKETS} buckets`,
    }),
    lowerLimit: limit,
    upperLimit: limit,
    outlierHandlingMode: z
      .string()
      .toLowerCase()
      .pipe(z.enum(OUTLIER_MODES, { error: `want one of ${OUTLIER_MODES.join(', ')}` }))
      .nullish(),
    finalizeAsBase64Binary: flagSpec(false),
  })
  .refine(({ lowerLimit, upperLimit }) => Number.isFinite(upperLimit - lowerLimit), {
    path: ['upperLimit'],
    error: 'want limits that are not so far apart',
  })
  .refine(({ lowerLimit, upperLimit }) => upperLimit > lowerLimit, {
    path: ['upperLimit'],
    error: 'want more than lowerLimit',
  });

/**
 * Counts of numbers in buckets of one width. Reads numbers, texts of numbers or of histograms in base64, and a stored column of
 * histograms; counts what is missing.
 */
export const readFixedBuckets: SpecReader<Aggregator> = (json, field) =>
  fixedBuckets(json, readSpec(Schema, json, field));

function fixedBuckets(spec: JsonObject, settings: z.output<typeof Schema>): Aggregator {
  const { name, fieldName, numBuckets, lowerLimit, upperLimit, finalizeAsBase64Binary } = settings;
  const outlierMode = settings.outlierHandlingMode ?? 'ignore';
  const shape = { lowerLimit, upperLimit, numBuckets, outlierMode };
  const merge = (into: FixedBucketsHistogram, from: FixedBucketsHistogram): void =>
    into.merge(from);
  return sketchAggregator<FixedBucketsHistogram>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<fixedBucketsHistogram>',
    create: () => new FixedBucketsHistogram(shape),
    merge,
    encode: fixedBucketsImage,
    decode: readFixedBucketsImage,
    takesSketches: 'or numbers',
    adder: (reader) =>
      numbersAndSketches(reader, {
        kind: FixedBucketsHistogram,
        add: (histogram, number) => histogram.add(number),
        merge,
        decode: readFixedBucketsImage,
        missing: (histogram) => histogram.addMissing(),
      }),
    // A histogram that is shown has a count, too.
    estimate: (histogram) => histogram.count,
    final: (histogram) => (finalizeAsBase64Binary ? histogram : shownFixedBuckets(histogram)),
    resultType: 'COMPLEX<fixedBucketsHistogram>',
    combining: () => fixedBuckets({ ...spec, fieldName: name }, { ...settings, fieldName: name }),
  });
}
