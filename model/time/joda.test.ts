import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { formatInstant, parseInstant } from './instant.js';
import { jodaFormatter } from './joda-format.js';
import { jodaParser } from './joda-parse.js';

describe('jodaFormatter', () => {
  const at = parseInstant('2015-09-03T08:05:07.123Z')!; // a Thursday
  test.each([
    ["yyyy-MM-dd'T'HH:mm:ss.SSSZZ", '2015-09-03T08:05:07.123+00:00'],
    // Turnilo's pattern: the last quote is never closed.
    ["yyyy-MM-dd'T'HH:mm:ss'Z", '2015-09-03T08:05:07Z'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", '2015-09-03T08:05:07.123Z'],
    ['y yy yyyyyy Y x xx', '2015 15 002015 2015 2015 15'],
    ['M MM MMM MMMM', '9 09 Sep September'],
    ['d dd D DDD', '3 03 246 246'],
    ['w ww e E EEE EEEE', '36 36 4 Thu Thu Thursday'],
    ['H HH k K h hh a', '8 08 8 8 8 08 AM'],
    ['m mm s ss S SS SSSS', '5 05 7 07 1 12 1230'],
    ['Z ZZ ZZZ z', '+0000 +00:00 UTC UTC'],
    ['G C', 'AD 20'],
    ["h 'o''clock' a", "8 o'clock AM"],
    ["''yy''", "'15'"],
  ])('%s prints %s', (pattern, want) => {
    expect(jodaFormatter(pattern, 'UTC')(at)).toBe(want);
  });

  test('zones', () => {
    const format = jodaFormatter('yyyy-MM-dd HH:mm Z ZZ ZZZ z zzzz', 'America/Los_Angeles');
    expect(format(at)).toBe(
      '2015-09-03 01:05 -0700 -07:00 America/Los_Angeles PDT Pacific Daylight Time',
    );
    expect(format(at + 120 * 86_400_000)).toMatch(/ -0800 .* PST Pacific Standard Time$/);
    expect(jodaFormatter('HH:mm z', '+05:30')(at)).toBe('13:35 +05:30');
    expect(jodaFormatter('zzzz', 'Etc/UTC')(at)).toBe('Coordinated Universal Time');
  });

  test('noon, midnight and the years before Christ', () => {
    const hours = jodaFormatter('H k K h a', 'UTC');
    expect(hours(0)).toBe('0 24 0 12 AM');
    expect(hours(12 * 3_600_000)).toBe('12 12 0 12 PM');
    const years = jodaFormatter('yyyy Y G', 'UTC');
    expect(years(parseInstant('-0005')!)).toBe('-0005 6 BC');
    expect(years(parseInstant('0000')!)).toBe('0000 1 BC');
  });

  test('a letter that means nothing is refused', () => {
    expect(() => jodaFormatter('yyyy-bb', 'UTC')).toThrow(UserError);
    expect(() => jodaFormatter("'don't'", 'UTC')).toThrow('the letter "t"');
    expect(() => jodaFormatter('yyyy-bb', 'UTC', 'extractionFn.format')).toThrow(
      'extractionFn.format: the pattern "yyyy-bb" has the letter "b"',
    );
  });
});

describe('jodaParser', () => {
  const parse = (pattern: string, text: string, timeZone = 'UTC'): string | null => {
    const ms = jodaParser(pattern, timeZone)(text);
    return ms === null ? null : formatInstant(ms).replace('.000Z', 'Z');
  };

  test.each([
    ['yyyy-MM-dd HH:mm:ss', '2015-09-03 08:05:07', '2015-09-03T08:05:07Z'],
    ['yyyy-MM-dd HH:mm:ss.SSS', '2015-09-03 08:05:07.12', '2015-09-03T08:05:07.120Z'],
    ['yyyy-MM-dd HH:mm:ss.SSSSSS', '2015-09-03 08:05:07.123456', '2015-09-03T08:05:07.123Z'],
    ['yyyy-MM-dd', '2015-9-3', '2015-09-03T00:00:00Z'],
    ['yyyyMMdd', '20150903', '2015-09-03T00:00:00Z'],
    ['yyyyMMddHHmmss', '20150903080507', '2015-09-03T08:05:07Z'],
    ['yyyy', '12015', '12015-01-01T00:00:00Z'],
    ['yyyy', '-5', '-0005-01-01T00:00:00Z'],
    ['MM/dd/yy', '09/03/15', '2015-09-03T00:00:00Z'],
    ['MM/dd/yy', '09/03/70', '1970-09-03T00:00:00Z'],
    ['MM/dd/yy', '09/03/2015', '2015-09-03T00:00:00Z'],
    ['yyMMdd', '150903', '2015-09-03T00:00:00Z'],
    ['dd/MMM/yyyy:HH:mm:ss Z', '03/sep/2015:08:05:07 +0200', '2015-09-03T06:05:07Z'],
    ['EEE, dd MMM yyyy HH:mm:ss z', 'Thu, 03 Sep 2015 08:05:07 PST', '2015-09-03T15:05:07Z'],
    ['EEEE MMMM d yyyy', 'thursday September 3 2015', '2015-09-03T00:00:00Z'],
    ['EEE d MMMM yyyy', 'Monday 3 Sep 2015', '2015-08-31T00:00:00Z'],
    ['yyyy-MM-dd h:mm a', '2015-09-03 12:05 am', '2015-09-03T00:05:00Z'],
    ['yyyy-MM-dd h:mm a', '2015-09-03 1:05 PM', '2015-09-03T13:05:00Z'],
    ['yyyy-MM-dd kk:mm', '2015-09-03 24:05', '2015-09-03T00:05:00Z'],
    ['yyyy-MM-dd KK:mm a', '2015-09-03 11:05 PM', '2015-09-03T23:05:00Z'],
    ['yyyy-DDD', '2015-246', '2015-09-03T00:00:00Z'],
    ["xxxx-'W'ww-e", '2015-W36-4', '2015-09-03T00:00:00Z'],
    ["xxxx-'W'ww", '2015-W36', '2015-08-31T00:00:00Z'],
    ['YYYY-MM-dd', '2015-09-03', '2015-09-03T00:00:00Z'],
    ['yyyy G', '0006 BC', '-0005-01-01T00:00:00Z'],
    ['MM-dd', '09-03', '2000-09-03T00:00:00Z'],
    ['HH:mm', '08:05', '1970-01-01T08:05:00Z'],
    ["yyyy-MM-dd'T'HH:mm:ssZ", '2015-09-03T08:05:07Z', '2015-09-03T08:05:07Z'],
    ["yyyy-MM-dd'T'HH:mm:ssZZ", '2015-09-03t08:05:07-07:00', '2015-09-03T15:05:07Z'],
    ['yyyy-MM-dd HH:mm ZZZ', '2015-09-03 08:05 Europe/London', '2015-09-03T07:05:00Z'],
    ["yyyy'x", '2015x', '2015-01-01T00:00:00Z'],
  ])('%s reads %s', (pattern, text, want) => expect(parse(pattern, text)).toBe(want));

  test.each([
    ['yyyy-MM-dd', '2015-09-03 '],
    ['yyyy-MM-dd', '2015-13-03'],
    ['yyyy-MM-dd', '2015-02-29'],
    ['yyyy-MM-dd', '2015/09/03'],
    ['yyyy-DDD', '2015-366'],
    ["xxxx-'W'ww", '2015-W54'],
    ['HH:mm', '24:00'],
    ['hh:mm a', '13:00 PM'],
    ['kk', '0'],
    ['KK a', '12 AM'],
    ['HH:mm', '08:60'],
    ['e', '9'],
    ['MMM', 'Foo'],
    ['yyMMdd', '1509'],
    ['HH z', '08 XYZ'],
    ['HH Z', '08 +9'],
    ['HH Z', '08 +99:00'],
    ['HH.SSS', '08.x'],
    ['yyyy', ''],
  ])('%s does not read %j', (pattern, text) => expect(parse(pattern, text)).toBeNull());

  test('a text without a zone is a wall clock of the zone', () => {
    const read = (text: string) => parse('yyyy-MM-dd HH:mm', text, 'America/New_York');
    expect(read('2015-09-03 08:05')).toBe('2015-09-03T12:05:00Z');
    expect(read('2020-03-08 02:30')).toBe('2020-03-08T07:30:00Z');
    expect(read('2020-11-01 01:30')).toBe('2020-11-01T05:30:00Z');
  });
});
