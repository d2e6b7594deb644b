import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type JsonObject, RealDisk, stringifyJson } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import type { Value } from '../../model/index.js';
import type { Batch } from '../executor/executor.js';
import { InlineExecutor } from '../executor/inline-executor.js';
import { parseNativeQuery } from '../native/registry.js';
import { SHARES, type TestRow, TestTables, testEngine } from '../testing.js';

const DAY = 86_400_000;
const LEFT = { page: 'STRING', n: 'LONG', x: 'DOUBLE' } as const;
const RIGHT = { 'j.k': 'STRING', 'j.n': 'LONG', 'j.v': 'STRING' } as const;
const SECOND = { 'jj.v': 'STRING', 'jj.w': 'LONG' } as const;

const opened: TestTables[] = [];
afterAll(() => {
  for (const each of opened) each.close();
});

const text = fc.constantFrom('A', 'B', 'C', '1', '2', null);
const number = fc.constantFrom<Value>(1, 2, 3, 2n ** 60n, null);

const leftRow = fc.record({
  __time: fc.integer({ min: 1, max: 5 * DAY }),
  page: text,
  n: number,
  x: fc.constantFrom(1, 2, 1.5, null),
});
const rightRow = fc.record({ k: text, n: number, v: fc.constantFrom('a', 'b', null) });
/** Some whose keys come once. */
const rightRows = fc.oneof(
  fc.array(rightRow, { maxLength: 8 }),
  fc.uniqueArray(rightRow, { maxLength: 6, selector: ({ k }) => k }),
  fc.uniqueArray(rightRow, { maxLength: 6, selector: ({ n }) => n }),
);
const secondRow = fc.record({ v: fc.constantFrom('a', 'b', 'c', null), w: number });

type Row = Readonly<Record<string, Value>>;
type Side = { readonly rows: readonly Row[]; readonly prefix: string };
type Test = (left: Row, right: Row) => boolean;

/** Nothing equals null. */
const equal = (a: Value, b: Value): boolean => a !== null && b !== null && String(a) === String(b);

const CONDITIONS: readonly (readonly [text: string, test: Test])[] = [
  ['"page" == "j.k"', (left, right) => equal(left.page!, right.k!)],
  ['"j.n" == n', (left, right) => equal(left.n!, right.n!)],
  // A text that is no number, and a number that is no integer, equal none.
  ['page == "j.n"', (left, right) => equal(left.page!, right.n!)],
  ['x == "j.n"', (left, right) => equal(left.x!, right.n!)],
  [
    '"page" == "j.k" && "n" == "j.n"',
    (left, right) => equal(left.page!, right.k!) && equal(left.n!, right.n!),
  ],
  [
    'notdistinctfrom("page", "j.k")',
    (left, right) => (left.page === null ? right.k === null : equal(left.page!, right.k!)),
  ],
  [
    'concat(page, n) == "j.k"',
    (left, right) => left.page !== null && left.n !== null && `${left.page}${left.n}` === right.k,
  ],
  ['1', () => true],
  ['0', () => false],
  [`"j.v" == 'a'`, (_, right) => right.v === 'a'],
];

type JoinType = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
const joinType = fc.constantFrom<JoinType>('INNER', 'LEFT', 'RIGHT', 'FULL');

/** Each row with each other, which is what a join means. */
function joined(left: readonly Row[], { rows, prefix }: Side, type: JoinType, test: Test): Row[] {
  const named = (row: Row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [prefix + name, value]));
  const pairs = left.map((row) => rows.filter((right) => test(row, right)));
  const both = left.flatMap((row, i) => {
    const found = pairs[i]!.map((right) => ({ ...row, ...named(right) }));
    return found.length > 0 || type === 'INNER' || type === 'RIGHT' ? found : [row];
  });
  const seen = new Set(pairs.flat());
  const others = type === 'RIGHT' || type === 'FULL' ? rows.filter((row) => !seen.has(row)) : [];
  return [...both, ...others.map((row) => ({ __time: 0, ...named(row) }))];
}

const inline = (rows: readonly Row[], types: JsonObject): JsonObject => ({
  type: 'inline',
  columnNames: Object.keys(types),
  columnTypes: Object.values(types),
  rows: rows.map((row) => Object.keys(types).map((name) => row[name] ?? null)),
});

/** The same rows as a table, and as a query of it. */
const RIGHTS = ['inline', 'table', 'query'] as const;

function rightOf(kind: (typeof RIGHTS)[number], rows: readonly Row[]): JsonObject {
  if (kind === 'inline') return inline(rows, { k: 'STRING', n: 'LONG', v: 'STRING' });
  const table = { type: 'globalTable', name: 'right' };
  if (kind === 'table') return table;
  const query = { queryType: 'scan', dataSource: table, columns: ['k', 'n', 'v'] };
  return { type: 'query', query: { ...query, intervals: '1970/1971' } };
}

const COUNT = { type: 'count', name: 'rows' };
const SUM = { type: 'longSum', name: 'sum', fieldName: 'n' };
const OTHER_SUM = { type: 'longSum', name: 'other', fieldName: 'j.n' };
const BASE = { intervals: '1970/1971', granularity: 'all' };
const equals = (dimension: string, value: Value) => ({ type: 'selector', dimension, value });

const condition = fc.constantFrom<JsonObject>(
  equals('page', 'A'),
  equals('page', null),
  equals('j.v', 'a'),
  equals('j.v', null),
  { type: 'not', field: equals('j.k', 'B') },
  { type: 'bound', dimension: 'n', lower: '2', ordering: 'numeric' },
  { type: 'or', fields: [equals('j.v', 'b'), equals('page', 'B')] },
  { type: 'expression', expression: 'concat(page, "j.v") == \'Aa\'' },
  equals('v', 'Aa'),
);
const shape = fc.constantFrom<JsonObject>(
  { queryType: 'groupBy', dimensions: ['j.v'], aggregations: [COUNT, SUM, OTHER_SUM] },
  { queryType: 'groupBy', dimensions: ['page', 'j.k', 'v'], aggregations: [COUNT] },
  { queryType: 'groupBy', dimensions: [], aggregations: [COUNT, SUM, OTHER_SUM] },
  { queryType: 'topN', dimension: 'j.k', threshold: 9, metric: 'rows', aggregations: [COUNT] },
  { queryType: 'timeseries', aggregations: [COUNT, SUM, OTHER_SUM] },
  { queryType: 'scan', columns: ['page', 'n', 'j.k', 'j.n', 'j.v', 'v'] },
  { queryType: 'search', searchDimensions: ['j.v'], query: { type: 'contains', value: 'a' } },
);
const query = fc
  .record({ filter: fc.array(condition, { maxLength: 2 }), shape })
  .map(({ filter, shape: asked }) => ({
    ...asked,
    filter: filter.length === 0 ? null : { type: 'and', fields: filter },
    virtualColumns: [
      { type: 'expression', name: 'v', expression: 'concat(page, "j.v")', outputType: 'STRING' },
    ],
  }));

async function rowsOf(tables: TestTables, asked: JsonObject): Promise<readonly unknown[]> {
  const engine = testEngine(tables, { rowsPerJob: 7 });
  const { rows } = await engine.run(parseNativeQuery({ ...BASE, ...asked }));
  return rows;
}

/** Aggregates tell when the first row was, of those of the base. */
const sorted = (rows: readonly unknown[], { queryType }: JsonObject) =>
  rows
    .map((each) => stringifyJson(queryType === 'scan' ? each : (each as unknown[]).slice(1)))
    .sort();

/** Rows in so many segments, sealed or not. */
function addTable(
  tables: TestTables,
  name: string,
  dimensions: Readonly<Record<string, 'STRING' | 'LONG' | 'DOUBLE'>>,
  rows: readonly Row[],
  segments = 1,
  isSealed = false,
): void {
  const timed = rows.map((each) => ({ __time: 1, ...each }) as TestRow);
  const size = Math.max(1, Math.ceil(rows.length / segments));
  const parts = Array.from({ length: segments }, (_, i) => timed.slice(i * size, (i + 1) * size));
  if (isSealed) tables.addSealed(name, { dimensions }, [{ rows: timed }], size);
  else
    tables.add(
      name,
      { dimensions },
      parts.map((part) => ({ rows: part })),
    );
}

const layout = fc.record({ segments: fc.integer({ min: 1, max: 3 }), isSealed: fc.boolean() });

test('joined rows are as those of a table that has a row for each pair', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(leftRow, { maxLength: 20 }),
      rightRows,
      layout,
      fc.constantFrom(...CONDITIONS),
      joinType,
      fc.constantFrom(...RIGHTS),
      fc.array(query, { minLength: 1, maxLength: 4 }),
      async (left, right, { segments, isSealed }, [text, matches], type, kind, queries) => {
        const tables = new TestTables();
        opened.push(tables);
        addTable(tables, 'left', LEFT, left, segments, isSealed);
        addTable(tables, 'right', { k: 'STRING', n: 'LONG', v: 'STRING' }, right);
        const flat = joined(left, { rows: right, prefix: 'j.' }, type, matches);
        addTable(tables, 'flat', { ...LEFT, ...RIGHT }, flat);
        const dataSource = {
          type: 'join',
          left: 'left',
          right: rightOf(kind, right),
          rightPrefix: 'j.',
          condition: text,
          joinType: type,
        };
        for (const each of queries) {
          const found = await rowsOf(tables, { ...each, dataSource });
          const wanted = await rowsOf(tables, { ...each, dataSource: 'flat' });
          expect(sorted(found, each), JSON.stringify(each)).toEqual(sorted(wanted, each));
        }
      },
    ),
    { numRuns: draws(60) },
  );
});

test('joins over joins, filters and lists that become rows are what they are one after the other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(leftRow, { maxLength: 12 }),
      rightRows,
      fc.oneof(
        fc.array(secondRow, { maxLength: 6 }),
        fc.uniqueArray(secondRow, { maxLength: 4, selector: ({ v }) => v }),
      ),
      layout,
      joinType,
      joinType,
      fc.boolean(),
      fc.array(query, { minLength: 1, maxLength: 3 }),
      async (
        left,
        right,
        second,
        { segments, isSealed },
        type,
        secondType,
        isFiltered,
        queries,
      ) => {
        const tables = new TestTables();
        opened.push(tables);
        addTable(tables, 'left', LEFT, left, segments, isSealed);
        const passing = isFiltered ? left.filter(({ page }) => page === 'A') : left;
        const first = joined(passing, { rows: right, prefix: 'j.' }, type, (a, b) =>
          equal(a.page!, b.k!),
        );
        const both = joined(first, { rows: second, prefix: 'jj.' }, secondType, (a, b) =>
          equal(a['j.v'] ?? null, b.v!),
        );
        addTable(tables, 'flat', { ...LEFT, ...RIGHT, ...SECOND }, both);
        const dataSource = {
          type: 'join',
          left: {
            type: 'join',
            left: 'left',
            ...(isFiltered && { leftFilter: equals('page', 'A') }),
            right: rightOf('inline', right),
            rightPrefix: 'j.',
            condition: 'page == "j.k"',
            joinType: type,
          },
          right: inline(second, { v: 'STRING', w: 'LONG' }),
          rightPrefix: 'jj.',
          condition: '"j.v" == "jj.v"',
          joinType: secondType,
        };
        for (const each of queries) {
          const found = await rowsOf(tables, { ...each, dataSource });
          const wanted = await rowsOf(tables, { ...each, dataSource: 'flat' });
          expect(sorted(found, each), JSON.stringify(each)).toEqual(sorted(wanted, each));
        }
      },
    ),
    { numRuns: draws(40) },
  );
});

describe('a join', () => {
  const tables = new TestTables();
  opened.push(tables);
  const rows = [
    { __time: 1, page: 'A', tags: ['x', 'y'], n: 1 },
    { __time: 2, page: 'B', tags: [], n: 2 },
    { __time: 3, page: 'C', tags: ['y'], n: null },
  ] as readonly TestRow[];
  const dimensions = { page: 'STRING', tags: 'STRING', n: 'LONG' } as const;
  const metrics = [{ type: 'hyperUnique', name: 'users', fieldName: 'page' }];
  tables.add('left', { dimensions }, [{ rows: rows.slice(0, 2) }, { rows: rows.slice(2) }]);
  tables.add('sketched', { dimensions: { page: 'STRING' }, metrics }, [{ rows }]);

  const PAGES = inline(
    [
      { k: 'A', v: 'a' },
      { k: 'B', v: 'b' },
      { k: 'D', v: 'd' },
    ],
    { k: 'STRING', v: 'STRING' },
  );
  const JOIN = {
    type: 'join',
    left: 'left',
    right: PAGES,
    rightPrefix: 'j.',
    condition: 'page == "j.k"',
    joinType: 'INNER',
  };
  const scan = (more: JsonObject, columns: readonly string[]) =>
    rowsOf(tables, { queryType: 'scan', columns, dataSource: { ...JOIN, ...more } });

  test('over the groups of a query, and over one of two levels', async () => {
    const groups = {
      queryType: 'groupBy',
      dataSource: 'left',
      dimensions: ['page'],
      aggregations: [COUNT],
      ...BASE,
    };
    const left = { type: 'query', query: groups };
    expect(await scan({ left }, ['page', 'rows', 'j.v'])).toEqual([
      ['A', 1, 'a'],
      ['B', 1, 'b'],
    ]);
    const above = { queryType: 'groupBy', dimensions: ['j.v'], aggregations: [COUNT] };
    expect(await rowsOf(tables, { ...above, dataSource: { ...JOIN, left } })).toEqual([
      [0, 'a', 1],
      [0, 'b', 1],
    ]);
  });

  test('with the groups of a query on the right, whose sketches stay sketches', async () => {
    const right = {
      type: 'query',
      query: {
        queryType: 'groupBy',
        dataSource: 'sketched',
        dimensions: ['page'],
        aggregations: [{ type: 'hyperUnique', name: 'users', fieldName: 'users' }],
        ...BASE,
      },
    };
    const asked = {
      queryType: 'groupBy',
      dimensions: [],
      aggregations: [{ type: 'hyperUnique', name: 'all', fieldName: 'j.users', round: true }],
      dataSource: { ...JOIN, right, condition: 'page == "j.page"', joinType: 'LEFT' },
    };
    expect(await rowsOf(tables, asked)).toEqual([[0, 3]]);
  });

  test('keeps rows of the right side that belong to none as the last ones', async () => {
    const found = await scan({ joinType: 'FULL' }, ['page', 'j.v']);
    expect(found).toEqual([
      ['A', 'a'],
      ['B', 'b'],
      ['C', null],
      [null, 'd'],
    ]);
    expect(await scan({ joinType: 'RIGHT' }, ['page', 'j.v'])).toEqual([
      ['A', 'a'],
      ['B', 'b'],
      [null, 'd'],
    ]);
  });

  test.skipIf(SHARES > 0)(
    'by a key that comes once sends no right side to those who scan',
    async () => {
      const sent: number[] = [];
      class Recorder extends InlineExecutor {
        override run(batch: Batch, signal: AbortSignal) {
          if (batch.kind === 'scan') sent.push(batch.rights?.length ?? 0);
          return super.run(batch, signal);
        }
      }
      const engine = testEngine(tables, { executor: new Recorder(new RealDisk()) });
      for (const joinType of ['LEFT', 'FULL']) {
        const dataSource = { ...JOIN, joinType };
        const query = { ...BASE, queryType: 'scan', columns: ['page', 'j.v'], dataSource };
        await engine.run(parseNativeQuery(query));
      }
      // The first is a query of the base, the second has those of the right side that are left as well.
      expect(sent).toEqual([0, 1, 0]);
    },
  );

  test('of a table with lists that became rows', async () => {
    const unnest = {
      type: 'unnest',
      base: 'left',
      virtualColumn: { type: 'expression', name: 'tag', expression: 'tags', outputType: 'STRING' },
    };
    const right = inline([{ k: 'y', v: 'why' }], { k: 'STRING', v: 'STRING' });
    const join = { left: unnest, right, condition: 'tag == "j.k"' };
    expect(await scan(join, ['page', 'tag', 'j.v'])).toEqual([
      ['A', 'y', 'why'],
      ['C', 'y', 'why'],
    ]);
  });

  test('hides columns that begin with its prefix', async () => {
    const left = {
      ...JOIN,
      right: inline([{ k: 'A', w: 'hidden' }], { k: 'STRING', w: 'STRING' }),
    };
    const found = await scan({ left, joinType: 'LEFT' }, ['page', 'j.v', 'j.w']);
    expect(found).toEqual([['A', 'a', null]]);
  });

  test('all columns of both sides, where none is named', async () => {
    const engine = testEngine(tables);
    const { fields } = await engine.run(
      parseNativeQuery({ ...BASE, queryType: 'scan', dataSource: JOIN }),
    );
    expect(fields.map(({ name }) => name)).toEqual(['__time', 'page', 'tags', 'n', 'j.k', 'j.v']);
  });

  test.each([
    [{ rightPrefix: '' }, 'dataSource.rightPrefix'],
    [{ rightPrefix: '__' }, 'would hide the column __time'],
    [{ joinType: 'CROSS' }, 'dataSource.joinType: want one of INNER, LEFT, RIGHT, FULL'],
    [{ condition: 'page > "j.k"' }, 'dataSource.condition: want equalities'],
    [{ condition: 'page == n' }, 'a column that begins with "j."'],
    [{ condition: '"j.k" == "j.v"' }, 'dataSource.condition: want equalities'],
    [{ condition: 'page == "j.z"' }, 'the right side has no column [z]; it has [k, v]'],
    [{ condition: 'tags == "j.k"' }, 'several values in a row; unnest it'],
    [{ right: { type: 'inline' } }, 'dataSource.right.columnNames'],
  ])('%o is told what is wrong with it', async (more, problem) => {
    await expect(scan(more, ['page'])).rejects.toThrow(problem);
  });

  test('a right side of too many rows is refused, unless the query says that it may have them', async () => {
    const query = {
      queryType: 'scan',
      dataSource: 'left',
      columns: ['page'],
      intervals: '1970/1971',
    };
    const asked = {
      ...BASE,
      queryType: 'timeseries',
      aggregations: [COUNT],
      dataSource: { ...JOIN, right: { type: 'query', query }, condition: 'page == "j.page"' },
    };
    const engine = testEngine(tables, { limits: { maxSubqueryRows: 2 } });
    const run = (context: JsonObject) => engine.run(parseNativeQuery({ ...asked, context }));
    await expect(run({})).rejects.toThrow('maximum[2] rows');
    expect((await run({ maxSubqueryRows: 3 })).rows).toEqual([[1, 3]]);
  });
});
