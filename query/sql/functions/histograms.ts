import type { Rex } from '../algebra/rex.js';
import type { SqlType } from '../algebra/types.js';
import { aggregate, numeric } from './aggregates.js';
import type { AggregateBuilder, AggregateFunction } from './definition.js';
import { checkKind, setting } from './sketch-settings.js';
import { identifierText } from './text.js';

/** Aggregates that ask a histogram for a quantile. */

const APPROXIMATE = 'COMPLEX<approximateHistogram>';
const FIXED = 'COMPLEX<fixedBucketsHistogram>';

/** A column of numbers or of such histograms. */
function columnOf(rex: Rex, kind: SqlType, builder: AggregateBuilder): string {
  checkKind(rex, kind);
  return builder.column(rex.type === kind ? rex : numeric(rex));
}

const approximateQuantile: AggregateFunction['plan'] = ([rex, fraction, size], _, builder) => {
  const histogram = builder.shared({
    type: rex!.type === APPROXIMATE ? 'approxHistogramFold' : 'approxHistogram',
    name: builder.name,
    fieldName: columnOf(rex!, APPROXIMATE, builder),
    resolution: setting(size),
    finalizeAsBase64Binary: true,
  });
  return {
    aggregators: [],
    expression: `approx_histogram_quantile(${identifierText(histogram)}, ${Number(setting(fraction))})`,
  };
};

const fixedBucketsQuantile: AggregateFunction['plan'] = (args, _, builder) => {
  const [rex, fraction, count, lower, upper, mode] = args;
  const histogram = builder.shared({
    type: 'fixedBucketsHistogram',
    name: builder.name,
    fieldName: columnOf(rex!, FIXED, builder),
    numBuckets: setting(count),
    lowerLimit: Number(setting(lower)),
    upperLimit: Number(setting(upper)),
    outlierHandlingMode: setting(mode) ?? 'ignore',
    finalizeAsBase64Binary: true,
  });
  return {
    aggregators: [],
    expression: `fixed_buckets_quantile(${identifierText(histogram)}, ${Number(setting(fraction))})`,
  };
};

export const HISTOGRAM_AGGREGATES: readonly AggregateFunction[] = [
  aggregate(
    'APPROX_QUANTILE',
    'any number! integer?!',
    'DOUBLE',
    approximateQuantile,
    'The number of which about this fraction lies below, by a histogram of so many bins.',
  ),
  aggregate(
    'APPROX_QUANTILE_FIXED_BUCKETS',
    'any number! integer! number! number! string?!',
    'DOUBLE',
    fixedBucketsQuantile,
    'The same by counts in so many buckets between two limits.',
  ),
];
