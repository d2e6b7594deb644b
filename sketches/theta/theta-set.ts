import { ThetaSketch } from './theta-sketch.js';

/** All values of any of the sketches. */
export function thetaUnion(lgK: number, sketches: readonly ThetaSketch[]): ThetaSketch {
  const union = new ThetaSketch(lgK);
  for (const sketch of sketches) union.merge(sketch);
  return union;
}

/** The values that are in all sketches, of which there is one at least. */
export function thetaIntersection(sketches: readonly ThetaSketch[]): ThetaSketch {
  return sketches.reduce((a, b) =>
    a.isEmpty || b.isEmpty ? new ThetaSketch(Math.max(a.lgK, b.lgK)) : a.chosen(b, true),
  );
}

/** The values of the first sketch that are in none of the others. */
export function thetaDifference(sketches: readonly ThetaSketch[]): ThetaSketch {
  return sketches.reduce((a, b) => (a.isEmpty || b.isEmpty ? a : a.chosen(b, false)));
}
