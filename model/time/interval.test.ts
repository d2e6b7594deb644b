import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import {
  condenseIntervals,
  contains,
  ETERNITY,
  formatInterval,
  type Interval,
  intersect,
  overlaps,
  parseInterval,
  parseIntervals,
} from './interval.js';

const ETERNITY_TEXT = '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z';
const day = (text: string): string =>
  formatInterval(parseInterval(text)).replaceAll('T00:00:00.000Z', '');

describe('parseInterval', () => {
  test.each([
    ['2015-09-12T00Z/2015-09-13T00Z', '2015-09-12/2015-09-13'],
    ['1000/3000', '1000-01-01/3000-01-01'],
    ['0000/3000', '0000-01-01/3000-01-01'],
    ['1999-01-01/2114-01-01', '1999-01-01/2114-01-01'],
    ['2020-01/P1M', '2020-01-01/2020-02-01'],
    ['P1D/2020-01-01', '2019-12-31/2020-01-01'],
    ['2020-01-01T02:00+02:00/P1D', '2020-01-01/2020-01-02'],
    ['2020-01-01/2020-01-01', '2020-01-01/2020-01-01'],
    ['-1/1', '-0001-01-01/0001-01-01'],
  ])('%s', (text, want) => expect(day(text)).toBe(want));

  test('eternity reads and prints exactly', () => {
    expect(parseInterval(ETERNITY_TEXT)).toEqual(ETERNITY);
    expect(formatInterval(ETERNITY)).toBe(ETERNITY_TEXT);
    expect(parseInterval('-200000000/200000000')).toEqual(ETERNITY);
  });

  test.each([
    '',
    '2020-01-01',
    '2020/2021/2022',
    '2021/2020',
    'P1D/P1D',
    '2020-01-01/P1X',
    '2020-01-01/tomorrow',
    '2020-01-01 00:00/P1D',
  ])('%j is refused with the field, the value and a remedy', (text) => {
    expect(() => parseInterval(text, 'intervals[3]')).toThrow(UserError);
    expect(() => parseInterval(text, 'intervals[3]')).toThrow(
      `intervals[3]: ${JSON.stringify(text)} is not an interval`,
    );
    expect(() => parseInterval(text)).toThrow('write start/end');
  });
});

describe('parseIntervals', () => {
  const want = ['2020-01-01/2020-01-03', '2020-02-01/2020-02-02'];
  const list = ['2020-02-01/P1D', '2020-01-01/P1D', '2020-01-02/P1D'];
  test.each([
    ['a list', list],
    ['a text with commas', list.join(',')],
    ['type intervals', { type: 'intervals', intervals: list }],
    ['LegacySegmentSpec', { type: 'LegacySegmentSpec', intervals: list }],
    ['one text inside', { type: 'intervals', intervals: list.join(', ') }],
    ['segments', { type: 'segments', segments: list.map((itvl) => ({ itvl, ver: 'v', part: 0 })) }],
  ])('%s is sorted and merged', (_name, json) => {
    const shown = parseIntervals(json, 'intervals').map((i) =>
      formatInterval(i).replaceAll('T00:00:00.000Z', ''),
    );
    expect(shown).toEqual(want);
  });

  test('an empty list is no time at all', () => {
    expect(parseIntervals([], 'intervals')).toEqual([]);
  });

  test.each([
    [null, 'intervals: got null'],
    [undefined, 'intervals: got nothing'],
    [7, 'intervals: got 7'],
    [{ type: 'intervals' }, 'intervals.intervals: got nothing'],
    [['2020/P1D', 5], 'intervals[1]: got 5'],
    [['2020/P1D', 'x'], 'intervals[1]: "x"'],
    [{ type: 'segments', segments: [{ ver: 'v' }] }, 'intervals.segments[0].itvl: got nothing'],
    [{ type: 'nope', intervals: [] }, 'intervals: got {"type":"nope"'],
  ])('%j is refused: %s', (json, message) => {
    expect(() => parseIntervals(json, 'intervals')).toThrow(message);
  });
});

describe('sets of intervals', () => {
  const interval = fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 8 }))
    .map(([startMs, size]): Interval => ({ startMs, endMs: startMs + size }));
  const instants = (i: Interval): number[] =>
    Array.from({ length: i.endMs - i.startMs }, (_, k) => i.startMs + k);

  test('condense holds the same instants, sorted, with gaps between', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 12 }), (list) => {
        const merged = condenseIntervals(list);
        const held = new Set(list.flatMap(instants));
        expect(merged.flatMap(instants)).toEqual([...held].sort((a, b) => a - b));
        for (const [i, next] of merged.slice(1).entries()) {
          expect(next.startMs).toBeGreaterThan(merged[i]!.endMs);
        }
      }),
    );
  });

  test('intersect, overlaps and contains agree with sets of instants', () => {
    fc.assert(
      fc.property(interval, interval, (a, b) => {
        const both = instants(a).filter((ms) => instants(b).includes(ms));
        const shared = intersect(a, b);
        expect(shared === null ? [] : instants(shared)).toEqual(both);
        expect(overlaps(a, b)).toBe(both.length > 0);
        expect(contains(a, b)).toBe(both.length === instants(b).length);
      }),
    );
  });
});
