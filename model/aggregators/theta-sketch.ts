import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { hashText, readThetaImage, ThetaSketch, thetaImage } from '../../sketches/index.js';
import { type ShownBounds, shownThetaBounds } from '../sketch-values/theta.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { elementHashes } from './element-hashes.js';
import { sketchAggregator, textSketches } from './sketch-aggregator.js';

/** Nominal entries: rounded up to a power of 2, as DataSketches does. */
export const thetaSizeSpec = integerSpec(16_384)
  .refine((size) => size >= 16 && size <= 2 ** 26, { error: 'want 16 to 67108864' })
  .transform((size) => Math.ceil(Math.log2(size)));

/** How many standard deviations bounds are away; null where none are asked for. */
export const stdDevSpec = integerSpec(null).refine((n) => n === null || (n >= 1 && n <= 3), {
  error: 'want 1 to 3',
});

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  size: thetaSizeSpec,
  isInputThetaSketch: flagSpec(false),
  shouldFinalize: flagSpec(true),
  errorBoundsStdDev: stdDevSpec,
});

/**
 * About how many distinct values a column has, as a sketch that knows set operations. Reads plain values, a stored column of
 * sketches, or, with `isInputThetaSketch`, sketches as base64 text.
 */
export const readThetaSketch: SpecReader<Aggregator> = (json, field) => {
  const settings = readSpec(Schema, json, field);
  return thetaSketch(json, settings);
};

function thetaSketch(spec: JsonObject, settings: z.output<typeof Schema>): Aggregator {
  const { name, fieldName, size, isInputThetaSketch, shouldFinalize, errorBoundsStdDev } = settings;
  const bounded = errorBoundsStdDev !== null;
  const merge = (into: ThetaSketch, from: ThetaSketch): void => into.merge(from);
  return sketchAggregator<ThetaSketch>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<thetaSketch>',
    create: () => new ThetaSketch(size),
    merge,
    encode: thetaImage,
    decode: (bytes) => readThetaImage(bytes, size),
    takesSketches: isInputThetaSketch,
    form: { kind: 'folds', isOrderFree: true, numbers: null },
    adder: (reader) =>
      isInputThetaSketch
        ? textSketches(reader, fieldName, readThetaImage, merge)
        : elementHashes(reader, hashText, (sketch: ThetaSketch, hash) => sketch.add(hash)),
    estimate: (shown: ThetaSketch | ShownBounds) =>
      shown instanceof ThetaSketch ? shown.estimate() : shown.estimate,
    final(sketch) {
      if (!shouldFinalize) return sketch;
      return bounded ? shownThetaBounds(sketch, errorBoundsStdDev) : sketch.estimate();
    },
    resultType: !shouldFinalize
      ? 'COMPLEX<thetaSketch>'
      : bounded
        ? 'COMPLEX<thetaSketchEstimateWithErrorBounds>'
        : 'DOUBLE',
    combining: () => {
      const combined = { ...settings, fieldName: name, isInputThetaSketch: false };
      const { isInputThetaSketch: _, ...others } = spec;
      return thetaSketch({ ...others, fieldName: name }, combined);
    },
  });
}
