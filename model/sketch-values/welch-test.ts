/** What a test needs to know of a sample; the variance is of n - 1. */
export interface Sample {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

/**
 * How likely it is that two samples of one mean differ as much or more: the p-value of Welch's t-test of two sides
 * (Biometrika 34, 1947). NaN for samples of fewer than two, and where nothing varies.
 */
export function welchTest(a: Sample, b: Sample): number {
  if (a.n < 2 || b.n < 2) return Number.NaN;
  const [va, vb] = [a.variance / a.n, b.variance / b.n];
  const square = (a.mean - b.mean) ** 2 / (va + vb);
  const freedom = (va + vb) ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
  return incompleteBeta(freedom / (freedom + square), freedom / 2, 0.5);
}

/** I_x(a, b), by its continued fraction where that is fast, else by symmetry (DLMF 8.17.4, 8.17.22). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  if (Number.isNaN(x) || x === 0) return x;
  const front = a * Math.log(x) + b * Math.log1p(-x) - logGamma(a) - logGamma(b) + logGamma(a + b);
  return (Math.exp(front) / a) * betaFraction(x, a, b);
}

/** 1 / (1 + d1 / (1 + d2 / …)), from the front (Lentz, Applied Optics 15, 1976). */
function betaFraction(x: number, a: number, b: number): number {
  let [value, c, d] = [1, 1, 0];
  for (let i = 1; i <= MOST_TERMS; i++) {
    const term = betaTerm(i, x, a, b);
    d = 1 / (1 + term * d);
    c = 1 + term / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return 1 / value;
}

function betaTerm(i: number, x: number, a: number, b: number): number {
  const m = i >> 1;
  const scale = x / ((a + i - 1) * (a + i));
  return i % 2 === 0 ? m * (b - m) * scale : -(a + m) * (a + b + m) * scale;
}

/** Stirling's series, from 12 on exact to the last bits. */
function logGamma(number: number): number {
  let [x, shift] = [number, 0];
  for (; x < 12; x++) shift += Math.log(x);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - shift;
}

const MOST_TERMS = 1000;
