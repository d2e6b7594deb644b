/** `y = base + slope × x`. */
export interface Line {
  readonly base: number;
  readonly slope: number;
}

/**
 * The line with the least squares of relative errors: what is measured is off by a share of itself. Never below 0. Points need two
 * different `x` at least, and `y` above 0.
 */
export function lineThrough(points: readonly { readonly x: number; readonly y: number }[]): Line {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const { x, y } of points) {
    const weight = 1 / y ** 2;
    w += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wy += weight * y;
    wxy += weight * x * y;
  }
  const slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  if (slope <= 0) return { base: wy / w, slope: 0 };
  const base = (wy - slope * wx) / w;
  return base >= 0 ? { base, slope } : { base: 0, slope: wxy / wxx };
}
