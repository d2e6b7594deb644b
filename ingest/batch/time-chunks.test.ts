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
  const spans = [0, 1, 3, 5, 23, 29, 79, 81].map((hour) => chunks.spanAt(hour * HOUR_MS));
  const expected = [
    hours(0, 1),
    hours(1, 2),
    hours(2, 4),
    hours(4, 6),
    hours(6, 24),
    hours(24, 30),
    hours(30, 80),
    hours(80, 96),
  ];
  expect(spans).toEqual(expected.map((chunk) => ({ ...chunk, chunk })));
});

test('of chunks that overlap the first takes the row', () => {
  const [inner, other, outer] = [hours(30, 40), hours(60, 70), hours(0, 80)];
  const chunks = new TimeChunks(day, [inner, other, outer]);
  const spans = [5, 35, 45, 65, 75, 80, 29, 40].map((hour) => chunks.spanAt(hour * HOUR_MS));
  expect(spans.map(({ chunk }) => chunk)).toEqual([
    outer,
    inner,
    outer,
    other,
    outer,
    hours(80, 96),
    outer,
    outer,
  ]);
  expect(spans[2]).toEqual({ ...hours(40, 60), chunk: outer });
  expect(spans[6]).toBe(spans[0]);
});

test('in an empty chunk rows make chunks of their own, as long as a bucket and no longer than what shows of it', () => {
  const [inner, outer] = [hours(30, 40), { ...hours(12, 100), isEmpty: true }];
  const chunks = new TimeChunks(day, [inner, outer, hours(0, 200)]);
  const spans = [13, 25, 35, 45, 99].map((hour) => chunks.spanAt(hour * HOUR_MS));
  const expected = [hours(12, 24), hours(24, 30), inner, hours(40, 48), hours(96, 100)];
  expect(spans).toEqual(expected.map((chunk) => ({ ...chunk, chunk })));
});

test('times go where they belong, chunks never overlap', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 });
  const someTimes = fc.array(fc.integer({ min: -100 * HOUR_MS, max: 200 * HOUR_MS }));
  fc.assert(
    fc.property(gaps, someTimes, (widths, times) => {
      const existing: Interval[] = [];
      let at = -80;
      for (const width of widths) {
        existing.push(hours(at, at + width));
        at += 2 * width;
      }
      const chunks = new TimeChunks(day, existing);
      const all = new Set<Interval>();
      for (const timeMs of times) {
        const { startMs, endMs, chunk } = chunks.spanAt(timeMs);
        expect(timeMs >= startMs && timeMs < endMs).toBe(true);
        expect(startMs >= chunk.startMs && endMs <= chunk.endMs).toBe(true);
        const home = existing.find((one) => timeMs >= one.startMs && timeMs < one.endMs);
        if (home !== undefined) expect(chunk).toBe(home);
        else expect(day.bucketStart(startMs)).toBe(Math.floor(timeMs / DAY_MS) * DAY_MS);
        expect(chunks.spanAt(timeMs).chunk).toBe(chunk);
        all.add(chunk);
      }
      const list = [...all];
      for (const [i, a] of list.entries()) {
        for (const b of list.slice(i + 1)) expect(overlaps(a, b)).toBe(false);
      }
    }),
  );
});
