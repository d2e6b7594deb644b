import { SeededRandom } from '../../core/index.js';
import { HyperLogLog, KllSketch, SpaceSaving } from '../../sketches/index.js';
import type { ColumnAnalysis, SegmentAnalysis } from './segment-analysis.js';
import type { SketchAnalysis } from './sketch-analysis.js';

/** What is known of a segment, as plain data that can go to another process. */
export interface WireAnalysis extends Omit<SegmentAnalysis, 'columns' | 'aggregators'> {
  readonly columns: readonly (readonly [name: string, WireColumn])[];
  readonly aggregators: readonly (readonly [name: string, unknown])[] | null;
}

type WireColumn = Omit<ColumnAnalysis, 'sketches'> & {
  readonly sketches?: { readonly [K in keyof SketchAnalysis]: WireSketch };
};

interface WireSketch {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

export function encodeAnalysis(analysis: SegmentAnalysis): WireAnalysis {
  const { columns, aggregators, types } = analysis;
  return {
    ...analysis,
    types: types.map(({ name, type, multiValue, role }) => ({ name, type, multiValue, role })),
    columns: [...columns].map(([name, column]) => [name, encodeColumn(column)]),
    aggregators: aggregators === null ? null : [...aggregators],
  };
}

function encodeColumn({ sketches, ...column }: ColumnAnalysis): WireColumn {
  if (sketches === undefined) return column;
  const told = Object.entries(sketches).map(([kind, { sketch, rows }]) => [
    kind,
    { bytes: sketch.toBytes(), rows },
  ]);
  return { ...column, sketches: Object.fromEntries(told) };
}

/** Throws CorruptSketchError for sketches that are none. */
export const decodeAnalysis = (analysis: WireAnalysis): SegmentAnalysis => ({
  ...analysis,
  columns: new Map(analysis.columns.map(([name, column]) => [name, decodeColumn(column)])),
  aggregators: analysis.aggregators === null ? null : new Map(analysis.aggregators),
});

function decodeColumn({ sketches, ...column }: WireColumn): ColumnAnalysis {
  if (sketches === undefined) return column;
  const { distinct, frequent, quantiles } = sketches;
  const told = <S>({ bytes, rows }: WireSketch, read: (bytes: Uint8Array) => S) => ({
    sketch: read(bytes),
    rows,
  });
  return {
    ...column,
    sketches: {
      ...(distinct && { distinct: told(distinct, (bytes) => HyperLogLog.fromBytes(bytes)) }),
      ...(frequent && { frequent: told(frequent, (bytes) => SpaceSaving.fromBytes(bytes)) }),
      ...(quantiles && { quantiles: told(quantiles, readQuantiles) }),
    },
  };
}

/** Merging draws: the same every time, so that the same segments give the same answer. */
const readQuantiles = (bytes: Uint8Array): KllSketch =>
  KllSketch.fromBytes(bytes, new SeededRandom(1));
