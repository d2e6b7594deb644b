import type { JsonObject } from '../../core/index.js';
import type { Distribution } from '../../sketches/index.js';
import type { ComplexType, Value } from '../types.js';
import type { Aggregator } from './aggregator.js';
import { numberFolds, numbersAndSketches } from './number-sketch.js';
import { sketchAggregator } from './sketch-aggregator.js';

/** A sketch of quantiles that numbers can be added to. */
interface GrowingDistribution<S> extends Distribution {
  add(number: number): void;
  /** Adds the numbers from one place to another. */
  addAll(numbers: Float64Array, from: number, to: number): void;
  merge(other: S): void;
}

/** How sketches of quantiles of one kind are made. */
export interface QuantilesKind<S extends GrowingDistribution<S>> {
  readonly type: ComplexType;
  readonly sketch: abstract new (...args: never[]) => S;
  create(k: number): S;
  encode(sketch: S): Uint8Array;
  /** Throws CorruptSketchError. */
  decode(bytes: Uint8Array): S;
}

interface QuantilesSettings {
  readonly name: string;
  readonly fieldName: string;
  readonly k: number;
  readonly shouldFinalize: boolean;
}

/**
 * The distribution of a column of numbers, as a sketch of quantiles; its value is how many numbers there are. Reads
 * numbers, texts of numbers or of sketches in base64, and a stored column of sketches.
 */
export function quantilesAggregator<S extends GrowingDistribution<S>>(
  kind: QuantilesKind<S>,
  spec: JsonObject,
  settings: QuantilesSettings,
): Aggregator {
  const { name, fieldName, k, shouldFinalize } = settings;
  return sketchAggregator<S>({
    name,
    spec,
    fieldName,
    storedType: kind.type,
    create: () => kind.create(k),
    merge: (into, from) => into.merge(from),
    encode: kind.encode,
    decode: kind.decode,
    takesSketches: 'or numbers',
    form: numberFolds<S>(
      fieldName,
      (sketch, number) => sketch.add(number),
      (sketch, numbers, from, to) => sketch.addAll(numbers, from, to),
    ),
    adder: (reader) =>
      numbersAndSketches(reader, {
        kind: kind.sketch,
        add: (sketch, number) => sketch.add(number),
        merge: (into, from) => into.merge(from),
        decode: kind.decode,
      }),
    estimate: (sketch) => sketch.n,
    final: (sketch) => (shouldFinalize ? sketch.n : (sketch as Value)),
    resultType: shouldFinalize ? 'LONG' : kind.type,
    combining: () =>
      quantilesAggregator(kind, { ...spec, fieldName: name }, { ...settings, fieldName: name }),
  });
}
