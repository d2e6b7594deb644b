import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonObject, parseJson, RealDisk, stringifyJson } from '../core/index.js';
import { type LookupNames, lookupTable } from '../model/index.js';
import type { Executor } from './executor/executor.js';
import { InlineExecutor } from './executor/inline-executor.js';
import { WorkerExecutor } from './executor/worker-executor.js';
import { nativeJson } from './json/native-json.js';
import type { NativeQuery } from './native/query.js';
import { parseNativeQuery } from './native/registry.js';
import { contentTag } from './plan/content-tag.js';
import { explanationsOf } from './result.js';
import { SHARES, type TestRow, TestTables, testEngine } from './testing.js';

const ROWS: readonly TestRow[] = Array.from({ length: 600 }, (_, i) => ({
  __time: i * 1000,
  s: i % 13 === 0 ? null : `k${i % 11}`,
  m: i % 3 === 0 ? ['k1', `k${i % 5}`] : null,
  n: i % 7,
}));
const TABLE = { dimensions: { s: 'STRING', m: 'STRING', n: 'LONG' } } as const;
const layouts = [
  new TestTables().add('t', TABLE, [{ rows: ROWS }]),
  new TestTables().add('t', TABLE, [
    { rows: ROWS.slice(0, 100) },
    { rows: ROWS.slice(100, 350) },
    { rows: ROWS.slice(350) },
  ]),
];

const FIRST = { k1: 'one', k2: 'two', k3: 'many', k4: 'many', 5: 'five', unused: '' };
const SECOND = { k1: 'eins', k2: 'zwei' };
const namesOf = (map: Record<string, string>): LookupNames =>
  new Map([['words', lookupTable(Object.entries(map))]]);

const COUNT = [{ type: 'count', name: 'c' }];
const BASE = { dataSource: 't', intervals: '1970/1971', granularity: 'all', aggregations: COUNT };
const inline = (map: Record<string, string>) => ({ type: 'map', map });

/** Queries by a lookup: by its name, or by the map itself. */
const QUERIES: Record<string, (lookup: unknown) => JsonObject> = {
  'a dimension': (lookup) => ({
    queryType: 'groupBy',
    dimensions: [
      { type: 'lookup', dimension: 's', outputName: 'o', lookup, replaceMissingValueWith: '-' },
      { type: 'lookup', dimension: 'm', outputName: 'p', lookup, retainMissingValue: true },
      { type: 'lookup', dimension: 'n', outputName: 'q', lookup },
    ],
  }),
  'a filter': (lookup) => ({
    queryType: 'timeseries',
    filter: {
      type: 'or',
      fields: [
        {
          type: 'selector',
          dimension: 's',
          value: 'many',
          extractionFn: { type: 'lookup', lookup },
        },
        {
          type: 'in',
          dimension: 'm',
          values: ['one', 'eins'],
          extractionFn: {
            type: 'cascade',
            extractionFns: [{ type: 'lookup', lookup }, { type: 'lower' }],
          },
        },
      ],
    },
  }),
  'an inner query': (lookup) => ({
    queryType: 'groupBy',
    dimensions: ['o'],
    aggregations: [{ type: 'longSum', name: 'c', fieldName: 'c' }],
    dataSource: {
      type: 'query',
      query: {
        ...BASE,
        queryType: 'groupBy',
        dimensions: ['n', { type: 'lookup', dimension: 's', outputName: 'o', lookup }],
      },
    },
  }),
  topN: (lookup) => ({
    queryType: 'topN',
    dimension: { type: 'extraction', dimension: 'm', extractionFn: { type: 'lookup', lookup } },
    threshold: 5,
    metric: 'c',
  }),
};

describe.each(['this thread', 'workers'])('in %s', (where) => {
  let executor: Executor;
  beforeAll(() => {
    executor = where === 'workers' ? new WorkerExecutor(2) : new InlineExecutor(new RealDisk());
  });
  afterAll(() => executor.close());

  const answer = async (query: NativeQuery, tables = layouts[0]!): Promise<unknown> => {
    const result = await testEngine(tables, { executor, rowsPerJob: 64 }).run(query);
    return parseJson([...nativeJson(query, result)].join(''));
  };

  test.each(Object.entries(QUERIES))('%s', async (_, build) => {
    for (const map of [FIRST, SECOND]) {
      const plain = parseNativeQuery({ ...BASE, ...build(inline(map)) });
      const expected = await answer(plain);
      const named = parseNativeQuery({ ...BASE, ...build('words') }, namesOf(map));
      for (const tables of layouts) expect(await answer(named, tables)).toEqual(expected);
    }
  });

  test('the function', async () => {
    const ask = (names: LookupNames) =>
      parseNativeQuery(
        {
          ...BASE,
          queryType: 'groupBy',
          dimensions: ['o'],
          virtualColumns: [
            {
              type: 'expression',
              name: 'o',
              outputType: 'STRING',
              expression: "concat(lookup(s, 'words', '?'), ' ', lookup(n, 'words', ''))",
            },
          ],
          filter: { type: 'expression', expression: "lookup(s, 'words') != 'zwei'" },
        },
        names,
      );
    const naive = (map: Record<string, string>) => {
      const counts = new Map<string, number>();
      for (const { s, n } of ROWS) {
        const word = map[String(s)];
        if (word === undefined || word === 'zwei') continue;
        const key = `${word} ${map[String(n)] ?? ''}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return Object.fromEntries(counts);
    };
    for (const map of [FIRST, SECOND]) {
      for (const tables of layouts) {
        const rows = (await answer(ask(namesOf(map)), tables)) as {
          event: { o: string; c: number };
        }[];
        expect(Object.fromEntries(rows.map(({ event }) => [event.o, event.c]))).toEqual(naive(map));
      }
    }
  });

  test('a query goes on with what it began with', async () => {
    const build = QUERIES['a dimension']!;
    const old = parseNativeQuery({ ...BASE, ...build('words') }, namesOf(FIRST));
    const young = parseNativeQuery({ ...BASE, ...build('words') }, namesOf(SECOND));
    const expected = await answer(parseNativeQuery({ ...BASE, ...build(inline(FIRST)) }));
    expect(await answer(young)).not.toEqual(expected);
    expect(await answer(old)).toEqual(expected);
    // Its JSON says all.
    expect(await answer(parseNativeQuery(old.spec))).toEqual(expected);
  });

  test('the data source', async () => {
    const ask = (map: Record<string, string>, more: JsonObject) =>
      parseNativeQuery(
        { ...BASE, dataSource: { type: 'lookup', lookup: 'words' }, ...more },
        namesOf(map),
      );
    const scan = { queryType: 'scan', resultFormat: 'compactedList', columns: ['k', 'v'] };
    const [batch] = (await answer(ask(FIRST, scan))) as { events: unknown[] }[];
    expect(batch!.events).toEqual(Object.entries(FIRST));
    const groups = {
      queryType: 'groupBy',
      dimensions: ['v'],
      filter: { type: 'not', field: { type: 'selector', dimension: 'k', value: 'k2' } },
    };
    expect(await answer(ask(SECOND, groups))).toMatchObject([{ event: { v: 'eins', c: 1 } }]);
    expect(await answer(ask({}, { queryType: 'timeseries' }))).toMatchObject([
      { result: { c: 0 } },
    ]);
  });
});

describe('joins', () => {
  const LEFT = { type: 'inline', columnNames: ['s'], rows: [['k1'], ['k2'], ['zz'], ['k1']] };
  const LOOKUP = { type: 'lookup', lookup: 'words' };
  const ask = async (left: unknown, right: unknown, joinType: string, key: string) => {
    const spec = {
      ...BASE,
      queryType: 'groupBy',
      dataSource: {
        type: 'join',
        left,
        right,
        rightPrefix: 'j.',
        condition: `upper(${key}) == "j.K" && lookup(${key}, 'words') == "j.V"`,
        joinType,
      },
      dimensions: [key, 'j.V'],
    };
    const query = parseNativeQuery(spec, namesOf(SECOND));
    const { rows } = await testEngine(layouts[1]!).run(query);
    return rows.map(([, ...cells]) => cells);
  };
  const UPPER = {
    type: 'query',
    query: {
      ...BASE,
      queryType: 'groupBy',
      dataSource: LOOKUP,
      virtualColumns: [
        { type: 'expression', name: 'K', expression: 'upper(k)', outputType: 'STRING' },
      ],
      dimensions: ['K', { dimension: 'v', outputName: 'V', type: 'default' }],
      aggregations: [],
    },
  };

  test('with lookups on the right, the left, and in the condition', async () => {
    expect(await ask(LEFT, UPPER, 'INNER', 's')).toEqual([
      ['k1', 'eins', 2],
      ['k2', 'zwei', 1],
    ]);
    expect(await ask(LEFT, UPPER, 'LEFT', 's')).toEqual([
      ['k1', 'eins', 2],
      ['k2', 'zwei', 1],
      ['zz', null, 1],
    ]);
    expect(await ask(LOOKUP, UPPER, 'INNER', 'k')).toEqual([
      ['k1', 'eins', 1],
      ['k2', 'zwei', 1],
    ]);
  });

  test('a lookup itself on the right', async () => {
    const query = parseNativeQuery(
      {
        ...BASE,
        queryType: 'groupBy',
        dataSource: {
          type: 'join',
          left: 't',
          right: LOOKUP,
          rightPrefix: 'j.',
          condition: 's == "j.k"',
          joinType: 'FULL',
        },
        dimensions: ['j.v'],
      },
      namesOf({ ...SECOND, only: 'here' }),
    );
    const counted = (key: string) => ROWS.filter(({ s }) => s === key).length;
    const { rows } = await testEngine(layouts[1]!).run(query);
    expect(rows.map(([, ...cells]) => cells)).toEqual([
      [null, ROWS.length - counted('k1') - counted('k2')],
      ['eins', counted('k1')],
      ['here', 1],
      ['zwei', counted('k2')],
    ]);
  });
});

test('ETags change with the lookup', () => {
  const snapshot = layouts[0]!.snapshot(['t']);
  const tag = (map: Record<string, string>) =>
    contentTag(parseNativeQuery({ ...BASE, ...QUERIES.topN!('words') }, namesOf(map)), {
      ...snapshot,
      parts: (name, intervals) =>
        snapshot
          .parts(name, intervals)
          .map((part) => Object.assign(Object.create(part), { contentId: 'x' })),
    });
  expect(tag(FIRST)).toEqual(tag({ ...FIRST }));
  expect(tag(FIRST)).not.toEqual(tag(SECOND));
});

// Others do not tell how they found what they give.
test.skipIf(SHARES > 0)('what is told of a query names lookups as it does', async () => {
  const query = parseNativeQuery(
    { ...BASE, ...QUERIES['a filter']!('words'), context: { explainFilter: true } },
    namesOf(FIRST),
  );
  const { stats } = await testEngine(layouts[0]!).run(query);
  const text = stringifyJson(explanationsOf([stats]));
  expect(text).toContain('"lookup":"words"');
  expect(text).not.toContain('sha256');
});

test('a query without lookups is read once', () => {
  const spec = { ...BASE, queryType: 'timeseries' };
  expect(parseNativeQuery(spec, namesOf(FIRST)).spec).toBe(spec);
});
