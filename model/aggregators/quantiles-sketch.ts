import { z } from 'zod';
import { CorruptSketchError, type JsonObject } from '../../core/index.js';
import {
  isQuantilesK,
  QuantilesSketch,
  quantilesImage,
  readQuantilesImage,
} from '../../sketches/index.js';
import { type ColumnReader, memoised } from '../rows.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Value } from '../types.js';
import type { Aggregator } from './aggregator.js';
import { toDouble } from './number-input.js';
import { eachElement, sketchAggregator } from './sketch-aggregator.js';

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
  return sketchAggregator<QuantilesSketch>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<quantilesDoublesSketch>',
    create: () => new QuantilesSketch(k),
    merge: (into, from) => into.merge(from),
    encode: quantilesImage,
    decode: readQuantilesImage,
    takesSketches: false,
    adder: numbersAndSketches,
    estimate: (sketch) => sketch.n,
    final: (sketch) => (shouldFinalize ? sketch.n : sketch),
    resultType: shouldFinalize ? 'LONG' : 'COMPLEX<quantilesDoublesSketch>',
    combining: () =>
      quantilesSketch({ ...spec, fieldName: name }, { ...settings, fieldName: name }),
  });
}

function numbersAndSketches(reader: ColumnReader): (sketch: QuantilesSketch) => void {
  const read = memoised(reader, (cell): Value => {
    if (typeof cell !== 'string') return cell;
    return toDouble(cell) ?? sketchOf(cell);
  });
  return (sketch) => {
    const cell = read();
    if (cell instanceof QuantilesSketch) sketch.merge(cell);
    else {
      eachElement(cell, (element) => {
        const number = toDouble(element);
        if (number !== null) sketch.add(number);
      });
    }
  };
}

/** Text that is neither number nor sketch counts for nothing. */
function sketchOf(text: string): QuantilesSketch | null {
  try {
    return readQuantilesImage(Buffer.from(text, 'base64'));
  } catch (error) {
    if (error instanceof CorruptSketchError) return null;
    throw error;
  }
}
