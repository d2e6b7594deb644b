import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import {
  ApproximateHistogram,
  approximateHistogramImage,
  equalBuckets,
  isHistogramSize,
  readApproximateHistogramImage,
} from '../../sketches/index.js';
import { type ShownBreaks, shownBreaks } from '../sketch-values/histograms.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { numbersAndSketches } from './number-sketch.js';
import { sketchAggregator } from './sketch-aggregator.js';

const limit = z.number({ error: 'want a number' }).nullish();

const Schema = z
  .object({
    name: nameSpec,
    fieldName: nameSpec,
    resolution: integerSpec(50).refine(isHistogramSize, { error: 'want 1 to 100000 bins' }),
    numBuckets: integerSpec(7).refine((count) => count >= 2 && count <= 1_000_000, {
      error: 'want 2 to 1000000 buckets',
    }),
    lowerLimit: limit.transform((at) => at ?? Number.NEGATIVE_INFINITY),
    upperLimit: limit.transform((at) => at ?? Number.POSITIVE_INFINITY),
    finalizeAsBase64Binary: flagSpec(false),
  })
  .refine(({ lowerLimit, upperLimit }) => upperLimit > lowerLimit, {
    path: ['upperLimit'],
    error: 'want more than lowerLimit',
  });

/**
 * How numbers are spread, in bins that follow them. Reads numbers, texts of numbers or of histograms in base64, and a stored
 * column of histograms. `approxHistogramFold` is another name of it.
 */
export const readApproximateHistogram: SpecReader<Aggregator> = (json, field) =>
  approximateHistogram(json, readSpec(Schema, json, field));

function approximateHistogram(spec: JsonObject, settings: z.output<typeof Schema>): Aggregator {
  const { name, fieldName, resolution, numBuckets, lowerLimit, upperLimit } = settings;
  const limits = { lowerLimit, upperLimit };
  const merge = (into: ApproximateHistogram, from: ApproximateHistogram): void => into.merge(from);
  return sketchAggregator<ApproximateHistogram>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<approximateHistogram>',
    create: () => new ApproximateHistogram(resolution, limits),
    merge,
    encode: approximateHistogramImage,
    decode: (bytes) => readApproximateHistogramImage(bytes, limits),
    takesSketches: 'or numbers',
    adder: (reader) =>
      numbersAndSketches(reader, {
        kind: ApproximateHistogram,
        add: (histogram, number) => histogram.add(number),
        merge,
        decode: readApproximateHistogramImage,
      }),
    estimate: countOf,
    final: (histogram) =>
      settings.finalizeAsBase64Binary
        ? histogram
        : shownBreaks(equalBuckets(histogram, numBuckets)),
    resultType: 'COMPLEX<approximateHistogram>',
    combining: () =>
      approximateHistogram(
        { ...spec, type: 'approxHistogramFold', fieldName: name },
        { ...settings, fieldName: name },
      ),
  });
}

/** Of a histogram, or of one that is shown. */
function countOf(histogram: ApproximateHistogram | ShownBreaks): number {
  if (histogram instanceof ApproximateHistogram) return histogram.count;
  return histogram.counts.reduce<number>((sum, count) => sum + Number(count), 0);
}
