import { expect, test } from 'vitest';
import { parseInstant } from './instant.js';
import { extractTimeUnit, isTimeUnit, timeUnitType } from './time-unit.js';

test.each([
  ['2001-01-01', 'EPOCH', 978_307_200],
  ['1969-12-31T23:59:58.500', 'EPOCH', -1],
  ['1969-12-31T23:59:59.500', 'EPOCH', 0],
  ['1969-12-31T23:59:59.999', 'MILLISECOND', 999],
  ['2020-01-05', 'DOW', 7],
  ['2020-01-06', 'isodow', 1],
  ['2021-01-03', 'WEEK', 53],
  ['2021-01-03', 'ISOYEAR', 2021],
  ['2020-12-31', 'DOY', 366],
  ['2020-12-31', 'QUARTER', 4],
  ['2019-12-31', 'DECADE', 201],
  ['2000-12-31', 'CENTURY', 20],
  ['2001-01-01', 'CENTURY', 21],
  ['2000-12-31', 'MILLENNIUM', 2],
  ['-0015', 'DECADE', -1],
  ['0000', 'CENTURY', 0],
])('%s %s is %d', (text, unit, want) => {
  expect(extractTimeUnit(parseInstant(text)!, unit, 'UTC')).toBe(want);
});

test('the zone decides the day', () => {
  expect(extractTimeUnit(0, 'DAY', 'America/New_York')).toBe(31);
  expect(extractTimeUnit(0, 'HOUR', '+05:30')).toBe(5);
});

test('names', () => {
  expect(isTimeUnit('hour')).toBe(true);
  expect(isTimeUnit('fortnight')).toBe(false);
  expect([timeUnitType('century'), timeUnitType('year')]).toEqual(['DOUBLE', 'LONG']);
  expect(() => extractTimeUnit(0, 'fortnight', 'UTC')).toThrow('use one of EPOCH');
});
