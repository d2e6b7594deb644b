import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatInstant, instantOfDays, monthsBetween, parseInstant, parseIso } from './instant.js';
import { UTC } from './time-zone.js';

const iso = (text: string, timeZone = 'UTC'): string | null => {
  const ms = parseInstant(text, timeZone);
  return ms === null ? null : formatInstant(ms);
};

describe('parseInstant', () => {
  test.each([
    ['2020', '2020-01-01T00:00:00.000Z'],
    ['2020-07', '2020-07-01T00:00:00.000Z'],
    ['2020-7-5', '2020-07-05T00:00:00.000Z'],
    ['2020-07-05', '2020-07-05T00:00:00.000Z'],
    ['2020-366', '2020-12-31T00:00:00.000Z'],
    ['2020-W01', '2019-12-30T00:00:00.000Z'],
    ['2020-W53-7', '2021-01-03T00:00:00.000Z'],
    ['2015-09-12T00Z', '2015-09-12T00:00:00.000Z'],
    ['2015-09-12T11:30Z', '2015-09-12T11:30:00.000Z'],
    ['2015-09-12T11:30:15', '2015-09-12T11:30:15.000Z'],
    ['2015-09-12 11:30:15', '2015-09-12T11:30:15.000Z'],
    ['2015-09-12 11:30:15 +02:00', '2015-09-12T09:30:15.000Z'],
    ['2015-09-12T11:30:15.1', '2015-09-12T11:30:15.100Z'],
    ['2015-09-12T11:30:15,123456789Z', '2015-09-12T11:30:15.123Z'],
    ['2015-09-12T11.5Z', '2015-09-12T11:30:00.000Z'],
    ['2015-09-12T11:30.25Z', '2015-09-12T11:30:15.000Z'],
    ['2015-09-12T11:30:15.123+02', '2015-09-12T09:30:15.123Z'],
    ['2015-09-12T11:30:15.123-0230', '2015-09-12T14:00:15.123Z'],
    ['2015-09-12t11:30:15z', '2015-09-12T11:30:15.000Z'],
    ['-5', '-0005-01-01T00:00:00.000Z'],
    ['0000', '0000-01-01T00:00:00.000Z'],
    ['12345-06-07', '12345-06-07T00:00:00.000Z'],
    ['-146136543-09-08T08:23:32.096Z', '-146136543-09-08T08:23:32.096Z'],
    ['146140482-04-24T15:36:27.903Z', '146140482-04-24T15:36:27.903Z'],
    ['290000000', '146140482-04-24T15:36:27.903Z'],
    ['-290000000', '-146136543-09-08T08:23:32.096Z'],
    ['100000000-01-01T00:00:00.001Z', '100000000-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, want) => expect(iso(text)).toBe(want));

  test.each([
    '',
    'yesterday',
    '2020-13',
    '2020-00-01',
    '2021-02-29',
    '2021-366',
    '2021-W53',
    '2020-01-01T24:00',
    '2020-01-01T00:60',
    '2020-01-01T00:00:60',
    '2020-02-30T00:00:00Z',
    '2020-01-01T25:00:00Z',
    '2020-01-01T00:00:00x000Z',
    '2020-01-01T00:00:00+99:00',
    '2020-01-01T00:00:00Z ',
    '2020-01-01Z',
    '2020-01-01T00:00:00 PST',
    '2020-0a-01T00:00:00Z',
  ])('%j is no instant', (text) => expect(parseInstant(text)).toBeNull());

  test('the zone counts only where the text has none', () => {
    expect(iso('2020-06-01T00:00:00', 'America/New_York')).toBe('2020-06-01T04:00:00.000Z');
    expect(iso('2020-06-01T00:00:00Z', 'America/New_York')).toBe('2020-06-01T00:00:00.000Z');
    expect(iso('2020-03-08T02:30:00', 'America/New_York')).toBe('2020-03-08T07:30:00.000Z');
    expect(iso('2020-11-01T01:30:00', 'America/New_York')).toBe('2020-11-01T05:30:00.000Z');
  });

  test('with T only, a blank will not do', () => {
    expect(parseIso('2020-01-01 00:00:00Z', UTC, 'T')).toBeNull();
    expect(parseIso('2020-01-01 00:00', UTC, 'T')).toBeNull();
    expect(parseIso('2020-01-01T00:00', UTC, 'T')).toBe(1_577_836_800_000);
  });

  test('reads what Date prints', () => {
    const ms = fc.integer({ min: Date.UTC(0, 0, 1), max: Date.UTC(9999, 0, 1) });
    fc.assert(
      fc.property(ms, (at) => {
        const text = new Date(at).toISOString();
        expect(parseInstant(text)).toBe(at);
        expect(parseInstant(text.replace(/\.\d+Z/, 'Z'))).toBe(Math.floor(at / 1000) * 1000);
        expect(formatInstant(at)).toBe(text);
      }),
    );
  });
});

describe('formatInstant', () => {
  test.each([
    [0, 'UTC', '1970-01-01T00:00:00.000Z'],
    [0, 'Etc/UTC', '1970-01-01T00:00:00.000Z'],
    [-1, 'UTC', '1969-12-31T23:59:59.999Z'],
    [1_377_846_000_000, 'America/Los_Angeles', '2013-08-30T00:00:00.000-07:00'],
    [1_577_836_800_000, 'Europe/London', '2020-01-01T00:00:00.000Z'],
    [1_593_561_600_000, 'Europe/London', '2020-07-01T01:00:00.000+01:00'],
    [0, '+05:30', '1970-01-01T05:30:00.000+05:30'],
    [-5e12, 'America/New_York', '1811-07-23T10:10:38.000-04:56:02'],
    [-(2 ** 62), 'UTC', '-146136543-09-08T08:23:32.096Z'],
    [2 ** 62, 'UTC', '146140482-04-24T15:36:27.903Z'],
    [-Infinity, 'UTC', '-146136543-09-08T08:23:32.096Z'],
  ])('%d in %s is %s', (ms, timeZone, want) => expect(formatInstant(ms, timeZone)).toBe(want));

  test('far instants print and read back, as near as doubles come', () => {
    fc.assert(
      fc.property(fc.double({ min: -(2 ** 62), max: 2 ** 62, noNaN: true }), (raw) => {
        const ms = Math.trunc(raw) + 0;
        expect(parseInstant(formatInstant(ms))).toBe(ms);
      }),
    );
  });
});

test('instantOfDays rounds once beyond 2^53', () => {
  expect(instantOfDays(53_375_995_583, 56_187_903)).toBe(2 ** 62);
  expect(instantOfDays(1, 2)).toBe(86_400_002);
});

test.each([
  ['2020-01-31', '2020-02-29', 1],
  ['2020-01-31', '2020-02-28', 0],
  ['2020-01-15T12:00', '2020-03-15T11:59', 1],
  ['2020-03-31', '2020-02-29', -1],
  ['2020-01-01', '2030-01-01', 120],
])('monthsBetween %s and %s is %d', (from, to, want) => {
  expect(monthsBetween(parseInstant(from)!, parseInstant(to)!, 'UTC')).toBe(want);
});
