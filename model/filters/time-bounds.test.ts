import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { TestRows } from '../testing.js';
import { TRUE } from './filter.js';
import { filterIntervals, parseFilter } from './registry.js';

const TIMES = [0, 1, 2, 3, 4, 5, 6, 7];
const iso = (ms: number) => new Date(ms).toISOString();
const time = fc.constantFrom(...TIMES);
const bound = fc.oneof(
  time.map(String),
  time.map((ms) => `${ms}.5`),
  fc.constantFrom('-99999999999999999999', '99999999999999999999', 'x'),
);
const flag = fc.boolean();
const leaf: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({
    type: fc.constant('interval'),
    dimension: fc.constant('__time'),
    intervals: fc.array(
      fc.tuple(time, time).map(([a, b]) => `${iso(Math.min(a, b))}/${iso(Math.max(a, b))}`),
      { maxLength: 2 },
    ),
  }),
  fc.record(
    {
      type: fc.constant('bound'),
      dimension: fc.constant('__time'),
      lower: bound,
      upper: bound,
      lowerStrict: flag,
      upperStrict: flag,
      ordering: fc.constantFrom('numeric', 'lexicographic'),
    },
    { requiredKeys: ['type', 'dimension', 'upper', 'ordering'] },
  ),
  fc.record(
    {
      type: fc.constant('range'),
      column: fc.constant('__time'),
      matchValueType: fc.constant('LONG'),
      lower: time,
      upper: time,
      lowerOpen: flag,
      upperOpen: flag,
    },
    { requiredKeys: ['type', 'column', 'matchValueType', 'lower'] },
  ),
  bound.map((value) => ({ type: 'selector', dimension: '__time', value })),
  time.map((matchValue) => ({
    ...{ type: 'equals', column: '__time', matchValueType: 'LONG', matchValue },
  })),
  fc.constant({ type: 'selector', dimension: 'other', value: null }),
  fc.constantFrom({ type: 'true' }, { type: 'false' }),
);
const { filter } = fc.letrec<{ filter: JsonObject }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({
      type: fc.constantFrom('and', 'or'),
      fields: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ type: fc.constantFrom('not', 'istrue', 'isfalse'), field: tie('filter') }),
  ),
}));

test('no row outside of the intervals matches, and they are sorted and disjoint', () => {
  const rows = new TestRows(
    { __time: { type: 'LONG' } },
    TIMES.map((ms) => ({ __time: ms })),
  );
  fc.assert(
    fc.property(filter, (spec) => {
      const parsed = parseFilter(spec);
      const intervals = filterIntervals(parsed);
      const matches = rows.map(parsed.predicate(rows)).map((result) => result === TRUE);
      if (intervals === null) return;
      for (const [i, ms] of TIMES.entries()) {
        const inside = intervals.some(({ startMs, endMs }) => ms >= startMs && ms < endMs);
        expect(matches[i] && !inside).toBe(false);
      }
      for (const [i, { startMs, endMs }] of intervals.entries()) {
        expect(startMs).toBeLessThan(endMs);
        if (i > 0) expect(startMs).toBeGreaterThanOrEqual(intervals[i - 1]!.endMs);
      }
    }),
    { numRuns: 2000 },
  );
});

test.each([
  {
    spec: { type: 'bound', dimension: '__time', lower: '10', upper: '20', ordering: 'numeric' },
    expected: [{ startMs: 10, endMs: 21 }],
  },
  {
    spec: {
      ...{ type: 'range', column: '__time', matchValueType: 'LONG' },
      ...{ lower: 10, upper: 20, upperOpen: true },
    },
    expected: [{ startMs: 10, endMs: 20 }],
  },
  {
    spec: {
      type: 'or',
      fields: [
        { type: 'selector', dimension: '__time', value: '5' },
        { type: 'equals', column: '__time', matchValueType: 'LONG', matchValue: 9 },
      ],
    },
    expected: [
      { startMs: 5, endMs: 6 },
      { startMs: 9, endMs: 10 },
    ],
  },
  { spec: { type: 'bound', dimension: '__time', lower: '10', upper: '20' }, expected: null },
  { spec: { type: 'selector', dimension: 'x', value: '5' }, expected: null },
  { spec: { type: 'false' }, expected: [] },
])('exactly: $spec', ({ spec, expected }) => {
  expect(filterIntervals(parseFilter(spec))).toEqual(expected);
});
