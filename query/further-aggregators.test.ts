import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draws } from '../core/testing.js';
import type { Value } from '../model/index.js';
import { answer, layoutsOf } from './layouts-testing.js';
import { type NaiveQuery, naiveOrder } from './naive-testing.js';
import { parseNativeQuery } from './native/registry.js';
import { randomLayout, randomRows } from './random-queries-testing.js';
import { type TestRow, TestTables, testEngine } from './testing.js';

const AGGREGATIONS = [
  { type: 'timeMin', name: 'first', fieldName: '__time' },
  { type: 'timeMax', name: 'last', fieldName: '__time' },
  { type: 'histogram', name: 'spread', fieldName: 'd', breaks: [-10, 0, 10] },
  { type: 'distinctCount', name: 'values', fieldName: 'm' },
  { type: 'compressedBigDecimalSum', name: 'sum', fieldName: 'n', scale: 0 },
  { type: 'compressedBigDecimalMin', name: 'least', fieldName: 'd', scale: 1 },
  {
    type: 'expression',
    name: 'estimate',
    fields: ['m'],
    initialValue: 'hyper_unique()',
    fold: 'hyper_unique_add(m, __acc)',
    finalize: 'hyper_unique_round_estimate(o)',
  },
];

const QUERY = {
  queryType: 'groupBy',
  granularity: 'all',
  intervals: [[0, Date.UTC(1971, 0)]],
} as const;

const known = <T extends Value>(cells: readonly (T | null | undefined)[]): T[] =>
  cells.filter((cell): cell is T => cell !== null && cell !== undefined);

function naiveGroup(key: Value, rows: readonly TestRow[]): Value[] {
  const times = rows.map((row) => row.__time);
  const doubles = known(rows.map((row) => row.d as number | null));
  const longs = known(rows.map((row) => row.n as number | bigint | null));
  const texts = new Set(known(rows.flatMap((row) => row.m as string | null)));
  const between = (from: number, to: number) => doubles.filter((d) => d > from && d <= to).length;
  return [
    key,
    new Date(Math.min(...times)).toISOString(),
    new Date(Math.max(...times)).toISOString(),
    {
      breaks: [-10, 0, 10],
      counts: [between(-10, 0), between(0, 10)],
      quantiles:
        doubles.length === 0
          ? ['Infinity', '-Infinity']
          : [Math.min(...doubles), Math.max(...doubles)],
    },
    texts.size,
    longs.length === 0 ? null : String(longs.reduce<bigint>((sum, n) => sum + BigInt(n), 0n)),
    doubles.length === 0 ? null : Math.min(...doubles).toFixed(1),
    texts.size,
  ];
}

test('every layout gives what a loop over the rows does', async () => {
  await fc.assert(
    fc.asyncProperty(randomRows, randomLayout, async (rows, random) => {
      const keys = [...new Set(rows.map((row) => row.s ?? null))].sort(naiveOrder);
      const expected = keys.map((key) =>
        naiveGroup(
          key,
          rows.filter((row) => (row.s ?? null) === key),
        ),
      );
      for (const layout of layoutsOf(rows, random)) {
        const query = { ...QUERY, dimensions: ['s'], aggregations: AGGREGATIONS };
        const found = await answer(query as unknown as NaiveQuery, layout);
        expect(
          found.map((row) => row.slice(1)),
          layout.name,
        ).toEqual(expected);
        layout.tables.close();
      }
    }),
    { numRuns: draws(20) },
  );
});

test('a single value is one, wherever it lies', async () => {
  const aggregations = [
    { type: 'singleValue', name: 'only', fieldName: 'm', columnType: 'STRING' },
  ];
  await fc.assert(
    fc.asyncProperty(randomRows, randomLayout, async (rows, random) => {
      const counts = new Map<Value, number>();
      for (const { s = null } of rows) counts.set(s, (counts.get(s) ?? 0) + 1);
      const several = [...counts.values()].some((count) => count > 1);
      for (const layout of layoutsOf(rows, random)) {
        const query = { ...QUERY, dimensions: ['s'], aggregations } as unknown as NaiveQuery;
        if (several) await expect(answer(query, layout)).rejects.toThrow('want a single row');
        else {
          const expected = rows.map(({ s = null, m = null }) => [s, m]);
          const found = await answer(query, layout);
          const byKey = (a: Value[], b: Value[]) => naiveOrder(a[0]!, b[0]!);
          expect(found.map((row) => row.slice(1))).toEqual(expected.sort(byKey));
        }
        layout.tables.close();
      }
    }),
    { numRuns: draws(20) },
  );
});

test('times are stored, rolled up and merged', async () => {
  const table = {
    dimensions: { s: 'STRING' },
    metrics: [
      { type: 'timeMin', name: 'first', fieldName: 'n' },
      { type: 'timeMax', name: 'last', fieldName: 'n' },
    ],
    rollup: true,
  } as const;
  const query = {
    ...QUERY,
    dataSource: 't',
    intervals: '1970-01-01/1971-01-01',
    dimensions: ['s'],
    aggregations: [
      { type: 'timeMin', name: 'a', fieldName: 'first' },
      { type: 'timeMax', name: 'b', fieldName: 'last' },
    ],
  };
  const row = fc.record({
    __time: fc.nat(3),
    s: fc.constantFrom('x', 'y'),
    n: fc.option(fc.integer({ min: -1e12, max: 1e12 })),
  });
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(row), { minLength: 1, maxLength: 3 }), async (lists) => {
      const all = lists.flat();
      const expected = [...new Set(all.map(({ s }) => s))].sort().map((key) => {
        const times = known(all.filter(({ s }) => s === key).map(({ n }) => n));
        times.sort((a, b) => a - b);
        return [key, iso(times[0]), iso(times.at(-1))];
      });
      const parts = lists.map((rows) => ({ rows }));
      for (const tables of [
        new TestTables().add('t', table, parts),
        new TestTables().addSealed('t', table, parts, 1000),
      ]) {
        const { rows } = await testEngine(tables).run(parseNativeQuery(query));
        expect(rows.map((each) => [...each].slice(1))).toEqual(expected);
        tables.close();
      }
    }),
    { numRuns: draws(30) },
  );
});
