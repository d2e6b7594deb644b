import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { readSpectatorImage, SpectatorHistogram, spectatorImage } from '../../sketches/index.js';
import { spectatorOfText } from '../sketch-values/spectator.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { numberFolds, numbersAndSketches } from './number-sketch.js';
import { sketchAggregator } from './sketch-aggregator.js';

const Schema = z.object({ name: nameSpec, fieldName: nameSpec });

/**
 * The distribution of a column of numbers in the buckets of Spectator; its value is how many numbers there are. Reads numbers, texts
 * of numbers or of histograms (in base64, or as JSON that maps buckets to counts), and a stored column of histograms. Timers and
 * distributions are the same under other names.
 */
export const readSpectatorHistogram: SpecReader<Aggregator> = (json, field) => {
  const { name, fieldName } = readSpec(Schema, json, field);
  return spectatorHistogram(json, name, fieldName);
};

function spectatorHistogram(spec: JsonObject, name: string, fieldName: string): Aggregator {
  const merge = (into: SpectatorHistogram, from: SpectatorHistogram): void => into.merge(from);
  return sketchAggregator<SpectatorHistogram>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<spectatorHistogram>',
    create: () => new SpectatorHistogram(),
    merge,
    encode: spectatorImage,
    decode: readSpectatorImage,
    takesSketches: 'or numbers',
    form: numberFolds<SpectatorHistogram>(fieldName, (sketch, number) => sketch.add(number)),
    adder: (reader) =>
      numbersAndSketches(reader, {
        kind: SpectatorHistogram,
        add: (sketch, number) => sketch.add(number),
        merge,
        decode: readSpectatorImage,
        ofText: spectatorOfText,
      }),
    estimate: (sketch) => sketch.count,
    final: (sketch) => sketch.count,
    resultType: 'LONG',
    combining: () => spectatorHistogram({ ...spec, fieldName: name }, name, name),
  });
}
