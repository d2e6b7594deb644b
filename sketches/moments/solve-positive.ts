/** What x solves `matrix` · x = `wanted`, by Cholesky; null where the matrix is not symmetric positive definite. Overwrites the matrix. */
export function solvePositive(
  matrix: readonly Float64Array[],
  wanted: Float64Array,
): Float64Array | null {
  const x = wanted.slice();
  for (const [i, row] of matrix.entries()) {
    for (let j = 0; j <= i; j++) {
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * matrix[j]![k]!;
      if (j < i) row[j] = sum / matrix[j]![j]!;
      else if (sum > 0) row[j] = Math.sqrt(sum);
      else return null;
    }
    for (let k = 0; k < i; k++) x[i]! -= row[k]! * x[k]!;
    x[i]! /= row[i]!;
  }
  for (let i = matrix.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < matrix.length; k++) x[i]! -= matrix[k]![i]! * x[k]!;
    x[i]! /= matrix[i]![i]!;
  }
  return x;
}
