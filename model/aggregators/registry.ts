import { checkNames, parseEach, parseOneOf, type SpecFamily, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { readAny } from './any.js';
import { readApproximateHistogram } from './approximate-histogram.js';
import { readBigDecimal } from './big-decimal.js';
import { readBloom } from './bloom.js';
import { readCount } from './count.js';
import { readCountMinSketch } from './count-min-sketch.js';
import { readDistinctCount } from './distinct-count.js';
import { readExpressionAggregator } from './expression.js';
import { readFiltered } from './filtered.js';
import { readFirstLast, readFirstLastFold } from './first-last.js';
import { readFixedBuckets } from './fixed-buckets.js';
import { readGrouping } from './grouping.js';
import { readCountMinHitters, readLossyCounting } from './heavy-hitters.js';
import { readHllSketchBuild, readHllSketchMerge } from './hll-sketch.js';
import { readCardinality, readHyperUnique } from './hyper-unique.js';
import { readDoubleMean } from './mean.js';
import { readMomentSketch } from './moment-sketch.js';
import { readKllSketch, readQuantilesSketch } from './quantiles-sketch.js';
import { readReservoirSample, readWeightedSample } from './sample.js';
import {
  readDoubleMax,
  readDoubleMin,
  readDoubleSum,
  readFloatMax,
  readFloatMin,
  readFloatSum,
  readLongMax,
  readLongMin,
  readLongSum,
} from './simple.js';
import { readSimpleHistogram } from './simple-histogram.js';
import { readSingleValue } from './single-value.js';
import { readSpectatorHistogram } from './spectator-histogram.js';
import { readTDigest } from './t-digest.js';
import { readThetaSketch } from './theta-sketch.js';
import { readTimeExtreme } from './time-extreme.js';
import { readTopKSketch } from './top-k-sketch.js';
import { readTupleSketch } from './tuple-sketch.js';
import { readVariance } from './variance.js';

const FAMILY: SpecFamily<Aggregator> = {
  role: 'AggregatorFactory',
  types: new Map<string, SpecReader<Aggregator>>([
    ['count', readCount],
    ['longSum', readLongSum],
    ['doubleSum', readDoubleSum],
    ['floatSum', readFloatSum],
    ['longMin', readLongMin],
    ['longMax', readLongMax],
    ['doubleMin', readDoubleMin],
    ['doubleMax', readDoubleMax],
    ['floatMin', readFloatMin],
    ['floatMax', readFloatMax],
    ['min', readDoubleMin],
    ['max', readDoubleMax],
    ['doubleMean', readDoubleMean],
    ['longFirst', readFirstLast('LONG', 'First')],
    ['longLast', readFirstLast('LONG', 'Last')],
    ['doubleFirst', readFirstLast('DOUBLE', 'First')],
    ['doubleLast', readFirstLast('DOUBLE', 'Last')],
    ['floatFirst', readFirstLast('FLOAT', 'First')],
    ['floatLast', readFirstLast('FLOAT', 'Last')],
    ['stringFirst', readFirstLast('STRING', 'First')],
    ['stringLast', readFirstLast('STRING', 'Last')],
    ['longFirstFold', readFirstLastFold('LONG', 'First')],
    ['longLastFold', readFirstLastFold('LONG', 'Last')],
    ['doubleFirstFold', readFirstLastFold('DOUBLE', 'First')],
    ['doubleLastFold', readFirstLastFold('DOUBLE', 'Last')],
    ['floatFirstFold', readFirstLastFold('FLOAT', 'First')],
    ['floatLastFold', readFirstLastFold('FLOAT', 'Last')],
    ['stringFirstFold', readFirstLastFold('STRING', 'First')],
    ['stringLastFold', readFirstLastFold('STRING', 'Last')],
    ['longAny', readAny('LONG')],
    ['doubleAny', readAny('DOUBLE')],
    ['floatAny', readAny('FLOAT')],
    ['stringAny', readAny('STRING')],
    ['filtered', readFiltered],
    ['cardinality', readCardinality],
    ['hyperUnique', readHyperUnique],
    ['thetaSketch', readThetaSketch],
    ['arrayOfDoublesSketch', readTupleSketch],
    ['HLLSketchBuild', readHllSketchBuild],
    ['HLLSketchMerge', readHllSketchMerge],
    ['quantilesDoublesSketch', readQuantilesSketch],
    ['approxHistogram', readApproximateHistogram],
    ['approxHistogramFold', readApproximateHistogram],
    ['fixedBucketsHistogram', readFixedBuckets],
    ['tDigestSketch', readTDigest],
    ['momentSketch', readMomentSketch],
    ['momentSketchMerge', readMomentSketch],
    ['spectatorHistogram', readSpectatorHistogram],
    ['spectatorHistogramTimer', readSpectatorHistogram],
    ['spectatorHistogramDistribution', readSpectatorHistogram],
    ['bloom', readBloom],
    ['variance', readVariance],
    ['varianceFold', readVariance],
    ['KllDoublesSketch', readKllSketch('doubles')],
    ['KllFloatsSketch', readKllSketch('floats')],
    ['topKSketch', readTopKSketch],
    ['countMinSketch', readCountMinSketch],
    ['lossyCountingSketch', readLossyCounting],
    ['countMinHeavyHitters', readCountMinHitters],
    ['reservoirSample', readReservoirSample],
    ['weightedSample', readWeightedSample],
    ['grouping', readGrouping],
    ['expression', readExpressionAggregator],
    ['timeMin', readTimeExtreme('timeMin')],
    ['timeMax', readTimeExtreme('timeMax')],
    ['histogram', readSimpleHistogram],
    ['singleValue', readSingleValue],
    ['distinctCount', readDistinctCount],
    ['compressedBigDecimalSum', readBigDecimal('Sum')],
    ['compressedBigDecimalMin', readBigDecimal('Min')],
    ['compressedBigDecimalMax', readBigDecimal('Max')],
  ]),
  refused: new Map([
    ['javascript', 'code of users never runs in the server; use the "expression" aggregator'],
  ]),
};

/** Reads an aggregator. Throws a UserError, or an UnsupportedError with a remedy, that names the field. */
export function parseAggregator(json: unknown, field: string): Aggregator {
  return parseOneOf(FAMILY, json, field);
}

/** Reads a list of aggregators with distinct names; an absent list is empty. */
export function parseAggregators(json: unknown, field: string): Aggregator[] {
  const aggregators = parseEach(json, field, parseAggregator);
  checkNames(aggregators, field);
  return aggregators;
}
