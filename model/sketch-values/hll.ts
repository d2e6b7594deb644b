import { doubleToLong, type Long, UserError } from '../../core/index.js';
import { HllSketch, type HllType } from '../../sketches/index.js';

/** The estimate, rounded if asked for. */
export function hllEstimate(sketch: HllSketch, round: boolean): Long {
  const estimate = sketch.estimate();
  return round ? doubleToLong(Math.round(estimate)) : estimate;
}

/** The estimate, and bounds so many standard deviations below and above. Throws UserError unless there are 1 to 3. */
export function hllBounds(sketch: HllSketch, numStdDev: number): readonly number[] {
  if (![1, 2, 3].includes(numStdDev)) {
    throw new UserError(`numStdDev: want 1, 2 or 3; got ${numStdDev}`, 'query', 'numStdDev');
  }
  const { estimate, lower, upper } = sketch.bounds(numStdDev);
  return [estimate, lower, upper];
}

export function hllUnion(lgK: number, type: HllType, sketches: readonly HllSketch[]): HllSketch {
  const union = new HllSketch(lgK, type);
  for (const sketch of sketches) union.merge(sketch);
  return union;
}

/** What people may want to know of a sketch. */
export function hllText(sketch: HllSketch): string {
  const [estimate, lower, upper] = hllBounds(sketch, 1);
  return [
    '### HLL sketch',
    `    lgK              ${sketch.lgK}`,
    `    type             ${sketch.type}`,
    `    held as          ${sketch.contents().coupons === null ? 'registers' : 'coupons'}`,
    `    estimate         ${estimate}`,
    `    bounds, 68.3 %   ${lower} to ${upper}`,
  ].join('\n');
}
