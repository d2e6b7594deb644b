import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { SEED } from '../../core/testing.js';
import { type DataSpec, type OpenData, openData, openRows, rowsOfSpec } from './data-testing.js';
import { compareEarlier, comparePair } from './differential-testing.js';
import { Difference, jobOf, type Pair, pairText } from './pair-job-testing.js';
import { dataSpec, LARGE, pair } from './plans-testing.js';

/** VARVE_PAIRS=50000 makes it a long run, VARVE_SEED the one that it was. */
const { VARVE_PAIRS, VARVE_SECONDS } = process.env;
const PAIRS = Number(VARVE_PAIRS ?? 350);
const PAIRS_PER_DATA = 50;
/** Of a long run: pairs over many rows, 50 of 100,000. */
const LARGE_PAIRS = Math.ceil(PAIRS / 2000);
const LARGE_PAIRS_PER_DATA = 10;
/** All tests of pairs together end after so long, whatever they were to compare. */
const SECONDS = Number(VARVE_SECONDS ?? Number.POSITIVE_INFINITY);
const LONG_MS = 3_600_000;

class Counts {
  pairs = 0;
  refused = 0;
  compiled = 0;
  selected = 0;
  indexed = 0;
  emptied = 0;
  merged = 0;

  /** Of the plans that are not refused, those with a kernel. */
  get share(): number {
    return this.compiled / Math.max(1, this.pairs - this.refused);
  }

  toString(): string {
    const percent = (100 * this.share).toFixed(1);
    const { pairs, refused, selected, indexed, emptied, merged } = this;
    return `${pairs} pairs, ${refused} refused, ${percent} % compiled, ${selected} with a kernel for rows, ${indexed} with rows of indexes, ${emptied} with a table that was full, ${merged} merged as blocks`;
  }
}

/** All pairs over one data set, which is dear to make. */
function compareAll(data: OpenData, what: unknown, pairs: readonly Pair[], counts: Counts): void {
  try {
    for (const each of pairs) {
      counts.pairs++;
      const job = jobOf(each, data);
      if (job === null) counts.refused++;
      else compareOne(job, counts);
    }
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    throw new Difference(`${error.message}\nover ${JSON.stringify(what)}`);
  } finally {
    data.close();
  }
}

function compareOne(job: NonNullable<ReturnType<typeof jobOf>>, counts: Counts): void {
  try {
    for (const data of job.data.earlier) compareEarlier({ ...job, data });
    const { isCompiled, isSelected, isIndexed, isEmptied, isMerged } = comparePair(job);
    if (isCompiled) counts.compiled++;
    if (isSelected) counts.selected++;
    if (isIndexed) counts.indexed++;
    if (isEmptied) counts.emptied++;
    if (isMerged) counts.merged++;
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    throw new Difference(`${error.message}\nof ${pairText(job.pair)}`);
  }
}

interface Extent {
  readonly pairCount: number;
  readonly perData: number;
  readonly seconds: number;
  readonly endOnFailure?: boolean;
  readonly firstSeed?: number;
}

/** At least as many pairs as said, or what the time allows: lists of them differ in length, so that a long one has shorter examples. */
function checkAll(
  specs: fc.Arbitrary<DataSpec>,
  { pairCount, perData, seconds, endOnFailure = false, firstSeed = SEED }: Extent,
): Counts {
  const counts = new Counts();
  const pairs = fc.noBias(fc.array(pair, { minLength: 1, maxLength: 2 * perData, size: 'max' }));
  const property = fc.property(specs, pairs, (spec, list) =>
    compareAll(openData(spec), spec, list, counts),
  );
  const endMs = performance.now() + 1000 * seconds;
  const msLeft = () => Math.min(endMs - performance.now(), LONG_MS);
  for (let seed = firstSeed; counts.pairs < pairCount && msLeft() > 0; seed++) {
    const numRuns = Math.ceil((pairCount - counts.pairs) / perData);
    const interruptAfterTimeLimit = Math.max(1, msLeft());
    fc.assert(property, { numRuns, endOnFailure, seed, interruptAfterTimeLimit });
  }
  const cut = counts.pairs < pairCount ? ` of ${pairCount}, for which there was no time` : '';
  console.log(`seed ${firstSeed}: ${counts}${cut}`);
  return counts;
}

describe('kernels and the interpreter', () => {
  it('are compared in all that kernels do', () => {
    const extent = { pairCount: 150, perData: 10, seconds: Number.POSITIVE_INFINITY, firstSeed: 1 };
    const { share, indexed, emptied, selected, pairs, merged } = checkAll(dataSpec, extent);
    expect(selected / pairs).toBeGreaterThan(0.2);
    expect(share).toBeGreaterThan(0.5);
    expect([indexed, emptied, merged]).not.toContain(0);
  });

  it(
    'find the same groups',
    () => {
      checkAll(dataSpec, {
        pairCount: PAIRS,
        perData: PAIRS_PER_DATA,
        seconds: 0.8 * SECONDS,
      });
    },
    LONG_MS,
  );

  it.runIf(VARVE_PAIRS !== undefined)(
    'find the same groups of many rows',
    () => {
      // Many rows are too dear to be made again for every smaller example.
      checkAll(LARGE, {
        pairCount: LARGE_PAIRS,
        perData: LARGE_PAIRS_PER_DATA,
        seconds: 0.2 * SECONDS,
        endOnFailure: true,
      });
    },
    LONG_MS,
  );
});

const base = {
  queryType: 'groupBy',
  granularity: 'all',
  intervals: '1900/2100',
  aggregations: [
    { type: 'count', name: 'n' },
    { type: 'longSum', name: 'k', fieldName: 'k0' },
  ],
};
const sid = (fields: JsonObject): JsonObject => ({ ...fields, dimension: 'sid' });
const dimensions = (...specs: readonly unknown[]): JsonObject => ({ ...base, dimensions: specs });

/** Over a dictionary that takes four bytes a row. */
const OF_LARGE_DICTIONARY: readonly JsonObject[] = [
  dimensions('sid'),
  dimensions(sid({ type: 'default', outputName: 's' }), 'k0'),
  dimensions(sid({ type: 'extraction', extractionFn: { type: 'substring', index: 1, length: 1 } })),
  ...[
    sid({ type: 'selector', value: 'x4711' }),
    sid({ type: 'in', values: ['x1', 'x70', 'x65536', null] }),
    sid({ type: 'bound', lower: 'x4', upper: 'x5' }),
    sid({ type: 'like', pattern: '%7' }),
    { type: 'not', field: sid({ type: 'regex', pattern: '[1-4]$' }) },
  ].map((filter) => ({ ...dimensions('k1'), filter })),
  ...[
    { type: 'hyperUnique', name: 'a', fieldName: 'sid' },
    { type: 'doubleSum', name: 'a', expression: 'strlen(sid) * k0' },
    {
      type: 'filtered',
      filter: sid({ type: 'like', pattern: 'x1%' }),
      aggregator: { type: 'count', name: 'a' },
    },
  ].map((aggregator) => ({ ...dimensions(), aggregations: [aggregator] })),
];

describe('a dictionary beyond 65,536 texts', () => {
  // Always the same: long runs, of which there are several at once, leave it to `npm test`.
  it.runIf(VARVE_PAIRS === undefined)('gives the same groups', () => {
    const wanted = new Set(['__time', 'k0', 'k1']);
    const spec = { rowCount: 66_000, seed: 1, times: 'hour', form: 'sealed' } as const;
    const rows = rowsOfSpec(spec, wanted).map((row, i) => ({
      ...row,
      sid: `x${i}`,
    }));
    const pairs = OF_LARGE_DICTIONARY.map(
      (query, i): Pair => ({
        query,
        extent: [0, 1000],
        cuts: [],
        skipped: [],
        mergedAtOnce: 1000 * (i + 1),
        indexes: { kind: 'stored', isForced: i % 3 === 0 },
        slot: i % 2 === 0 ? { index: 0, count: 1 } : { index: 1, count: 4 },
      }),
    );
    const counts = new Counts();
    compareAll(openRows(rows), 'texts x0 … x65999', pairs, counts);
    console.log(String(counts));
    expect(counts.refused).toBe(0);
    expect(counts.share).toBeGreaterThan(0.5);
  });
});
