import { BASIC_AGGREGATES } from './aggregates.js';
import { ARRAYS } from './arrays.js';
import { COLLECTING_AGGREGATES } from './collecting.js';
import { CONDITIONAL } from './conditional.js';
import type { AggregateFunction, ScalarFunction } from './definition.js';
import { FREQUENCY_AGGREGATES, FREQUENCY_FUNCTIONS } from './frequency-sketches.js';
import { HISTOGRAM_AGGREGATES } from './histograms.js';
import { IP_ADDRESSES } from './ip.js';
import { JSON_FUNCTIONS } from './json.js';
import { NUMERIC } from './numeric.js';
import { SAMPLE_AGGREGATES } from './samples.js';
import { SKETCH_AGGREGATES, SKETCH_FUNCTIONS } from './sketches.js';
import { STATISTICS } from './statistics.js';
import { STRINGS } from './strings.js';
import { TIME } from './time.js';

/**
 * Every SQL function by name. The planner, the errors ("did you mean") and
 * INFORMATION_SCHEMA.ROUTINES read these two maps and nothing else.
 */
export const SCALAR_FUNCTIONS: ReadonlyMap<string, ScalarFunction> = byName([
  ...NUMERIC,
  ...STRINGS,
  ...TIME,
  ...CONDITIONAL,
  ...ARRAYS,
  ...JSON_FUNCTIONS,
  ...IP_ADDRESSES,
  ...SKETCH_FUNCTIONS,
  ...FREQUENCY_FUNCTIONS,
]);

export const AGGREGATE_FUNCTIONS: ReadonlyMap<string, AggregateFunction> = byName([
  ...BASIC_AGGREGATES,
  ...COLLECTING_AGGREGATES,
  ...SKETCH_AGGREGATES,
  ...FREQUENCY_AGGREGATES,
  ...SAMPLE_AGGREGATES,
  ...STATISTICS,
  ...HISTOGRAM_AGGREGATES,
]);

function byName<F extends { readonly name: string }>(functions: readonly F[]): Map<string, F> {
  return new Map(functions.map((fn) => [fn.name, fn]));
}
