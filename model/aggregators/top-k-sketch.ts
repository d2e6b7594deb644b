import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { MAX_CAPACITY, SpaceSaving } from '../../sketches/index.js';
import { frequencySum, shownFrequencies } from '../sketch-values/frequency.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import { JSON_TYPE } from '../types.js';
import type { Aggregator } from './aggregator.js';
import { addsValues, checkValues, frequentTypeSpec, valuesOf } from './frequent-input.js';
import { sketchAggregator } from './sketch-aggregator.js';

const capacitySpec = <D extends number | null>(whenAbsent: D) =>
  integerSpec(whenAbsent).refine((n) => n === null || (n >= 1 && n <= MAX_CAPACITY), {
    error: `want 1 to ${MAX_CAPACITY}`,
  });

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  k: capacitySpec(10),
  capacity: capacitySpec(null),
  valueType: frequentTypeSpec,
  shouldFinalize: flagSpec(true),
});

type Settings = z.output<typeof Schema>;

/**
 * The `k` most frequent values of a column, by SpaceSaving with `capacity` counters (256, or 8k if that is more): a list of values, each with how often
 * it came at least and at most. Reads plain values, as texts or as longs, and a stored column of sketches.
 */
export const readTopKSketch: SpecReader<Aggregator> = (json, field) => {
  const settings = readSpec(Schema, json, field);
  const { k, capacity } = settings;
  if (capacity !== null && capacity < k) {
    const path = `${field}.capacity`;
    throw new UserError(`${path}: want ${k}, the k, or more; got ${capacity}`, 'query', path);
  }
  return topKSketch(json, settings);
};

function topKSketch(spec: JsonObject, settings: Settings): Aggregator {
  const { name, fieldName, k, valueType, shouldFinalize } = settings;
  const capacity = settings.capacity ?? Math.min(MAX_CAPACITY, Math.max(256, 8 * k));
  return sketchAggregator<SpaceSaving>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<topKSketch>',
    create: () => new SpaceSaving(valuesOf(valueType), capacity),
    merge(into, from) {
      checkValues(into, from, name);
      into.merge(from);
    },
    encode: (sketch) => sketch.toBytes(),
    decode: (bytes) => SpaceSaving.fromBytes(bytes),
    takesSketches: false,
    adder: (reader) => addsValues(reader, valueType),
    estimate: frequencySum,
    final: (sketch) =>
      shouldFinalize ? shownFrequencies(sketch.state().entries.slice(0, k)) : sketch,
    resultType: shouldFinalize ? JSON_TYPE : 'COMPLEX<topKSketch>',
    combining: () => topKSketch({ ...spec, fieldName: name }, { ...settings, fieldName: name }),
  });
}
