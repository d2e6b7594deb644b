import { callError } from './definition.js';

/** Applications of lambdas, and elements that these copy, for one value of the outermost function with a lambda. */
const WORK_MAX = 10_000_000;

/** Expressions are evaluated one at a time, and to their end: what is underway needs no more than a counter. */
let depth = 0;
let done = 0;

/**
 * Applies a lambda `count` times. Lambdas stand inside one another, and what they build may double each time: without a
 * limit a short expression could run, or fill memory, for ever.
 */
export function applying<T>(name: string, count: number, run: () => T): T {
  if (depth === 0) done = 0;
  depth++;
  try {
    spendWork(name, count);
    return run();
  } finally {
    depth--;
  }
}

/** Counts work inside of lambdas; elsewhere each function is called but once. */
export function spendWork(name: string, amount: number): void {
  if (depth === 0) return;
  done += amount;
  if (done > WORK_MAX) {
    throw callError(
      name,
      `takes more than ${WORK_MAX} steps inside of lambdas for one value; use shorter arrays or fewer lambdas inside one another`,
    );
  }
}
