import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { type TestRow, TestTables, testEngine } from '../testing.js';

const DAY = 86_400_000;
const DIMENSIONS = { page: 'STRING', tags: 'STRING', n: 'LONG' } as const;
const FLAT = { page: 'STRING', tags: 'STRING', n: 'LONG', tag: 'STRING' } as const;

const opened: TestTables[] = [];
afterAll(() => {
  for (const each of opened) each.close();
});

type Row = TestRow & { readonly tags: readonly (string | null)[] };

const row = fc.record({
  __time: fc.integer({ min: 0, max: 5 * DAY }),
  page: fc.constantFrom('A', 'B', 'C', null),
  tags: fc.array(fc.constantFrom('a', 'b', 'c', null), { maxLength: 4 }),
  n: fc.option(fc.integer({ min: -5, max: 50 })),
});

/** What the elements of a cell are when it is read again. */
function elementsOf(tags: readonly (string | null)[]): readonly (string | null)[] {
  return tags.length === 1 && tags[0] === null ? [] : tags;
}

const flat = (rows: readonly Row[]): TestRow[] =>
  rows.flatMap((each) => elementsOf(each.tags).map((tag) => ({ ...each, tag })));

/** Rows with lists, and one row for each element of these, in so many segments, sealed or not. */
function tablesOf(rows: readonly Row[], segments: number, isSealed: boolean): TestTables {
  const tables = new TestTables();
  const size = Math.max(1, Math.ceil(rows.length / segments));
  const parts = Array.from({ length: segments }, (_, i) => rows.slice(i * size, (i + 1) * size));
  const lists = parts.map((part) => ({ rows: part }));
  if (isSealed) tables.addSealed('lists', { dimensions: DIMENSIONS }, [{ rows }], size);
  else tables.add('lists', { dimensions: DIMENSIONS }, lists);
  tables.add('flat', { dimensions: FLAT }, [{ rows: flat(rows) }]);
  opened.push(tables);
  return tables;
}

const UNNEST = {
  type: 'unnest',
  base: 'lists',
  virtualColumn: { type: 'expression', name: 'tag', expression: '"tags"', outputType: 'STRING' },
};
const COUNT = { type: 'count', name: 'rows' };
const SUM = { type: 'longSum', name: 'sum', fieldName: 'n' };
const BASE = { intervals: '1970/1971', granularity: 'all' };
const equals = (dimension: string, value: Value) => ({ type: 'selector', dimension, value });

async function rowsOf(tables: TestTables, query: JsonObject): Promise<readonly unknown[]> {
  const engine = testEngine(tables, { rowsPerJob: 7 });
  const { rows } = await engine.run(parseNativeQuery({ ...BASE, ...query }));
  return rows;
}

const condition = fc.constantFrom<JsonObject>(
  equals('tag', 'a'),
  equals('page', 'A'),
  equals('page', null),
  { type: 'not', field: equals('tag', 'b') },
  { type: 'bound', dimension: 'n', lower: '5', ordering: 'numeric' },
  { type: 'or', fields: [equals('tag', 'c'), equals('page', 'B')] },
  { type: 'expression', expression: "concat(page, tag) == 'Aa'" },
  { type: 'in', dimension: 'v', values: ['Ca', 'Bb', 'Ac'] },
);
const filter = fc
  .array(condition, { maxLength: 2 })
  .map((fields) => (fields.length === 0 ? null : { type: 'and', fields }));
const query = fc
  .record({
    filter,
    shape: fc.constantFrom<JsonObject>(
      { queryType: 'groupBy', dimensions: ['tag'], aggregations: [COUNT, SUM] },
      { queryType: 'groupBy', dimensions: ['page', 'tag', 'v'], aggregations: [COUNT] },
      { queryType: 'groupBy', dimensions: [], aggregations: [COUNT, SUM] },
      {
        queryType: 'topN',
        dimension: 'tag',
        threshold: 2,
        metric: 'rows',
        aggregations: [COUNT, SUM],
      },
      {
        queryType: 'timeseries',
        granularity: 'day',
        aggregations: [COUNT, SUM],
        context: { skipEmptyBuckets: true },
      },
      { queryType: 'scan', columns: ['page', 'tag', 'n'] },
    ),
  })
  .map(({ filter, shape }) => ({
    ...shape,
    filter,
    virtualColumns: [
      { type: 'expression', name: 'v', expression: 'concat(page, tag)', outputType: 'STRING' },
    ],
  }));

/** A topN tells when the first row was, of those that are unnested. */
const sorted = (rows: readonly unknown[], { queryType }: JsonObject) =>
  rows.map((each) => JSON.stringify(queryType === 'topN' ? (each as []).slice(1) : each)).sort();

test('unnested rows are as rows of a table that has one for each element', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      fc.array(query, { minLength: 1, maxLength: 4 }),
      async (rows, segments, isSealed, queries) => {
        const tables = tablesOf(rows as Row[], segments, isSealed);
        for (const each of queries) {
          const found = await rowsOf(tables, { ...each, dataSource: UNNEST });
          const wanted = await rowsOf(tables, { ...each, dataSource: 'flat' });
          expect(sorted(found, each), JSON.stringify(each)).toEqual(sorted(wanted, each));
        }
      },
    ),
    { numRuns: 40 },
  );
});

describe('of some rows', () => {
  const rows = [
    { __time: 0, page: 'A', tags: ['a', 'b'], n: 1 },
    { __time: 1, page: 'B', tags: ['b'], n: 2 },
    { __time: 2 * DAY, page: 'C', tags: [], n: 4 },
  ] as Row[];
  const tables = tablesOf(rows, 1, true);
  const ask = (more: JsonObject) => rowsOf(tables, { dataSource: UNNEST, ...more });
  /** The start of all time that is asked for. */
  const FIRST = 0;
  const byTag = { queryType: 'groupBy', dimensions: ['tag'], aggregations: [COUNT] };

  test('elements can be filtered before they are rows', async () => {
    const dataSource = { ...UNNEST, unnestFilter: equals('tag', 'b') };
    expect(await ask({ ...byTag, dataSource })).toEqual([[FIRST, 'b', 2]]);
  });

  test('buckets without rows are filled between all rows that there were', async () => {
    const found = await ask({
      queryType: 'timeseries',
      granularity: 'day',
      aggregations: [COUNT],
    });
    expect(found).toHaveLength(3);
  });

  test('elements are unnested twice', async () => {
    const virtualColumn = { ...UNNEST.virtualColumn, name: 'other' };
    const dataSource = { type: 'unnest', base: UNNEST, virtualColumn };
    const found = await ask({
      queryType: 'scan',
      dataSource,
      columns: ['tag', 'other'],
      filter: equals('other', 'b'),
    });
    expect(found).toEqual([
      ['a', 'b'],
      ['b', 'b'],
      ['b', 'b'],
    ]);
  });

  test('so are the rows of a query, and arrays', async () => {
    const query = {
      ...BASE,
      queryType: 'scan',
      dataSource: 'lists',
      columns: ['page', 'n'],
    };
    const virtualColumn = {
      type: 'expression',
      name: 'x',
      expression: 'array(n, n + 1)',
      outputType: 'ARRAY<LONG>',
    };
    const dataSource = { type: 'unnest', base: { type: 'query', query }, virtualColumn };
    expect(
      await ask({
        queryType: 'groupBy',
        dataSource,
        dimensions: [{ type: 'default', dimension: 'x', outputName: 'x', outputType: 'LONG' }],
        aggregations: [COUNT],
      }),
    ).toEqual([
      [FIRST, 1, 1],
      [FIRST, 2, 2],
      [FIRST, 3, 1],
      [FIRST, 4, 1],
      [FIRST, 5, 1],
    ]);
    const groups = { ...BASE, ...byTag, dataSource: 'lists', dimensions: ['tags'] };
    const overGroups = {
      ...UNNEST,
      base: { type: 'query', query: groups },
    };
    expect(await ask({ ...byTag, dataSource: overGroups })).toEqual([
      [FIRST, 'a', 1],
      [FIRST, 'b', 1],
    ]);
  });

  test('conditions of the base are tested before', async () => {
    const base = { type: 'filter', base: 'lists', filter: equals('page', 'A') };
    expect(await ask({ ...byTag, dataSource: { ...UNNEST, base } })).toEqual([
      [FIRST, 'a', 1],
      [FIRST, 'b', 1],
    ]);
  });

  test('what is known of the rows of the base is not known of those that come of them', async () => {
    expect(await ask({ queryType: 'timeBoundary' })).toEqual([[0, 1]]);
    const total = { queryType: 'timeseries', aggregations: [COUNT] };
    expect(await ask(total)).toEqual([[0, 3]]);
  });

  test('it hides a column of the base that has its name', async () => {
    const virtualColumn = { ...UNNEST.virtualColumn, name: 'page' };
    const found = await ask({
      queryType: 'scan',
      dataSource: { ...UNNEST, virtualColumn },
      columns: ['page', 'n'],
    });
    expect(found).toEqual([
      ['a', 1],
      ['b', 1],
      ['b', 2],
    ]);
  });
});
