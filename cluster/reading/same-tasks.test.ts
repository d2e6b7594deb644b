import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { assertReaching } from '../../core/testing.js';
import { formatInterval } from '../../model/index.js';
import { filesBelow } from '../inventory/fixture-testing.js';
import { NEW_YEAR_MS, taskWorld } from '../inventory/task-world-testing.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import { clusterTaskWorld } from './cluster-tasks-testing.js';

const HOUR_MS = 3_600_000;

const schemaOf = (dataSource: string, segmentGranularity: string) => ({
  dataSource,
  timestampSpec: { column: '__time' },
  dimensionsSpec: { dimensions: ['s', { type: 'long', name: 'n' }] },
  metricsSpec: [{ type: 'count', name: 'rows' }],
  granularitySpec: { segmentGranularity, queryGranularity: 'minute', rollup: true },
});

interface Row {
  readonly __time: number;
  readonly s: string;
  readonly n: number;
}

const anyRow: fc.Arbitrary<Row> = fc.record({
  __time: fc.nat(60).map((step) => NEW_YEAR_MS + step * 17 * 60_000),
  s: fc.constantFrom('a', 'b', 'c'),
  n: fc.nat(2),
});

const anyInterval = fc.tuple(fc.nat(16), fc.integer({ min: 1, max: 20 })).map(([from, hours]) =>
  formatInterval({
    startMs: NEW_YEAR_MS + from * HOUR_MS,
    endMs: NEW_YEAR_MS + (from + hours) * HOUR_MS,
  }),
);

const anyGranularity = fc.constantFrom('hour', 'day');

const anyLoad = fc
  .record({
    rows: fc.array(anyRow, { minLength: 1, maxLength: 8 }),
    appendToExisting: fc.boolean(),
    granularity: anyGranularity,
  })
  .map(({ rows, appendToExisting, granularity }) => ({
    type: 'index_parallel',
    spec: {
      dataSchema: schemaOf('t', granularity),
      ioConfig: {
        inputSource: { type: 'inline', data: rows.map((row) => JSON.stringify(row)).join('\n') },
        inputFormat: { type: 'json' },
        appendToExisting,
      },
      tuningConfig: { maxRowsPerSegment: 3 },
    },
  }));

/** A task that writes what it reads into the chunks of an interval. */
function indexTask(schema: ReturnType<typeof schemaOf>, interval: string, ioConfig: object) {
  const granularitySpec = { ...schema.granularitySpec, intervals: [interval] };
  return {
    type: 'index_parallel',
    spec: { dataSchema: { ...schema, granularitySpec }, ioConfig },
  };
}

const anyCompaction = fc
  .record({
    interval: anyInterval,
    segmentGranularity: fc.constantFrom(null, 'hour', 'day'),
    partitionsSpec: fc.constantFrom<JsonObject | null>(
      null,
      { type: 'dynamic', maxRowsPerSegment: 2 },
      { type: 'hashed', numShards: 2, partitionDimensions: ['s'] },
    ),
  })
  .map(({ interval, segmentGranularity, partitionsSpec }) => ({
    type: 'compact',
    dataSource: 't',
    ioConfig: { inputSpec: { type: 'interval', interval } },
    granularitySpec: { segmentGranularity },
    tuningConfig: { partitionsSpec },
    context: { storeCompactionState: true },
  }));

const anyReading = fc
  .record({
    from: fc.constantFrom('t', 'u'),
    to: fc.constantFrom('t', 'u'),
    interval: anyInterval,
    granularity: anyGranularity,
    mode: fc.constantFrom(
      { appendToExisting: true },
      { appendToExisting: false },
      { appendToExisting: false, dropExisting: true },
    ),
    filter: fc.constantFrom(null, { type: 'selector', dimension: 's', value: 'a' }),
  })
  .map(({ from, to, interval, granularity, mode, filter }) => {
    const inputSource = { type: 'druid', dataSource: from, interval, filter };
    return indexTask(schemaOf(to, granularity), interval, { inputSource, ...mode });
  });

const anyKill = fc
  .record({ interval: anyInterval, markAsUnused: fc.boolean() })
  .map((kill) => ({ type: 'kill', dataSource: 't', ...kill }));

const anyTask: fc.Arbitrary<object> = fc.oneof(
  { weight: 2, arbitrary: anyLoad },
  { weight: 2, arbitrary: anyCompaction },
  { weight: 2, arbitrary: anyReading },
  { weight: 1, arbitrary: anyKill },
);

/** All that is remembered of segments but where they lie: files are the same, byte for byte. */
async function segmentsOf({ segments }: MetadataStore) {
  const all = await segments.all();
  return all
    .map(({ idText, used, isTombstone, coreCount, shardSpec, compactionState, sealed }) => {
      const { sha256, rowCount } = sealed;
      return { idText, used, isTombstone, coreCount, shardSpec, compactionState, sha256, rowCount };
    })
    .sort((a, b) => (a.idText < b.idText ? -1 : 1));
}

test('tasks leave the same segments in a cluster as on a single server', async () => {
  let readCount = 0;
  await assertReaching(
    fc.asyncProperty(
      anyLoad,
      fc.array(anyTask, { minLength: 1, maxLength: 6 }),
      async (first, others) => {
        const single = await taskWorld();
        const cluster = await clusterTaskWorld();
        for (const task of [first, ...others]) {
          const [here, there] = [await single.run(task), await cluster.run(task)];
          expect({ status: there.status, errorMsg: there.errorMsg }).toEqual({
            status: here.status,
            errorMsg: here.errorMsg,
          });
          expect(await segmentsOf(cluster.store)).toEqual(await segmentsOf(single.store));
          expect(cluster.files.heldBytes).toBe(0);
        }
        readCount += cluster.disk.list('/read').filter((name) => name.endsWith('.varve')).length;
        for (const below of ['/made', '/work', '/tmp']) {
          const left = cluster.disk.stat(below) === null ? [] : filesBelow(cluster.disk, below);
          expect(left).toEqual([]);
        }
        await cluster.close();
        await single.close();
      },
    ),
    12,
    () => {
      // Else nothing was seen of tasks that read.
      expect(readCount).toBeGreaterThan(0);
    },
  );
});

const load = (rows: readonly Row[], interval = '2024-01-01/2024-01-03') => {
  const data = rows.map((row) => JSON.stringify(row)).join('\n');
  return indexTask(schemaOf('t', 'day'), interval, {
    inputSource: { type: 'inline', data },
    inputFormat: { type: 'json' },
    appendToExisting: true,
  });
};

const rowsOf = (day: number, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    __time: NEW_YEAR_MS + day * 24 * HOUR_MS + i * 60_000,
    s: `s${i % 5}`,
    n: i % 3,
  }));

const COMPACTION = {
  type: 'compact',
  dataSource: 't',
  ioConfig: { inputSpec: { type: 'interval', interval: '2024-01-01/2024-01-02' } },
};

test('only what a task reads is fetched, and of what it plans by no more than the end', async () => {
  const world = await clusterTaskWorld();
  for (const day of [0, 0, 1]) await world.run(load(rowsOf(day, 300)));
  const gets = new Map<string, number>();
  world.deep.setFaults(({ kind, key }) => {
    if (kind === 'get') gets.set(key, (gets.get(key) ?? 0) + 1);
    return null;
  });
  const appended = await world.run(load(rowsOf(0, 10)));
  expect(appended.status).toBe('SUCCESS');
  const stored = await world.store.segments.used();
  const ofDay = (day: number) =>
    stored.filter(({ id }) => id.interval.startMs === NEW_YEAR_MS + day * 24 * HOUR_MS);
  const countOf = (segments: typeof stored) =>
    segments.map(({ sealed }) => gets.get(sealed.deep!.key) ?? 0);
  // What was there is not read to append to it: only what was put is read back.
  expect(countOf(stored).reduce((sum, count) => sum + count, 0)).toBe(1);
  gets.clear();
  const compacted = await world.run(COMPACTION);
  expect(compacted.status).toBe('SUCCESS');
  expect(countOf(ofDay(0))).toEqual([2, 2, 2]);
  expect(countOf(ofDay(1))).toEqual([0]);
  expect(world.files.heldBytes).toBe(0);
  await world.close();
});

test('a task that reads more than there is room for, or what is damaged, fails and says so', async () => {
  const world = await clusterTaskWorld(2000);
  await world.run(load(rowsOf(0, 300)));
  const before = await segmentsOf(world.store);
  const refused = await world.run(COMPACTION);
  expect(refused.status).toBe('FAILED');
  expect(refused.errorMsg).toContain('cluster.readBytes allows 2000');
  const [stored] = await world.store.segments.used();
  world.deep.overwrite(stored!.sealed.deep!.key, new Uint8Array(stored!.sealed.deep!.sizeBytes));
  const damaged = await world.run(COMPACTION);
  expect(damaged.status).toBe('FAILED');
  expect(damaged.errorMsg).toContain(stored!.sealed.deep!.key);
  expect(await segmentsOf(world.store)).toEqual(before);
  expect(world.files.heldBytes).toBe(0);
  await world.close();
});
