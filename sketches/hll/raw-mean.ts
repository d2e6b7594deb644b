/**
 * The mean of Flajolet's estimate when n distinct values came to k registers.
 *
 * Of one register, P(rank ≤ r) = (1 - 2^-r / k)^n, of two, P(≤ r, ≤ s) = (1 - (2^-r + 2^-s) / k)^n. From these the mean
 * m and the variance v of S = Σ 2^-rank; the mean of 1 / S is (1 + v / m²) / m, but for terms in 1 / k².
 * Off by 0.4 % with 16 registers, by 0.002 % with 256 and more.
 */
export function rawMean(k: number, n: number): number {
  // Ranks so high that none came have nothing to tell.
  const most = Math.ceil(Math.log2(n / k + 1)) + 34;
  const shares = Float64Array.from({ length: most + 1 }, (_, r) => 2 ** -r / k);
  const atMost = shares.map((share) => Math.exp(n * Math.log1p(-share)));
  let mean = 2 ** -(most + 1);
  let square = 0;
  let covariance = 0;
  for (let r = 0; r <= most; r++) {
    mean += 2 ** -(r + 1) * atMost[r]!;
    square += 0.75 * 4 ** -r * atMost[r]!;
    for (let s = 0; s <= r; s++) {
      const both = Math.exp(n * Math.log1p(-(shares[r]! + shares[s]!)));
      const weight = (r === s ? 1 : 2) * 2 ** -(r + s + 2);
      covariance += weight * (both - atMost[r]! * atMost[s]!);
    }
  }
  const variance = k * (square - mean * mean) + k * (k - 1) * covariance;
  return flajolet(k, k * mean) * (1 + variance / (k * mean) ** 2);
}

/** Flajolet et al., figure 3: a constant times the harmonic mean of 2^rank. */
export function flajolet(k: number, sum: number): number {
  const alpha = ALPHAS.get(k) ?? 0.7213 / (1 + 1.079 / k);
  return (alpha * k * k) / sum;
}

const ALPHAS: ReadonlyMap<number, number> = new Map([
  [16, 0.673],
  [32, 0.697],
  [64, 0.709],
]);
