import {
  ApproximateHistogram,
  type Breaks,
  type FixedBucketsHistogram,
  histogramQuantile,
} from '../../sketches/index.js';

export type Histogram = ApproximateHistogram | FixedBucketsHistogram;

/** The number below which this fraction lies. Of none: NaN, or 0 of fixed buckets. */
export const quantileOfHistogram = (histogram: Histogram, fraction: number): number =>
  histogram instanceof ApproximateHistogram
    ? histogramQuantile(histogram, fraction)
    : histogram.quantile(fraction);

/** A number within plain JSON, which has no NaN and no infinities: they are texts. */
type Shown = number | string;

const shown = (number: number): Shown => (Number.isFinite(number) ? number : String(number));

/** A histogram as Druid shows it. */
export interface ShownBreaks {
  readonly breaks: readonly Shown[];
  readonly counts: readonly Shown[];
}

/** In 32-bit floats, as positions are. */
export const shownBreaks = ({ breaks, counts }: Breaks): ShownBreaks => ({
  breaks: breaks.map((point) => shown(Math.fround(point))),
  counts: counts.map((count) => shown(Math.fround(count))),
});

/** Counts between breaks, and what range the numbers have, as Druid shows them. */
export const shownCounts = (breaks: Breaks, range: readonly [number, number]): object => ({
  ...shownBreaks(breaks),
  quantiles: range.map(shown),
});

/** Quantiles as Druid shows them. */
export const shownQuantiles = (histogram: Histogram, probabilities: readonly number[]): object => ({
  probabilities,
  quantiles: probabilities.map((fraction) => shown(quantileOfHistogram(histogram, fraction))),
  min: shown(histogram.min),
  max: shown(histogram.max),
});

/** A histogram of fixed buckets as Druid shows it. */
export const shownFixedBuckets = (histogram: FixedBucketsHistogram): object => ({
  lowerLimit: histogram.shape.lowerLimit,
  upperLimit: histogram.shape.upperLimit,
  numBuckets: histogram.shape.numBuckets,
  outlierHandlingMode: histogram.shape.outlierMode,
  count: histogram.count,
  lowerOutlierCount: histogram.lowerOutliers,
  upperOutlierCount: histogram.upperOutliers,
  missingValueCount: histogram.missing,
  max: shown(histogram.max),
  min: shown(histogram.min),
  histogram: [...histogram.buckets],
});
