import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { ALL_GRANULARITY, NONE_GRANULARITY, parseGranularity } from './granularity.js';
import { formatInstant, parseInstant } from './instant.js';
import { ETERNITY } from './interval.js';
import { periodGranularity } from './period-granularity.js';

/** The bucket that holds an instant, in the zone of its granularity. */
function bucket(json: unknown, at: string): string {
  const granularity = parseGranularity(json, 'granularity');
  const start = granularity.bucketStart(parseInstant(at)!);
  const text = (ms: number) => formatInstant(ms, granularity.timeZone).replace(':00.000', '');
  return `${text(start)} ${text(granularity.nextBucket(start))}`;
}

const period = (text: string, timeZone?: string, origin?: unknown) => ({
  type: 'period',
  period: text,
  ...(timeZone === undefined ? {} : { timeZone }),
  ...(origin === undefined ? {} : { origin }),
});

describe('simple names', () => {
  const at = '2015-05-13T17:47:33.123Z'; // a Wednesday
  test.each([
    ['second', '2015-05-13T17:47:33.000Z 2015-05-13T17:47:34.000Z'],
    ['minute', '2015-05-13T17:47Z 2015-05-13T17:48Z'],
    ['five_minute', '2015-05-13T17:45Z 2015-05-13T17:50Z'],
    ['ten_minute', '2015-05-13T17:40Z 2015-05-13T17:50Z'],
    ['FIFTEEN_MINUTE', '2015-05-13T17:45Z 2015-05-13T18:00Z'],
    ['thirty_minute', '2015-05-13T17:30Z 2015-05-13T18:00Z'],
    ['hour', '2015-05-13T17:00Z 2015-05-13T18:00Z'],
    ['six_hour', '2015-05-13T12:00Z 2015-05-13T18:00Z'],
    ['eight_hour', '2015-05-13T16:00Z 2015-05-14T00:00Z'],
    ['Day', '2015-05-13T00:00Z 2015-05-14T00:00Z'],
    ['WEEK', '2015-05-11T00:00Z 2015-05-18T00:00Z'],
    ['month', '2015-05-01T00:00Z 2015-06-01T00:00Z'],
    ['quarter', '2015-04-01T00:00Z 2015-07-01T00:00Z'],
    ['year', '2015-01-01T00:00Z 2016-01-01T00:00Z'],
  ])('%s', (name, want) => {
    expect(bucket(name, at)).toBe(want);
    expect(parseGranularity(name, 'granularity').spec).toBe(name.toLowerCase());
    expect(parseGranularity(name, 'granularity').timeZone).toBe('UTC');
  });

  test('all is one bucket, none is a millisecond', () => {
    for (const json of ['all', 'ALL', { type: 'all' }]) {
      expect(parseGranularity(json, 'granularity')).toBe(ALL_GRANULARITY);
    }
    expect(parseGranularity({ type: 'none' }, 'granularity')).toBe(NONE_GRANULARITY);
    expect(ALL_GRANULARITY.bucketStart(5)).toBe(ETERNITY.startMs);
    expect(ALL_GRANULARITY.nextBucket(ETERNITY.startMs)).toBe(ETERNITY.endMs);
    expect([NONE_GRANULARITY.bucketStart(5), NONE_GRANULARITY.nextBucket(5)]).toEqual([5, 6]);
  });
});

describe('durations', () => {
  const duration = (ms: unknown, origin?: unknown) => ({ type: 'duration', duration: ms, origin });
  test.each([
    [duration(7_200_000), '2012-01-01T02:00Z 2012-01-01T04:00Z'],
    [duration('7200000'), '2012-01-01T02:00Z 2012-01-01T04:00Z'],
    [duration(7_200_000, '2012-01-01T00:30:00Z'), '2012-01-01T02:30Z 2012-01-01T04:30Z'],
    [duration(7_200_000, 1_325_377_800_000), '2012-01-01T02:30Z 2012-01-01T04:30Z'],
    [duration(7_200_000, '2030-01-01T00:30:00Z'), '2012-01-01T02:30Z 2012-01-01T04:30Z'],
  ])('%j', (json, want) => expect(bucket(json, '2012-01-01T03:15Z')).toBe(want));
});

describe('periods', () => {
  test.each([
    // One unit: the calendar's own floor in the zone.
    [
      period('P1D', 'America/Los_Angeles'),
      '2013-08-30T06:00Z',
      '2013-08-29T00:00-07:00 2013-08-30T00:00-07:00',
    ],
    [period('P1W'), '2020-03-08T12:00Z', '2020-03-02T00:00Z 2020-03-09T00:00Z'],
    [
      period('P1W', 'Europe/London'),
      '2020-06-01T00:30Z',
      '2020-06-01T00:00+01:00 2020-06-08T00:00+01:00',
    ],
    [period('P1W'), '1969-12-25T00:00Z', '1969-12-22T00:00Z 1969-12-29T00:00Z'],
    // Days of 23 and 25 hours, a day that begins at one, a day that never was.
    [
      period('P1D', 'America/New_York'),
      '2020-03-08T12:00Z',
      '2020-03-08T00:00-05:00 2020-03-09T00:00-04:00',
    ],
    [
      period('P1D', 'America/New_York'),
      '2020-11-01T12:00Z',
      '2020-11-01T00:00-04:00 2020-11-02T00:00-05:00',
    ],
    [
      period('P1D', 'America/Sao_Paulo'),
      '2018-11-04T12:00Z',
      '2018-11-04T01:00-02:00 2018-11-05T00:00-02:00',
    ],
    [
      period('P1D', 'Pacific/Apia'),
      '2011-12-30T09:59Z',
      '2011-12-29T00:00-10:00 2011-12-31T00:00+14:00',
    ],
    // Hours keep to the local clock where offsets are not whole hours.
    [
      period('PT1H', 'Asia/Kolkata'),
      '2020-01-01T00:45Z',
      '2020-01-01T06:00+05:30 2020-01-01T07:00+05:30',
    ],
    [
      period('PT6H', 'Asia/Kathmandu'),
      '2020-01-01T00:45Z',
      '2020-01-01T06:00+05:45 2020-01-01T12:00+05:45',
    ],
    [
      period('PT30M', 'Asia/Kathmandu'),
      '2020-01-01T00:45Z',
      '2020-01-01T06:30+05:45 2020-01-01T07:00+05:45',
    ],
    [
      period('PT1H', 'Australia/Lord_Howe'),
      '2020-04-04T15:10Z',
      '2020-04-05T01:30+10:30 2020-04-05T02:00+10:30',
    ],
    [
      period('PT1H', 'America/New_York'),
      '2020-11-01T06:30Z',
      '2020-11-01T01:00-05:00 2020-11-01T02:00-05:00',
    ],
    // Several hours are elapsed time from the origin: summer moves them on the clock.
    [
      period('PT6H', 'America/New_York'),
      '2020-01-01T12:00Z',
      '2020-01-01T06:00-05:00 2020-01-01T12:00-05:00',
    ],
    [
      period('PT6H', 'America/New_York'),
      '2020-07-01T12:00Z',
      '2020-07-01T07:00-04:00 2020-07-01T13:00-04:00',
    ],
    // Multiples count from 1970-01-01 in the zone, a Thursday; or from the origin.
    [period('P2W'), '2020-03-08T12:00Z', '2020-03-05T00:00Z 2020-03-19T00:00Z'],
    [period('P7D'), '2020-03-08T12:00Z', '2020-03-05T00:00Z 2020-03-12T00:00Z'],
    [
      period('P1W', 'UTC', '2020-01-01'),
      '2020-03-08T12:00Z',
      '2020-03-04T00:00Z 2020-03-11T00:00Z',
    ],
    [
      period('P3M', 'America/New_York'),
      '2020-05-05T00:00Z',
      '2020-04-01T00:00-04:00 2020-07-01T00:00-04:00',
    ],
    [period('P10Y'), '1969-05-05T00:00Z', '1960-01-01T00:00Z 1970-01-01T00:00Z'],
    [
      period('P1M', 'UTC', '2020-01-31'),
      '2020-02-29T00:00Z',
      '2020-02-29T00:00Z 2020-03-31T00:00Z',
    ],
    [
      period('P1M', 'UTC', '2020-01-15'),
      '2019-06-14T00:00Z',
      '2019-05-15T00:00Z 2019-06-15T00:00Z',
    ],
    [
      period('P1D', 'UTC', '2012-01-01T00:30:00Z'),
      '2012-03-01T00:10Z',
      '2012-02-29T00:30Z 2012-03-01T00:30Z',
    ],
    [
      period('PT1H', 'UTC', '2012-01-01T00:30:00Z'),
      '2011-03-01T00:10Z',
      '2011-02-28T23:30Z 2011-03-01T00:30Z',
    ],
    // Mixed units: elapsed time, or step by step from the origin.
    [period('PT1H30M'), '1970-01-01T04:00Z', '1970-01-01T03:00Z 1970-01-01T04:30Z'],
    [period('P1DT12H'), '1970-01-04T04:00Z', '1970-01-04T00:00Z 1970-01-05T12:00Z'],
    [period('P1M2D'), '1970-03-04T00:00Z', '1970-02-03T00:00Z 1970-03-05T00:00Z'],
    [period('P1M2D'), '1969-12-04T00:00Z', '1969-11-29T00:00Z 1970-01-01T00:00Z'],
  ])('%j at %s', (json, at, want) => expect(bucket(json, at)).toBe(want));

  test('the JSON comes back', () => {
    const json = period('PT1H', 'Etc/UTC');
    expect(parseGranularity(json, 'granularity').spec).toEqual({ ...json, origin: null });
    expect(periodGranularity('P1D', 0, 'Asia/Kolkata').spec).toEqual({
      type: 'period',
      period: 'P1D',
      timeZone: 'Asia/Kolkata',
      origin: '1970-01-01T00:00:00.000Z',
    });
  });

  test('a mixed period does not step for ever', () => {
    const granularity = periodGranularity('P1DT1S', null, 'America/New_York');
    expect(() => granularity.bucketStart(2 ** 50)).toThrow('give an origin near the data');
    expect(() => granularity.bucketStart(-(2 ** 50))).toThrow('give an origin near the data');
  });

  test('memory of the last bucket changes no answer', () => {
    const shared = periodGranularity('P1M', null, 'Europe/London');
    for (let i = 0; i < 500; i++) {
      const ms = (i * 7_919_000_003) % 2_000_000_000_000;
      const fresh = periodGranularity('P1M', null, 'Europe/London');
      expect(shared.bucketStart(ms)).toBe(fresh.bucketStart(ms));
      expect(shared.nextBucket(0)).toBe(fresh.nextBucket(0));
    }
  });
});

test.each([
  ['fortnight', 'granularity: got "fortnight"; use one of all, none, second'],
  [null, 'granularity: got null; give a name'],
  [{ type: 'daily' }, 'granularity: got {"type":"daily"}'],
  [{ type: 'duration' }, 'granularity.duration: got nothing'],
  [{ type: 'duration', duration: 0 }, 'granularity.duration: got 0'],
  [{ type: 'duration', duration: 1.5 }, 'granularity.duration: got 1.5'],
  [{ type: 'period' }, 'granularity.period: got nothing'],
  [period('P1X'), 'granularity.period: "P1X"'],
  [period('PT0S'), 'granularity.period: "PT0S"'],
  [period('P-1D'), 'granularity.period: "P-1D"'],
  [period('P1D', 'Mars/Olympus'), 'granularity.timeZone: there is no time zone "Mars/Olympus"'],
  [{ type: 'period', period: 'P1D', timeZone: 5 }, 'granularity.timeZone: got 5'],
  [period('P1D', 'UTC', 'soon'), 'granularity.origin: got "soon"'],
])('%j is refused: %s', (json, message) => {
  expect(() => parseGranularity(json, 'granularity')).toThrow(UserError);
  expect(() => parseGranularity(json, 'granularity')).toThrow(message);
});
