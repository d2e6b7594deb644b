import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draws } from '../core/testing.js';
import type { Value } from '../model/index.js';
import { answer, layoutsOf } from './layouts-testing.js';
import type { NaiveQuery } from './naive-testing.js';
import { randomLayout } from './random-queries-testing.js';
import type { TestRow } from './testing.js';

const coordinate = fc.integer({ min: -3, max: 3 });
const text = fc.tuple(coordinate, coordinate).map(([x, y]) => `${x},${y}`);
const rows = fc.array(
  fc.record({
    __time: fc.nat(99),
    s: fc.option(fc.oneof(text, fc.constant('nowhere'))),
    m: fc.oneof(text, fc.uniqueArray(text, { minLength: 2, maxLength: 3 }), fc.constant(null)),
    n: fc.nat(1000),
    d: fc.constant(0),
  }),
  { maxLength: 40 },
) as fc.Arbitrary<TestRow[]>;

const bound = fc.tuple(coordinate, coordinate, fc.nat(3)).map(([x, y, radius]) => ({
  bound: { type: 'radius', coords: [x, y], radius },
  contains: (at: string) => {
    const [px = Number.NaN, py = Number.NaN] = at.split(',').map(Number);
    return (px - x) ** 2 + (py - y) ** 2 <= radius ** 2;
  },
}));

const textsOf = (cell: Value | undefined): readonly string[] =>
  [cell ?? []].flat() as readonly string[];

test('every layout finds the points within a bound, or those without', async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      randomLayout,
      bound,
      fc.constantFrom('s', 'm', 'missing'),
      fc.boolean(),
      async (all, layout, { bound, contains }, dimension, isInverted) => {
        const spatial = { type: 'spatial', dimension, bound };
        const query = {
          queryType: 'groupBy',
          intervals: [[0, 100]],
          granularity: 'all',
          filter: isInverted ? { type: 'not', field: spatial } : spatial,
          dimensions: [],
          aggregations: [{ type: 'longSum', name: 'sum', fieldName: 'n' }],
        } as unknown as NaiveQuery;
        const found = all.filter((row) => {
          const texts = textsOf(row[dimension]);
          return texts.length > 0 && texts.some(contains) !== isInverted;
        });
        const sum = found.reduce((before, { n }) => before + Number(n), 0);
        for (const each of layoutsOf(all, layout)) {
          const [row] = await answer(query, each);
          expect(row?.[1] ?? null, each.name).toBe(found.length === 0 ? null : sum);
          each.tables.close();
        }
      },
    ),
    { numRuns: draws(40) },
  );
});
