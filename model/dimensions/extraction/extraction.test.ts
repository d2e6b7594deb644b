import { describe, expect, test } from 'vitest';
import { type JsonObject, UnsupportedError, UserError } from '../../../core/index.js';
import type { Scalar, ScalarType } from '../../types.js';
import { optionalExtraction, requiredExtraction } from './registry.js';

interface Case {
  readonly spec: JsonObject;
  readonly input: Scalar;
  readonly type?: ScalarType;
  readonly expected: string | null;
}

const DAYS = { type: 'map', map: { '1.0': 'Monday', a: 'A', '': 'empty' } };
const TIME_MS = Date.parse('2011-04-02T13:14:15.678Z');

const CASES: Case[] = [
  { spec: { type: 'regex', expr: '(\\w)(\\w)' }, input: 'xyz', expected: 'x' },
  { spec: { type: 'regex', expr: '(\\w)(\\w)', index: 2 }, input: 'xyz', expected: 'y' },
  { spec: { type: 'regex', expr: '(\\w)(\\w)', index: 0 }, input: 'xyz', expected: 'xy' },
  { spec: { type: 'regex', expr: '(\\d)' }, input: 'xyz', expected: 'xyz' },
  { spec: { type: 'regex', expr: '(\\d)' }, input: null, expected: null },
  {
    spec: { type: 'regex', expr: '(\\d)', replaceMissingValue: true, replaceMissingValueWith: '-' },
    input: 'xyz',
    expected: '-',
  },
  {
    spec: { type: 'regex', expr: '(\\d)', replaceMissingValue: true },
    input: 'xyz',
    expected: null,
  },
  { spec: { type: 'partial', expr: 'y' }, input: 'xyz', expected: 'xyz' },
  { spec: { type: 'partial', expr: 'q' }, input: 'xyz', expected: null },
  {
    spec: { type: 'searchQuery', query: { type: 'contains', value: 'Y' } },
    input: 'xyz',
    expected: 'xyz',
  },
  {
    spec: { type: 'searchQuery', query: { type: 'contains', value: 'Y', caseSensitive: true } },
    input: 'xyz',
    expected: null,
  },
  {
    spec: { type: 'searchQuery', query: { type: 'fragment', values: ['x', 'Z'] } },
    input: 'xyz',
    expected: 'xyz',
  },
  { spec: { type: 'substring', index: 1 }, input: 'abcd', expected: 'bcd' },
  { spec: { type: 'substring', index: 1, length: 2 }, input: 'abcd', expected: 'bc' },
  { spec: { type: 'substring', index: 3, length: 9 }, input: 'abcd', expected: 'd' },
  { spec: { type: 'substring', index: 4 }, input: 'abcd', expected: null },
  { spec: { type: 'substring', index: 0 }, input: null, expected: null },
  { spec: { type: 'strlen' }, input: '😀é', expected: '3' },
  { spec: { type: 'strlen' }, input: null, expected: null },
  { spec: { type: 'strlen' }, input: 1.5, type: 'DOUBLE', expected: '3' },
  { spec: { type: 'upper' }, input: 'straße', expected: 'STRASSE' },
  { spec: { type: 'lower' }, input: 'ÀB', expected: 'àb' },
  { spec: { type: 'lower', locale: 'tr' }, input: 'I', expected: 'ı' },
  { spec: { type: 'identity' }, input: 5, type: 'DOUBLE', expected: '5.0' },
  { spec: { type: 'bucket' }, input: '5.7', expected: '5' },
  { spec: { type: 'bucket', size: 5, offset: 2 }, input: 1, type: 'LONG', expected: '-3' },
  { spec: { type: 'bucket', size: 0.5 }, input: 1.7, type: 'DOUBLE', expected: '1.5' },
  { spec: { type: 'bucket' }, input: 'x', expected: null },
  { spec: { type: 'bucket' }, input: null, expected: null },
  { spec: { type: 'stringFormat', format: '[%s]' }, input: 'x', expected: '[x]' },
  {
    spec: { type: 'stringFormat', format: '100%% %5s|%-3s|%.2s' },
    input: 'abc',
    expected: '100%   abc|abc|ab',
  },
  { spec: { type: 'stringFormat', format: 'foo' }, input: null, expected: 'foo' },
  { spec: { type: 'stringFormat', format: '%s' }, input: null, expected: 'null' },
  {
    spec: { type: 'stringFormat', format: '[%s]', nullHandling: 'emptyString' },
    input: null,
    expected: '[]',
  },
  {
    spec: { type: 'stringFormat', format: '[%s]', nullHandling: 'returnNull' },
    input: null,
    expected: null,
  },
  { spec: { type: 'lookup', lookup: DAYS }, input: 'a', expected: 'A' },
  { spec: { type: 'lookup', lookup: DAYS }, input: 1, type: 'DOUBLE', expected: 'Monday' },
  { spec: { type: 'lookup', lookup: DAYS }, input: 'q', expected: null },
  { spec: { type: 'lookup', lookup: DAYS }, input: null, expected: null },
  { spec: { type: 'lookup', lookup: DAYS }, input: 'constructor', expected: null },
  { spec: { type: 'lookup', lookup: DAYS, retainMissingValue: true }, input: 'q', expected: 'q' },
  {
    spec: { type: 'lookup', lookup: DAYS, replaceMissingValueWith: '?' },
    input: null,
    expected: '?',
  },
  {
    spec: {
      type: 'cascade',
      extractionFns: [
        { type: 'regex', expr: '/([^/]+)/' },
        { type: 'upper' },
        { type: 'substring', index: 0, length: 2 },
      ],
    },
    input: '/druid/prod',
    expected: 'DR',
  },
  {
    spec: { type: 'timeFormat' },
    input: TIME_MS,
    type: 'LONG',
    expected: '2011-04-02T13:14:15.678Z',
  },
  {
    spec: { type: 'timeFormat', granularity: 'day' },
    input: TIME_MS,
    type: 'LONG',
    expected: '2011-04-02T00:00:00.000Z',
  },
  {
    spec: { type: 'timeFormat', granularity: 'week', asMillis: true },
    input: String(Date.parse('2011-04-02T00:00:00.000Z')),
    expected: null,
  },
  {
    spec: { type: 'timeFormat', granularity: 'week', asMillis: true },
    input: '2011-04-02',
    expected: '1301270400000',
  },
  {
    spec: { type: 'timeFormat', format: 'EEEE HH', timeZone: 'Europe/Berlin', locale: 'en' },
    input: TIME_MS,
    type: 'LONG',
    expected: 'Saturday 15',
  },
  {
    spec: { type: 'time', timeFormat: 'yyyy-MM-dd', resultFormat: 'yyyy-MM', joda: true },
    input: '2017-07-25',
    expected: '2017-07',
  },
  {
    spec: { type: 'time', timeFormat: 'yyyy-MM-dd', resultFormat: 'yyyy-MM' },
    input: 'x',
    expected: 'x',
  },
];

test.each(CASES)('$spec of $input is $expected', ({ spec, input, type, expected }) => {
  expect(requiredExtraction(spec, 'extractionFn').apply(input, type ?? 'STRING')).toBe(expected);
});

test.each(['UTC', 'Europe/Berlin', '+05:30'])('timeFormat in %s takes any number', (timeZone) => {
  for (const rest of [{ format: 'HH' }, { granularity: 'day' }, { asMillis: true }]) {
    const { apply } = requiredExtraction({ type: 'timeFormat', timeZone, ...rest }, 'fn');
    const ends = [2 ** 62, 3.4e38, Number.POSITIVE_INFINITY].flatMap((ms) => [ms, -ms]);
    const [last, first, ...beyond] = ends.map((ms) => apply(ms, 'DOUBLE'));
    expect(beyond).toEqual([last, first, last, first]);
    expect(apply(Number.NaN, 'DOUBLE')).toBeNull();
  }
});

describe('bad extraction functions say what is wrong', () => {
  test.each([
    { spec: { type: 'nope' }, message: "fn: Could not resolve type id 'nope'" },
    { spec: { type: 'substring' }, message: 'fn.index: want 0 or more; got nothing' },
    { spec: { type: 'regex' }, message: 'fn.expr: want a text; got nothing' },
    { spec: { type: 'stringFormat', format: '%d' }, message: 'fn.format: want only %s' },
    {
      spec: {
        type: 'lookup',
        lookup: DAYS,
        retainMissingValue: true,
        replaceMissingValueWith: '?',
      },
      message: 'fn.replaceMissingValueWith: cannot go with "retainMissingValue"',
    },
    { spec: { type: 'lookup', lookup: 'countries' }, message: 'fn.lookup: lookup [countries]' },
    { spec: { type: 'registeredLookup', lookup: DAYS }, message: 'fn.lookup: ' },
    { spec: { type: 'timeFormat', timeZone: 'Mars/Base' }, message: 'fn.timeZone' },
    { spec: { type: 'cascade', extractionFns: [{ type: 'x' }] }, message: 'fn.extractionFns[0]: ' },
  ])('$spec', ({ spec, message }) => {
    expect(() => requiredExtraction(spec, 'fn')).toThrow(UserError);
    expect(() => requiredExtraction(spec, 'fn')).toThrow(message);
  });

  test.each([
    { type: 'javascript', function: 'x => x' },
    { type: 'timeFormat', locale: 'fr' },
  ])('%o is refused', (spec) => {
    expect(() => requiredExtraction(spec, 'fn')).toThrow(UnsupportedError);
  });
});

test('may be absent where it is optional', () => {
  expect(optionalExtraction(null, 'fn')).toBeNull();
  expect(optionalExtraction(undefined, 'fn')).toBeNull();
});
