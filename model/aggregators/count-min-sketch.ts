import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { CountMin, frequencyHash, isSameShape } from '../../sketches/index.js';
import { type ColumnReader, memoised } from '../rows.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { eachElement, sketchAggregator } from './sketch-aggregator.js';

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  width: integerSpec(1024).refine((width) => width >= 1 && width <= 65_536, {
    error: 'want 1 to 65536',
  }),
  depth: integerSpec(4).refine((depth) => depth >= 1 && depth <= 16, { error: 'want 1 to 16' }),
  conservative: flagSpec(false),
  shouldFinalize: flagSpec(true),
});

/**
 * How often each value of a column came, by Count-Min of `depth` rows of `width` counters (rounded up to a power of 2, at least 2); the value is how many there
 * were in all. Plain sketches of the same rows are the same bytes; `conservative` ones have smaller errors, and bytes by the order of rows.
 * Reads plain values and a stored column of sketches.
 */
export const readCountMinSketch: SpecReader<Aggregator> = (json, field) =>
  countMinSketch(json, readSpec(Schema, json, field));

function countMinSketch(spec: JsonObject, settings: z.output<typeof Schema>): Aggregator {
  const { name, fieldName, width, depth, conservative, shouldFinalize } = settings;
  const shape = {
    lgWidth: Math.max(1, Math.ceil(Math.log2(width))),
    depth,
    isConservative: conservative,
  };
  return sketchAggregator<CountMin>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<countMinSketch>',
    create: () => new CountMin(shape),
    merge(into, from) {
      if (into.total > 0 && from.total > 0 && !isSameShape(into.shape, from.shape)) {
        const message = `${name}: want sketches of the same width, depth and kind; got two`;
        throw new UserError(message, 'query', name);
      }
      into.merge(from);
    },
    encode: (sketch) => sketch.toBytes(),
    decode: (bytes) => CountMin.fromBytes(bytes),
    takesSketches: false,
    adder: addHashes,
    estimate: (sketch) => sketch.total,
    final: (sketch) => (shouldFinalize ? sketch.total : sketch),
    resultType: shouldFinalize ? 'LONG' : 'COMPLEX<countMinSketch>',
    combining: () => countMinSketch({ ...spec, fieldName: name }, { ...settings, fieldName: name }),
  });
}

function addHashes(reader: ColumnReader): (sketch: CountMin) => void {
  const read = memoised(reader, (cell) => {
    const hashes: number[] = [];
    eachElement(cell, (element) => hashes.push(frequencyHash(element)));
    return hashes;
  });
  return (sketch) => {
    for (const hash of read()) sketch.add(hash);
  };
}
