import { expect, test } from 'vitest';
import { formatInstant, parseInstant } from './instant.js';
import { parsePeriod, shiftByPeriod } from './period.js';

const NONE = {
  years: 0,
  months: 0,
  weeks: 0,
  days: 0,
  hours: 0,
  minutes: 0,
  seconds: 0,
  millis: 0,
};

test.each([
  ['P1Y2M3W4DT5H6M7.008S', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['PT1H', [0, 0, 0, 0, 1, 0, 0, 0]],
  ['pt90m', [0, 0, 0, 0, 0, 90, 0, 0]],
  ['P-1DT-1.5S', [0, 0, 0, -1, 0, 0, -1, -500]],
  ['PT0S', [0, 0, 0, 0, 0, 0, 0, 0]],
])('parsePeriod %s', (text, parts) => {
  const names = Object.keys(NONE);
  expect(parsePeriod(text)).toEqual(Object.fromEntries(parts.map((part, i) => [names[i], part])));
});

test.each(['', 'P', 'PT', 'P1', '1D', 'P1DT', 'P1H', 'P1D1Y', 'P1.5D', '-P1D', 'P9999999999D'])(
  '%j is no period',
  (text) => expect(parsePeriod(text)).toBeNull(),
);

test.each([
  ['2020-01-31T00:00', 'P1M', 1, 'UTC', '2020-02-29T00:00:00.000Z'],
  ['2020-01-31T00:00', 'P1M', 2, 'UTC', '2020-03-31T00:00:00.000Z'],
  ['2020-02-29T00:00', 'P1Y1M', 1, 'UTC', '2021-03-28T00:00:00.000Z'],
  ['2020-03-31T00:00', 'P1M', -1, 'UTC', '2020-02-29T00:00:00.000Z'],
  ['2020-03-07T12:00', 'P1D', 1, 'America/New_York', '2020-03-08T12:00:00.000-04:00'],
  ['2020-03-07T02:30', 'P1D', 1, 'America/New_York', '2020-03-08T03:30:00.000-04:00'],
  ['2020-03-07T12:00', 'PT24H', 1, 'America/New_York', '2020-03-08T13:00:00.000-04:00'],
  ['2020-10-31T01:30', 'P1D', 1, 'America/New_York', '2020-11-01T01:30:00.000-04:00'],
  ['2020-11-02T01:30', 'P1D', -1, 'America/New_York', '2020-11-01T01:30:00.000-05:00'],
  ['2011-12-29T10:00', 'P1D', 1, 'Pacific/Apia', '2011-12-31T10:00:00.000+14:00'],
  ['2020-01-01T00:00', 'P1D', 0, 'UTC', '2020-01-01T00:00:00.000Z'],
])('%s and %s times %d in %s', (from, period, count, timeZone, want) => {
  const ms = shiftByPeriod(parseInstant(from, timeZone)!, parsePeriod(period)!, count, timeZone);
  expect(formatInstant(ms, timeZone)).toBe(want);
});

test('a shift beyond the ends of time stops there', () => {
  expect(shiftByPeriod(2 ** 62, parsePeriod('P1Y')!, 1, 'UTC')).toBe(2 ** 62);
  expect(shiftByPeriod(0, parsePeriod('P2000000000Y')!, -1, 'UTC')).toBe(-(2 ** 62));
});
