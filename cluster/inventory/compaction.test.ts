import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { ETERNITY, formatInterval, parseAggregator, type Value } from '../../model/index.js';
import { attachSegment, segmentIdText } from '../../segments/index.js';
import { chunkSegment, publishOf } from '../testing.js';
import { DATA_DIR, filesBelow } from './fixture-testing.js';
import { NEW_YEAR_MS, type TaskWorld, taskWorld } from './task-world-testing.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const METRICS = [
  { type: 'count', name: 'rows' },
  { type: 'longSum', name: 'sum', fieldName: 'x' },
  { type: 'doubleMax', name: 'max', fieldName: 'y' },
  { type: 'hyperUnique', name: 'users', fieldName: 'u' },
  { type: 'stringFirst', name: 'first', fieldName: 'u' },
];

interface Row {
  readonly t: number;
  readonly s?: string | readonly string[];
  readonly n?: number;
  readonly f?: number;
  readonly x?: number;
  readonly y?: number;
  readonly u?: string;
}

const appendOf = (rows: readonly Row[], dimensions: readonly unknown[], rollup: boolean) => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 't',
      timestampSpec: { column: 't' },
      dimensionsSpec: { dimensions },
      metricsSpec: METRICS,
      granularitySpec: { segmentGranularity: 'hour', queryGranularity: 'minute', rollup },
    },
    ioConfig: {
      inputSource: { type: 'inline', data: rows.map((row) => JSON.stringify(row)).join('\n') },
      inputFormat: { type: 'json' },
      appendToExisting: true,
    },
    tuningConfig: { maxRowsPerSegment: 3 },
  },
});

const compactOf = (changes: JsonObject = {}, interval = '2024-01-01/2025-01-01') => ({
  type: 'compact',
  dataSource: 't',
  ioConfig: { inputSpec: { type: 'interval', interval } },
  ...changes,
});

const DIMENSIONS = ['s', { type: 'long', name: 'n' }, { type: 'float', name: 'f' }];

/** Every visible row: its key, and the states of its metrics. */
async function visibleRows({ inventory }: TaskWorld, keys: readonly string[]) {
  const rows: { readonly key: string; readonly timeMs: number; readonly states: Value[] }[] = [];
  for (const part of inventory.snapshot(['t']).parts('t', [ETERNITY])) {
    const pinned = await part.pin({ columns: 'all' });
    const cursor = attachSegment(pinned.handle).cursor();
    const dimensions = keys.map((name) => cursor.column(name));
    const metrics = METRICS.map(({ name }) => cursor.column(name));
    for (cursor.row = 0; cursor.row < cursor.rowCount; cursor.row++) {
      const timeMs = cursor.timeMs();
      if (timeMs < part.interval.startMs || timeMs >= part.interval.endMs) continue;
      const key = JSON.stringify(dimensions.map((reader) => reader.get()));
      rows.push({ key, timeMs, states: metrics.map((reader) => reader.get()) });
    }
    pinned.release();
  }
  return rows;
}

/** What queries with a bucket of time would answer, computed row by row. */
async function totals(node: TaskWorld, keys: readonly string[], bucketMs: number) {
  const aggregators = METRICS.map((metric) => parseAggregator(metric, 'metric'));
  const groups = new Map<string, Value[]>();
  for (const { key, timeMs, states } of await visibleRows(node, keys)) {
    const group = `${timeMs - (timeMs % bucketMs)} ${key}`;
    const before = groups.get(group) ?? aggregators.map((aggregator) => aggregator.initial());
    groups.set(
      group,
      aggregators.map((aggregator, i) => aggregator.combine(before[i]!, states[i]!)),
    );
  }
  return [...groups]
    .map(([group, states]) => [group, aggregators.map((a, i) => a.finalise(states[i]!))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const anyRow: fc.Arbitrary<Row> = fc.record(
  {
    t: fc.nat(40 * 24 * 60).map((minute) => NEW_YEAR_MS + (minute % 90) * 17 * 60_000),
    s: fc.oneof(fc.constantFrom('a', 'b'), fc.constantFrom(['b', 'a'], ['a', 'c'])),
    n: fc.nat(1),
    f: fc.constantFrom(0.1, 2),
    x: fc.integer({ min: -5, max: 5 }),
    y: fc.constantFrom(0.5, -3, 8),
    u: fc.constantFrom('u', 'v', 'w'),
  },
  { requiredKeys: ['t'] },
);

const anyGranularity = fc.constantFrom(null, 'hour', 'day', 'month');

const anyPartitions = fc.constantFrom<JsonObject | null>(
  null,
  { type: 'dynamic', maxRowsPerSegment: 2 },
  { type: 'hashed', numShards: 2 },
  { type: 'hashed', targetRowsPerSegment: 2, partitionDimensions: ['s', 'n'] },
  { type: 'range', targetRowsPerSegment: 2, partitionDimensions: ['n', 'f'] },
);

const anyCompaction = fc.record({
  segment: anyGranularity,
  day: fc.nat(1),
  partitionsSpec: anyPartitions,
});

test('a compaction changes no answer, wherever chunks begin and end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anyRow, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.array(anyCompaction, { maxLength: 3 }),
      async (batches, rollup, compactions) => {
        const node = await taskWorld();
        const keys = ['s', 'n', 'f'];
        for (const rows of batches) await node.run(appendOf(rows, DIMENSIONS, rollup));
        const before = await totals(node, keys, 60_000);
        for (const { segment, day, partitionsSpec } of compactions) {
          const interval = formatInterval({
            startMs: NEW_YEAR_MS + day * DAY_MS - HOUR_MS / 2,
            endMs: NEW_YEAR_MS + (day + 1) * DAY_MS,
          });
          const granularitySpec = { segmentGranularity: segment };
          const ended = await node.run(
            compactOf({ granularitySpec, tuningConfig: { partitionsSpec } }, interval),
          );
          if (ended.status === 'FAILED') expect(ended.errorMsg).toContain('nothing to compact');
          expect(await totals(node, keys, 60_000)).toEqual(before);
        }
        await node.close();
      },
    ),
    { numRuns: draws(20) },
  );
});

test('compacted columns have the indexes that theirs had', async () => {
  const node = await taskWorld();
  const dimensions = [
    { name: 's', createBitmapIndex: false },
    { type: 'long', name: 'n', indexes: ['range'] },
  ];
  for (const n of [1, 2]) {
    await node.run(appendOf([{ t: NEW_YEAR_MS, s: 'a', n }], dimensions, false));
  }
  expect(await node.run(compactOf())).toMatchObject({ status: 'SUCCESS' });
  const { directory } = node.inventory.segments('t')[0]!;
  const choices = 'columns' in directory && directory.columns.map((each) => each.indexChoice);
  expect(choices).toMatchObject([
    undefined,
    { bitmap: false, kinds: [] },
    { bitmap: true, kinds: ['range'] },
    ...METRICS.map(() => undefined),
  ]);
  await node.close();
});

test('all of a table in one chunk: rows of equal key become one, at the coarser granularity', async () => {
  const node = await taskWorld();
  const rows: Row[] = [0, 1, 2, 61, 3].map((minute) => ({
    t: NEW_YEAR_MS + minute * 60_000,
    s: 'a',
    x: 2,
    u: `u${minute}`,
  }));
  for (const row of rows) await node.run(appendOf([row], DIMENSIONS, true));
  expect(node.inventory.segments('t')).toHaveLength(5);
  const granularitySpec = { segmentGranularity: 'day', queryGranularity: 'hour' };
  expect(await node.run(compactOf({ granularitySpec }))).toMatchObject({ status: 'SUCCESS' });
  expect(await totals(node, ['s'], HOUR_MS)).toEqual([
    [`${NEW_YEAR_MS} ["a"]`, [4, 8, null, expect.closeTo(4, 0), 'u0']],
    [`${NEW_YEAR_MS + HOUR_MS} ["a"]`, [1, 2, null, expect.closeTo(1, 0), 'u61']],
  ]);
  const stored = await visibleRows(node, ['s']);
  expect(stored.map(({ timeMs }) => timeMs)).toEqual([NEW_YEAR_MS, NEW_YEAR_MS + HOUR_MS]);
  await node.close();
});

test('buckets are published with their chunk; what is appended to it later is numbered', async () => {
  const node = await taskWorld();
  const rows = ['b', 'a', 'c', 'a'].map((s, i) => ({ t: NEW_YEAR_MS, s, n: i }));
  await node.run(appendOf(rows, DIMENSIONS, false));
  const partitionsSpec = { type: 'single_dim', partitionDimension: 's', targetRowsPerSegment: 2 };
  await node.run(compactOf({ tuningConfig: { partitionsSpec } }));
  await node.run(appendOf([{ t: NEW_YEAR_MS, s: 'a' }], DIMENSIONS, false));
  const shards = node.inventory.segments('t').map(({ stored }) => stored.shardSpec);
  const single = { type: 'single', dimension: 's', numCorePartitions: 2 };
  expect(shards).toEqual([
    { ...single, start: null, end: 'b', partitionNum: 0 },
    { ...single, start: 'b', end: null, partitionNum: 1 },
    { type: 'numbered', partitionNum: 2, partitions: 2 },
  ]);
  const onList = { type: 'range', partitionDimensions: ['s'], targetRowsPerSegment: 2 };
  await node.run(appendOf([{ t: NEW_YEAR_MS, s: ['a', 'b'] }], DIMENSIONS, false));
  const refused = await node.run(compactOf({ tuningConfig: { partitionsSpec: onList } }));
  expect(refused.errorMsg).toContain('multi-value dimension "s"');
  await node.close();
});

test('columns come in the order of the newest segment, in types that all values fit; a filter drops rows', async () => {
  const node = await taskWorld();
  await node.run(appendOf([{ t: NEW_YEAR_MS, s: 'a', n: 1 }], ['s', 'n'], false));
  const newer = ['u', { type: 'long', name: 'n' }];
  await node.run(appendOf([{ t: NEW_YEAR_MS + 1, u: 'w', n: 2 }], newer, false));
  const filter = { type: 'not', field: { type: 'selector', dimension: 'n', value: '3' } };
  await node.run(appendOf([{ t: NEW_YEAR_MS + 2, u: 'w', n: 3 }], newer, false));
  await node.run(compactOf({ transformSpec: { filter } }));
  const [served, ...others] = node.inventory.segments('t').slice(-1);
  expect(others).toEqual([]);
  expect(
    served?.stored.sealed.columns
      .filter(({ role }) => role === 'dimension')
      .map(({ name, type }) => `${name} ${type}`),
  ).toEqual(['u STRING', 'n STRING', 's STRING']);
  expect((await visibleRows(node, ['u', 'n', 's'])).map(({ key }) => key)).toEqual([
    '[null,"1","a"]',
    '["w","2",null]',
  ]);
  await node.close();
});

test('segments by their ids, and by their hash: all current ones of their chunks', async () => {
  const node = await taskWorld();
  await node.run(appendOf([{ t: NEW_YEAR_MS }], ['s'], true));
  await node.run(appendOf([{ t: NEW_YEAR_MS }], ['s'], true));
  const ids = node.inventory.segments('t').map(({ stored }) => segmentIdText(stored.id));
  const withInput = (inputSpec: object) => compactOf({ ioConfig: { inputSpec } });
  const failed = (part: string) => ({ status: 'FAILED', errorMsg: expect.stringContaining(part) });
  const some = withInput({ type: 'segments', segments: ids.slice(1) });
  expect(await node.run(some)).toMatchObject(failed('not all current segments'));
  const interval = '2024-01-01/2024-01-02';
  const sha256OfSortedSegmentIds = '00'.repeat(32);
  const other = withInput({ type: 'interval', interval, sha256OfSortedSegmentIds });
  expect(await node.run(other)).toMatchObject(failed('sha256OfSortedSegmentIds'));
  const all = withInput({ type: 'segments', segments: ids });
  expect(await node.run(all)).toMatchObject({ status: 'SUCCESS' });
  expect(await node.run(all)).toMatchObject(failed('no segments of these ids'));
  const cut = { ...all, granularitySpec: { segmentGranularity: 'MONTH' } };
  expect(await node.run(cut)).toMatchObject(failed('no segments of these ids'));
  expect(await totals(node, ['s'], DAY_MS)).toEqual([
    [`${NEW_YEAR_MS} [null]`, [2, null, null, 0, null]],
  ]);
  await node.close();
});

test('auto columns keep their values, whatever the others of a chunk are', async () => {
  const node = await taskWorld();
  const dimensions = [{ type: 'auto', name: 's' }];
  const texts = async () =>
    (await visibleRows(node, ['s'])).map(({ key }) => JSON.stringify(JSON.parse(key)[0])).sort();
  for (const s of [[1], 5, 'y', { a: 1 }]) {
    await node.run(appendOf([{ t: NEW_YEAR_MS, s } as unknown as Row], dimensions, false));
  }
  const before = await texts();
  // With a filter rows are read one by one, file after file.
  const transformSpec = { filter: { type: 'true' } };
  expect(await node.run(compactOf({ transformSpec }))).toMatchObject({ status: 'SUCCESS' });
  expect(await texts()).toEqual(before);
  await node.close();
});

test('a metric that was something else before: the task fails, and says which spec to give', async () => {
  const node = await taskWorld();
  const { spec } = appendOf([{ t: NEW_YEAR_MS, s: 'abc', x: 1 }], DIMENSIONS, false);
  const append = (schema: object) => ({
    type: 'index_parallel',
    spec: { ...spec, dataSchema: { ...spec.dataSchema, metricsSpec: [], ...schema } },
  });
  const metricsSpec = [{ type: 'longSum', name: 's', fieldName: 'x' }];
  await node.run(append({ dimensionsSpec: { dimensions: ['s'] } }));
  await node.run(append({ dimensionsSpec: { dimensions: ['u'] }, metricsSpec }));
  const { status, errorMsg } = await node.run(compactOf());
  expect(status).toBe('FAILED');
  expect(errorMsg).toMatch(/metric s is LONG.*dimension, STRING.*give a metricsSpec/);
  const other = [{ type: 'longMax', name: 's', fieldName: 'x' }];
  await node.run(append({ dimensionsSpec: { dimensions: ['u'] }, metricsSpec: other }));
  const mixed = await node.run(compactOf({ dimensionsSpec: { dimensions: ['u'] } }));
  expect(mixed.errorMsg).toMatch(/metric s is LONG by longMax.*LONG by longSum.*metricsSpec/);
  const given = compactOf({ metricsSpec: [], dimensionsSpec: { dimensions: ['u', 's'] } });
  expect(await node.run(given)).toMatchObject({ status: 'SUCCESS' });
  await node.close();
});

test('rows of a table go into another one', async () => {
  const node = await taskWorld();
  const rows = [0, 1, 2].map((day) => ({ t: NEW_YEAR_MS + day * DAY_MS, s: 'a', n: day, u: 'x' }));
  await node.run(appendOf(rows, DIMENSIONS, true));
  const { spec } = appendOf([], DIMENSIONS, true);
  const filter = { type: 'selector', dimension: 'n', value: '1' };
  const copy = {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        ...spec.dataSchema,
        dataSource: 'copy',
        timestampSpec: { column: '__time', format: 'millis' },
        dimensionsSpec: {},
        metricsSpec: [{ type: 'hyperUnique', name: 'distinct', fieldName: 'users' }],
      },
      ioConfig: {
        inputSource: { type: 'druid', dataSource: 't', interval: '2024-01-01/2024-01-03', filter },
      },
    },
  };
  expect(await node.run(copy)).toMatchObject({ status: 'SUCCESS' });
  const [copied] = node.inventory.segments('copy');
  expect(copied?.stored.sealed.rowCount).toBe(1);
  expect(copied?.stored.sealed.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    '__time LONG',
    's STRING',
    'n STRING',
    'f STRING',
    'rows STRING',
    'sum STRING',
    'max STRING',
    'distinct COMPLEX<hyperUnique>',
  ]);
  await node.close();
});

test('rows of a table and of a text come together; those of the table have their time', async () => {
  const node = await taskWorld();
  await node.run(appendOf([{ t: NEW_YEAR_MS, s: 'old' }], ['s'], false));
  const { spec } = appendOf([{ t: NEW_YEAR_MS + 1, s: 'new' }], ['s'], false);
  const table = { type: 'druid', dataSource: 't', interval: '2024-01-01/2024-01-02' };
  const inputSource = { type: 'combining', delegates: [table, spec.ioConfig.inputSource] };
  const ioConfig = { ...spec.ioConfig, inputSource, appendToExisting: false };
  const ended = await node.run({ type: 'index_parallel', spec: { ...spec, ioConfig } });
  expect(ended).toMatchObject({ status: 'SUCCESS' });
  expect((await visibleRows(node, ['s'])).map(({ timeMs, key }) => [timeMs, key])).toEqual([
    [NEW_YEAR_MS, '["new"]'],
    [NEW_YEAR_MS, '["old"]'],
  ]);
  await node.close();
});

test('nothing in the interval is an error that says where to look', async () => {
  const node = await taskWorld();
  const ended = await node.run(compactOf());
  expect(ended).toMatchObject({ status: 'FAILED' });
  expect(ended.errorMsg).toContain('t has no segments in 2024-01-01');
  await node.close();
});

test('what comes into a chunk while it is compacted is not hidden: the task fails, the next one does it', async () => {
  let comes: (() => Promise<unknown>) | null = null;
  const node = await taskWorld(() => comes?.() ?? Promise.resolve());
  const { inventory } = node;
  const hour = (n: number) => ({
    startMs: NEW_YEAR_MS + n * HOUR_MS,
    endMs: NEW_YEAR_MS + (n + 1) * HOUR_MS,
  });
  const rows = [0, 0, 1].map((n) => ({ t: hour(n).startMs }));
  await node.run(appendOf(rows, DIMENSIONS, false));
  const paths = () => inventory.segments('t').map(({ stored }) => stored.sealed.path);
  const before = paths();
  comes = () => inventory.publish(publishOf('late', 'append', [chunkSegment(hour(1), 'late')]));
  const firstHour = formatInterval(hour(0));
  const failed = await node.run(compactOf());
  expect(failed).toMatchObject({ status: 'FAILED' });
  expect(failed.errorMsg).toMatch(/no longer those.*nothing was published, do it again/);
  expect(paths()).toEqual([...before, 'late']);
  const files = filesBelow(node.disk, `${DATA_DIR}/segments`);
  expect(files.sort()).toEqual(before.map((path) => `${DATA_DIR}/${path}`).sort());
  comes = () => inventory.publish(publishOf('later', 'append', [chunkSegment(hour(2), 'later')]));
  expect(await node.run(compactOf({}, firstHour))).toMatchObject({ status: 'SUCCESS' });
  expect(paths()).toContain('later');
  await node.close();
});
