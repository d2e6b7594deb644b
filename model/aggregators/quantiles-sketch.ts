import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import {
  isQuantilesK,
  QuantilesSketch,
  quantilesImage,
  readQuantilesImage,
} from '../../sketches/index.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { numbersAndSketches } from './number-sketch.js';
import { sketchAggregator } from './sketch-aggregator.js';

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  k: integerSpec(128).refine(isQuantilesK, { error: 'want a power of 2 from 2 to 32768' }),
  shouldFinalize: flagSpec(true),
});

/**
 * The distribution of a column of numbers, as a sketch of quantiles; its value is how many numbers there are. Reads
 * numbers, texts of numbers or of sketches in base64, and a stored column of sketches.
 */
export const readQuantilesSketch: SpecReader<Aggregator> = (json, field) =>
  quantilesSketch(json, readSpec(Schema, json, field));

function quantilesSketch(spec: JsonObject, settings: z.output<typeof Schema>): Aggregator {
  const { name, fieldName, k, shouldFinalize } = settings;
  const merge = (into: QuantilesSketch, from: QuantilesSketch): void => into.merge(from);
  return sketchAggregator<QuantilesSketch>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<quantilesDoublesSketch>',
    create: () => new QuantilesSketch(k),
    merge,
    encode: quantilesImage,
    decode: readQuantilesImage,
    takesSketches: false,
    adder: (reader) =>
      numbersAndSketches(reader, {
        kind: QuantilesSketch,
        add: (sketch, number) => sketch.add(number),
        merge,
        decode: readQuantilesImage,
      }),
    estimate: (sketch) => sketch.n,
    final: (sketch) => (shouldFinalize ? sketch.n : sketch),
    resultType: shouldFinalize ? 'LONG' : 'COMPLEX<quantilesDoublesSketch>',
    combining: () =>
      quantilesSketch({ ...spec, fieldName: name }, { ...settings, fieldName: name }),
  });
}
