/**
 * The averages of Chebyshev's polynomials T_0, T_1, … of numbers that were moved from [center - radius, center + radius] to
 * [-1, 1], from the sums of their powers: as many as rounding leaves of use.
 *
 * To move numbers that lie far from 0 and close together cancels digits of their sums: of the average of T_j there remains an
 * error of about ((1 + √2) (1 + |center| / radius))^j 2^-53 (section 4.3.2 of the paper has the like, somewhat more strictly).
 */
export function chebyshevMoments(sums: Float64Array, center: number, radius: number): Float64Array {
  const averages = movedAverages(sums, center / radius, radius);
  const moments = new Float64Array(mostMoments(averages, Math.abs(center / radius)));
  // Coefficients of T_(j - 1) and T_j, by powers.
  let [before, current] = [new Float64Array(sums.length), new Float64Array(sums.length)];
  current[0] = 1;
  for (let j = 0; j < moments.length; j++) {
    let average = 0;
    for (let i = j % 2; i <= j; i += 2) average += current[i]! * averages[i]!;
    // None is beyond these, but by rounding or where sums are of no numbers: then none of what follows is of use.
    if (!(Math.abs(average) <= 1 + MOST_ERROR)) return moments.subarray(0, j);
    moments[j] = average;
    const next = current.map((_, i) => (j === 0 ? 1 : 2) * (current[i - 1] ?? 0) - before[i]!);
    [before, current] = [current, next];
  }
  return moments;
}

/** The averages of powers of (x - center) / radius, by the binomial theorem; `offset` is center / radius. */
function movedAverages(sums: Float64Array, offset: number, radius: number): Float64Array {
  const scaled = sums.map((sum, i) => sum / sums[0]! / radius ** i);
  return scaled.map((_, j) => {
    let average = 0;
    let term = 1;
    // From i = j down, `term` is j over i, times (-offset)^(j - i).
    for (let i = j; i >= 0; i--) {
      average += term * scaled[i]!;
      term *= (-offset * i) / (j - i + 1);
    }
    return average;
  });
}

function mostMoments(averages: Float64Array, offset: number): number {
  // Infinity or NaN of a radius of 0, which leave the first moment alone.
  const growth = (1 + Math.SQRT2) * (1 + offset);
  let [count, error] = [1, 2 ** -53 * growth];
  while (count < averages.length && error <= MOST_ERROR && Number.isFinite(averages[count])) {
    count++;
    error *= growth;
  }
  return count;
}

const MOST_ERROR = 1e-7;
