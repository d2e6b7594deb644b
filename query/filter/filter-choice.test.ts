import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { Json, type Value } from '../../model/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { explanationsOf, type QueryResult } from '../result.js';
import { type TestRow, TestTables, testEngine } from '../testing.js';

const DAY = 86_400_000;
const DAYS = 6;
const ROWS_PER_DAY = 6000;

/** A user of three rows a day at most, tags, a number, a line of words and a document; files of a day each, with indexes. */
const rows = Array.from({ length: DAYS * ROWS_PER_DAY }, (_, i): TestRow => {
  const mixed = Math.imul(i, 0x9e3779b1) >>> 0;
  const tags = ['a', 'b', 'c'].filter((_tag, bit) => ((mixed >>> bit) & 5) === 0);
  return {
    __time: Math.floor(i / ROWS_PER_DAY) * DAY + (i % ROWS_PER_DAY),
    user: `u${mixed % 4000}`,
    country: `c${(mixed >>> 8) % 7}`,
    tags: tags.length === 0 ? null : tags,
    n: (mixed >>> 4) % 1000,
    log: `Disk ${mixed % 800} is full: w${(mixed >>> 6) % 50}`,
    doc: Json.of({ items: [{ sku: mixed % 300, n: mixed % 3 }, { sku: i % 7 }] }),
  };
});
const dimensions = {
  user: 'STRING',
  country: 'STRING',
  tags: 'STRING',
  n: 'LONG',
  log: 'STRING',
  doc: 'COMPLEX<json>',
} as const;
const indexes = { user: ['bloom'], log: ['text'], doc: ['jsonPath'] };
const tables = new TestTables().addSealed('t', { dimensions, indexes }, [{ rows }], ROWS_PER_DAY);

const is = (dimension: string, value: string | null): JsonObject => ({
  type: 'selector',
  dimension,
  value,
});
const not = (field: JsonObject): JsonObject => ({ type: 'not', field });
const all = (...fields: JsonObject[]): JsonObject => ({ type: 'and', fields });
const anyOf = (...fields: JsonObject[]): JsonObject => ({ type: 'or', fields });

const TIMESERIES = {
  queryType: 'timeseries',
  granularity: 'day',
  aggregations: [
    { type: 'count', name: 'rows' },
    { type: 'longSum', name: 'sum', fieldName: 'n' },
  ],
};

function ask(query: JsonObject): Promise<QueryResult> {
  const base = { dataSource: 't', intervals: '1970-01-01/1970-02-01' };
  return testEngine(tables).run(parseNativeQuery({ ...base, ...query }));
}

async function choicesOf(filter: JsonObject, context: JsonObject = {}) {
  const query = { ...TIMESERIES, filter, context: { explainFilter: true, ...context } };
  const { stats } = await ask(query);
  return explanationsOf([stats]).filters![0]!;
}

test('a needle is told by an index, and what it leaves is tested', async () => {
  const needle = is('user', 'u17');
  const other = is('country', 'c3');
  const { segments, conjuncts, bySegment } = await choicesOf(all(other, needle), {
    skipIndexes: { user: ['bloom'] },
  });
  expect(segments).toMatchObject({ scan: 0, all: 0 });
  expect(segments.bitmap + segments.nothing + segments.pruned).toBe(DAYS);
  expect(conjuncts.map(({ filter }) => filter)).toEqual([needle, other]);
  const passing = rows.filter(({ user }) => user === 'u17');
  expect(conjuncts[0]).toMatchObject({ byIndex: DAYS, byTest: 0, rowsLeft: passing.length });
  expect(conjuncts[0]!.estimatedRows).toBe(passing.length);
  const left = passing.filter(({ country }) => country === 'c3').length;
  expect(conjuncts[1]).toMatchObject({ byIndex: 0, rowsLeft: left });
  expect(bySegment).toHaveLength(DAYS);
  for (const { segment, choice, rowsExpected, steps } of bySegment) {
    expect(segment).toMatch(/^t_/);
    expect(steps[0]).toMatchObject({ conjunct: 0, by: 'index' });
    if (choice !== 'bitmap') continue;
    expect(steps[1]).toMatchObject({ conjunct: 1, by: 'test' });
    // A country has some 1/7 of the rows.
    expect(rowsExpected).toBeCloseTo(steps[0]!.estimatedRows / 7, 0);
    expect(steps[1]!.costUs).toBeLessThan(1);
  }
});

test('Bloom indexes in memory rule whole segments out', async () => {
  const days = new Set(
    rows.filter(({ user }) => user === 'u3').map(({ __time }) => Math.floor(__time / DAY)),
  );
  const nobody = 'u5';
  for (const [filter, most] of [
    [is('user', 'u3'), days.size],
    [anyOf(is('user', nobody), is('user', `${nobody}?`)), DAYS],
    [all(is('user', `${nobody}?`), is('country', 'c1')), 0],
  ] as const) {
    const { segments } = await choicesOf(filter);
    const seen = DAYS - segments.pruned;
    // One time in a hundred or so an index knows no better.
    expect(seen).toBeLessThanOrEqual(most + 1);
  }
});

test('what most rows pass is scanned', async () => {
  const { segments } = await choicesOf(not(is('country', 'c3')));
  expect(segments).toEqual({ pruned: 0, nothing: 0, all: 0, bitmap: 0, scan: DAYS });
});

test('what no row passes, and what all do', async () => {
  const nobody = await choicesOf(is('user', 'u5000'));
  expect(nobody.segments).toMatchObject({ bitmap: 0, scan: 0 });
  const always = await choicesOf(anyOf(is('missing', null), is('user', 'u1')));
  expect(always.segments).toMatchObject({ all: DAYS });
});

test.each([true, { user: true }, { user: ['inverted', 'zones'] }])(
  'indexes are skipped where the context says so: %j',
  async (skipIndexes) => {
    const { segments } = await choicesOf(is('user', 'u17'), { skipIndexes });
    expect(segments.scan + segments.pruned).toBe(DAYS);
  },
);

test.each([1, 'user', { user: 'inverted' }, [true]])(
  'other ways to say it are refused: %j',
  (skipIndexes) => {
    const query = {
      ...TIMESERIES,
      dataSource: 't',
      intervals: '1970/1971',
      context: { skipIndexes },
    };
    expect(() => parseNativeQuery(query)).toThrow(/context.skipIndexes: want true, or an object/);
  },
);

const search = (query: string): JsonObject => ({ type: 'textMatch', dimension: 'log', query });
const hasItem = (sku: number, n: number): JsonObject => ({
  type: 'jsonMatch',
  column: 'doc',
  conditions: [
    { path: '$.items[*].sku', value: sku },
    { path: '$.items[*].n', value: n },
  ],
});

test.each([
  ['a word', search('w17')],
  ['all words', search('w17 AND disk')],
  ['any word', search('w17 w18')],
  ['a phrase', search('"full w17"')],
  ['an element of a document', hasItem(17, 2)],
])('%s is told by an index', async (_, asked) => {
  const { segments, conjuncts } = await choicesOf(asked);
  expect(segments.bitmap).toBe(DAYS);
  expect(conjuncts[0]).toMatchObject({ byIndex: DAYS });
});

test('where no index tells rows, sketches tell which condition leaves fewer', async () => {
  const uneven = rows.map((row, i) => ({
    __time: row.__time,
    // Both are between 0 and 1000; of the one nearly all values are small, of the other nearly all large.
    low: i % 500 === 0 ? 1000 : i % 10,
    high: i % 500 === 0 ? 0 : 990 + (i % 10),
  }));
  const counted = { low: 'LONG', high: 'LONG' } as const;
  const below = (dimension: string) => ({
    type: 'bound',
    dimension,
    upper: '300',
    ordering: 'numeric',
  });
  for (const indexes of [{}, { low: ['kll'], high: ['kll'] }]) {
    const table = new TestTables().addSealed(
      't',
      { dimensions: counted, indexes },
      [{ rows: uneven }],
      uneven.length,
    );
    const filter = all(below('low'), below('high'));
    const asked = {
      ...TIMESERIES,
      dataSource: 't',
      intervals: '1970-01-01/1970-02-01',
      aggregations: [{ type: 'count', name: 'rows' }],
      filter,
      context: { explainFilter: true },
    };
    const { stats } = await testEngine(table).run(parseNativeQuery(asked));
    const [first] = explanationsOf([stats]).filters![0]!.conjuncts;
    const hasSketches = 'low' in indexes;
    expect(first!.filter).toMatchObject({ dimension: hasSketches ? 'high' : 'low' });
    if (hasSketches) expect(first!.estimatedRows).toBeLessThan(0.02 * uneven.length);
  }
});

const leaf = fc.oneof(
  fc
    .tuple(fc.nat(60), fc.nat(800), fc.constantFrom('AND', 'OR', 'AND NOT', ''))
    .map(([word, disk, join]) => search(`w${word} ${join} "disk ${disk}"`)),
  fc.tuple(fc.nat(310), fc.nat(3)).map(([sku, n]) => hasItem(sku, n)),
  fc.nat(4100).map((n) => is('user', `u${n}`)),
  fc.nat(7).map((n) => is('country', `c${n}`)),
  fc.constantFrom('a', 'b', 'c', 'd', null).map((tag) => is('tags', tag)),
  fc.array(fc.nat(4000), { maxLength: 40 }).map((list) => ({
    type: 'in',
    dimension: 'user',
    values: list.map((n) => `u${n}`),
  })),
  fc.tuple(fc.nat(1000), fc.nat(300)).map(([from, length]) => ({
    type: 'bound',
    dimension: 'n',
    lower: String(from),
    upper: String(from + length),
    ordering: 'numeric',
  })),
  fc.constantFrom('u1', 'u12', 'u123').map((prefix) => ({
    type: 'like',
    dimension: 'user',
    pattern: `${prefix}%`,
  })),
);
const filter = fc.letrec<{ any: JsonObject }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: leaf as fc.Arbitrary<JsonObject> },
    { weight: 1, arbitrary: tie('any').map(not) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom(all, anyOf), fc.array(tie('any'), { minLength: 1, maxLength: 3 }))
        .map(([combine, fields]) => combine(...fields)),
    },
  ),
})).any;

const QUERIES: readonly JsonObject[] = [
  TIMESERIES,
  {
    ...TIMESERIES,
    queryType: 'groupBy',
    granularity: 'all',
    dimensions: ['country', 'tags'],
  },
  {
    queryType: 'topN',
    granularity: 'all',
    dimension: 'user',
    metric: 'd',
    threshold: 5,
    aggregations: [{ type: 'doubleSum', name: 'd', fieldName: 'n' }],
  },
  { queryType: 'scan', columns: ['__time', 'user', 'n'], limit: 7, order: 'descending' },
  {
    queryType: 'search',
    granularity: 'all',
    searchDimensions: ['tags'],
    query: { type: 'contains', value: 'a' },
  },
];

const byFilter = (query: JsonObject, inner: JsonObject): JsonObject =>
  query.queryType === 'timeseries'
    ? {
        ...query,
        aggregations: [
          ...TIMESERIES.aggregations,
          { type: 'filtered', filter: inner, aggregator: { type: 'count', name: 'some' } },
        ],
      }
    : query;

test('answers do not depend on indexes', async () => {
  const rowsOf = async (query: JsonObject): Promise<Value[][]> =>
    (await ask(query)).rows.map((row) => [...row]);
  await fc.assert(
    fc.asyncProperty(filter, filter, fc.constantFrom(...QUERIES), async (own, inner, query) => {
      const asked = { ...byFilter(query, inner), filter: own };
      const expected = await rowsOf({ ...asked, context: { skipIndexes: true } });
      expect(await rowsOf(asked)).toEqual(expected);
      expect(await rowsOf({ ...asked, context: { forceIndexes: true } })).toEqual(expected);
    }),
    { numRuns: 60 },
  );
}, 120_000);
