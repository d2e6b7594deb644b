import { UserError } from '../../core/index.js';
import {
  QuantilesSketch,
  type TupleSketch,
  thetaBounds,
  tupleDifference,
  tupleImage,
  tupleIntersection,
  tupleUnion,
} from '../../sketches/index.js';
import type { ThetaOperation } from './theta.js';
import { type Sample, welchTest } from './welch-test.js';

/** Throws a UserError unless all sketches that are not empty have as many values. */
export function checkWidths(sketches: readonly TupleSketch[], field: string): void {
  const widths = new Set(sketches.filter(({ isEmpty }) => !isEmpty).map(({ width }) => width));
  if (widths.size < 2) return;
  throw new UserError(
    `${field}: want sketches of as many values; got ${[...widths].join(' and ')}`,
    'query',
    field,
  );
}

/** What a set operation leaves of sketches of one width; `lgK` is the size of a union. */
export function tupleOperation(
  operation: ThetaOperation,
  lgK: number,
  sketches: readonly TupleSketch[],
  field: string,
): TupleSketch {
  checkWidths(sketches, field);
  if (operation === 'UNION') return tupleUnion(lgK, sketches[0]!.width, sketches);
  return operation === 'INTERSECT' ? tupleIntersection(sketches) : tupleDifference(sketches);
}

/** The estimate, a lower and an upper bound. */
export function tupleBounds(sketch: TupleSketch, numStdDev: number): number[] {
  const { estimate, lower, upper } = thetaBounds(sketch, numStdDev);
  return [estimate, lower, upper];
}

/** Of each column the kept values, by hash. */
function columnsOf(sketch: TupleSketch): Float64Array[] {
  const { values } = sketch.entries();
  const { width, count } = sketch;
  return Array.from({ length: width }, (_, column) =>
    Float64Array.from({ length: count }, (_, i) => values[i * width + column]!),
  );
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** The mean and the variance of a sample (n - 1); both NaN of nothing, the variance of one is 0. */
function sampleOf(values: Float64Array): Sample {
  const n = values.length;
  const mean = sumOf(values) / n;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, variance: n > 1 ? square / (n - 1) : n === 1 ? 0 : Number.NaN };
}

const samplesOf = (sketch: TupleSketch): Sample[] => columnsOf(sketch).map(sampleOf);

export const tupleMeans = (sketch: TupleSketch): number[] =>
  samplesOf(sketch).map(({ mean }) => mean);

export const tupleVariances = (sketch: TupleSketch): number[] =>
  samplesOf(sketch).map(({ variance }) => variance);

/** About what the values of all keys add up to. */
export function tupleSums(sketch: TupleSketch): number[] {
  const theta = Number(sketch.theta) / 2 ** 63;
  return columnsOf(sketch).map((values) => sumOf(values) / theta);
}

/** The distribution of the values of one column, counted from 1, over keys. */
export function tupleQuantiles(
  sketch: TupleSketch,
  column: number,
  k: number,
  field: string,
): QuantilesSketch {
  if (column > sketch.width) {
    throw new UserError(`${field}: want 1 to ${sketch.width}; got ${column}`, 'query', field);
  }
  const quantiles = new QuantilesSketch(k);
  for (const value of columnsOf(sketch)[column - 1]!) quantiles.add(value);
  return quantiles;
}

/** Of each column how likely means that differ as much are where those of all keys do not. */
export function tupleTest(a: TupleSketch, b: TupleSketch, field: string): number[] {
  checkWidths([a, b], field);
  const others = samplesOf(b);
  return samplesOf(a).map((sample, i) =>
    welchTest(sample, others[i] ?? sampleOf(new Float64Array())),
  );
}

export const tupleBase64 = (sketch: TupleSketch): string =>
  Buffer.from(tupleImage(sketch)).toString('base64');

/** What people may want to know of a sketch. */
export function tupleText(sketch: TupleSketch): string {
  const [estimate, lower, upper] = tupleBounds(sketch, 2);
  return [
    '### Tuple sketch of doubles',
    `    nominal entries  ${2 ** sketch.lgK}`,
    `    values           ${sketch.width}`,
    `    empty            ${sketch.isEmpty}`,
    `    kept entries     ${sketch.count}`,
    `    theta            ${sketch.theta} of 2^63`,
    `    estimate         ${estimate}`,
    `    bounds, 95.4 %   ${lower} to ${upper}`,
  ].join('\n');
}
