import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Granularity, NULL_READER, parseGranularity } from '../../model/index.js';
import type { SegmentCursor } from '../../segments/index.js';
import { bucketFinder } from '../interpreter/buckets.js';
import type { RowRange } from '../interpreter/target.js';
import type { OpenScan } from '../interpreter/walk.js';
import { type RowRun, type RowRuns, rowRuns, runsWithin } from './row-runs.js';

const HOUR = 3_600_000;
const FIRST_MS = Date.UTC(2024, 2, 30, 22);

const GRAINS: readonly Granularity[] = [
  'second',
  'hour',
  'day',
  'none',
  'all',
  { type: 'period', period: 'P1D', timeZone: 'Europe/Berlin' },
  { type: 'period', period: 'P1M', timeZone: 'America/New_York' },
  { type: 'duration', duration: 7_200_000, origin: '2024-03-30T00:30:00Z' },
].map((spec) => parseGranularity(spec, ''));
const grain = fc.constantFrom(...GRAINS);

/** Ascending, close together or far apart. */
const times = fc
  .tuple(
    fc.constantFrom(1, 400, HOUR / 2, 11 * 24 * HOUR),
    fc.array(fc.nat(100), { maxLength: 300, size: 'max' }),
  )
  .map(([step, list]) => list.map((each) => FIRST_MS + each * step).sort((a, b) => a - b));

interface Case {
  readonly times: readonly number[];
  /** Where rows are cut into ranges, every second of which counts. */
  readonly cuts: readonly number[];
  readonly bucket: Granularity;
  readonly grains: readonly Granularity[];
}

const cases: fc.Arbitrary<Case> = fc.record({
  times,
  cuts: fc.array(fc.nat(300), { maxLength: 5 }),
  bucket: grain,
  grains: fc.array(grain, { maxLength: 2 }),
});

function scanOver(list: readonly number[]): OpenScan {
  const cursor: SegmentCursor = {
    row: 0,
    rowCount: list.length,
    column: () => NULL_READER,
    timeMs: () => list[cursor.row]!,
  };
  return { cursor } as OpenScan;
}

function rangesOf({ times: list, cuts }: Case) {
  const ends = [...cuts.filter((cut) => cut < list.length), list.length].sort((a, b) => a - b);
  return ends
    .map((to, i) => ({ from: ends[i - 1] ?? 0, to }))
    .filter(({ from, to }, i) => i % 2 === 0 && from < to);
}

const asRun = (range: RowRange): RowRun => ({
  ...range,
  call: 0,
  words: [],
  mask: null,
  seen: null,
});

/** What every row is told apart by. */
const keyOf = ({ bucket, grains }: Case, timeMs: number): number[] => [
  bucketFinder(bucket)(timeMs),
  ...grains.map((each) => each.bucketStart(timeMs)),
];

function runsOf(each: Case): RowRuns | null {
  const scan = scanOver(each.times);
  return rowRuns(scan, {
    ranges: rangesOf(each),
    grains: [each.bucket, ...each.grains].filter(({ kind }) => kind !== 'all'),
    bucketOf: bucketFinder(each.bucket),
    values: each.grains.map((one) => () => one.bucketStart(scan.cursor.timeMs())),
    words: [() => BigInt(scan.cursor.row)],
  });
}

/** Pieces of equal keys, found by looking at every row. */
function countPieces(each: Case): number {
  let count = 0;
  for (const { from, to } of rangesOf(each)) {
    for (let row = from; row < to; row++) {
      const key = keyOf(each, each.times[row]!).join();
      if (row === from || key !== keyOf(each, each.times[row - 1]!).join()) count++;
    }
  }
  return count;
}

const rowsOf = (runs: Iterable<RowRun>): number[] =>
  [...runs].flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));

describe('runs of rows', () => {
  it('cover the ranges in order, each row with its own key', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const found = runsOf(each);
        if (found === null) return;
        expect(rowsOf(found.runs)).toEqual(rowsOf(rangesOf(each).map(asRun)));
        for (const { from, to, call, words } of found.runs) {
          expect(words).toEqual([BigInt(from)]);
          const { bucketMs, values } = found.calls[call]!;
          for (const time of each.times.slice(from, to)) {
            expect([bucketMs, ...values]).toEqual(keyOf(each, time));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('have one call for each key', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const calls = runsOf(each)?.calls ?? [];
        const keys = calls.map(({ bucketMs, values }) => [bucketMs, ...values].join());
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 300 },
    );
  });

  it('are as few as can be, and none where they would be too short', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const pieces = countPieces(each);
        const rowCount = rowsOf(rangesOf(each).map(asRun)).length;
        const most = rangesOf(each).length + 64 + rowCount / 16;
        expect(runsOf(each)?.runs.length ?? null).toBe(pieces > most ? null : pieces);
      }),
      { numRuns: 500 },
    );
  });

  it('are cut to a part of the rows', () => {
    fc.assert(
      fc.property(cases, fc.nat(310), fc.nat(310), (each, from, length) => {
        const runs = runsOf(each)?.runs ?? [];
        const to = from + length;
        const wanted = rowsOf(runs).filter((row) => row >= from && row < to);
        const within = [...runsWithin(runs, from, to)];
        expect(rowsOf(within)).toEqual(wanted);
        for (const run of within) {
          const whole = runs.find((other) => other.from <= run.from && run.to <= other.to);
          expect(run.call).toBe(whole?.call);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keep values of different types apart', () => {
    const list = [FIRST_MS, FIRST_MS + 1, FIRST_MS + 2, FIRST_MS + 3];
    const scan = scanOver(list);
    const values = [1, '1', null, 'null'];
    const found = rowRuns(scan, {
      ranges: [{ from: 0, to: 4 }],
      grains: [parseGranularity('none', '')],
      bucketOf: () => 0,
      values: [() => values[scan.cursor.row]!],
      words: [],
    });
    expect(found?.calls.map((call) => call.values)).toEqual(values.map((value) => [value]));
  });
});
