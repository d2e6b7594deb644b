import { type Distribution, QuantilesView } from '../../sketches/index.js';

/** Views of the sketches that were asked last: several things are asked of one. A sketch that has changed has another n. */
const views = new WeakMap<Distribution, { readonly n: number; readonly view: QuantilesView }>();

function viewOf(sketch: Distribution): QuantilesView {
  const { n } = sketch;
  const known = views.get(sketch);
  if (known?.n === n) return known.view;
  const view = new QuantilesView(sketch);
  views.set(sketch, { n, view });
  return view;
}

/** What can be asked of a sketch of quantiles; the points are ascending. */
export const quantilesOf = (sketch: Distribution, fractions: readonly number[]): number[] => {
  const view = viewOf(sketch);
  return fractions.map((fraction) => view.quantile(fraction));
};

export const rankOf = (sketch: Distribution, value: number): number => viewOf(sketch).rank(value);

export const cumulativeOf = (sketch: Distribution, points: readonly number[]): number[] =>
  viewOf(sketch).cumulative(points);

export const histogramOf = (sketch: Distribution, points: readonly number[]): number[] =>
  viewOf(sketch).histogram(points);

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
