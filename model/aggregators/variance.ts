import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { Variance } from '../../sketches/index.js';
import { nameSpec, readSpec, type SpecReader, textSpec } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { asNumber } from './number-input.js';
import { numberFolds, numbersAndSketches } from './number-sketch.js';
import { sketchAggregator } from './sketch-aggregator.js';

/** Only "population", in any case, is that one, as in Druid. */
export const estimatorSpec = textSpec
  .nullish()
  .transform((name) => (name?.toLowerCase() === 'population' ? 'population' : 'sample'));

const INPUT_TYPES = ['float', 'double', 'long', 'variance'] as const;

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  estimator: estimatorSpec,
  inputType: z
    .string()
    .toLowerCase()
    .pipe(z.enum(INPUT_TYPES, { error: `want one of ${INPUT_TYPES.join(', ')}` }))
    .nullish(),
});

const READ = {
  float: asNumber('FLOAT'),
  double: asNumber('DOUBLE'),
  long: asNumber('LONG'),
  variance: asNumber('DOUBLE'),
};

/**
 * The variance of a column of numbers, which are read as they are unless `inputType` says otherwise, or of a stored column of
 * variances; null when there are none. `varianceFold` is another name of it.
 */
export const readVariance: SpecReader<Aggregator> = (json, field) =>
  variance(json, readSpec(Schema, json, field));

function variance(spec: JsonObject, settings: z.output<typeof Schema>): Aggregator {
  const { name, fieldName, estimator, inputType } = settings;
  const merge = (into: Variance, from: Variance): void => into.merge(from);
  const value = (of: Variance): number | null => of.value(estimator);
  return sketchAggregator<Variance>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<variance>',
    create: () => new Variance(),
    merge,
    encode: (of) => of.toBytes(),
    decode: Variance.ofBytes,
    takesSketches: 'or numbers',
    ...(inputType === 'float' || inputType === 'long'
      ? {}
      : { form: numberFolds<Variance>(fieldName, (into, number) => into.add(number)) }),
    adder: (reader) =>
      numbersAndSketches(reader, {
        kind: Variance,
        add: (into, number) => into.add(number),
        merge,
        decode: Variance.ofBytes,
        convert: READ[inputType ?? 'double'],
      }),
    estimate: value,
    final: value,
    resultType: 'DOUBLE',
    combining: () =>
      variance(
        { ...spec, type: 'varianceFold', inputType: 'variance', fieldName: name },
        { ...settings, inputType: 'variance', fieldName: name },
      ),
  });
}
