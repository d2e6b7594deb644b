import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import {
  canMergeMoments,
  isMomentCount,
  MomentSketch,
  momentImage,
  readMomentImage,
} from '../../sketches/index.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { numberFolds, numbersAndSketches } from './number-sketch.js';
import { sketchAggregator } from './sketch-aggregator.js';

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  k: integerSpec(13).refine(isMomentCount, { error: 'want 2 to 15' }),
  compress: flagSpec(true),
});

/**
 * The distribution of a column of numbers, as its moments. Reads numbers, texts of numbers or of sketches in base64, and a
 * stored column of sketches, which keep whether they are compressed.
 */
export const readMomentSketch: SpecReader<Aggregator> = (json, field) =>
  momentSketch(json, readSpec(Schema, json, field));

function momentSketch(spec: JsonObject, settings: z.output<typeof Schema>): Aggregator {
  const { name, fieldName, k, compress } = settings;
  const merge = (into: MomentSketch, from: MomentSketch): void => {
    if (!canMergeMoments(into, from)) {
      const message = `${name}: want sketches that are all compressed or none of them; got both`;
      throw new UserError(message, 'query', name);
    }
    into.merge(from);
  };
  return sketchAggregator<MomentSketch>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<momentSketch>',
    create: () => new MomentSketch(k, compress),
    merge,
    encode: momentImage,
    decode: readMomentImage,
    takesSketches: 'or numbers',
    form: numberFolds<MomentSketch>(fieldName, (sketch, number) => sketch.add(number)),
    adder: (reader) =>
      numbersAndSketches(reader, {
        kind: MomentSketch,
        add: (sketch, number) => sketch.add(number),
        merge,
        decode: readMomentImage,
      }),
    estimate: (sketch) => sketch.count,
    final: (sketch) => sketch,
    resultType: 'COMPLEX<momentSketch>',
    combining: () => momentSketch({ ...spec, fieldName: name }, { ...settings, fieldName: name }),
  });
}
