import { MAX_THETA, ThetaSketch } from './theta-sketch.js';

/** All values of any of the sketches. */
export function thetaUnion(lgK: number, sketches: readonly ThetaSketch[]): ThetaSketch {
  const union = new ThetaSketch(lgK);
  for (const sketch of sketches) union.merge(sketch);
  return union;
}

/** The values that are in all sketches, of which there is one at least. */
export function thetaIntersection(sketches: readonly ThetaSketch[]): ThetaSketch {
  return sketches.reduce((a, b) => chosen(a, b, (hash, others) => others.has(hash)));
}

/** The values of the first sketch that are in none of the others. */
export function thetaDifference(sketches: readonly ThetaSketch[]): ThetaSketch {
  return sketches.reduce((a, b) =>
    a.isEmpty || b.isEmpty ? a : chosen(a, b, (hash, others) => !others.has(hash)),
  );
}

/** Below the smaller theta both sketches know every hash, so that there sets are what they are. */
function chosen(
  a: ThetaSketch,
  b: ThetaSketch,
  keeps: (hash: bigint, others: ReadonlySet<bigint>) => boolean,
): ThetaSketch {
  const lgK = Math.max(a.lgK, b.lgK);
  if (a.isEmpty || b.isEmpty) return new ThetaSketch(lgK);
  const [theta] = [a.theta, b.theta].sort((x, y) => (x < y ? -1 : 1)) as [bigint, bigint];
  const others = new Set(b.hashes());
  const hashes = [...a.hashes()].filter((hash) => hash < theta && keeps(hash, others));
  return ThetaSketch.of(lgK, theta, hashes, hashes.length === 0 && theta === MAX_THETA);
}
