import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { ETERNITY, type Interval, parseInterval } from '../../model/index.js';
import { expired } from './expired.js';
import { decide, KEEP_ALL, parseRules } from './rule.js';

const NOW_MS = Date.UTC(2024, 2, 31, 12);

/** Whether a rule applies to a segment of this interval, at noon of 2024-03-31. */
const applies = (rule: JsonObject, interval: string): boolean =>
  parseRules([rule], 'rules')[0]!.applies(parseInterval(interval), NOW_MS);

describe('boundaries', () => {
  const february = '2024-02-01/2024-03-01';
  test.each<[string, JsonObject, string, boolean]>([
    [
      'a load overlaps',
      { type: 'loadByInterval', interval: february },
      '2024-01-31/2024-02-02',
      true,
    ],
    [
      'abutting is not',
      { type: 'loadByInterval', interval: february },
      '2024-01-01/2024-02-01',
      false,
    ],
    ['nor behind', { type: 'loadByInterval', interval: february }, '2024-03-01/2024-03-02', false],
    [
      'a drop contains',
      { type: 'dropByInterval', interval: february },
      '2024-02-01/2024-03-01',
      true,
    ],
    [
      'a part is kept',
      { type: 'dropByInterval', interval: february },
      '2024-01-31/2024-02-02',
      false,
    ],
    ['all of time', { type: 'dropByInterval', interval: february }, '0000/3000', false],
    [
      'last instant',
      { type: 'loadByPeriod', period: 'P1D' },
      '2024-03-30/2024-03-30T12:00:00.001Z',
      true,
    ],
    [
      'ended before',
      { type: 'loadByPeriod', period: 'P1D' },
      '2024-03-29/2024-03-30T12:00Z',
      false,
    ],
    ['the future', { type: 'loadByPeriod', period: 'P1D' }, '2030-01-01/P1D', true],
    [
      'not the future',
      { type: 'loadByPeriod', period: 'P1D', includeFuture: false },
      '2024-03-31T12:00Z/P1D',
      false,
    ],
    [
      'into the future',
      { type: 'loadByPeriod', period: 'P1D', includeFuture: false },
      '2024-03-31T11:00Z/P1D',
      true,
    ],
    ['begins at it', { type: 'dropByPeriod', period: 'P1D' }, '2024-03-30T12:00Z/P1Y', true],
    ['begins before', { type: 'dropByPeriod', period: 'P1D' }, '2024-03-30T11:00Z/P1D', false],
    [
      'ends later',
      { type: 'dropByPeriod', period: 'P1D', includeFuture: false },
      '2024-03-31/2024-04-01',
      false,
    ],
    [
      'inside',
      { type: 'dropByPeriod', period: 'P1D', includeFuture: 'false' },
      '2024-03-30T12:00Z/2024-03-31T12:00Z',
      true,
    ],
    [
      'ended then',
      { type: 'dropBeforeByPeriod', period: 'P1D' },
      '2024-03-01/2024-03-30T12:00Z',
      true,
    ],
    [
      'ended later',
      { type: 'dropBeforeByPeriod', period: 'P1D' },
      '2024-03-01/2024-03-30T12:00:00.001Z',
      false,
    ],
    // A month ago was the last day of February.
    [
      'by the calendar',
      { type: 'dropBeforeByPeriod', period: 'P1M' },
      '2024-01-01/2024-02-29T12:00Z',
      true,
    ],
    ['no time at all', { type: 'loadForever' }, '2024-01-01/2024-01-01', true],
    ['everything', { type: 'dropForever' }, '0000/3000', true],
    ['broadcast', { type: 'broadcastByPeriod', period: 'P1D' }, '2024-03-30/2024-03-31', true],
    [
      'broadcast',
      { type: 'broadcastByInterval', interval: february },
      '2024-03-30/2024-03-31',
      false,
    ],
  ])('%s: %j, %s: %s', (_name, rule, interval, expected) => {
    expect(applies(rule, interval)).toBe(expected);
  });
});

test('defaults are filled in, as Druid does', () => {
  const tiers = { tieredReplicants: { _default_tier: 2 }, useDefaultTierForNull: true };
  const json = [
    { type: 'loadByPeriod', period: 'P1D' },
    { type: 'loadForever', tieredReplicants: { hot: 1 } },
    { type: 'loadForever', useDefaultTierForNull: false },
    { type: 'dropByInterval', interval: '2024/2025', note: 'unknown fields are ignored' },
    { type: 'broadcastForever' },
  ];
  expect(parseRules(json, 'rules').map((rule) => rule.json)).toEqual([
    { type: 'loadByPeriod', period: 'P1D', includeFuture: true, ...tiers },
    { type: 'loadForever', ...tiers, tieredReplicants: { hot: 1 } },
    { type: 'loadForever', tieredReplicants: {}, useDefaultTierForNull: false },
    { type: 'dropByInterval', interval: '2024-01-01T00:00:00.000Z/2025-01-01T00:00:00.000Z' },
    { type: 'broadcastForever' },
  ]);
  expect(KEEP_ALL.map((rule) => rule.json)).toEqual([{ type: 'loadForever', ...tiers }]);
});

test.each<[unknown, ...string[]]>([
  [{}, 'rules: want a list of rules', '{}'],
  [[7], 'rules[0]: want an object; got 7'],
  [[{ type: 'loadForever' }, { type: 'keep' }], 'rules[1].type', '"keep"', 'dropBeforeByPeriod'],
  [[{ type: 'loadBeforeByPeriod', period: 'P1D' }], 'rules[0].type', 'loadBeforeByPeriod'],
  [[{ type: 'dropByInterval' }], 'rules[0].interval: want an interval, as text; got nothing'],
  [[{ type: 'loadByInterval', interval: '2024' }], 'rules[0].interval', '"2024"'],
  [[{ type: 'dropByPeriod', period: 30 }], 'rules[0].period', '30'],
  [[{ type: 'dropByPeriod', period: 'a month' }], 'rules[0].period', '"a month"', 'P30D'],
  [[{ type: 'dropBeforeByPeriod', period: 'P-1D' }], 'rules[0].period', '"P-1D"'],
  [[{ type: 'loadByPeriod', period: 'P1D', includeFuture: 'maybe' }], 'includeFuture', '"maybe"'],
  [[{ type: 'loadForever', tieredReplicants: { a: -1 } }], 'tieredReplicants.a', '-1'],
  [[{ type: 'loadForever', tieredReplicants: ['a'] }], 'tieredReplicants', '["a"]'],
])('%j is refused, naming the path and the value', (json, ...parts) => {
  for (const part of parts) expect(() => parseRules(json, 'rules')).toThrow(part);
});

const DAY_MS = 86_400_000;

/** A rule with a span of days around now, as the oracle reads it. */
interface Naive {
  readonly json: JsonObject;
  readonly from: number;
  readonly to: number;
}

const dayOf = (day: number): number => NOW_MS + day * DAY_MS;
const span = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 6 }));
const verb = fc.constantFrom('load', 'drop', 'broadcast');

/** Periods are spans too: their oracle needs no arithmetic of periods. */
const anyRule: fc.Arbitrary<Naive> = fc.oneof(
  verb.map((type) => ({ json: { type: `${type}Forever` }, from: -1000, to: 1000 })),
  fc.tuple(verb, span).map(([type, [from, length]]) => ({
    json: {
      type: `${type}ByInterval`,
      interval: [from, from + length].map((day) => new Date(dayOf(day)).toISOString()).join('/'),
    },
    from,
    to: from + length,
  })),
  fc.tuple(verb, fc.nat(9), fc.boolean()).map(([type, days, includeFuture]) => ({
    json: { type: `${type}ByPeriod`, period: `P${days}D`, includeFuture },
    from: -days,
    to: includeFuture ? 1000 : 0,
  })),
  fc.nat(9).map((days) => ({
    json: { type: 'dropBeforeByPeriod', period: `P${days}D` },
    from: -1000,
    to: -days,
  })),
);

const anySegment = span.map(([from, length]) => ({
  from,
  to: from + length,
  interval: { startMs: dayOf(from), endMs: dayOf(from + length) } satisfies Interval,
}));

/** Day by day: a load wants one of them, a drop wants all. */
function naiveDecision(
  rules: readonly Naive[],
  segment: { readonly from: number; readonly to: number },
): string | null {
  const days = Array.from({ length: segment.to - segment.from }, (_, i) => segment.from + i);
  for (const { json, from, to } of rules) {
    const isInside = (day: number) => from <= day && day < to;
    const isDrop = String(json.type).startsWith('drop');
    if (isDrop ? days.every(isInside) : days.some(isInside)) return isDrop ? 'drop' : 'load';
  }
  return null;
}

test('the first rule that applies decides, and nothing that one keeps is ever dropped', () => {
  fc.assert(
    fc.property(
      fc.array(anyRule, { maxLength: 5 }),
      fc.array(anySegment, { maxLength: 8 }),
      (naive, segments) => {
        const rules = parseRules(
          naive.map(({ json }) => json),
          'rules',
        );
        for (const each of segments) {
          expect(decide(rules, each.interval, NOW_MS)).toBe(naiveDecision(naive, each));
        }
        const places = segments.map(({ interval }, i) => ({
          id: { dataSource: 't', interval, version: 'v', partitionNum: i },
          idText: `${i}`,
        }));
        const dropped = expired(places, rules, NOW_MS);
        expect(dropped).toEqual(
          places
            .filter((_, i) => naiveDecision(naive, segments[i]!) === 'drop')
            .map(({ idText }) => idText),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('eternity is no problem of any rule', () => {
  for (const json of [
    { type: 'dropBeforeByPeriod', period: 'P1D' },
    { type: 'dropByPeriod', period: 'P5000Y' },
  ]) {
    expect(parseRules([json], 'rules')[0]!.applies(ETERNITY, NOW_MS)).toBe(false);
  }
});
