import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Interval, overlaps, parseGranularity } from '../../model/index.js';
import { TimeChunks } from './time-chunks.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const hours = (from: number, to: number): Interval => ({
  startMs: from * HOUR_MS,
  endMs: to * HOUR_MS,
});
const day = parseGranularity('day', 'segmentGranularity');

test('buckets are cut where existing chunks begin and end', () => {
  const chunks = new TimeChunks(day, [hours(1, 2), hours(4, 6), hours(30, 80)]);
  const times = Float64Array.from([0, 1, 3, 5, 23, 29, 79, 81], (hour) => hour * HOUR_MS);
  const parts = chunks.partition(times, Uint32Array.from(times.keys()));
  expect(chunks.intervals).toEqual([
    hours(0, 1),
    hours(1, 2),
    hours(2, 4),
    hours(4, 6),
    hours(6, 24),
    hours(24, 30),
    hours(30, 80),
    hours(80, 96),
  ]);
  expect(parts.map((rows) => Array.from(rows ?? []))).toEqual(
    [...times.keys()].map((row) => [row]),
  );
});

test('of chunks that overlap the first takes the row', () => {
  const [inner, other, outer] = [hours(30, 40), hours(60, 70), hours(0, 80)];
  const chunks = new TimeChunks(day, [inner, other, outer]);
  const times = Float64Array.from([5, 35, 45, 65, 75, 80, 29, 40], (hour) => hour * HOUR_MS);
  const parts = chunks.partition(times, Uint32Array.from(times.keys()));
  expect(chunks.intervals).toEqual([outer, inner, other, hours(80, 96)]);
  expect(parts.map((rows) => Array.from(rows ?? []))).toEqual([[0, 2, 4, 6, 7], [1], [3], [5]]);
});

test('rows go where their time says, chunks never overlap, order is kept', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 });
  const batch = fc.array(fc.integer({ min: -100 * HOUR_MS, max: 200 * HOUR_MS }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(gaps, fc.array(batch, { maxLength: 4 }), (widths, batches) => {
      const existing: Interval[] = [];
      let at = -80;
      for (const width of widths) {
        existing.push(hours(at, at + width));
        at += 2 * width;
      }
      const chunks = new TimeChunks(day, existing);
      for (const batch of batches) {
        const times = Float64Array.from(batch);
        const rows = Uint32Array.from(times.keys()).filter((row) => row % 5 !== 1);
        const parts = chunks.partition(times, rows);
        const seen = parts.flatMap((part) => Array.from(part ?? []));
        expect(seen.sort((a, b) => a - b)).toEqual(Array.from(rows));
        for (const [ordinal, part] of parts.entries()) {
          if (part === undefined) continue;
          expect(Array.from(part)).toEqual(Array.from(part).sort((a, b) => a - b));
          const { startMs, endMs } = chunks.intervals[ordinal]!;
          for (const row of part) {
            expect(times[row]! >= startMs && times[row]! < endMs).toBe(true);
            const home = existing.find(
              (one) => times[row]! >= one.startMs && times[row]! < one.endMs,
            );
            if (home !== undefined) expect(chunks.intervals[ordinal]).toEqual(home);
            else expect(day.bucketStart(startMs)).toBe(Math.floor(times[row]! / DAY_MS) * DAY_MS);
          }
        }
      }
      const all = chunks.intervals;
      for (const [i, a] of all.entries()) {
        for (const b of all.slice(i + 1)) expect(overlaps(a, b)).toBe(false);
      }
    }),
  );
});
