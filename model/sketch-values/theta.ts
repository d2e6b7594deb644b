import { UserError } from '../../core/index.js';
import {
  type ThetaSketch,
  thetaBounds,
  thetaDifference,
  thetaIntersection,
  thetaUnion,
} from '../../sketches/index.js';

/** An estimate with its bounds, as Druid shows it. */
export interface ShownBounds {
  readonly estimate: number;
  readonly highBound: number;
  readonly lowBound: number;
  readonly numStdDev: number;
}

/** Throws a UserError unless there are 1 to 3 deviations, or the sketch is exact. */
export function shownThetaBounds(sketch: ThetaSketch, numStdDev: number): ShownBounds {
  const isExact = sketch.estimate() === sketch.count;
  if (!isExact && ![1, 2, 3].includes(numStdDev)) {
    throw new UserError(`numStdDev: want 1, 2 or 3; got ${numStdDev}`, 'query', 'numStdDev');
  }
  const { estimate, lower, upper } = thetaBounds(sketch, numStdDev);
  return { estimate, highBound: upper, lowBound: lower, numStdDev };
}

export const THETA_OPERATIONS = ['UNION', 'INTERSECT', 'NOT'] as const;

export type ThetaOperation = (typeof THETA_OPERATIONS)[number];

/** What a set operation leaves of sketches; `lgK` is the size of a union. */
export function thetaOperation(
  operation: ThetaOperation,
  lgK: number,
  sketches: readonly ThetaSketch[],
): ThetaSketch {
  if (operation === 'UNION') return thetaUnion(lgK, sketches);
  return operation === 'INTERSECT' ? thetaIntersection(sketches) : thetaDifference(sketches);
}

/** The binary logarithm of a number of nominal entries, rounded up. Throws a UserError that names `field`. */
export function lgOfSize(size: number, field: string): number {
  if (Number.isInteger(size) && size >= 16 && size <= 2 ** 26) return Math.ceil(Math.log2(size));
  throw new UserError(`${field}: want a whole number, 16 to 67108864; got ${size}`, 'query', field);
}

/** What people may want to know of a sketch. */
export function thetaText(sketch: ThetaSketch): string {
  const bounds = thetaBounds(sketch, 2);
  return [
    '### Theta sketch',
    `    nominal entries  ${2 ** sketch.lgK}`,
    `    empty            ${sketch.isEmpty}`,
    `    kept hashes      ${sketch.count}`,
    `    theta            ${sketch.theta} of 2^63`,
    `    estimate         ${bounds.estimate}`,
    `    bounds, 95.4 %   ${bounds.lower} to ${bounds.upper}`,
  ].join('\n');
}
