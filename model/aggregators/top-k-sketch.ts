import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { MAX_CAPACITY, SpaceSaving } from '../../sketches/index.js';
import { Json } from '../json/json.js';
import { type ColumnReader, memoised } from '../rows.js';
import { frequencySum, topValues } from '../sketch-values/frequency.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import { scalarText } from '../text.js';
import { elementType, isArrayType, JSON_TYPE } from '../types.js';
import type { Aggregator } from './aggregator.js';
import { numberReader } from './number-input.js';
import { eachElement, sketchAggregator } from './sketch-aggregator.js';

const capacitySpec = <D extends number | null>(whenAbsent: D) =>
  integerSpec(whenAbsent).refine((n) => n === null || (n >= 1 && n <= MAX_CAPACITY), {
    error: `want 1 to ${MAX_CAPACITY}`,
  });

const TYPES = ['STRING', 'LONG'] as const;

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  k: capacitySpec(10),
  capacity: capacitySpec(null),
  valueType: z
    .enum(TYPES, { error: `want one of ${TYPES.join(', ')}` })
    .nullish()
    .transform((type) => type ?? 'STRING'),
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
    create: () => new SpaceSaving(valueType === 'LONG' ? 'longs' : 'texts', capacity),
    merge(into, from) {
      if (into.of !== from.of && into.total > 0 && from.total > 0) {
        const message = `${name}: want sketches of values of one type; got ${into.of} and ${from.of}`;
        throw new UserError(message, 'query', name);
      }
      into.merge(from);
    },
    encode: (sketch) => sketch.toBytes(),
    decode: (bytes) => SpaceSaving.fromBytes(bytes),
    takesSketches: false,
    adder: valueType === 'LONG' ? addLongs : addTexts,
    estimate: frequencySum,
    final: (sketch) => (shouldFinalize ? Json.of(topValues(sketch, k)) : sketch),
    resultType: shouldFinalize ? JSON_TYPE : 'COMPLEX<topKSketch>',
    combining: () => topKSketch({ ...spec, fieldName: name }, { ...settings, fieldName: name }),
  });
}

function addLongs(reader: ColumnReader): (sketch: SpaceSaving) => void {
  const read = numberReader(reader, 'LONG');
  return (sketch) => {
    const value = read();
    if (value !== null) sketch.add(value);
  };
}

function addTexts(reader: ColumnReader): (sketch: SpaceSaving) => void {
  const type = isArrayType(reader.type) ? elementType(reader.type) : reader.type;
  const read = memoised(reader, (cell) => {
    const texts: string[] = [];
    eachElement(cell, (element) => texts.push(scalarText(element, type)!));
    return texts;
  });
  return (sketch) => {
    for (const text of read()) sketch.add(text);
  };
}
