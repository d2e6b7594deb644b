import { expect, test } from 'vitest';
import { MetadataStore, Supervisors } from '../cluster/index.js';
import { ManualClock } from '../core/index.js';
import { parseConfig } from './config.js';
import { type SystemTableParts, systemTables } from './system-tables.js';

/** The tables over what a test is about. */
const tablesOver = (parts: object) =>
  systemTables({ config: parseConfig({}), ...parts } as SystemTableParts);

test('rows that are not published are segments too, and say so', async () => {
  const live = {
    id: {
      dataSource: 't',
      interval: { startMs: 0, endMs: 1001 },
      version: 'realtime',
      partitionNum: 7,
    },
    idText: 't_x_7',
    rowCount: 3,
    sizeBytes: 0,
    columns: [
      { name: '__time', role: 'time' },
      { name: 'page', role: 'dimension' },
      { name: 'bytes', role: 'metric' },
    ],
  };
  const inventory = { unreadable: () => [], dataSources: () => [], liveSegments: () => [live] };
  const system = tablesOver({ inventory });
  expect(await system.rows('segments')).toEqual([
    {
      segment_id: 't_x_7',
      datasource: 't',
      start: '1970-01-01T00:00:00.000Z',
      end: '1970-01-01T00:00:01.001Z',
      size: 0,
      version: 'realtime',
      partition_num: 7,
      num_replicas: 1,
      num_rows: 3,
      is_active: 1,
      is_published: 0,
      is_available: 1,
      is_realtime: 1,
      is_overshadowed: 0,
      dimensions: '["page"]',
      metrics: '["bytes"]',
      replication_factor: -1,
    },
  ]);
  expect(await system.rows('server_segments')).toMatchObject([{ segment_id: 't_x_7' }]);
});

test('what is published says how it was compacted; a tombstone is one without rows', async () => {
  const segment = (partitionNum: number, marks: object) => ({
    id: { dataSource: 't', interval: { startMs: 0, endMs: 1 }, version: 'v', partitionNum },
    idText: `${partitionNum}`,
    shardSpec: { type: 'numbered', partitionNum, partitions: 1 },
    compactionState: null,
    sealed: { rowCount: 3, sizeBytes: 9, columns: [] },
    ...marks,
  });
  const stored = [
    segment(0, { compactionState: '{"rollup":true}' }),
    segment(1, {
      sealed: { rowCount: 0, sizeBytes: 0, columns: [] },
      shardSpec: { type: 'tombstone', partitionNum: 1, partitions: 0 },
    }),
  ];
  const inventory = {
    unreadable: () => [stored[0]],
    dataSources: () => ['t'],
    placed: () => stored,
    liveSegments: () => [],
  };
  const system = tablesOver({ inventory });
  const flags = { is_active: 1, is_published: 1, is_realtime: 0, is_overshadowed: 0 };
  expect(await system.rows('segments')).toMatchObject([
    { ...flags, num_rows: 3, is_available: 0, last_compaction_state: '{"rollup":true}' },
    {
      ...flags,
      num_rows: 0,
      is_available: 1,
      last_compaction_state: null,
      shard_spec: '{"type":"tombstone","partitionNum":1,"partitions":0}',
    },
  ]);
  expect(await system.rows('servers')).toMatchObject([{ current_size: 9 }]);
});

test('a task says where it runs, as far as that is known', async () => {
  const task = { id: 'x', type: 'kill', statusCode: 'SUCCESS', duration: 5, errorMsg: null };
  const nowhere = { host: null, port: -1, tlsPort: -1 };
  const there = { host: 'h', port: 8100, tlsPort: -1 };
  const tasks = { list: async () => [nowhere, there].map((location) => ({ ...task, location })) };
  const system = tablesOver({ tasks });
  const same = { task_id: 'x', type: 'kill', status: 'SUCCESS', duration: 5, error_msg: null };
  expect(await system.rows('tasks')).toMatchObject([
    { ...same, location: null, host: null, plaintext_port: -1, tls_port: -1 },
    { ...same, location: 'h:8100', host: 'h', plaintext_port: 8100 },
  ]);
});

test('push tables are rows of sys.ingest, with the position that queries see', async () => {
  const table = {
    ...{ table: 'clicks', version: 2, received: 6, stored: 3, late: 1, rejected: 1 },
    ...{ deduplicated: 1, letters: 2, bufferedRows: 5, bufferedBytes: 100, rowsPerSecond: 0.5 },
    ...{ watermark: null, freshnessMs: null, publishedPosition: 7 },
  };
  const pushes = { tables: async () => [table], stats: async () => ({ position: 9 }) };
  const system = tablesOver({ pushes });
  expect(await system.rows('ingest')).toEqual([
    {
      ...{ datasource: 'clicks', version: 2, received: 6, stored: 3, late: 1, rejected: 1 },
      ...{ deduplicated: 1, dead_letters: 2, buffered_rows: 5, buffered_bytes: 100 },
      ...{ rows_per_second: 0.5, watermark: null, freshness_ms: null },
      ...{ published_position: 7, position: 9 },
    },
  ]);
});

test('supervisors are rows of sys.supervisors', async () => {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  const supervisors = new Supervisors(store.settings, store.tasks);
  const system = tablesOver({ supervisors });
  expect(await system.rows('supervisors')).toEqual([]);
  const who = { author: '', comment: '', ip: '' };
  for (const dataSource of ['a', 'b']) {
    const spec = { type: 'autocompact', spec: { dataSource }, suspended: dataSource === 'b' };
    await supervisors.post(spec, who);
  }
  const same = { healthy: 1, type: 'autocompact', source: '' };
  const [a, b] = await system.rows('supervisors');
  expect(a).toMatchObject({
    ...{ ...same, supervisor_id: 'autocompact__a', datasource: 'a', suspended: 0 },
    ...{ state: 'RUNNING', detailed_state: 'RUNNING' },
  });
  expect(b).toMatchObject({
    ...{ ...same, supervisor_id: 'autocompact__b', datasource: 'b', suspended: 1 },
    ...{ state: 'SUSPENDED', detailed_state: 'SUSPENDED' },
  });
  expect(JSON.parse(String(b!.spec))).toMatchObject({
    ...{ type: 'autocompact', suspended: true, spec: { dataSource: 'b', taskPriority: 25 } },
  });
  await store.close();
});
