import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { type TestRow, TestTables, testEngine } from '../testing.js';

const DAY = 86_400_000;
const DAYS = 3;
const ROWS_PER_DAY = 500;
const INDEXES = ['hll'];

const dimensions = {
  user: 'STRING',
  tags: 'STRING',
  n: 'LONG',
  f: 'FLOAT',
  plain: 'STRING',
} as const;

function rowsOf(seed: number): TestRow[] {
  return Array.from({ length: DAYS * ROWS_PER_DAY }, (_, i): TestRow => {
    const mixed = Math.imul(i + seed, 0x9e3779b1) >>> 0;
    return {
      __time: Math.floor(i / ROWS_PER_DAY) * DAY + (i % ROWS_PER_DAY),
      user: mixed % 7 === 0 ? null : `u${mixed % (300 + seed)}`,
      tags: ['a', 'b', `c${mixed % 900}`].slice(mixed % 3),
      n: i % 5 === 0 ? null : mixed % 97,
      f: (mixed % 1000) / 7,
      plain: `p${mixed % 11}`,
    };
  });
}

const tables = [1, 2].map((seed) =>
  new TestTables().addSealed(
    't',
    { dimensions, indexes: { user: INDEXES, tags: INDEXES, n: INDEXES, f: INDEXES } },
    [{ rows: rowsOf(seed) }],
    ROWS_PER_DAY,
  ),
);

async function ask(query: JsonObject, table: TestTables, context: JsonObject = {}) {
  const whole = {
    dataSource: 't',
    intervals: '1970-01-01/1970-02-01',
    granularity: 'all',
    ...query,
  };
  const parsed = parseNativeQuery({ ...whole, context });
  const { rows, stats } = await testEngine(table).run(parsed);
  return { rows: JSON.stringify(rows), rowsScanned: stats.rowsScanned };
}

const hyperUnique = (fieldName: string): JsonObject => ({
  type: 'hyperUnique',
  name: fieldName,
  fieldName,
});
const cardinality = (...fields: unknown[]): JsonObject => ({
  type: 'cardinality',
  name: `c ${JSON.stringify(fields)}`,
  fields,
});
const timeseries = (aggregations: JsonObject[], more: JsonObject = {}): JsonObject => ({
  queryType: 'timeseries',
  aggregations,
  ...more,
});

test.each([
  { name: 'texts', query: timeseries([hyperUnique('user'), { type: 'count', name: 'rows' }]) },
  { name: 'elements', query: timeseries([cardinality('tags')]) },
  { name: 'numbers', query: timeseries([hyperUnique('n'), hyperUnique('f')]) },
  { name: 'by day', query: timeseries([hyperUnique('user')], { granularity: 'day' }) },
  {
    name: 'without dimensions',
    query: {
      queryType: 'groupBy',
      dimensions: [],
      aggregations: [cardinality({ type: 'default', dimension: 'n', outputType: 'LONG' })],
    },
  },
  {
    name: 'a filter that all rows pass',
    query: timeseries([hyperUnique('user')], {
      filter: { type: 'bound', dimension: 'f', lower: '-1', ordering: 'numeric' },
    }),
  },
])('$name: answered by sketches alone', async ({ query }) => {
  for (const table of tables) {
    const told = await ask(query, table);
    const scanned = await ask(query, table, { skipIndexes: true });
    expect(told.rows).toBe(scanned.rows);
    expect([told.rowsScanned, scanned.rowsScanned]).toEqual([0, DAYS * ROWS_PER_DAY]);
  }
});

test('partly visible segments are read, others are not', async () => {
  const query = timeseries([hyperUnique('user')], {
    intervals: '1970-01-01T00:00:00.100Z/1970-02-01',
  });
  const told = await ask(query, tables[0]!);
  expect(told.rows).toBe((await ask(query, tables[0]!, { skipIndexes: true })).rows);
  expect(told.rowsScanned).toBe(ROWS_PER_DAY - 100);
});

test.each([
  {
    name: 'a column without a sketch',
    query: timeseries([hyperUnique('user'), hyperUnique('plain')]),
  },
  { name: 'several columns', query: timeseries([cardinality('user', 'n')]) },
  { name: 'tuples', query: timeseries([{ ...cardinality('user'), byRow: true }]) },
  {
    name: 'numbers as texts',
    query: timeseries([cardinality({ type: 'default', dimension: 'n', outputType: 'STRING' })]),
  },
  {
    name: 'an extraction',
    query: timeseries([
      cardinality({
        type: 'extraction',
        dimension: 'user',
        outputName: 'x',
        extractionFn: { type: 'upper' },
      }),
    ]),
  },
  {
    name: 'a virtual column of the name',
    query: timeseries([hyperUnique('user')], {
      virtualColumns: [
        { type: 'expression', name: 'user', expression: "'x'", outputType: 'STRING' },
      ],
    }),
  },
  {
    name: 'a filter',
    query: timeseries([hyperUnique('user')], {
      filter: { type: 'selector', dimension: 'plain', value: 'p3' },
    }),
  },
  {
    name: 'a filter of the aggregator',
    query: timeseries([
      {
        type: 'filtered',
        filter: { type: 'selector', dimension: 'plain', value: 'p3' },
        aggregator: hyperUnique('user'),
      },
    ]),
  },
  {
    name: 'groups',
    query: { queryType: 'groupBy', dimensions: ['plain'], aggregations: [hyperUnique('user')] },
  },
  {
    name: 'smaller buckets',
    query: timeseries([hyperUnique('user')], {
      granularity: { type: 'duration', duration: 100 },
      intervals: '1970-01-01/PT10S',
    }),
  },
])('$name: rows are read', async ({ query }) => {
  const told = await ask(query, tables[0]!);
  expect(told.rowsScanned).toBeGreaterThan(0);
  expect(told.rows).toBe((await ask(query, tables[0]!, { skipIndexes: true })).rows);
});

test('any intervals: answers are those of a scan', async () => {
  const ms = fc.integer({ min: -DAY, max: (DAYS + 1) * DAY });
  const some = fc.constantFrom('user', 'tags', 'n', 'f', 'missing');
  await fc.assert(
    fc.asyncProperty(
      ms,
      ms,
      some,
      fc.constantFrom('all', 'day', 'hour'),
      async (a, b, column, granularity) => {
        const interval = [Math.min(a, b), Math.max(a, b) + 1].map((each) =>
          new Date(each).toISOString(),
        );
        const query = timeseries([hyperUnique(column)], {
          intervals: interval.join('/'),
          granularity,
        });
        const told = await ask(query, tables[1]!);
        expect(told.rows).toBe((await ask(query, tables[1]!, { skipIndexes: true })).rows);
      },
    ),
    { numRuns: 40 },
  );
});
