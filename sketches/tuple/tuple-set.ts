import { TupleSketch } from './tuple-sketch.js';

/** All keys of any of the sketches, their values added up. */
export function tupleUnion(
  lgK: number,
  width: number,
  sketches: readonly TupleSketch[],
): TupleSketch {
  const union = new TupleSketch(lgK, width);
  for (const sketch of sketches) union.merge(sketch);
  return union;
}

/** The keys that are in all sketches, of which there is one at least, their values added up. */
export function tupleIntersection(sketches: readonly TupleSketch[]): TupleSketch {
  return sketches.reduce((a, b) =>
    a.isEmpty || b.isEmpty ? new TupleSketch(Math.max(a.lgK, b.lgK), a.width) : a.chosen(b, true),
  );
}

/** The keys of the first sketch that are in none of the others, with their values. */
export function tupleDifference(sketches: readonly TupleSketch[]): TupleSketch {
  return sketches.reduce((a, b) => (a.isEmpty || b.isEmpty ? a : a.chosen(b, false)));
}
