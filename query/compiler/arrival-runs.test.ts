import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NULL_READER, parseGranularity } from '../../model/index.js';
import type { Segment, SegmentCursor } from '../../segments/index.js';
import { bucketFinder } from '../interpreter/buckets.js';
import type { OpenScan } from '../interpreter/walk.js';
import { TIME_ZONE_ROWS } from '../interpreter/zone-times.js';
import type { BaseQuery } from '../native/query.js';
import { arrivalRuns, seenRuns } from './arrival-runs.js';
import type { RowRuns } from './row-runs.js';

const HOUR = 3_600_000;
const hour = parseGranularity('hour', '');

/** Times of rows in order of arrival: about in time, or not at all; a few zones of them. */
const times = fc
  .tuple(
    fc.constantFrom(0, 1000, HOUR, 40 * HOUR),
    fc.integer({ min: 1, max: 2 * TIME_ZONE_ROWS + 100 }),
    fc.nat(1000),
  )
  .map(([jitter, count, seed]) =>
    Array.from({ length: count }, (_, row) => {
      const chance = (Math.imul(row + seed, 0x9e3779b1) >>> 8) / 2 ** 24;
      return row * 2000 + Math.floor(jitter * chance);
    }),
  );

const span = fc
  .tuple(fc.nat(6), fc.nat(6))
  .map(([from, length]) => ({ startMs: from * HOUR, endMs: (from + length) * HOUR + 7 }));

function scanOver(list: readonly number[], lineage: object | null): OpenScan {
  const cursorOf = (): SegmentCursor => {
    const cursor: SegmentCursor = {
      row: 0,
      rowCount: list.length,
      column: () => NULL_READER,
      timeMs: () => list[cursor.row]!,
    };
    return cursor;
  };
  const segment = {
    rowCount: list.length,
    minTimeMs: list.reduce((a, b) => Math.min(a, b)),
    maxTimeMs: list.reduce((a, b) => Math.max(a, b)),
    lineage,
    scanMemory: null,
    cursor: cursorOf,
  } as unknown as Segment;
  const extent = { from: 0, to: list.length };
  return { cursor: cursorOf(), target: { segment, extent } } as OpenScan;
}

function runsOf(
  scan: OpenScan,
  query: BaseQuery,
  spans: readonly { startMs: number; endMs: number }[],
) {
  return arrivalRuns(scan, query, {
    extent: scan.target.extent,
    spans,
    grains: [hour],
    bucketOf: bucketFinder(hour),
    values: [],
    words: [() => BigInt(hour.bucketStart(scan.cursor.timeMs()))],
  });
}

/** By row, the bucket that it is in; a row that is in two runs has two. */
function bucketsOf(
  found: RowRuns,
  scan: OpenScan,
  range: { from: number; to: number },
): Map<number, number> {
  const buckets = new Map<number, number>();
  for (const run of seenRuns(scan, found, range)) {
    const { bucketMs } = found.calls[run.call]!;
    expect(run.words).toEqual([BigInt(bucketMs)]);
    const zone = run.from - (run.from % TIME_ZONE_ROWS);
    let count = 0;
    for (let row = run.from; row < run.to; row++) {
      const at = row - zone;
      const bits = run.mask === null ? 0xff : found.masks[run.mask + (at >>> 3)]!;
      if (((bits >>> (at & 7)) & 1) === 0) continue;
      expect(buckets.has(row)).toBe(false);
      buckets.set(row, bucketMs);
      count++;
    }
    expect(run.seen!.count).toBe(count);
  }
  return buckets;
}

it('every visible row is in one run of its bucket, also of a segment that grew', () => {
  fc.assert(
    fc.property(times, span, fc.nat(1000), fc.nat(1000), (list, only, before, cut) => {
      const query = {} as BaseQuery;
      const lineage = {};
      const first = Math.ceil(((before + 1) * list.length) / 1001);
      runsOf(scanOver(list.slice(0, first), lineage), query, [only]);
      const scan = scanOver(list, lineage);
      const found = runsOf(scan, query, [only]);
      if (found === null) return;
      const from = Math.floor((cut * list.length) / 1000);
      const buckets = bucketsOf(found, scan, { from, to: list.length });
      const expected = list.flatMap((timeMs, row) =>
        row >= from && timeMs >= only.startMs && timeMs < only.endMs
          ? [[row, hour.bucketStart(timeMs)] as const]
          : [],
      );
      expect([...buckets].sort(([a], [b]) => a - b)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});
