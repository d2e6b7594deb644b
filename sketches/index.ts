/**
 * sketches: answers "about how many?", "how often?" and "where is the 99th percentile?" in a few kilobytes, however many
 * values went in.
 *
 * A sketch is a mergeable summary: those of parts, merged in any order and grouping, have the error of the sketch of the
 * whole; where a sketch does not say otherwise, they are the same bytes. Every one documents its error bound, its paper and its bytes, and
 * refuses damaged bytes with CorruptSketchError; `contract/` holds all of them to that. Start at `hyper-log-log.ts`.
 */
export { type BloomValue, bloomHash } from './bloom/bloom-hash.js';
export { BloomKFilter, isBloomSize } from './bloom/bloom-k-filter.js';
export type { Bounds } from './bounds.js';
export { MAX_RANK } from './cardinality-estimate.js';
export { CountMin } from './frequency/count-min.js';
export { type CountMinShape, isSameShape } from './frequency/count-min-bytes.js';
export { frequencyHash } from './frequency/frequency-hash.js';
export {
  type FrequentState,
  type FrequentValue,
  isLossyWidth,
  MAX_CAPACITY,
} from './frequency/frequent-values.js';
export { HeavyHitters, isShare } from './frequency/heavy-hitters.js';
export { LossyCounting } from './frequency/lossy-counting.js';
export { SpaceSaving } from './frequency/space-saving.js';
export {
  ApproximateHistogram,
  isHistogramSize,
} from './histogram/approximate-histogram.js';
export {
  approximateHistogramImage,
  readApproximateHistogramImage,
} from './histogram/approximate-histogram-image.js';
export {
  type Breaks,
  between,
  bucketsOfWidth,
  equalBuckets,
  histogramQuantile,
} from './histogram/approximate-histogram-query.js';
export { FixedBucketsHistogram, MAX_BUCKETS, OUTLIER_MODES } from './histogram/fixed-buckets.js';
export { fixedBucketsImage, readFixedBucketsImage } from './histogram/fixed-buckets-image.js';
export { hllImage, readHllImage } from './hll/hll-image.js';
export {
  ADDRESS_BITS as COUPON_ADDRESS_BITS,
  couponLimit,
  couponOf,
  HllSketch,
  type HllType,
} from './hll/hll-sketch.js';
export { DEFAULT_LG_K, HEADER_BYTES, HyperLogLog, sparseLimit } from './hyper-log-log.js';
export { HyperLogLogList } from './hyper-log-log-list.js';
export { HyperLogLogUnion, isDenseSketch } from './hyper-log-log-union.js';
export type { KllNumbers } from './kll/kll-image.js';
export { isKllK, KllSketch } from './kll/kll-sketch.js';
export type { WeightedItems } from './kll/weighted-items.js';
export { momentImage, readMomentImage } from './moments/moment-image.js';
export {
  canMerge as canMergeMoments,
  isMomentCount,
  MomentSketch,
} from './moments/moment-sketch.js';
export type { Distribution } from './quantiles/distribution.js';
export { quantilesImage, readQuantilesImage } from './quantiles/quantiles-image.js';
export { QuantilesView } from './quantiles/quantiles-query.js';
export { isQuantilesK, QuantilesSketch } from './quantiles/quantiles-sketch.js';
export { Reservoir } from './sampling/reservoir.js';
export {
  isSampleSize,
  isWeight,
  type SampledKind,
  type SampledValue,
} from './sampling/reservoir-bytes.js';
export {
  entryOfDouble,
  entryOfHash,
  entryOfLong,
  entryOfText,
  RANK_BITS,
} from './sketch-entry.js';
export { isBucket, SpectatorHistogram } from './spectator/spectator-histogram.js';
export { readSpectatorImage, spectatorImage } from './spectator/spectator-image.js';
export { isCompression, TDigest } from './t-digest/t-digest.js';
export { readTDigestImage, tDigestImage } from './t-digest/t-digest-image.js';
export { thetaBounds } from './theta/theta-bounds.js';
export { readThetaImage, thetaImage } from './theta/theta-image.js';
export { thetaDifference, thetaIntersection, thetaUnion } from './theta/theta-set.js';
export { ThetaSketch } from './theta/theta-sketch.js';
export { readTupleImage, tupleImage } from './tuple/tuple-image.js';
export { tupleDifference, tupleIntersection, tupleUnion } from './tuple/tuple-set.js';
export { isTupleWidth, TupleSketch } from './tuple/tuple-sketch.js';
export {
  DATA_SKETCHES_SEED,
  hashDouble,
  hashLong,
  hashText,
  hashUtf16,
  NAN_BITS,
} from './value-hash.js';
export { type Estimator, Variance } from './variance/variance.js';
