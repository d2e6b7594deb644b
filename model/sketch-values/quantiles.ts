import { type Distribution, QuantilesView } from '../../sketches/index.js';

/** What can be asked of a sketch of quantiles; the points are ascending. */
export const quantilesOf = (sketch: Distribution, fractions: readonly number[]): number[] => {
  const view = new QuantilesView(sketch);
  return fractions.map((fraction) => view.quantile(fraction));
};

export const rankOf = (sketch: Distribution, value: number): number =>
  new QuantilesView(sketch).rank(value);

export const cumulativeOf = (sketch: Distribution, points: readonly number[]): number[] =>
  new QuantilesView(sketch).cumulative(points);

export const histogramOf = (sketch: Distribution, points: readonly number[]): number[] =>
  new QuantilesView(sketch).histogram(points);

/** The points that part the range of a sketch in so many bins of one width. */
export function equalPoints({ min, max }: Distribution, binCount: number): number[] {
  const width = (max - min) / binCount;
  return Array.from({ length: binCount - 1 }, (_, i) => min + width * (i + 1));
}

/** What people may want to know of a sketch. */
export function quantilesText(sketch: Distribution): string {
  const [low, median, high] = quantilesOf(sketch, [0.25, 0.5, 0.75]);
  return [
    '### Quantiles sketch',
    `    k                ${sketch.k}`,
    `    n                ${sketch.n}`,
    `    min, max         ${sketch.min}, ${sketch.max}`,
    `    quartiles        ${low}, ${median}, ${high}`,
  ].join('\n');
}
