import { type QuantilesSketch, QuantilesView } from '../../sketches/index.js';

/** What can be asked of a sketch of quantiles; the points are ascending. */
export const quantilesOf = (sketch: QuantilesSketch, fractions: readonly number[]): number[] => {
  const view = new QuantilesView(sketch);
  return fractions.map((fraction) => view.quantile(fraction));
};

export const rankOf = (sketch: QuantilesSketch, value: number): number =>
  new QuantilesView(sketch).rank(value);

export const cumulativeOf = (sketch: QuantilesSketch, points: readonly number[]): number[] =>
  new QuantilesView(sketch).cumulative(points);

export const histogramOf = (sketch: QuantilesSketch, points: readonly number[]): number[] =>
  new QuantilesView(sketch).histogram(points);

/** The points that part the range of a sketch in so many bins of one width. */
export function equalPoints({ min, max }: QuantilesSketch, binCount: number): number[] {
  const width = (max - min) / binCount;
  return Array.from({ length: binCount - 1 }, (_, i) => min + width * (i + 1));
}

/** What people may want to know of a sketch. */
export function quantilesText(sketch: QuantilesSketch): string {
  const [low, median, high] = quantilesOf(sketch, [0.25, 0.5, 0.75]);
  return [
    '### Quantiles sketch',
    `    k                ${sketch.k}`,
    `    n                ${sketch.n}`,
    `    min, max         ${sketch.min}, ${sketch.max}`,
    `    quartiles        ${low}, ${median}, ${high}`,
  ].join('\n');
}
