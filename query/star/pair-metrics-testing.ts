/** For tests: a spec. */
export type Json = Record<string, unknown>;

const notNull = (column: string): Json => ({ type: 'not', field: { type: 'null', column } });

const counted = (column: string, name: string): Json => ({
  type: 'filtered',
  filter: notNull(column),
  aggregator: { type: 'count', name },
});

/** Metrics of trees over rows as they are. */
export const METRICS: readonly Json[] = [
  { type: 'count', name: 'm0' },
  { type: 'longSum', name: 'm1', fieldName: 'x' },
  { type: 'longSum', name: 'm2', fieldName: 'y' },
  { type: 'longMin', name: 'm3', fieldName: 'x' },
  { type: 'longMax', name: 'm4', fieldName: 'x' },
  { type: 'doubleSum', name: 'm5', fieldName: 'q' },
  { type: 'doubleSum', name: 'm6', fieldName: 'w' },
  { type: 'doubleMin', name: 'm7', fieldName: 'q' },
  { type: 'doubleMax', name: 'm8', fieldName: 'q' },
  counted('x', 'm9'),
  counted('q', 'm10'),
];

export const SKETCHES: readonly Json[] = [
  { type: 'hyperUnique', name: 'm11', fieldName: 'u' },
  { type: 'thetaSketch', name: 'm12', fieldName: 'u', size: 256 },
  { type: 'HLLSketchBuild', name: 'm13', fieldName: 'u', lgK: 10 },
  { type: 'quantilesDoublesSketch', name: 'm14', fieldName: 'q' },
  { type: 'KllDoublesSketch', name: 'm15', fieldName: 'q', k: 200 },
  { type: 'tDigestSketch', name: 'm16', fieldName: 'q' },
];

const among = (filter: Json, aggregator: Json): Json => ({ type: 'filtered', filter, aggregator });
export const equals = (column: string, matchValue: string | null) => ({
  type: 'selector',
  dimension: column,
  value: matchValue,
});
const T1: Json = { type: 'in', dimension: 't', values: ['t1', 't9'] };

/** What queries ask, each in the words of somebody else. */
export const AGGREGATIONS: readonly Json[] = [
  { type: 'count', name: 'a0' },
  { type: 'longSum', name: 'a1', fieldName: 'x' },
  { type: 'longSum', name: 'a2', fieldName: 'y', expression: null },
  { type: 'longMin', name: 'a3', fieldName: 'x' },
  { type: 'longMax', name: 'a4', fieldName: 'x' },
  { type: 'doubleSum', name: 'a5', fieldName: 'q' },
  { type: 'doubleSum', name: 'a6', fieldName: 'w' },
  { type: 'min', name: 'a7', fieldName: 'q' },
  { type: 'doubleMax', name: 'a8', fieldName: 'q' },
  among({ type: 'not', field: equals('x', null) }, { type: 'count', name: 'a9' }),
  among({ type: 'not', field: { type: 'null', column: 'q' } }, { type: 'count', name: 'a10' }),
  { type: 'doubleMean', name: 'a16', fieldName: 'q' },
  { type: 'doubleMean', name: 'a17', fieldName: 'y' },
  among(T1, { type: 'longSum', name: 'a18', fieldName: 'y' }),
  among(T1, { type: 'count', name: 'a19' }),
  among({ type: 'and', fields: [T1, notNull('x')] }, { type: 'count', name: 'a20' }),
  among(T1, among(notNull('q'), { type: 'count', name: 'a21' })),
  among(equals('s', 'none'), { type: 'doubleMean', name: 'a22', fieldName: 'w' }),
  among(notNull('y'), { type: 'count', name: 'a23' }),
  among({ type: 'true' }, { type: 'doubleSum', name: 'a24', fieldName: 'w' }),
  among({ type: 'false' }, { type: 'count', name: 'a25' }),
];

export const SKETCHING: readonly Json[] = [
  { type: 'hyperUnique', name: 'a11', fieldName: 'u', round: true },
  { type: 'thetaSketch', name: 'a12', fieldName: 'u', size: 200 },
  { type: 'thetaSketch', name: 'a13', fieldName: 'u', size: 64 },
  { type: 'HLLSketchBuild', name: 'a14', fieldName: 'u', lgK: 10, tgtHllType: 'HLL_4' },
  {
    type: 'cardinality',
    name: 'a15',
    fields: [{ type: 'default', dimension: 'u', outputName: 'u', outputType: 'STRING' }],
    byRow: false,
    round: true,
  },
  { type: 'quantilesDoublesSketch', name: 'a26', fieldName: 'q', k: 128 },
  { type: 'KllDoublesSketch', name: 'a27', fieldName: 'q' },
];

/** Stored metrics of a table that is rolled up, what trees make of them, and what queries ask of them. */
export const STORED: readonly Json[] = [
  { type: 'count', name: 'count' },
  { type: 'longSum', name: 'sum_x', fieldName: 'x' },
  { type: 'doubleMax', name: 'max_q', fieldName: 'q' },
  { type: 'hyperUnique', name: 'users', fieldName: 'u' },
  { type: 'thetaSketch', name: 'theta', fieldName: 'u', size: 256 },
  { type: 'HLLSketchBuild', name: 'hll', fieldName: 'u' },
];
export const STORED_METRICS: readonly Json[] = [
  { type: 'longSum', name: 'count', fieldName: 'count' },
  { type: 'count', name: 'rows' },
  { type: 'longSum', name: 'sum_x', fieldName: 'sum_x' },
  { type: 'doubleMax', name: 'max_q', fieldName: 'max_q' },
  { type: 'hyperUnique', name: 'users', fieldName: 'users', round: false },
  { type: 'thetaSketch', name: 'theta', fieldName: 'theta', size: 256 },
  { type: 'HLLSketchMerge', name: 'hll', fieldName: 'hll' },
];
export const STORED_AGGREGATIONS: readonly Json[] = [
  { type: 'longSum', name: 'a0', fieldName: 'count' },
  { type: 'count', name: 'a1' },
  { type: 'longSum', name: 'a2', fieldName: 'sum_x' },
  { type: 'doubleMax', name: 'a3', fieldName: 'max_q' },
  { type: 'hyperUnique', name: 'a4', fieldName: 'users' },
  { type: 'thetaSketch', name: 'a5', fieldName: 'theta', size: 128 },
  { type: 'HLLSketchMerge', name: 'a6', fieldName: 'hll', lgK: 12, round: true },
  among(T1, { type: 'longSum', name: 'a7', fieldName: 'count' }),
];
