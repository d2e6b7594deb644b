import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { InternalError, SeededRandom, VarveError } from '../../core/index.js';
import { SEED } from '../../core/testing.js';
import { FUZZ_SECONDS, seeds, withOtherBlock, withOtherDirectory } from '../../segments/testing.js';
import { type OpenData, openRows, rowsOfSpec } from './data-testing.js';
import { comparePair } from './differential-testing.js';
import { Difference, jobOf, type Pair, pairText } from './pair-job-testing.js';
import { dataSpec, pair } from './plans-testing.js';

// Only against hanging.
vi.setConfig({ testTimeout: 60_000 + 10_000 * FUZZ_SECONDS });

/**
 * What may not come of bytes that no writer writes. Answers may differ: dictionaries that are out of order, or have an entry
 * twice, mean one thing by code and another by value.
 */
const FOREIGN = /outside of its room|(Runtime|Range|Type|Reference|Internal)Error|out of bounds/;

function runPair(each: Pair, data: OpenData): void {
  const job = jobOf(each, data);
  if (job === null) return;
  try {
    comparePair(job);
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    if (FOREIGN.test(error.message)) throw new Error(`${error.message}\nof ${pairText(each)}`);
  }
}

test(`kernels over damaged files with good checksums stay in their room, seed ${SEED}`, () => {
  const seen = { refused: 0, read: 0 };
  for (const seed of seeds(20, 2 * FUZZ_SECONDS)) {
    const random = new SeededRandom(seed);
    const [spec] = fc.sample(dataSpec, { seed, numRuns: 1 });
    const rows = rowsOfSpec({ ...spec!, rowCount: Math.min(300, Math.max(1, spec!.rowCount)) });
    const pairs = fc.sample(pair, { seed, numRuns: 12 });
    try {
      const damage = seed % 3 === 0 ? withOtherDirectory : withOtherBlock;
      const data = openRows(rows, (bytes) => damage(bytes, random));
      seen.read++;
      for (const each of pairs) runPair(each, data);
      data.close();
    } catch (error) {
      if (!(error instanceof VarveError) || error instanceof InternalError) {
        throw new Error(`VARVE_SEED=${seed}: ${(error as Error).message}`, { cause: error });
      }
      seen.refused++;
    }
  }
  expect(seen.refused).toBeGreaterThan(0);
  expect(seen.read).toBeGreaterThan(0);
});
