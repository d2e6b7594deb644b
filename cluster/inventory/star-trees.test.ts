import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { ETERNITY, parseAggregator } from '../../model/index.js';
import { parseNativeQuery } from '../../query/index.js';
import { testEngine } from '../../query/testing.js';
import type { TreeDefinition } from '../../segments/index.js';
import { NEW_YEAR_MS, type TaskWorld, taskWorld } from './task-world-testing.js';

const CITIES = [
  {
    dimensions: ['country', { name: 'city', skipStar: true }],
    metrics: [
      { type: 'longSum', name: 'rows', fieldName: 'rows' },
      { type: 'longSum', name: 'x', fieldName: 'sum' },
      { type: 'hyperUnique', name: 'u', fieldName: 'users' },
    ],
    maxLeafRecords: 10,
  },
];
const COUNTRIES = [{ dimensions: ['country'], metrics: CITIES[0]!.metrics }];

/** Rows of a day: of three countries with three cities each, none like another. */
const rowsOf = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => from + i)
    .map((i) =>
      JSON.stringify({
        t: NEW_YEAR_MS + i * 1000,
        country: `c${i % 3}`,
        city: `c${i % 9}`,
        user: `u${i % 11}`,
        x: i,
      }),
    )
    .join('\n');

const appendOf = (data: string, starTrees?: unknown, changes: JsonObject = {}): JsonObject => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 't',
      timestampSpec: { column: 't' },
      dimensionsSpec: { dimensions: ['country', 'city'] },
      metricsSpec: [
        { type: 'count', name: 'rows' },
        { type: 'longSum', name: 'sum', fieldName: 'x' },
        { type: 'hyperUnique', name: 'users', fieldName: 'user' },
      ],
      granularitySpec: { segmentGranularity: 'day', rollup: true },
      starTrees,
    },
    ioConfig: {
      inputSource: { type: 'inline', data },
      inputFormat: { type: 'json' },
      appendToExisting: true,
    },
    ...changes,
  },
});

const compactOf = (changes: JsonObject = {}): JsonObject => ({
  type: 'compact',
  dataSource: 't',
  ioConfig: { inputSpec: { type: 'interval', interval: '2024-01-01/2025-01-01' } },
  ...changes,
});

const directoriesOf = async ({ inventory }: TaskWorld) => {
  const { visibleSegments, release } = await inventory.read();
  const { signal } = new AbortController();
  const segments = visibleSegments('t', ETERNITY);
  release();
  return Promise.all(segments.map(({ directory }) => directory(signal)));
};

/** The dimensions of each tree of each segment. */
const treesOf = async (node: TaskWorld): Promise<string[][]> =>
  (await directoriesOf(node)).map(({ trees }) =>
    trees.map(({ dimensions }) => dimensions.map(({ name }) => name).join()),
  );

const QUERY = {
  queryType: 'groupBy',
  dataSource: 't',
  intervals: '2024/2025',
  granularity: 'all',
  dimensions: ['city'],
  filter: { type: 'selector', dimension: 'country', value: 'c1' },
  aggregations: [
    { type: 'longSum', name: 'a', fieldName: 'rows' },
    { type: 'longSum', name: 'b', fieldName: 'sum' },
    { type: 'hyperUnique', name: 'c', fieldName: 'users' },
  ],
};

/** Checks that trees answer as the rows do; gives how many records and rows that took. */
async function answers(
  { inventory }: TaskWorld,
  aggregations: readonly JsonObject[] = QUERY.aggregations,
): Promise<readonly [number, number]> {
  const ask = (useStarTree: boolean) =>
    testEngine(inventory).run(
      parseNativeQuery({ ...QUERY, aggregations, context: { useStarTree } }),
    );
  const [found, expected] = [await ask(true), await ask(false)];
  expect(found.rows).toEqual(expected.rows);
  expect(found.rows).toHaveLength(3);
  return [found.stats.rowsScanned, expected.stats.rowsScanned];
}

test('what a task asks for is in each file, and answers queries', async () => {
  const node = await taskWorld();
  const { status, errorMsg } = await node.run(appendOf(rowsOf(0, 300), CITIES));
  expect([status, errorMsg]).toEqual(['SUCCESS', null]);
  await node.run(appendOf(rowsOf(300, 300), 'none'));
  await node.run(appendOf(rowsOf(600, 300)));
  expect(await treesOf(node)).toEqual([['country,city'], [], []]);
  const [records, rows] = await answers(node);
  expect([records < 20 + 600, rows]).toEqual([true, 900]);
  await node.close();
});

test('the report tells how many there are', async () => {
  const node = await taskWorld();
  const { id } = await node.run(appendOf(rowsOf(0, 300), [...CITIES, ...COUNTRIES]));
  const report = JSON.stringify(await node.tasks.report(id));
  expect(report).toContain('"starTreesBuilt":2');
  await node.close();
});

test('rows that went to disk in between get trees when they are merged', async () => {
  const node = await taskWorld();
  const tuningConfig = { maxRowsInMemory: 50 };
  await node.run(appendOf(rowsOf(0, 300), CITIES, { tuningConfig }));
  expect(await treesOf(node)).toEqual([['country,city']]);
  await answers(node);
  await node.close();
});

test('a compaction keeps the trees, also of files that were too small for any', async () => {
  const node = await taskWorld();
  for (let i = 0; i < 40; i++) await node.run(appendOf(rowsOf(i * 5, 5), CITIES));
  expect((await treesOf(node)).flat()).toEqual([]);
  await node.run(appendOf(rowsOf(200, 5)));
  await node.run(compactOf());
  expect(await treesOf(node)).toEqual([['country,city']]);
  const [records, rows] = await answers(node);
  expect([records < 20, rows]).toEqual([true, 205]);
  await node.run(compactOf());
  expect(await treesOf(node)).toEqual([['country,city']]);
  await node.close();
});

test('"auto" is remembered until there are rows enough', async () => {
  const node = await taskWorld();
  for (const from of [0, 30_000]) await node.run(appendOf(rowsOf(from, 30_000), 'auto'));
  expect(await treesOf(node)).toEqual([[], []]);
  await node.run(compactOf());
  expect(await treesOf(node)).toEqual([['__time,city,country']]);
  const [records, rows] = await answers(node, QUERY.aggregations.slice(0, 2));
  expect([records < 1000, rows]).toEqual([true, 60_000]);
  await node.close();
});

test('a metric may have the name of a column that came with the rows', async () => {
  const node = await taskWorld();
  const task = appendOf(rowsOf(0, 50_000), [
    { metrics: [{ type: 'longMax', name: 'city', fieldName: 'sum' }] },
  ]);
  const { dataSchema } = task.spec as { dataSchema: JsonObject };
  const dimensionsSpec = { useSchemaDiscovery: true };
  const spec = { ...(task.spec as object), dataSchema: { ...dataSchema, dimensionsSpec } };
  expect(await node.run({ ...task, spec })).toMatchObject({ status: 'SUCCESS' });
  expect(await treesOf(node)).toEqual([['__time,country']]);
  await node.close();
});

test('a compaction says which trees, or none, and what is wrong with them', async () => {
  const node = await taskWorld();
  await node.run(appendOf(rowsOf(0, 300), CITIES));
  await node.run(compactOf({ starTrees: COUNTRIES }));
  expect(await treesOf(node)).toEqual([['country']]);
  const wrong = compactOf({ starTrees: [{ dimensions: ['town'] }] });
  const { status, errorMsg } = await node.run(wrong);
  expect([status, errorMsg]).toEqual([
    'FAILED',
    expect.stringMatching(/^starTrees\[0\]\.dimensions\[0\]: want a dimension.* got "town"$/),
  ]);
  await expect(node.run(compactOf({ starTrees: 'some' }))).rejects.toThrow(
    'starTrees: want "auto", "none" or a list of trees; got "some"',
  );
  await node.run(compactOf({ starTrees: 'none' }));
  expect(await treesOf(node)).toEqual([[]]);
  await node.run(compactOf());
  expect(await treesOf(node)).toEqual([[]]);
  await node.close();
});

test('trees of what a compaction leaves out are left out', async () => {
  const node = await taskWorld();
  await node.run(appendOf(rowsOf(0, 300), [...CITIES, ...COUNTRIES]));
  expect(await treesOf(node)).toEqual([['country,city', 'country']]);
  await node.run(compactOf({ dimensionsSpec: { dimensions: ['country'] } }));
  expect((await directoriesOf(node)).map(({ treeChoice }) => treeChoice?.length)).toEqual([1]);
  await node.close();
});

test('what the table is declared with goes before what its files have', async () => {
  let declared: readonly TreeDefinition[] | undefined;
  const node = await taskWorld(undefined, 1, () => declared);
  await node.run(appendOf(rowsOf(0, 300), CITIES));
  const metrics = CITIES[0]!.metrics.map((spec) => parseAggregator(spec, ''));
  const tree = (...names: string[]) => ({
    dimensions: names.map((name) => ({ name, skipStar: false })),
    metrics,
    maxLeafRecords: 1,
  });
  declared = [tree('city', 'country'), tree('town')];
  await node.run(compactOf());
  expect(await treesOf(node)).toEqual([['city,country']]);
  declared = undefined;
  await node.run(compactOf());
  expect(await treesOf(node)).toEqual([['city,country']]);
  await answers(node);
  await node.close();
});
