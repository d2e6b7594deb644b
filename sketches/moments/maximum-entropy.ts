import { CELL_EDGES, CELLS, chebyshevRow, LOG_CELL_WIDTHS } from './chebyshev-grid.js';
import { solvePositive } from './solve-positive.js';

/**
 * A distribution on [-1, 1] of given averages of Chebyshev's polynomials, and of all such the one of most entropy: its density is
 * exp(λ_1 T_1 + λ_2 T_2 + …), over a factor that makes it 1 in all. Of two numbers, -1 and 1, that is no density: they have their shares.
 *
 * λ is where a convex function, the logarithm of that factor less λ · moments, is least. Newton's method gets there, its steps
 * halved until they go down far enough; the gradient is how far moments are off, second derivatives are covariances of
 * polynomials, by T_i T_j = (T_(i+j) + T_|i-j|) / 2. Integrals are sums over the cells of a grid.
 *
 * Moments are taken in two at a time, each time from the λ before. Those of few values or spoilt by rounding have no such density, or one
 * that the grid does not hold: then it stays at the ones before, which `order` tells.
 */
export class MaximumEntropy {
  private constructor(
    /** The shares of cells, or of -1 and 1. */
    private readonly masses: Float64Array,
    /** The highest moment that is matched. */
    readonly order: number,
  ) {}

  /** `moments` begins with that of T_0, which is 1. */
  static of(moments: Float64Array): MaximumEntropy {
    if (moments.length > 2 && 1 - moments[2]! < ENDS_ONLY) {
      return new MaximumEntropy(Float64Array.of(1 - moments[1]!, 1 + moments[1]!), 2);
    }
    let best = new Density(new Float64Array(1));
    for (let order = best.order; order < moments.length - 1; ) {
      order = Math.min(order + 2, moments.length - 1);
      const next = best.matched(moments.subarray(0, order + 1));
      if (next === null) break;
      best = next;
    }
    return new MaximumEntropy(best.masses, best.order);
  }

  /** The number below which this fraction lies: within a cell all are as dense. */
  quantile(fraction: number): number {
    const { masses } = this;
    let wanted = fraction * masses.reduce((sum, mass) => sum + mass, 0);
    if (masses.length === 2) return wanted <= masses[0]! ? -1 : 1;
    let cell = 0;
    while (cell < CELLS - 1 && wanted > masses[cell]!) wanted -= masses[cell++]!;
    const part = wanted > 0 ? Math.min(1, wanted / masses[cell]!) : 0;
    return CELL_EDGES[cell]! + part * (CELL_EDGES[cell + 1]! - CELL_EDGES[cell]!);
  }
}

/** The density of some λ; λ_0 counts for nothing. */
class Density {
  /** Of cells; together 1. */
  readonly masses = LOG_CELL_WIDTHS.slice();
  /** The logarithm of the factor. */
  private readonly logFactor: number;

  constructor(private readonly lambda: Float64Array) {
    const { masses } = this;
    for (let j = 1; j < lambda.length; j++) {
      const [row, factor] = [chebyshevRow(j), lambda[j]!];
      for (let i = 0; i < CELLS; i++) masses[i]! += factor * row[i]!;
    }
    let [most, sum] = [Number.NEGATIVE_INFINITY, 0];
    for (let i = 0; i < CELLS; i++) if (masses[i]! > most) most = masses[i]!;
    for (let i = 0; i < CELLS; i++) {
      masses[i] = Math.exp(masses[i]! - most);
      sum += masses[i]!;
    }
    for (let i = 0; i < CELLS; i++) masses[i]! /= sum;
    this.logFactor = most + Math.log(sum);
  }

  get order(): number {
    return this.lambda.length - 1;
  }

  /** The density of these moments, searched for from here; null where that does not end. */
  matched(moments: Float64Array): Density | null {
    const start = new Float64Array(moments.length);
    start.set(this.lambda);
    let density: Density | null = new Density(start);
    for (let step = 0; density !== null && step < MOST_STEPS; step++) {
      const averages = density.averages(2 * moments.length - 1);
      const off = moments.map((moment, j) => moment - averages[j]!);
      if (off.every((error) => Math.abs(error) <= MATCHED)) return density;
      density = density.stepped(moments, off, averages);
    }
    return null;
  }

  /** One step of Newton's, as far as it goes down by enough; null where none does. */
  private stepped(moments: Float64Array, off: Float64Array, averages: Float64Array) {
    const direction = newtonDirection(off, averages);
    if (direction === null) return null;
    const slope = direction.reduce((sum, part, j) => sum + part * off[j]!, 0);
    const from = this.objective(moments);
    for (let length = 1; length > SHORTEST_STEP; length /= 2) {
      const next = new Density(this.lambda.map((old, j) => old + length * direction[j]!));
      if (next.objective(moments) <= from - ENOUGH * length * slope) return next;
    }
    return null;
  }

  private objective(moments: Float64Array): number {
    return this.lambda.reduce((sum, part, j) => sum - part * moments[j]!, this.logFactor);
  }

  /** Of T_0, T_1, … */
  private averages(count: number): Float64Array {
    return Float64Array.from({ length: count }, (_, j) =>
      sumOfProducts(chebyshevRow(j), this.masses),
    );
  }
}

/** Four sums side by side, none of which waits for another's addition. */
function sumOfProducts(a: Float64Array, b: Float64Array): number {
  let [w, x, y, z] = [0, 0, 0, 0];
  for (let i = 0; i < CELLS; i += 4) {
    w += a[i]! * b[i]!;
    x += a[i + 1]! * b[i + 1]!;
    y += a[i + 2]! * b[i + 2]!;
    z += a[i + 3]! * b[i + 3]!;
  }
  return w + x + y + z;
}

/** What solves covariances · direction = off; 0 for T_0. */
function newtonDirection(off: Float64Array, averages: Float64Array): Float64Array | null {
  const size = off.length - 1;
  const covariances = Array.from({ length: size }, (_, a) =>
    Float64Array.from({ length: size }, (_, b) => {
      const product = (averages[a + b + 2]! + averages[Math.abs(a - b)]!) / 2;
      return product - averages[a + 1]! * averages[b + 1]! + (a === b ? RIDGE : 0);
    }),
  );
  const solution = solvePositive(covariances, off.subarray(1));
  return solution === null ? null : Float64Array.of(0, ...solution);
}

/** How far from 1 the average of T_2 may be where there are no numbers but the least and the largest. */
const ENDS_ONLY = 1e-9;
/** How far a moment may be off. */
const MATCHED = 1e-5;
const MOST_STEPS = 40;
const SHORTEST_STEP = 2 ** -20;
/** Of what the slope promises, how much a step must go down. */
const ENOUGH = 1e-4;
/** What rounding takes from the covariances of a density of few cells. */
const RIDGE = 1e-13;
