import { chebyshevMoments } from './chebyshev-moments.js';
import { MaximumEntropy } from './maximum-entropy.js';
import type { MomentSketch } from './moment-sketch.js';
import { solvePositive } from './solve-positive.js';

/**
 * The most that any distribution of the moments that the sketch matches can have at a number: by as much can the ranks that two of
 * them give it differ. For moments to 2n it is 1 / Σ p_j(x)², of the polynomials p_0 … p_n that are orthonormal under
 * those moments; that sum is vᵀ M⁻¹ v, where v_j is T_j(x) and M_ij the average of T_i T_j.
 */
export function mostMassAt(sketch: MomentSketch, number: number): number {
  const { isCompressed, least, most, sums } = sketch.state();
  const [center, radius] = [(least + most) / 2, (most - least) / 2];
  const moments = chebyshevMoments(sums, center, radius);
  const n = Math.floor(MaximumEntropy.of(moments).order / 2);
  const x = ((isCompressed ? Math.asinh(number) : number) - center) / radius;
  const angle = Math.acos(Math.min(1, Math.max(-1, x)));
  const terms = Float64Array.from({ length: n + 1 }, (_, j) => Math.cos(j * angle));
  const matrix = Array.from(terms, (_, a) =>
    Float64Array.from(terms, (_, b) => (moments[a + b]! + moments[Math.abs(a - b)]!) / 2),
  );
  const solution = solvePositive(matrix, terms);
  if (solution === null) return 1;
  return 1 / solution.reduce((sum, part, j) => sum + part * terms[j]!, 0) + MATCHED;
}

/** For moments are matched but to about this. */
const MATCHED = 1e-3;
