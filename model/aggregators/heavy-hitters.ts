import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import {
  type FrequentState,
  type FrequentValue,
  HeavyHitters,
  isLossyWidth,
  isSameShape,
  isShare,
  LossyCounting,
} from '../../sketches/index.js';
import type { ColumnReader } from '../rows.js';
import { frequencySum, shownFrequencies } from '../sketch-values/frequency.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import { type ComplexType, JSON_TYPE } from '../types.js';
import type { Aggregator } from './aggregator.js';
import { addsValues, checkValues, frequentTypeSpec, valuesOf } from './frequent-input.js';
import { sketchAggregator } from './sketch-aggregator.js';

const shareSpec = z
  .number({ error: 'want a number' })
  .refine(isShare, { error: 'want more than 0, at most 1' })
  .nullish()
  .transform((share) => share ?? 0.01);

const common = {
  name: nameSpec,
  fieldName: nameSpec,
  share: shareSpec,
  valueType: frequentTypeSpec,
  shouldFinalize: flagSpec(true),
};

const LossySchema = z.object({
  ...common,
  error: z.number({ error: 'want a number' }).nullish(),
});

const CountMinSchema = z.object({
  ...common,
  width: integerSpec(null).refine((width) => width === null || (width >= 1 && width <= MOST_WIDE), {
    error: 'want 1 to 65536',
  }),
  depth: integerSpec(4).refine((depth) => depth >= 1 && depth <= 16, { error: 'want 1 to 16' }),
  conservative: flagSpec(true),
});

const MOST_WIDE = 65_536;

/**
 * The values of a column that are at least `share` of all, by Lossy Counting: a list, each with how often it came at least and at most. None is
 * missed; one that is listed is no less than `share - error` of all, a tenth of the share unless given. Reads plain values, as texts
 * or as longs, and a stored column of sketches, of which `share` may be another one.
 */
export const readLossyCounting: SpecReader<Aggregator> = (json, field) => {
  const settings = readSpec(LossySchema, json, field);
  const { share } = settings;
  const error = settings.error ?? share / 10;
  const width = Math.ceil(1 / error);
  if (!(error > 0 && error <= share && isLossyWidth(width))) {
    const path = `${field}.error`;
    const message = `${path}: want 1e-6 to ${share}, the share; got ${error}`;
    throw new UserError(message, 'query', path);
  }
  return heavyHitters(json, settings, {
    type: 'COMPLEX<lossyCountingSketch>',
    create: (of) => new LossyCounting(of, width),
    isAlike: (a, b) => a.width === b.width,
    decode: LossyCounting.fromBytes,
    values: (sketch) => sketch.above(share),
  });
};

/**
 * The same by Count-Min, of `depth` rows of `width` counters: as many as make an error of half the share, but for a chance of
 * e^-depth, unless given. The list of a stored column is of the share it was made with.
 */
export const readCountMinHitters: SpecReader<Aggregator> = (json, field) => {
  const settings = readSpec(CountMinSchema, json, field);
  const { share, depth, conservative: isConservative } = settings;
  const width = settings.width ?? Math.min(MOST_WIDE, (2 * Math.E) / share);
  const lgWidth = Math.max(1, Math.ceil(Math.log2(width)));
  return heavyHitters(json, settings, {
    type: 'COMPLEX<countMinHeavyHitters>',
    create: (of) => new HeavyHitters(of, share, { lgWidth, depth, isConservative }),
    isAlike: (a, b) => a.share === b.share && isSameShape(a.shape, b.shape),
    decode: HeavyHitters.fromBytes,
    values: (sketch) => sketch.values(),
  });
};

interface Hitters<S> {
  readonly of: FrequentState['of'];
  readonly total: number;
  add(value: FrequentValue['value']): void;
  merge(other: S): void;
  toBytes(): Uint8Array;
}

interface Kind<S> {
  readonly type: ComplexType;
  create(of: FrequentState['of']): S;
  /** Whether two sketches that are not empty can be merged. */
  isAlike(a: S, b: S): boolean;
  /** Throws CorruptSketchError. */
  decode(bytes: Uint8Array): S;
  values(sketch: S): FrequentValue[];
}

interface Settings {
  readonly name: string;
  readonly fieldName: string;
  readonly valueType: 'STRING' | 'LONG';
  readonly shouldFinalize: boolean;
}

function heavyHitters<S extends Hitters<S>>(
  spec: JsonObject,
  settings: Settings,
  kind: Kind<S>,
): Aggregator {
  const { name, fieldName, valueType, shouldFinalize } = settings;
  return sketchAggregator<S>({
    name,
    spec,
    fieldName,
    storedType: kind.type,
    create: () => kind.create(valuesOf(valueType)),
    merge(into, from) {
      checkValues(into, from, name);
      if (into.total > 0 && from.total > 0 && !kind.isAlike(into, from)) {
        const message = `${name}: want sketches made with the same settings; got two`;
        throw new UserError(message, 'query', name);
      }
      into.merge(from);
    },
    encode: (sketch) => sketch.toBytes(),
    decode: kind.decode,
    takesSketches: false,
    adder: (reader: ColumnReader) => addsValues(reader, valueType),
    estimate: frequencySum,
    final: (sketch) => (shouldFinalize ? shownFrequencies(kind.values(sketch)) : sketch),
    resultType: shouldFinalize ? JSON_TYPE : kind.type,
    combining: () =>
      heavyHitters({ ...spec, fieldName: name }, { ...settings, fieldName: name }, kind),
  });
}
