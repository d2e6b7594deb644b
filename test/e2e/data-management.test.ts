import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { SEED } from '../../core/testing.js';
import { configFlags } from '../support/push.js';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Segments that are dropped, removed and compacted, by orders and by themselves, in real processes. */
const scratch = temporaryDirectory('data-management');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let server: ServerProcess | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

const KILLS = Number(process.env.VARVE_KILLS ?? 1);
const BASE = '/druid/coordinator/v1';
const DAY_MS = 86_400_000;

async function start(name: string, duties: object = {}): Promise<ServerProcess> {
  const flags = configFlags(scratch, { duties });
  server = await ServerProcess.start({ dataDir: join(scratch, name), flags });
  return server;
}

/** A row on each of the days, in chunks of a day. */
const specOf = (batch: string, days: readonly number[], ioConfig: object = {}) => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 'events',
      timestampSpec: { column: 't', format: 'millis' },
      dimensionsSpec: { dimensions: ['batch'] },
      granularitySpec: { segmentGranularity: 'DAY', rollup: false },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: {
        type: 'inline',
        data: days.map((day) => `{"t":${day * DAY_MS},"batch":"${batch}"}`).join('\n'),
      },
      inputFormat: { type: 'json' },
      ...ioConfig,
    },
  },
});

async function ingest(on: ServerProcess, ...spec: Parameters<typeof specOf>): Promise<void> {
  expect(await on.finished(await on.submit(specOf(...spec)))).toBe('SUCCESS');
}

const daysFrom = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => from + i);

/** `<day> <batch>` of every row that queries see. */
async function rows(on: ServerProcess): Promise<string[]> {
  const tables = (await on.get('/druid/v2/datasources')).json as string[];
  if (!tables.includes('events')) return [];
  const found = await on.sql('SELECT TIMESTAMP_TO_MILLIS(__time), batch FROM events ORDER BY 1, 2');
  return found.map(([ms, batch]) => `${Number(ms) / DAY_MS} ${batch}`);
}

const files = (name: string): string[] => readdirSync(join(scratch, name, 'segments', 'events'));

/** How many segments the metadata names that have a file. */
async function named(on: ServerProcess): Promise<number> {
  const used = (await on.get(`${BASE}/metadata/segments`)).json as { size: number }[];
  const path = `${BASE}/metadata/datasources/events/unusedSegments`;
  const unused = (await on.get(path)).json as { size: number }[];
  return [...used, ...unused].filter(({ size }) => size > 0).length;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never came: ${what}`);
}

test('what is replaced is removed by itself; a rule drops by time, and its files stay until then', async () => {
  const duties = { periodMs: 50, killReplacedAfter: 'PT0S', killDroppedAfter: null };
  const on = await start('retention', duties);
  const today = Math.floor(Date.now() / DAY_MS);
  await ingest(on, 'old', [today - 40, today - 1]);
  await ingest(on, 'new', [today - 1]);
  await until('a file is removed', async () => files('retention').length === 2);
  expect(await rows(on)).toEqual([`${today - 40} old`, `${today - 1} new`]);
  const rules = [{ type: 'loadByPeriod', period: 'P30D' }, { type: 'dropForever' }];
  const response = await fetch(`${on.url}${BASE}/rules/events`, {
    method: 'POST',
    body: JSON.stringify(rules),
  });
  expect([response.status, await response.text()]).toEqual([200, '']);
  await until('a row is dropped', async () => (await rows(on)).length === 1);
  expect(await rows(on)).toEqual([`${today - 1} new`]);
  expect(files('retention')).toHaveLength(2);
  const task = await on.submit({ type: 'kill', dataSource: 'events', interval: '1970/3000' });
  expect(await on.finished(task)).toBe('SUCCESS');
  expect(files('retention')).toHaveLength(1);
  const report = await on.get(`/druid/indexer/v1/task/${encodeURIComponent(task)}/reports`);
  expect(report.json).toMatchObject({
    killUnusedSegments: { payload: { numSegmentsKilled: 1, numBatchesProcessed: 1 } },
  });
});

test('a table is compacted by itself, and says by what', async () => {
  const on = await start('compaction', { periodMs: 50, killReplacedAfter: 'PT0S' });
  for (const batch of ['a', 'b', 'c']) {
    await ingest(on, batch, [0, 1, 2], { appendToExisting: true });
  }
  const before = await rows(on);
  expect(files('compaction')).toHaveLength(9);
  const config = {
    dataSource: 'events',
    skipOffsetFromLatest: 'PT0S',
    granularitySpec: { segmentGranularity: 'MONTH' },
  };
  await fetch(`${on.url}${BASE}/config/compaction`, {
    method: 'POST',
    body: JSON.stringify(config),
  });
  await until('one file is left', async () => files('compaction').length === 1);
  expect(await rows(on)).toEqual(before);
  const [[state, spec]] = (await on.sql(
    'SELECT last_compaction_state, shard_spec FROM sys.segments',
  )) as [[string, string]];
  expect(JSON.parse(state)).toMatchObject({ granularitySpec: { segmentGranularity: 'month' } });
  expect(JSON.parse(spec)).toMatchObject({ type: 'numbered', partitions: 1 });
  const { json } = await on.get(`${BASE}/compaction/status?dataSource=events`);
  expect(json).toMatchObject({
    latestStatus: [{ segmentCountCompacted: 1, segmentCountAwaitingCompaction: 0 }],
  });
  const tasks = await on.sql("SELECT status FROM sys.tasks WHERE type = 'compact'");
  expect(tasks).toEqual([['SUCCESS']]);
});

test('a supervisor compacts a table when it is told to, over restarts too', async () => {
  const name = 'supervised';
  const id = 'autocompact__events';
  const path = '/druid/indexer/v1/supervisor';
  let on = await start(name);
  const order = async (what: string, body: object = {}) =>
    expect((await on.post(`${path}${what}`, body)).status).toBe(200);
  const isCompacted = async () => {
    const [[count]] = (await on.sql('SELECT COUNT(*) FROM sys.segments')) as [[number]];
    return count === 3;
  };
  for (const batch of ['a', 'b']) await ingest(on, batch, [0, 1, 2], { appendToExisting: true });
  const spec = { dataSource: 'events', skipOffsetFromLatest: 'PT0S' };
  await order('', { type: 'autocompact', spec });
  await until('the table is compacted', isCompacted);
  await order(`/${id}/suspend`);
  const state = () => on.sql('SELECT supervisor_id, state, healthy FROM sys.supervisors');
  expect(await state()).toEqual([[id, 'SUSPENDED', 1]]);

  await on.kill();
  on = await start(name);
  expect((await on.get(path)).json).toEqual([id]);
  await ingest(on, 'c', [0, 1, 2], { appendToExisting: true });
  await fetch(`${on.url}${BASE}/compaction/compact`, { method: 'POST' });
  expect((await on.get('/druid/indexer/v1/tasks?state=running')).json).toEqual([]);
  expect(await isCompacted()).toBe(false);
  const before = await rows(on);
  await order(`/${id}/resume`);
  await until('the table is compacted again', isCompacted);
  expect(await rows(on)).toEqual(before);
  expect(await state()).toEqual([[id, 'RUNNING', 1]]);
});

test('dropExisting replaces all of its intervals, in part of a chunk too', async () => {
  const on = await start('drop');
  const month = specOf('month', daysFrom(0, 10));
  month.spec.dataSchema.granularitySpec.segmentGranularity = 'MONTH';
  expect(await on.finished(await on.submit(month))).toBe('SUCCESS');
  const replace = specOf('day', [4], { dropExisting: true });
  Object.assign(replace.spec.dataSchema.granularitySpec, { intervals: ['1970-01-03/1970-01-07'] });
  expect(await on.finished(await on.submit(replace))).toBe('SUCCESS');
  const expected = ['0 month', '1 month', '4 day', ...daysFrom(6, 10).map((day) => `${day} month`)];
  expect(await rows(on)).toEqual(expected);
  const hidden = await on.sql(
    `SELECT "start", num_rows FROM sys.segments WHERE shard_spec LIKE '%tombstone%' ORDER BY 1`,
  );
  expect(hidden).toEqual([
    ['1970-01-03T00:00:00.000Z', 0],
    ['1970-01-06T00:00:00.000Z', 0],
  ]);
  await on.kill();
  const again = await start('drop');
  expect(await rows(again)).toEqual(expected);
  const mark = await again.post(`${BASE}/datasources/events/markUnused`, {
    interval: '1970-01-05/1970-01-06',
  });
  expect(mark.json).toEqual({ numChangedSegments: 1 });
  expect(await rows(again)).toEqual(expected.filter((row) => row !== '4 day'));
});

test(`kill -9 while segments are removed, ${KILLS} times, seed ${SEED}`, async () => {
  let random = SEED;
  const nextFraction = () => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return random / 2 ** 32;
  };
  const DAYS = 40;
  let durationMs = 100;
  for (let round = 0; round < KILLS; round++) {
    const on = await start('crash');
    await ingest(on, `b${round}`, daysFrom(0, DAYS));
    expect(await named(on)).toBe(files('crash').length);
    const task = { type: 'kill', dataSource: 'events', interval: '1970/1980', batchSize: 3 };
    const startedMs = performance.now();
    const done = on.submit(task).then((id) => on.finished(id));
    const ended = done.then(
      () => (durationMs = performance.now() - startedMs),
      () => undefined,
    );
    const waitMs = nextFraction() * durationMs;
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, waitMs))]);
    await on.kill();
    await ended;
    const again = await start('crash');
    expect(await rows(again)).toEqual(daysFrom(0, DAYS).map((day) => `${day} b${round}`));
    expect(await named(again)).toBe(files('crash').length);
    expect(await again.stop()).toBe(0);
  }
}, 120_000);
