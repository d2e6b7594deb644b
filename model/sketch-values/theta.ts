import { stringifyJson } from '../../core/index.js';
import { type ThetaSketch, thetaBounds } from '../../sketches/index.js';

/** An estimate with its bounds, as Druid shows it. */
export interface ShownBounds {
  readonly estimate: number;
  readonly highBound: number;
  readonly lowBound: number;
  readonly numStdDev: number;
}

export function shownThetaBounds(sketch: ThetaSketch, numStdDev: number): ShownBounds {
  const { estimate, lower, upper } = thetaBounds(sketch, numStdDev);
  return { estimate, highBound: upper, lowBound: lower, numStdDev };
}

/** What people may want to know of a sketch. */
export function thetaText(sketch: ThetaSketch): string {
  const { lgK, count, theta, isEmpty } = sketch;
  const estimate = sketch.estimate();
  return `thetaSketch ${stringifyJson({ lgK, count, theta: String(theta), isEmpty, estimate })}`;
}
