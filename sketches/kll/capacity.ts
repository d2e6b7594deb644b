/** Room for fewer items no level has. */
export const LEAST_CAPACITY = 8;

/** An item of level h stands for 2^h values; there are no more values than this many levels stand for. */
export const MAX_LEVELS = 61;

/**
 * How many items a level may hold: `k` at the top, two thirds of that per level below, rounded to the nearest, but
 * `LEAST_CAPACITY` at least.
 */
export function levelCapacity(k: number, levelCount: number, level: number): number {
  const depth = levelCount - level - 1;
  if (depth <= MAX_DEPTH) return Math.max(LEAST_CAPACITY, shrunk(k, depth));
  const half = depth >> 1;
  return Math.max(LEAST_CAPACITY, shrunk(shrunk(k, half), depth - half));
}

/** Of all levels together. */
export function totalCapacity(k: number, levelCount: number): number {
  let total = 0;
  for (let level = 0; level < levelCount; level++) total += levelCapacity(k, levelCount, level);
  return total;
}

const MAX_DEPTH = 30;

/** k × (2/3)^depth, halves rounded up. For k up to 65535 the floor of the quotient of doubles is that of the integers. */
function shrunk(k: number, depth: number): number {
  return (Math.floor((k * 2 ** (depth + 1)) / 3 ** depth) + 1) >> 1;
}
