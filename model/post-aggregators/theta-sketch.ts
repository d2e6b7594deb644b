import { z } from 'zod';
import { readThetaImage } from '../../sketches/index.js';
import { stdDevSpec, thetaSizeSpec } from '../aggregators/theta-sketch.js';
import { asTheta } from '../sketch-values/operands.js';
import {
  shownThetaBounds,
  THETA_OPERATIONS,
  thetaOperation,
  thetaText,
} from '../sketch-values/theta.js';
import { readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator } from './post-aggregator.js';
import { ofConstant, ofSketch, ofSketches } from './sketch-operand.js';

const EstimateSchema = z.object({ errorBoundsStdDev: stdDevSpec });

/** About how many values a theta sketch has, perhaps with bounds. */
export const readThetaEstimate: SpecReader<PostAggregator> = (json, field, parse) => {
  const { errorBoundsStdDev } = readSpec(EstimateSchema, json, field);
  const place = { json, field, parse };
  if (errorBoundsStdDev === null) {
    return ofSketch(place, asTheta, 'DOUBLE', (sketch) => sketch.estimate());
  }
  const type = 'COMPLEX<thetaSketchEstimateWithErrorBounds>';
  return ofSketch(place, asTheta, type, (sketch) => shownThetaBounds(sketch, errorBoundsStdDev));
};

const SetSchema = z.object({
  func: z.enum(THETA_OPERATIONS, { error: `want one of ${THETA_OPERATIONS.join(', ')}` }),
  size: thetaSizeSpec,
});

/** All values of some sketches, those in all of them, or those of the first that are in none of the others. */
export const readThetaSetOperation: SpecReader<PostAggregator> = (json, field, parse) => {
  const { func, size } = readSpec(SetSchema, json, field);
  return ofSketches({ json, field, parse }, asTheta, 'COMPLEX<thetaSketch>', (sketches) =>
    thetaOperation(func, size, sketches),
  );
};

export const readThetaToString: SpecReader<PostAggregator> = (json, field, parse) =>
  ofSketch({ json, field, parse }, asTheta, 'STRING', thetaText);

/** A sketch that the query brings along, in base64. */
export const readThetaConstant: SpecReader<PostAggregator> = (json, field) =>
  ofConstant(json, field, 'theta', 'COMPLEX<thetaSketch>', (bytes) => readThetaImage(bytes));
