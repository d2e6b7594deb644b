import { expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { formatInstant } from './instant.js';
import { timestampParser } from './timestamp-parser.js';

const read = (format: string, value: unknown, missingValue: string | null = null): string =>
  formatInstant(timestampParser(format, missingValue)(value));

test.each([
  ['auto', 1_577_836_800_000, '2020-01-01T00:00:00.000Z'],
  ['auto', 1_577_836_800_000.7, '2020-01-01T00:00:00.000Z'],
  ['auto', -5, '1969-12-31T23:59:59.995Z'],
  ['auto', '1577836800000', '2020-01-01T00:00:00.000Z'],
  ['auto', '2020', '1970-01-01T00:00:02.020Z'],
  ['AUTO', '2020-01', '2020-01-01T00:00:00.000Z'],
  ['auto', '2020-01-01T02:00:00+02:00', '2020-01-01T00:00:00.000Z'],
  ['auto', '2020-01-01 00:00:00', '2020-01-01T00:00:00.000Z'],
  ['auto', '2020-01-01 00:00:00 PST', '2020-01-01T00:00:00.000Z'],
  ['auto', '2020-01-01 00:00:00 America/Los_Angeles', '2020-01-01T00:00:00.000Z'],
  ['auto', '2020-01-01 02:00:00+02:00 Europe/Paris', '2020-01-01T00:00:00.000Z'],
  ['auto', ' "2020-01-01" ', '2020-01-01T00:00:00.000Z'],
  ['auto', '"1577836800000"', '2020-01-01T00:00:00.000Z'],
  ['auto', '-5', '-0005-01-01T00:00:00.000Z'],
  ['iso', '2020-01-01T00:00:00Z', '2020-01-01T00:00:00.000Z'],
  ['iso', '2020-01', '2020-01-01T00:00:00.000Z'],
  ['iso', 2020, '2020-01-01T00:00:00.000Z'],
  ['posix', 1_577_836_800, '2020-01-01T00:00:00.000Z'],
  ['posix', '1577836800', '2020-01-01T00:00:00.000Z'],
  ['posix', ' "-1" ', '1969-12-31T23:59:59.000Z'],
  ['posix', 1.9, '1970-01-01T00:00:01.000Z'],
  ['millis', '1577836800000', '2020-01-01T00:00:00.000Z'],
  ['micro', 1_577_836_800_000_999, '2020-01-01T00:00:00.000Z'],
  ['nano', '1577836800000999999', '2020-01-01T00:00:00.000Z'],
  ['nano', 1_577_836_800_000_999_999n, '2020-01-01T00:00:00.000Z'],
  ['nano', '-1999999', '1969-12-31T23:59:59.999Z'],
  ['Ruby', 1_577_836_800.123, '2020-01-01T00:00:00.123Z'],
  ['ruby', '1577836800.5', '2020-01-01T00:00:00.500Z'],
  ['yyyy-MM-dd HH:mm:ss', '2020-01-01 00:00:00', '2020-01-01T00:00:00.000Z'],
  ['yyyyMMdd', 20_200_101, '2020-01-01T00:00:00.000Z'],
  ['yyyy-MM-dd Z', '"2020-01-01 +0200"', '2019-12-31T22:00:00.000Z'],
])('%s reads %s', (format, value, want) => expect(read(format, value)).toBe(want));

test.each([
  ['auto', ''],
  ['auto', ' "" '],
  ['auto', 'garbage'],
  ['auto', '2020-01-01 00:00:00 garbage'],
  ['auto', '99999999999999999999'],
  ['auto', NaN],
  ['auto', true],
  ['auto', { a: 1 }],
  ['iso', '2020-01-01 00:00:00'],
  ['posix', '1.5'],
  ['posix', '99999999999999999'],
  ['millis', '2020-01-01'],
  ['nano', 'x'],
  ['ruby', 'x'],
  ['ruby', ''],
  ['yyyy-MM-dd', '2020/01/01'],
  ['auto', null],
])('%s refuses %j with a reason', (format, value) => {
  expect(() => read(format, value)).toThrow(/^(the|a) timestamp /);
});

test('missingValue stands for null and absent, never for an empty text', () => {
  expect(read('auto', null, '2010-01-01')).toBe('2010-01-01T00:00:00.000Z');
  expect(read('posix', undefined, '2010-01-01T00:00:00Z')).toBe('2010-01-01T00:00:00.000Z');
  expect(() => read('auto', '', '2010-01-01')).toThrow('the timestamp is empty');
  expect(() => timestampParser('auto', 'never')).toThrow(UserError);
  expect(() => timestampParser('auto', 'never')).toThrow('timestampSpec.missingValue: got "never"');
});

test('a bad pattern names the field', () => {
  expect(() => timestampParser('bogus', null)).toThrow(/^timestampSpec\.format: .*"b"/);
});
