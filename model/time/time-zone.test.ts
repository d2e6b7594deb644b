import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { checkTimeZone, isTimeZone, parseOffset, timeZoneOf } from './time-zone.js';

test('offsets hold before the first law and for ever after the last', () => {
  const zone = timeZoneOf('America/New_York');
  expect(zone.offsetAt(-(2 ** 62))).toBe(-(4 * 3600 + 56 * 60 + 2) * 1000);
  expect(zone.offsetAt(Date.UTC(9999, 6, 1))).toBe(-4 * 3_600_000);
  expect(zone.offsetAt(Date.UTC(9999, 0, 1))).toBe(-5 * 3_600_000);
  expect(zone.offsetAt(2 ** 62)).toBe(-4 * 3_600_000);
});

describe('ids', () => {
  test.each([
    ['+05:30', 19_800_000],
    ['-0800', -28_800_000],
    ['+02', 7_200_000],
    ['-00:00', 0],
    ['+24:00', null],
    ['05:30', null],
  ])('offset %s is %s', (text, want) => expect(parseOffset(text)).toBe(want));

  test.each(['UTC', 'Etc/UTC', 'Asia/Kolkata', 'US/Pacific', '+05:30'])('%s is a zone', (id) => {
    expect(isTimeZone(id)).toBe(true);
    expect(checkTimeZone(id, 'timeZone')).toBe(id);
  });

  test.each(['', 'Mars/Olympus', '+99:00', '__proto__'])('%j is none', (id) => {
    expect(isTimeZone(id)).toBe(false);
    expect(() => checkTimeZone(id, 'granularity.timeZone')).toThrow(UserError);
    expect(() => checkTimeZone(id, 'granularity.timeZone')).toThrow(/^granularity\.timeZone: /);
  });

  test('UTC under its other names has one offset', () => {
    for (const id of ['UTC', 'Etc/UTC', 'Z', 'GMT']) expect(timeZoneOf(id).fixedOffsetMs).toBe(0);
  });
});
