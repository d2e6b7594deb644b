import { UserError } from '../../core/index.js';
import { HllSketch, QuantilesSketch, ThetaSketch } from '../../sketches/index.js';
import type { Value } from '../types.js';

/** Reads a value as a sketch; `field` names where it comes from. Null, as of a group without rows, gives null. */
export type SketchReader<S> = (value: Value, field: string) => S | null;

export const asTheta: SketchReader<ThetaSketch> = (value, field) =>
  sketchOf(value, field, ThetaSketch, 'a theta sketch; build one with "thetaSketch" or DS_THETA');

export const asHll: SketchReader<HllSketch> = (value, field) =>
  sketchOf(value, field, HllSketch, 'an HLL sketch; build one with "HLLSketchBuild" or DS_HLL');

export const asQuantiles: SketchReader<QuantilesSketch> = (value, field) =>
  sketchOf(
    value,
    field,
    QuantilesSketch,
    'a quantiles sketch; build one with "quantilesDoublesSketch" or DS_QUANTILES_SKETCH',
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
