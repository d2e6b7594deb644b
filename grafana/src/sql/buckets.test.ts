import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketStarts } from './buckets.js';
import { parseInterval } from './interval.js';
import { dayStart, wallOf } from './zone.js';

const HOUR = 3_600_000;
const ms = (text: string) => Date.parse(text);
const starts = (interval: string, zone: string, anchor: string, from: string, to: string) =>
  bucketStarts(ms(anchor), parseInterval(interval), zone, ms(from), ms(to)).map((at) =>
    new Date(at).toISOString().replace(':00.000Z', 'Z'),
  );

describe('bucketStarts', () => {
  test('from the bucket that holds the start of the range, to before its end', () => {
    expect(
      starts('10m', 'UTC', '2020-01-01T00:20Z', '2020-01-01T00:05Z', '2020-01-01T00:30Z'),
    ).toEqual(['2020-01-01T00:00Z', '2020-01-01T00:10Z', '2020-01-01T00:20Z']);
  });
  test('days when the clocks change', () => {
    expect(
      starts('1d', 'Europe/Oslo', '2024-03-31T22:00Z', '2024-03-30T00:00Z', '2024-04-01T23:00Z'),
    ).toEqual(['2024-03-29T23:00Z', '2024-03-30T23:00Z', '2024-03-31T22:00Z', '2024-04-01T22:00Z']);
  });
  test('a day without midnight begins at one', () => {
    expect(
      starts(
        '1d',
        'America/Sao_Paulo',
        '2018-11-03T03:00Z',
        '2018-11-03T03:00Z',
        '2018-11-06T00:00Z',
      ),
    ).toEqual(['2018-11-03T03:00Z', '2018-11-04T03:00Z', '2018-11-05T02:00Z']);
  });
  test('months and weeks', () => {
    expect(
      starts('1M', 'UTC', '2024-01-01T00:00Z', '2023-12-15T00:00Z', '2024-03-02T00:00Z'),
    ).toEqual(['2023-12-01T00:00Z', '2024-01-01T00:00Z', '2024-02-01T00:00Z', '2024-03-01T00:00Z']);
    expect(
      starts('2w', 'UTC', '2024-01-01T00:00Z', '2024-01-20T00:00Z', '2024-02-01T00:00Z'),
    ).toEqual(['2024-01-15T00:00Z', '2024-01-29T00:00Z']);
  });
  test('an empty range has the bucket that holds it, if it is begun', () => {
    expect(
      starts('1h', 'UTC', '2024-01-01T00:00Z', '2024-01-01T00:30Z', '2024-01-01T00:30Z'),
    ).toEqual(['2024-01-01T00:00Z']);
  });
});

const zone = fc.constantFrom(
  'UTC',
  'Europe/Oslo',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Cairo',
  'America/New_York',
);
const instant = fc.integer({ min: ms('1990-01-01'), max: ms('2035-01-01') });

test('a day begins at the first instant whose wall shows its date', () => {
  fc.assert(
    fc.property(instant, zone, (at, timeZone) => {
      const date = Math.floor(wallOf(at, timeZone) / (24 * HOUR)) * 24 * HOUR;
      const start = dayStart(date, timeZone);
      expect(wallOf(start, timeZone)).toBeGreaterThanOrEqual(date);
      expect(wallOf(start - 1, timeZone)).toBeLessThan(date);
      expect(start).toBeLessThanOrEqual(at);
    }),
  );
});

test('buckets follow one another, hold the range, and do not depend on the anchor', () => {
  const interval = fc
    .constantFrom('1d', '3d', '1w', '1M', '2M', '1y', '6h', '5m')
    .map(parseInterval);
  fc.assert(
    fc.property(
      instant,
      instant,
      zone,
      interval,
      fc.nat(30),
      (anchor, at, timeZone, each, count) => {
        const calendar = 'dwMy'.includes(each.unit);
        const wall = new Date(wallOf(anchor, timeZone));
        const first = calendar
          ? dayStart(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), 1), timeZone)
          : anchor;
        const length = calendar ? 400 * 24 * HOUR : 6 * HOUR;
        const [fromMs, toMs] = [at, at + 1 + count * (length / 30)];
        const list = bucketStarts(first, each, timeZone, fromMs, toMs);
        expect(list[0]).toBeLessThanOrEqual(fromMs);
        expect(list.at(-1)).toBeLessThan(toMs);
        for (const [i, start] of list.entries()) {
          if (i > 0) expect(start).toBeGreaterThan(Math.max(list[i - 1]!, fromMs));
        }
        const again = list[Math.floor(list.length / 2)]!;
        expect(bucketStarts(again, each, timeZone, fromMs, toMs)).toEqual(list);
      },
    ),
  );
});
