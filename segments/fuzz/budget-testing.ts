import { SEED } from '../../core/testing.js';

/** For tests: how long each fuzz goes on. VARVE_FUZZ_SECONDS=600 makes it a long run. */
export const FUZZ_SECONDS = Number(process.env.VARVE_FUZZ_SECONDS ?? 2);

/**
 * For tests: `least` seeds that are always the same, so that what a fuzz comes by is no matter of chance; then those from SEED
 * on, until the time is over, at least so many.
 */
export function* seeds(least: number, seconds = FUZZ_SECONDS): Generator<number> {
  for (let seed = 1; seed <= least; seed++) yield seed;
  const endMs = performance.now() + 1000 * seconds;
  for (let i = 0; i < least || performance.now() < endMs; i++) yield SEED + i;
}
