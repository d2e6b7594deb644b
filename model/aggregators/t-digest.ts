import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { isCompression, readTDigestImage, TDigest, tDigestImage } from '../../sketches/index.js';
import { integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { numberFolds, numbersAndSketches } from './number-sketch.js';
import { sketchAggregator } from './sketch-aggregator.js';

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  compression: integerSpec(100).refine(isCompression, { error: 'want 10 to 10000' }),
});

/**
 * The distribution of a column of numbers, as a t-digest. Reads numbers, texts of numbers or of digests in base64, and a
 * stored column of digests.
 */
export const readTDigest: SpecReader<Aggregator> = (json, field) =>
  tDigest(json, readSpec(Schema, json, field));

function tDigest(spec: JsonObject, settings: z.output<typeof Schema>): Aggregator {
  const { name, fieldName, compression } = settings;
  const merge = (into: TDigest, from: TDigest): void => into.merge(from);
  return sketchAggregator<TDigest>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<tDigestSketch>',
    create: () => new TDigest(compression),
    merge,
    encode: tDigestImage,
    decode: readTDigestImage,
    takesSketches: 'or numbers',
    form: numberFolds<TDigest>(fieldName, (digest, number) => digest.add(number)),
    adder: (reader) =>
      numbersAndSketches(reader, {
        kind: TDigest,
        add: (digest, number) => digest.add(number),
        merge,
        decode: readTDigestImage,
      }),
    estimate: (digest) => digest.count,
    final: (digest) => digest,
    resultType: 'COMPLEX<tDigestSketch>',
    combining: () => tDigest({ ...spec, fieldName: name }, { ...settings, fieldName: name }),
  });
}
