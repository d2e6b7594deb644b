/**
 * Temporal as an oracle, written by others against the same zone database: offsets, wall clocks,
 * buckets, periods, units and patterns in zones with every oddity, near and far from transitions.
 */
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { draws, expectSame } from '../../core/testing.js';
import { formatInstant, monthsBetween, parseInstant } from './instant.js';
import { jodaFormatter } from './joda-format.js';
import { jodaParser } from './joda-parse.js';
import { parsePeriod, shiftByPeriod } from './period.js';
import { periodGranularity } from './period-granularity.js';
import { timeUnitExtractor } from './time-unit.js';
import { timeZoneOf } from './time-zone.js';

/** Zones with every oddity we know of: half hours, half-hour summer time, midnight changes, lost and repeated days. */
const ODD_ZONES: readonly string[] = [
  'UTC',
  'America/New_York',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'America/Caracas',
  'America/Asuncion',
  'America/Toronto',
  'Europe/London',
  'Europe/Dublin',
  'Europe/Moscow',
  'Europe/Lisbon',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Africa/Monrovia',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Asia/Gaza',
  'Asia/Pyongyang',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Pacific/Apia',
  'Pacific/Kwajalein',
  'Pacific/Chatham',
  'Antarctica/Troll',
];

/** Every transition of a zone from 1970 to 2037, as Temporal tells it. */
function transitionsOf(timeZone: string): number[] {
  const end = Date.UTC(2038, 0, 1);
  const found: number[] = [];
  let at: Temporal.ZonedDateTime | null = zoned(0, timeZone);
  while (at !== null) {
    at = at.getTimeZoneTransition('next');
    if (at === null || at.epochMilliseconds >= end) break;
    found.push(at.epochMilliseconds);
  }
  return found;
}

const zoned = (ms: number, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);

/** A zone and an instant in it, more often than not near one of its transitions. */
function zoneAndInstant(): fc.Arbitrary<{ timeZone: string; ms: number }> {
  const known = new Map<string, number[]>();
  return fc.constantFrom(...ODD_ZONES).chain((timeZone) => {
    const transitions = known.get(timeZone) ?? transitionsOf(timeZone);
    known.set(timeZone, transitions);
    const anywhere = fc.integer({ min: Date.UTC(1972, 0, 1), max: Date.UTC(2060, 0, 1) });
    const around = fc.integer({ min: -30 * 3_600_000, max: 30 * 3_600_000 });
    const near =
      transitions.length === 0
        ? anywhere
        : fc.tuple(fc.constantFrom(...transitions), around).map(([at, by]) => at + by);
    const exact = transitions.length === 0 ? anywhere : fc.constantFrom(...transitions);
    return fc
      .oneof({ weight: 3, arbitrary: near }, { weight: 2, arbitrary: anywhere }, exact)
      .map((ms) => ({ timeZone, ms }));
  });
}

const offsetMs = (ms: number, timeZone: string): number =>
  zoned(ms, timeZone).offsetNanoseconds / 1e6;

describe('offsets', () => {
  test.each(ODD_ZONES)('agree with Temporal at every transition of %s, 1970-2037', (timeZone) => {
    const zone = timeZoneOf(timeZone);
    for (const at of transitionsOf(timeZone)) {
      expectSame(zone.offsetAt(at), offsetMs(at, timeZone));
      expectSame(zone.offsetAt(at - 1), offsetMs(at - 1, timeZone));
      expectSame(zone.rangeAt(at).startMs, at);
    }
  });

  test('agree with Temporal anywhere, 1800-2700', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ODD_ZONES),
        fc.integer({ min: Date.UTC(1800, 0, 1), max: Date.UTC(2700, 0, 1) }),
        (timeZone, ms) => {
          expectSame(timeZoneOf(timeZone).offsetAt(ms), offsetMs(ms, timeZone));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a range holds one offset and the instant asked for', () => {
    fc.assert(
      fc.property(zoneAndInstant(), ({ timeZone, ms }) => {
        const zone = timeZoneOf(timeZone);
        const { startMs, endMs, offsetMs: offset } = zone.rangeAt(ms);
        expectSame(startMs <= ms && ms < endMs, true);
        if (Number.isFinite(startMs)) expectSame(offsetMs(startMs, timeZone), offset);
        if (Number.isFinite(endMs)) expectSame(offsetMs(endMs - 1, timeZone), offset);
      }),
    );
  });
});

describe('wall clocks', () => {
  test('the instant of a wall clock agrees with Temporal: the earlier of two, forward over a gap', () => {
    fc.assert(
      fc.property(zoneAndInstant(), fc.integer({ min: -90, max: 90 }), ({ timeZone, ms }, by) => {
        const local = timeZoneOf(timeZone).localOf(ms) + by * 60_000;
        const wall = Temporal.Instant.fromEpochMilliseconds(local)
          .toZonedDateTimeISO('UTC')
          .toPlainDateTime();
        const want = wall.toZonedDateTime(timeZone, { disambiguation: 'compatible' });
        expectSame(timeZoneOf(timeZone).instantOfLocal(local), want.epochMilliseconds);
      }),
      { numRuns: draws(700) },
    );
  });

  test('firstInstantFrom is the first instant that shows the time or a later one', () => {
    fc.assert(
      fc.property(zoneAndInstant(), fc.integer({ min: -90, max: 90 }), ({ timeZone, ms }, by) => {
        const zone = timeZoneOf(timeZone);
        const local = zone.localOf(ms) + by * 60_000;
        const first = zone.firstInstantFrom(local);
        expect(zone.localOf(first)).toBeGreaterThanOrEqual(local);
        expect(zone.localOf(first - 1)).toBeLessThan(local);
        expect(zone.firstInstantFrom(local + 1)).toBeGreaterThanOrEqual(first);
      }),
      { numRuns: draws(700) },
    );
  });
});

/** The start of the calendar bucket and of the next one, from Temporal's fields. */
function calendarBucket(ms: number, timeZone: string, unit: string): [number, number] {
  const date = zoned(ms, timeZone).toPlainDate();
  const [start, period] = {
    P1D: () => [date, { days: 1 }] as const,
    P1W: () => [date.subtract({ days: date.dayOfWeek - 1 }), { weeks: 1 }] as const,
    P1M: () => [date.with({ day: 1 }), { months: 1 }] as const,
    P3M: () =>
      [date.with({ day: 1, month: date.month - ((date.month - 1) % 3) }), { months: 3 }] as const,
    P1Y: () => [date.with({ day: 1, month: 1 }), { years: 1 }] as const,
  }[unit]!();
  const instant = (day: Temporal.PlainDate) => day.toZonedDateTime(timeZone).epochMilliseconds;
  const [startMs, endMs] = [instant(start), instant(start.add(period))];
  // Clocks went back over midnight: the day that had begun goes on.
  return endMs <= ms ? calendarBucket(endMs, timeZone, unit) : [startMs, endMs];
}

const CLOCKS = ['PT1S', 'PT1M', 'PT5M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'PT8H', 'PT7H'];
const CALENDARS = ['P1D', 'P1W', 'P1M', 'P3M', 'P1Y'];
const MIXED = ['P2D', 'P2W', 'P5M', 'P10Y', 'P1DT12H', 'P1M2DT3H', 'PT1H30M'];

describe('buckets', () => {
  test.each(CALENDARS)('%s agrees with Temporal', (period) => {
    fc.assert(
      fc.property(zoneAndInstant(), ({ timeZone, ms }) => {
        const granularity = periodGranularity(period, null, timeZone);
        const start = granularity.bucketStart(ms);
        expect([start, granularity.nextBucket(start)]).toEqual(
          calendarBucket(ms, timeZone, period),
        );
      }),
      { numRuns: 300 },
    );
  });

  test.each(['America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Pacific/Apia'])(
    'days of %s agree with Temporal around every transition',
    (timeZone) => {
      const granularity = periodGranularity('P1D', null, timeZone);
      for (const at of transitionsOf(timeZone)) {
        for (const by of [-86_400_000, -3_600_000, -1, 0, 1, 3_600_000, 86_400_000]) {
          const want = zoned(at + by, timeZone).startOfDay().epochMilliseconds;
          expectSame(granularity.bucketStart(at + by), want);
        }
      }
    },
  );

  test('hours start on the whole local hour, or where the offset changes', () => {
    fc.assert(
      fc.property(zoneAndInstant(), ({ timeZone, ms }) => {
        const start = periodGranularity('PT1H', null, timeZone).bucketStart(ms);
        const at = zoned(ms, timeZone);
        const { minute, second, millisecond } = at;
        const whole = ms - ((minute * 60 + second) * 1000 + millisecond);
        if (start === whole) return;
        expect(start).toBeGreaterThan(whole);
        expect(zoned(start - 1, timeZone).offset).not.toBe(zoned(start, timeZone).offset);
        expectSame(zoned(start, timeZone).offset, at.offset);
      }),
      { numRuns: draws(400) },
    );
  });

  test.each(['PT6H', 'PT8H', 'PT7H'])(
    '%s counts elapsed time where offsets are whole hours',
    (period) => {
      const zones = ['America/New_York', 'Europe/London', 'Asia/Kolkata', 'Africa/Cairo'];
      const origin = (timeZone: string) =>
        Temporal.PlainDate.from('1970-01-01').toZonedDateTime(timeZone).epochMilliseconds;
      const size = Temporal.Duration.from(period).total('milliseconds');
      fc.assert(
        fc.property(
          fc.constantFrom(...zones),
          fc.integer({ min: Date.UTC(1972, 0, 1), max: Date.UTC(2060, 0, 1) }),
          (timeZone, ms) => {
            const start = periodGranularity(period, null, timeZone).bucketStart(ms);
            expectSame((start - origin(timeZone)) % size, 0);
            expect(ms - start).toBeLessThan(size);
            expect(ms).toBeGreaterThanOrEqual(start);
          },
        ),
      );
    },
  );

  test.each([...CLOCKS, ...CALENDARS, ...MIXED])('%s: the laws of buckets', (period) => {
    const origin = fc.option(fc.integer({ min: -1e12, max: 1e12 }), { nil: null });
    fc.assert(
      fc.property(zoneAndInstant(), origin, fc.nat(4e9), ({ timeZone, ms }, originMs, later) => {
        const granularity = periodGranularity(period, originMs, timeZone);
        const start = granularity.bucketStart(ms);
        const next = granularity.nextBucket(start);
        expect(start).toBeLessThanOrEqual(ms);
        expect(next).toBeGreaterThan(ms);
        const fresh = periodGranularity(period, originMs, timeZone);
        expectSame(fresh.bucketStart(next), next);
        expectSame(fresh.bucketStart(start), start);
        expectSame(fresh.bucketStart(next - 1), start);
        expect(fresh.bucketStart(ms + later)).toBeGreaterThanOrEqual(start);
        if (originMs !== null) expect(fresh.bucketStart(originMs)).toBeLessThanOrEqual(originMs);
      }),
      { numRuns: 150 },
    );
  });
});

describe('periods', () => {
  /** Joda's addition: the calendar part on the wall clock, where the old offset stays if it can; then the clock part. */
  function shifted(ms: number, timeZone: string, count: number, unit: string, hours: number) {
    const from = zoned(ms, timeZone);
    const wall = from.toPlainDateTime().add({ [unit]: count });
    const date = Temporal.ZonedDateTime.from(`${wall}${from.offset}[${timeZone}]`, {
      offset: 'prefer',
    });
    return date.add({ hours: hours * count }).epochMilliseconds;
  }

  test('a shift agrees with Temporal', () => {
    const letters = { years: 'Y', months: 'M', weeks: 'W', days: 'D' };
    const unit = fc.constantFrom(
      'years' as const,
      'months' as const,
      'weeks' as const,
      'days' as const,
    );
    const count = fc.integer({ min: -40, max: 40 }).filter((n) => n !== 0);
    fc.assert(
      fc.property(zoneAndInstant(), unit, fc.nat(30), count, ({ timeZone, ms }, name, hours, n) => {
        const period = parsePeriod(`P1${letters[name]}T${hours}H`)!;
        const want = shifted(ms, timeZone, n, name, hours);
        expectSame(shiftByPeriod(ms, period, n, timeZone), want);
      }),
      { numRuns: draws(500) },
    );
  });

  test('a shift by hours moves the instant', () => {
    fc.assert(
      fc.property(zoneAndInstant(), fc.integer({ min: -99, max: 99 }), ({ timeZone, ms }, n) => {
        const want = zoned(ms, timeZone).add({ hours: n }).epochMilliseconds;
        expectSame(shiftByPeriod(ms, parsePeriod('PT1H')!, n, timeZone), want);
      }),
    );
  });

  test('whole months between two instants are the most that fit', () => {
    fc.assert(
      fc.property(
        zoneAndInstant(),
        fc.integer({ min: 0, max: 4e11 }),
        ({ timeZone, ms }, later) => {
          const wall = (at: number) => zoned(at, timeZone).toPlainDateTime();
          fc.pre(Temporal.PlainDateTime.compare(wall(ms), wall(ms + later)) <= 0);
          let want = -1;
          const reaches = (months: number) =>
            Temporal.PlainDateTime.compare(wall(ms).add({ months }), wall(ms + later)) <= 0;
          while (reaches(want + 1)) want++;
          expectSame(monthsBetween(ms, ms + later, timeZone), want);
          expectSame(monthsBetween(ms + later, ms, timeZone), -want + 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('fields', () => {
  const UNITS: readonly (readonly [string, (at: Temporal.ZonedDateTime) => number | undefined])[] =
    [
      ['MILLISECOND', (at) => at.millisecond],
      ['SECOND', (at) => at.second],
      ['MINUTE', (at) => at.minute],
      ['HOUR', (at) => at.hour],
      ['DAY', (at) => at.day],
      ['DOW', (at) => at.dayOfWeek],
      ['ISODOW', (at) => at.dayOfWeek],
      ['DOY', (at) => at.dayOfYear],
      ['WEEK', (at) => at.weekOfYear],
      ['MONTH', (at) => at.month],
      ['QUARTER', (at) => Math.ceil(at.month / 3)],
      ['YEAR', (at) => at.year],
      ['ISOYEAR', (at) => at.year],
    ];
  test('units agree with Temporal', () => {
    fc.assert(
      fc.property(zoneAndInstant(), ({ timeZone, ms }) => {
        const at = zoned(ms, timeZone);
        for (const [unit, want] of UNITS) {
          expect([unit, timeUnitExtractor(unit, timeZone)(ms)]).toEqual([unit, want(at)]);
        }
      }),
    );
  });

  test('ISO text agrees with Temporal, and reads back', () => {
    fc.assert(
      fc.property(zoneAndInstant(), ({ timeZone, ms }) => {
        const at = zoned(ms, timeZone);
        const wall = at.toPlainDateTime().toString({ fractionalSecondDigits: 3 });
        const text = formatInstant(ms, timeZone);
        expectSame(text, wall + at.offset.replace('+00:00', 'Z'));
        expectSame(parseInstant(text), ms);
      }),
    );
  });

  test('a pattern with an offset prints what it reads', () => {
    const pattern = "EEEE, dd MMMM yyyy 'at' hh:mm:ss.SSS a ZZ";
    fc.assert(
      fc.property(zoneAndInstant(), ({ timeZone, ms }) => {
        const text = jodaFormatter(pattern, timeZone)(ms);
        expectSame(jodaParser(pattern, 'UTC')(text), ms);
        const at = zoned(ms, timeZone);
        const day = at.toLocaleString('en-US', { weekday: 'long' });
        const month = at.toLocaleString('en-US', { month: 'long' });
        expect(
          text.startsWith(`${day}, ${String(at.day).padStart(2, '0')} ${month} ${at.year} at `),
        ).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
