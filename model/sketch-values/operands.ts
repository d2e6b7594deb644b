import { UserError } from '../../core/index.js';
import {
  ApproximateHistogram,
  CountMin,
  type Distribution,
  FixedBucketsHistogram,
  HllSketch,
  HyperLogLog,
  KllSketch,
  MomentSketch,
  QuantilesSketch,
  SpectatorHistogram,
  TDigest,
  ThetaSketch,
  TupleSketch,
  Variance,
} from '../../sketches/index.js';
import type { Value } from '../types.js';
import type { Histogram } from './histograms.js';

/** Reads a value as a sketch; `field` names where it comes from. Null, as of a group without rows, gives null. */
export type SketchReader<S> = (value: Value, field: string) => S | null;

export const asTheta: SketchReader<ThetaSketch> = (value, field) =>
  sketchOf(value, field, ThetaSketch, 'a theta sketch; build one with "thetaSketch" or DS_THETA');

export const asHll: SketchReader<HllSketch> = (value, field) =>
  sketchOf(value, field, HllSketch, 'an HLL sketch; build one with "HLLSketchBuild" or DS_HLL');

export const asHyperUnique: SketchReader<HyperLogLog> = (value, field) =>
  sketchOf(value, field, HyperLogLog, 'a HyperLogLog; build one with "hyperUnique"');

export const asQuantiles: SketchReader<Distribution> = (value, field) =>
  value instanceof KllSketch
    ? value
    : sketchOf(
        value,
        field,
        QuantilesSketch,
        'a quantiles sketch; build one with "quantilesDoublesSketch", "KllDoublesSketch" or DS_QUANTILES_SKETCH',
      );

export const asCountMin: SketchReader<CountMin> = (value, field) =>
  sketchOf(
    value,
    field,
    CountMin,
    'a Count-Min sketch; build one with "countMinSketch" or COUNT_MIN_SKETCH',
  );

export const asTuple: SketchReader<TupleSketch> = (value, field) =>
  sketchOf(
    value,
    field,
    TupleSketch,
    'a tuple sketch; build one with "arrayOfDoublesSketch" or DS_TUPLE_DOUBLES',
  );

export const asVariance: SketchReader<Variance> = (value, field) =>
  sketchOf(value, field, Variance, 'a variance; build one with "variance"');

export const asApproximateHistogram: SketchReader<ApproximateHistogram> = (value, field) =>
  sketchOf(
    value,
    field,
    ApproximateHistogram,
    'an approximate histogram; build one with "approxHistogram"',
  );

export const asFixedBuckets: SketchReader<FixedBucketsHistogram> = (value, field) =>
  sketchOf(
    value,
    field,
    FixedBucketsHistogram,
    'a histogram; build one with "fixedBucketsHistogram" or "approxHistogram"',
  );

/** Of either kind. */
export const asHistogram: SketchReader<Histogram> = (value, field) =>
  value instanceof ApproximateHistogram ? value : asFixedBuckets(value, field);

export const asTDigest: SketchReader<TDigest> = (value, field) =>
  sketchOf(
    value,
    field,
    TDigest,
    'a t-digest; build one with "tDigestSketch" or TDIGEST_GENERATE_SKETCH',
  );

export const asMoments: SketchReader<MomentSketch> = (value, field) =>
  sketchOf(value, field, MomentSketch, 'a moments sketch; build one with "momentSketch"');

export const asSpectator: SketchReader<SpectatorHistogram> = (value, field) =>
  sketchOf(
    value,
    field,
    SpectatorHistogram,
    'a Spectator histogram; build one with "spectatorHistogram"',
  );

function sketchOf<S extends object>(
  value: Value,
  field: string,
  kind: abstract new (...args: never[]) => S,
  wanted: string,
): S | null {
  if (value === null || value instanceof kind) return value;
  const got = typeof value === 'object' ? 'another kind of value' : JSON.stringify(String(value));
  throw new UserError(`${field}: want ${wanted}; got ${got}`, 'query', field);
}
