import { checkNames, parseEach, parseOneOf, type SpecFamily, type SpecReader } from '../spec.js';
import { readFieldAccess, readFinalizingFieldAccess } from './access.js';
import { readArithmetic } from './arithmetic.js';
import { readConstant } from './constant.js';
import { readFrequency } from './count-min-sketch.js';
import { readExpression } from './expression.js';
import { readExtreme } from './greatest.js';
import {
  readBuckets,
  readCustomBuckets,
  readEqualBuckets,
  readHistogramMax,
  readHistogramMin,
  readHistogramQuantile,
  readHistogramQuantiles,
} from './histogram.js';
import { readHllBounds, readHllEstimate, readHllToString, readHllUnion } from './hll-sketch.js';
import { readMomentMax, readMomentMin, readMomentQuantiles } from './moment-sketch.js';
import type { PostAggregator } from './post-aggregator.js';
import {
  readCumulative,
  readHistogram,
  readQuantile,
  readQuantiles,
  readQuantilesToString,
  readRank,
} from './quantiles-sketch.js';
import {
  readSpectatorCount,
  readSpectatorPercentile,
  readSpectatorPercentiles,
} from './spectator-histogram.js';
import { readPValue, readStandardDeviation, readZScore } from './statistics.js';
import { readTDigestQuantile, readTDigestQuantiles } from './t-digest.js';
import {
  readThetaConstant,
  readThetaEstimate,
  readThetaSetOperation,
  readThetaToString,
} from './theta-sketch.js';
import { TUPLE_READERS } from './tuple-sketch.js';

const FAMILY: SpecFamily<PostAggregator> = {
  role: 'PostAggregator',
  types: new Map<string, SpecReader<PostAggregator>>([
    ['arithmetic', readArithmetic],
    ['fieldAccess', readFieldAccess],
    ['finalizingFieldAccess', readFinalizingFieldAccess],
    ['constant', readConstant],
    ['expression', readExpression],
    ['doubleGreatest', readExtreme('DOUBLE', 'greatest')],
    ['doubleLeast', readExtreme('DOUBLE', 'least')],
    ['longGreatest', readExtreme('LONG', 'greatest')],
    ['longLeast', readExtreme('LONG', 'least')],
    ['hyperUniqueCardinality', readFinalizingFieldAccess],
    ['thetaSketchEstimate', readThetaEstimate],
    ['thetaSketchSetOp', readThetaSetOperation],
    ['thetaSketchToString', readThetaToString],
    ['thetaSketchConstant', readThetaConstant],
    ['HLLSketchEstimate', readHllEstimate],
    ['HLLSketchToEstimate', readHllEstimate],
    ['HLLSketchEstimateWithBounds', readHllBounds],
    ['HLLSketchToEstimateWithBounds', readHllBounds],
    ['HLLSketchUnion', readHllUnion],
    ['HLLSketchToString', readHllToString],
    ['quantileFromTDigestSketch', readTDigestQuantile],
    ['quantilesFromTDigestSketch', readTDigestQuantiles],
    ['momentSketchSolveQuantiles', readMomentQuantiles],
    ['momentSketchMin', readMomentMin],
    ['momentSketchMax', readMomentMax],
    ['percentileSpectatorHistogram', readSpectatorPercentile],
    ['percentilesSpectatorHistogram', readSpectatorPercentiles],
    ['countSpectatorHistogram', readSpectatorCount],
    ['quantile', readHistogramQuantile],
    ['quantiles', readHistogramQuantiles],
    ['equalBuckets', readEqualBuckets],
    ['buckets', readBuckets],
    ['customBuckets', readCustomBuckets],
    ['min', readHistogramMin],
    ['max', readHistogramMax],
    ['stddev', readStandardDeviation],
    ['zscore2sample', readZScore],
    ['pvalue2tailedZtest', readPValue],
    ['countMinSketchToFrequency', readFrequency],
    ...TUPLE_READERS,
    ...['quantilesDoublesSketch', 'KllDoublesSketch', 'KllFloatsSketch'].flatMap(
      (kind): [string, SpecReader<PostAggregator>][] => [
        [`${kind}ToQuantile`, readQuantile],
        [`${kind}ToQuantiles`, readQuantiles],
        [`${kind}ToHistogram`, readHistogram],
        [`${kind}ToCDF`, readCumulative],
        [`${kind}ToRank`, readRank],
        [`${kind}ToString`, readQuantilesToString],
      ],
    ),
  ]),
  refused: new Map([
    ['javascript', 'code of users never runs in the server; use an "expression" post-aggregator'],
  ]),
};

/** Reads a post-aggregator; one that is an operand of another needs no name, and then has the empty one. */
export function parsePostAggregator(json: unknown, field: string): PostAggregator {
  return parseOneOf(FAMILY, json, field);
}

/** Reads a list of post-aggregators with distinct names; an absent list is empty. */
export function parsePostAggregators(json: unknown, field: string): PostAggregator[] {
  const postAggregators = parseEach(json, field, parsePostAggregator);
  checkNames(postAggregators, field);
  return postAggregators;
}
