import type { JsonObject } from '../../core/index.js';
import type { ColumnSketch } from '../../indexes/index.js';
import type { ColumnDescription, IndexName, Segment } from '../../segments/index.js';

type Kind = ColumnSketch['kind'];

/** What the sketches of a column tell, of one segment or several: each of the rows of those segments that have it. */
export type SketchAnalysis = { readonly [K in Kind]?: Told<K> };

interface Told<K extends Kind> {
  readonly sketch: Extract<ColumnSketch, { kind: K }>['sketch'];
  readonly rows: number;
}

/** Indexes that are sketches. */
const KINDS = ['hll', 'countMin', 'kll'];

const FRACTIONS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/** The indexes of some columns that tell them. */
export const sketchIndexes = (columns: readonly ColumnDescription[]): IndexName[] =>
  columns.flatMap(({ name, storage }) => {
    const kinds = storage?.indexes.map(({ kind }) => kind) ?? [];
    return kinds.filter((kind) => KINDS.includes(kind)).map((kind) => ({ column: name, kind }));
  });

/** Of indexes that are in memory. */
export function sketchesOf(segment: Segment, column: string): SketchAnalysis {
  const told: Partial<Record<Kind, unknown>> = {};
  for (const kind of KINDS) {
    const found = segment.index(column, kind)?.sketch?.();
    if (found) told[found.kind] = { sketch: found.sketch, rows: segment.rowCount };
  }
  return told as SketchAnalysis;
}

/** Of one column, which is of one type in both. Changes the sketches of `a`. */
export function mergeSketches(a: SketchAnalysis, b: SketchAnalysis): SketchAnalysis {
  return {
    ...merged('distinct', a, b, (into, from) => into.merge(from)),
    ...merged('frequent', a, b, (into, from) => into.merge(from)),
    ...merged('quantiles', a, b, (into, from) => into.merge(from)),
  };
}

function merged<K extends Kind>(
  kind: K,
  { [kind]: a }: SketchAnalysis,
  { [kind]: b }: SketchAnalysis,
  merge: (into: Told<K>['sketch'], from: Told<K>['sketch']) => void,
): SketchAnalysis {
  if (a && b) merge(a.sketch, b.sketch);
  const both = a && b ? { sketch: a.sketch, rows: a.rows + b.rows } : (a ?? b);
  return both === undefined ? {} : ({ [kind]: both } as SketchAnalysis);
}

/** As it is shown; null for what no segment has. */
export function sketchesJson({ distinct, frequent, quantiles }: SketchAnalysis): JsonObject {
  return {
    distinct: distinct ? { rows: distinct.rows, estimate: distinct.sketch.estimate() } : null,
    frequent: frequent ? { rows: frequent.rows, ...frequentJson(frequent) } : null,
    quantiles: quantiles ? { rows: quantiles.rows, ...quantilesJson(quantiles) } : null,
  };
}

function frequentJson({ sketch }: Told<'frequent'>): JsonObject {
  const { entries, absentCount } = sketch.state();
  const values = entries.map(({ value, count, error }) => ({
    value,
    atLeast: count - error,
    atMost: count,
  }));
  return { values, othersAtMost: absentCount };
}

function quantilesJson({ sketch }: Told<'quantiles'>): JsonObject {
  const { n: count, rankError } = sketch;
  const items = count === 0 ? null : sketch.weighted();
  const [min, max] = items === null ? [null, null] : [sketch.min, sketch.max];
  const values = FRACTIONS.map((fraction) => ({
    fraction,
    value: items?.quantile(fraction, true) ?? null,
  }));
  return { count, min, max, rankError, values };
}
