import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEED } from '../../core/testing.js';
import { queryCaches } from '../cache/query-caches.js';
import { parseNativeQuery } from '../native/registry.js';
import { testEngine } from '../testing.js';
import { queryOf } from './pair-queries-testing.js';
import { type TableSpec, tableOf, tableSpec } from './pair-tables-testing.js';

/** VARVE_STAR_PAIRS=10000 makes it a long run, VARVE_SEED the one that it was. */
const { VARVE_STAR_PAIRS } = process.env;
const PAIRS = Number(VARVE_STAR_PAIRS ?? 120);
const LONG_MS = 3_600_000;

/** Records are folded in this thread, or where few of them pass, or they go to the executor. */
const FEW_RECORDS = [1e9, 20, 0] as const;

/** Whole answers would hide how they are made. */
const CACHES = { partialBytes: 1 << 20, resultBytes: 0, maxEntryBytes: 1 << 18 };

test('a query has the same answer with trees and without', { timeout: LONG_MS }, async () => {
  const { pairs, fromCache, withTrees, records, rows, failures } = await comparePairs(PAIRS, SEED);
  console.log(
    `VARVE_SEED=${SEED}: ${pairs} pairs, ${failures} refused, ${withTrees} by trees, which read ${records} records instead of ${rows} rows; ${fromCache} from caches`,
  );
});

test('trees and caches answer many of them', async () => {
  const { pairs, fromCache, withTrees, records, rows } = await comparePairs(60, 1);
  expect(fromCache).toBeGreaterThan(pairs / 10);
  expect(withTrees).toBeGreaterThan(pairs / 10);
  expect(records).toBeLessThan(rows);
});

const NOTHING = { pairs: 0, fromCache: 0, withTrees: 0, records: 0, rows: 0, failures: 0 };

async function comparePairs(pairCount: number, seed: number): Promise<typeof NOTHING> {
  const counts = { ...NOTHING };
  const perTable = Math.min(50, Math.ceil(pairCount / 16));
  const tableCount = Math.ceil(pairCount / perTable);
  for (const [i, spec] of fc.sample(tableSpec, { seed, numRuns: tableCount }).entries()) {
    const queries = fc.sample(queryOf(spec), { seed: seed + i, numRuns: perTable });
    await compareOver(spec, queries, counts);
  }
  return counts;
}

async function compareOver(
  spec: TableSpec,
  queries: readonly Record<string, unknown>[],
  counts: typeof NOTHING,
): Promise<void> {
  const tables = tableOf(spec);
  try {
    const engines = FEW_RECORDS.map((fewRecords) => testEngine(tables, { fewRecords }));
    const keeping = testEngine(tables, { caches: queryCaches(CACHES, 0) });
    for (const [i, query] of queries.entries()) {
      const engine = engines[i % engines.length]!;
      const found = await answerOf(engine, query, true);
      const expected = await answerOf(engine, query, false);
      const fewRecords = FEW_RECORDS[i % engines.length];
      const what = `VARVE_SEED=${SEED}: ${JSON.stringify({ query, fewRecords, spec })}`;
      expect(found.rows, what).toEqual(expected.rows);
      // Kept from the second time on, and found the third time.
      for (let j = 0; j < 3; j++) {
        const kept = await answerOf(keeping, query, i % 2 === 0);
        expect(kept.rows, `with caches, ${what}`).toEqual(expected.rows);
        if (kept.cachedSegments > 0) counts.fromCache++;
      }
      counts.pairs++;
      if (expected.failed) counts.failures++;
      if (found.scanned === expected.scanned) continue;
      // By what trees remember of the first time.
      expect((await answerOf(engine, query, true)).rows, what).toEqual(expected.rows);
      counts.withTrees++;
      counts.records += found.scanned;
      counts.rows += expected.scanned;
    }
    expect(tables.pinsHeld).toBe(0);
  } finally {
    tables.close();
  }
}

type Engine = ReturnType<typeof testEngine>;

/** Its rows, or what is wrong. */
async function answerOf(engine: Engine, query: Record<string, unknown>, useStarTree: boolean) {
  // Where indexes leave few rows, trees are not read.
  const context = { skipIndexes: true, ...(query.context as object | undefined), useStarTree };
  try {
    const { rows, stats } = await engine.run(parseNativeQuery({ ...query, context }));
    const { rowsScanned: scanned, cachedSegments } = stats;
    return { rows, scanned, cachedSegments, failed: false };
  } catch (error) {
    return { rows: (error as Error).message, scanned: 0, cachedSegments: 0, failed: true };
  }
}
