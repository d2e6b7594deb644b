import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import {
  hashText,
  isTupleWidth,
  readTupleImage,
  TupleSketch,
  tupleImage,
} from '../../sketches/index.js';
import { checkWidths } from '../sketch-values/tuple.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { elementHashes } from './element-hashes.js';
import { numberReader } from './number-input.js';
import { sketchAggregator, textSketches } from './sketch-aggregator.js';
import { thetaSizeSpec } from './theta-sketch.js';

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  nominalEntries: thetaSizeSpec,
  metricColumns: z.array(nameSpec, { error: 'want a list of columns' }).nullish(),
  numberOfValues: integerSpec(null).refine((count) => count === null || isTupleWidth(count), {
    error: 'want 1 to 255',
  }),
  shouldFinalize: flagSpec(true),
});

/**
 * Distinct values of a column, each with the sums of `metricColumns` over its rows; the value is about how many there are. A
 * row in which one of these is null does not count. Without `metricColumns` it reads a stored column of sketches, or sketches
 * as base64 text.
 */
export const readTupleSketch: SpecReader<Aggregator> = (json, field) => {
  const settings = readSpec(Schema, json, field);
  const columns = settings.metricColumns ?? [];
  const width = settings.numberOfValues ?? Math.max(1, columns.length);
  if ((columns.length > 0 && width !== columns.length) || !isTupleWidth(width)) {
    const path = `${field}.numberOfValues`;
    throw new UserError(
      `${path}: want as many as metricColumns, ${columns.length}, at most 255; got ${width}`,
      'query',
      path,
    );
  }
  const { name, fieldName, nominalEntries: lgK, shouldFinalize } = settings;
  return tupleSketch(json, { name, fieldName, lgK, columns, width, shouldFinalize });
};

interface Settings {
  readonly name: string;
  readonly fieldName: string;
  readonly lgK: number;
  readonly columns: readonly string[];
  readonly width: number;
  readonly shouldFinalize: boolean;
}

function tupleSketch(spec: JsonObject, settings: Settings): Aggregator {
  const { name, fieldName, lgK, columns, width, shouldFinalize } = settings;
  const merge = (into: TupleSketch, from: TupleSketch): void => {
    checkWidths([into, from], name);
    into.merge(from);
  };
  return sketchAggregator<TupleSketch>({
    name,
    spec,
    fieldName,
    inputs: [fieldName, ...columns],
    storedType: 'COMPLEX<arrayOfDoublesSketch>',
    create: () => new TupleSketch(lgK, width),
    merge,
    encode: tupleImage,
    decode: (bytes) => readTupleImage(bytes, lgK),
    takesSketches: columns.length === 0,
    adder(reader, source) {
      if (columns.length === 0) return textSketches(reader, fieldName, readTupleImage, merge);
      const metrics = columns.map((column) => numberReader(source.column(column), 'DOUBLE'));
      const values = new Float64Array(width);
      const add = elementHashes(reader, hashText, (sketch: TupleSketch, hash) =>
        sketch.add(hash, values),
      );
      return (sketch) => {
        for (let i = 0; i < width; i++) {
          const value = metrics[i]!();
          if (value === null) return;
          values[i] = Number(value);
        }
        add(sketch);
      };
    },
    estimate: (sketch) => sketch.estimate(),
    final: (sketch) => (shouldFinalize ? sketch.estimate() : sketch),
    resultType: shouldFinalize ? 'DOUBLE' : 'COMPLEX<arrayOfDoublesSketch>',
    combining: () => {
      const { metricColumns: _, ...others } = spec;
      const combined = { ...others, fieldName: name, numberOfValues: width };
      return tupleSketch(combined, { ...settings, fieldName: name, columns: [] });
    },
  });
}
