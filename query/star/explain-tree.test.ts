import { afterAll, expect, test } from 'vitest';
import { type JsonObject, ManualClock, parseJson } from '../../core/index.js';
import { parseAggregator, parseGranularity } from '../../model/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { explanationsOf } from '../result.js';
import { SqlEngine } from '../sql/index.js';
import { SHARES, type TestRow, TestTables, testEngine } from '../testing.js';
import type { StarTreeSummaryJson } from './tree-summary.js';

const HOUR = 3_600_000;
const ROWS = Array.from(
  { length: 2000 },
  (_, i): TestRow => ({
    __time: Math.floor((i * 10 * HOUR) / 2000),
    city: `c${i % 5}`,
    page: `p${i % 3}`,
    user: `u${i % 400}`,
    added: i % 17,
  }),
);
const dimensions = { city: 'STRING', page: 'STRING', user: 'STRING', added: 'LONG' } as const;
const SUM = { type: 'longSum', name: 'added', fieldName: 'added' };
const metrics = [{ type: 'count', name: 'count' }, SUM].map((spec) => parseAggregator(spec, ''));
const dimension = (name: string) => ({ name, skipStar: false });
const hours = { ...dimension('__time'), granularity: parseGranularity('hour', '') };
const starTrees = [
  { dimensions: [dimension('city'), hours], metrics, maxLeafRecords: 10 },
  {
    dimensions: [dimension('page'), dimension('city')],
    metrics: metrics.slice(0, 1),
    maxLeafRecords: 10,
  },
];
/** Two files with trees; one without; rows that are not published. */
const tables = new TestTables()
  .addSealed('t', { dimensions, starTrees }, [{ rows: ROWS }], 1000)
  .addSealed('bare', { dimensions }, [{ rows: ROWS }], 2000)
  .add('live', { dimensions }, [{ rows: ROWS.slice(0, 10) }]);
const engine = testEngine(tables);
afterAll(() => tables.close());

const COUNT = { type: 'count', name: 'rows' };
const BASE = {
  queryType: 'timeseries',
  dataSource: 't',
  granularity: 'all',
  aggregations: [COUNT],
};
const CITY = { type: 'selector', dimension: 'city', value: 'c1' };
const USER = { type: 'selector', dimension: 'user', value: 'u1' };

async function toldOf(query: JsonObject, context: JsonObject = {}): Promise<StarTreeSummaryJson> {
  const all = { ...BASE, intervals: '1970/1971', ...query };
  const json = { ...all, context: { explainStarTree: true, ...context } };
  const { stats } = await engine.run(parseNativeQuery(json));
  return explanationsOf([stats]).starTrees![0]!;
}

const reasonsOf = async (query: JsonObject, context: JsonObject = {}): Promise<string[]> =>
  (await toldOf(query, context)).reasons.map(({ reason }) => reason);

test('it is told which tree is read of each segment, and how many records', async () => {
  const query = { aggregations: [COUNT, SUM], filter: CITY };
  const { segments, trees, reasons, bySegment } = await toldOf(query);
  expect(segments).toEqual({ pruned: 0, tree: 2, rows: 0 });
  expect(reasons).toEqual([]);
  expect(trees).toEqual([
    {
      tree: 0,
      dimensions: ['city', '__time'],
      segments: 2,
      rows: 2000,
      recordsExpected: 2,
      recordsRead: 2,
    },
  ]);
  expect(bySegment).toMatchObject([
    { rows: 1000, tree: 0, recordsExpected: 1, recordsRead: 1 },
    { rows: 1000, tree: 0, recordsExpected: 1, recordsRead: 1 },
  ]);
});

test('what was read is counted, whether somebody asks or not', async () => {
  const counting = testEngine(tables);
  const query = { ...BASE, intervals: '1970/1971', filter: CITY };
  const { stats } = await counting.run(parseNativeQuery(query));
  expect(stats).toMatchObject({ segments: 2, treeSegments: 2, treeRecords: 2, rowsScanned: 2 });
  expect(explanationsOf([stats])).toEqual({});
  await counting.run(parseNativeQuery({ ...query, context: { useStarTree: false } }));
  expect(counting.totals).toMatchObject({ treeSegments: 2, treeRecords: 2, rowsScanned: 2002 });
});

const filtered = (filter: JsonObject, aggregator: JsonObject): JsonObject => ({
  aggregations: [{ type: 'filtered', filter, aggregator }],
});
test.each<[string, JsonObject, JsonObject, string[]]>([
  ['a flag', { filter: CITY }, { useStarTree: false }, ['turned off by useStarTree']],
  ['a scan', { queryType: 'scan' }, {}, ['scan reads rows']],
  [
    'rows that are not sealed',
    { dataSource: 'live', filter: CITY },
    {},
    ['its rows are not published'],
  ],
  ['a file without trees', { dataSource: 'bare', filter: CITY }, {}, ['it has no star-tree']],
  [
    'a filter of another column',
    { filter: { type: 'and', fields: [CITY, USER] } },
    {},
    ['tree 0 has no dimension "user"', 'tree 1 has no dimension "user"'],
  ],
  [
    'groups of another column',
    { queryType: 'groupBy', dimensions: ['user', 'page'] },
    {},
    [
      'tree 0 has no dimension "user"',
      'tree 0 has no dimension "page"',
      'tree 1 has no dimension "user"',
    ],
  ],
  [
    'another metric',
    { filter: CITY, aggregations: [COUNT, { type: 'longMax', name: 'm', fieldName: 'added' }] },
    {},
    ['tree 0 lacks longMax(added)', 'tree 1 lacks longMax(added)'],
  ],
  [
    'another metric behind a filter',
    filtered(CITY, { type: 'longMin', name: 'm', fieldName: 'added' }),
    {},
    ['tree 0 lacks longMin(added)', 'tree 1 lacks longMin(added)'],
  ],
  [
    'a metric behind a filter of another column',
    filtered(USER, COUNT),
    {},
    ['tree 0 has no dimension "user"', 'tree 1 has no dimension "user"'],
  ],
  [
    'finer buckets',
    { granularity: 'minute' },
    {},
    ['tree 0 has buckets of __time that minute cuts', 'tree 1 has no dimension "__time"'],
  ],
  [
    'computed columns, by what they are computed from',
    {
      virtualColumns: [
        { type: 'expression', name: 'v', expression: 'concat(city, user)', outputType: 'STRING' },
      ],
      filter: { type: 'selector', dimension: 'v', value: 'x' },
    },
    {},
    ['tree 0 has no dimension "user"', 'tree 1 has no dimension "user"'],
  ],
])('why rows are read: %s', async (_, query, context, expected) => {
  expect(await reasonsOf(query, context)).toEqual(expected);
});

test('reasons are counted by segment', async () => {
  const intervals = '1970-01-01T00:30/1970-01-02';
  const { segments, reasons, bySegment } = await toldOf({ intervals, filter: CITY });
  expect(segments).toEqual({ pruned: 0, tree: 1, rows: 1 });
  expect(reasons).toMatchObject([{ segments: 1 }, { segments: 1 }]);
  expect(reasons.map(({ reason }) => reason)).toEqual(bySegment[0]!.reasons);
  expect(bySegment).toMatchObject([
    { tree: null, rows: 1000 },
    { tree: 0, recordsRead: 1 },
  ]);
});

test('what explains filters leaves segments out of which a tree was read', async () => {
  const context = { explainFilter: true, explainStarTree: true };
  const intervals = '1970-01-01T00:30/1970-01-02';
  const query = { ...BASE, intervals, filter: CITY, context };
  const { rows, stats } = await engine.run(parseNativeQuery(query));
  const { filters, starTrees } = explanationsOf([stats]);
  expect(filters![0]!.bySegment.map(({ segment }) => segment)).toEqual([
    starTrees![0]!.bySegment[0]!.segment,
  ]);
  const without = { ...query, context: { useStarTree: false } };
  expect(rows).toEqual((await engine.run(parseNativeQuery(without))).rows);
});

// Who has the metadata alone knows no trees until the query runs.
test.skipIf(SHARES > 0)(
  'EXPLAIN says it without reading, beside what Druid says, and only if asked',
  async () => {
    const catalog = { tables: () => ['t'], schema: () => tables.schema('t') };
    const system = { rows: () => [] };
    const sql = new SqlEngine({ engine, catalog, system, clock: new ManualClock(0) });
    const query = `EXPLAIN PLAN FOR SELECT page, COUNT(*) FROM t GROUP BY page`;
    const attributesOf = async (context: JsonObject) => {
      const { columns, rows } = await sql.run({ query, context });
      expect(columns.map(({ name }) => name)).toEqual(['PLAN', 'RESOURCES', 'ATTRIBUTES']);
      return parseJson(rows[0]![2] as string);
    };
    expect(await attributesOf({})).toEqual({ statementType: 'SELECT' });
    const { starTrees } = (await attributesOf({ explainStarTree: true })) as {
      starTrees: StarTreeSummaryJson[];
    };
    expect(starTrees).toMatchObject([
      {
        segments: { pruned: 0, tree: 2, rows: 0 },
        trees: [{ tree: 1, segments: 2, rows: 2000, recordsExpected: 6, recordsRead: null }],
      },
    ]);
    expect(tables.pinsHeld).toBe(0);
  },
);
