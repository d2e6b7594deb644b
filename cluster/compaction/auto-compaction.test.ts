import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type JsonObject, silentLogger } from '../../core/index.js';
import { formatInterval } from '../../model/index.js';
import { NEW_YEAR_MS, type TaskWorld, taskWorld } from '../inventory/task-world-testing.js';
import { settled } from '../testing.js';
import { AutoCompaction, freeSlots } from './auto-compaction.js';
import { CompactionSettings } from './compaction-settings.js';

const DAY_MS = 86_400_000;
const NOBODY = { author: '', comment: '', ip: '' };

let node: TaskWorld;
let settings: CompactionSettings;
let compaction: AutoCompaction;
/** Runs before a task publishes. */
let meanwhile: () => Promise<unknown>;
beforeEach(async () => {
  meanwhile = async () => undefined;
  node = await taskWorld(() => meanwhile(), 4);
  settings = new CompactionSettings(node.store.settings);
  compaction = new AutoCompaction({
    configs: () => settings.all(),
    slots: () => settings.slots(),
    tables: node.inventory,
    tasks: node.tasks,
    clock: node.clock,
    random: node.random,
    logger: silentLogger,
    taskSlots: () => 4,
  });
});
afterEach(async () => {
  await compaction.close();
  await node.tasks.close();
  await node.close();
});

/** Appends a row to each of the days of a table, as a task of its own. */
async function append(dataSource: string, ...days: readonly number[]): Promise<void> {
  const data = days.map((day) => `{"t":${NEW_YEAR_MS + day * DAY_MS},"s":"x"}`).join('\n');
  const ended = await node.run({
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource,
        timestampSpec: { column: 't' },
        dimensionsSpec: { dimensions: ['s'] },
        metricsSpec: [{ type: 'count', name: 'rows' }],
        granularitySpec: { segmentGranularity: 'day', rollup: true },
      },
      ioConfig: {
        inputSource: { type: 'inline', data },
        inputFormat: { type: 'json' },
        appendToExisting: true,
      },
    },
  });
  expect(ended.status).toBe('SUCCESS');
}

const configure = (dataSource: string, changes: JsonObject = {}) =>
  settings.set({ dataSource, skipOffsetFromLatest: 'PT0S', ...changes }, NOBODY);

/** The chunks that were compacted by themselves, in the order of their tasks, with the outcome. */
async function issued(): Promise<string[]> {
  const tasks = (await node.store.tasks.list()).filter(({ id }) =>
    id.startsWith('coordinator-issued_compact_'),
  );
  const lines = tasks.map(async ({ id, status }) => {
    const payload = (await node.tasks.payload(id)) as {
      dataSource: string;
      ioConfig: { inputSpec: { interval: string } };
    };
    const day = payload.ioConfig.inputSpec.interval.slice(8, 10);
    return `${payload.dataSource} ${day} ${status}`;
  });
  return Promise.all(lines);
}

const counts = (dataSource: string) =>
  node.inventory
    .segments(dataSource)
    .map(
      ({ stored }) =>
        `${formatInterval(stored.id.interval).slice(8, 10)}: ${stored.sealed.rowCount}`,
    )
    .sort();

test('chunk by chunk a table is compacted, and then left alone', async () => {
  for (const day of [0, 1, 0, 1, 2]) await append('t', day);
  await compaction.run();
  expect(await issued()).toEqual([]);
  await configure('t');
  await compaction.run();
  await settled(node.tasks);
  expect((await issued()).sort()).toEqual(['t 01 SUCCESS', 't 02 SUCCESS', 't 03 SUCCESS']);
  expect(counts('t')).toEqual(['01: 1', '02: 1', '03: 1']);
  const [first] = node.inventory.segments('t');
  expect(JSON.parse(first!.stored.compactionState!)).toMatchObject({
    partitionsSpec: { type: 'dynamic', maxRowsPerSegment: 5_000_000 },
    dimensionsSpec: { dimensions: [{ type: 'string', name: 's' }] },
    metricsSpec: [{ type: 'longSum', name: 'rows', fieldName: 'rows' }],
    granularitySpec: { segmentGranularity: null, queryGranularity: 'none', rollup: true },
  });
  await compaction.run();
  await settled(node.tasks);
  expect(await issued()).toHaveLength(3);
  await append('t', 1);
  await compaction.run();
  await settled(node.tasks);
  expect(await issued()).toHaveLength(4);
  expect(counts('t')).toEqual(['01: 1', '02: 1', '03: 1']);
});

test('a change of the configuration is work again; what it says is done', async () => {
  for (const day of [0, 1, 40]) await append('t', day);
  await configure('t', { taskContext: { why: 'test' }, taskPriority: 3 });
  await compaction.run();
  await settled(node.tasks);
  const granularitySpec = { segmentGranularity: 'MONTH', queryGranularity: 'DAY' };
  await configure('t', { granularitySpec });
  await compaction.run();
  await settled(node.tasks);
  const intervals = node.inventory.segments('t').map(({ stored }) => stored.id.interval);
  expect(intervals.map(formatInterval).sort()).toEqual([
    '2024-01-01T00:00:00.000Z/2024-02-01T00:00:00.000Z',
    '2024-02-01T00:00:00.000Z/2024-03-01T00:00:00.000Z',
  ]);
  expect(await issued()).toHaveLength(5);
  const [newest] = await node.store.tasks.list();
  expect(await node.tasks.payload(newest!.id)).toMatchObject({
    type: 'compact',
    granularitySpec,
    context: { priority: 25, storeCompactionState: true },
  });
});

test('no more tasks than slots, one for a table, none for a table that is busy; the latest first', async () => {
  for (const table of ['a', 'b', 'c']) await append(table, 0, table === 'b' ? 9 : 1);
  for (const table of ['a', 'b', 'c']) await configure(table);
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  meanwhile = () => gate;
  const waiting = () =>
    node.tasks.active().map(({ id, dataSource }) => [dataSource, id.startsWith('coordinator')]);
  await compaction.run();
  await compaction.run();
  expect(waiting()).toEqual([['b', true]]);
  await settings.setSlots({ ratio: 0.5 }, NOBODY);
  const busy = node.tasks.submit({ type: 'kill', dataSource: 'a', interval: '2000/2001', id: 'k' });
  const again = compaction.run();
  await Promise.all([busy, again]);
  expect(waiting().filter(([, isOurs]) => isOurs)).toHaveLength(2);
  open();
  await settled(node.tasks);
  expect(await issued()).toHaveLength(6);
});

test('the newest time is skipped, the size as well, and what others own', async () => {
  for (const day of [0, 1, 2]) await append('t', day);
  await configure('t', { skipOffsetFromLatest: 'P1D' });
  await compaction.run();
  await settled(node.tasks);
  expect((await issued()).sort()).toEqual(['t 01 SUCCESS', 't 02 SUCCESS']);
  const [state] = await compaction.states();
  expect(state!.groups.map(({ verdict }) => verdict)).toEqual([
    'skipped',
    'compacted',
    'compacted',
  ]);
  await configure('t', { inputSegmentSizeBytes: 1 });
  await compaction.run();
  await settled(node.tasks);
  expect(await issued()).toHaveLength(2);
});

test('rows that come while a chunk is compacted make the task fail; it is tried again later', async () => {
  await append('t', 0);
  await configure('t');
  meanwhile = async () => {
    meanwhile = async () => undefined;
    await node.inventory.drop('t', { startMs: 0, endMs: NEW_YEAR_MS * 2 });
    await node.inventory.markUsed('t', { kind: 'all' });
    throw new Error('the disk is full');
  };
  await compaction.run();
  await settled(node.tasks);
  expect(await issued()).toEqual(['t 01 FAILED']);
  await compaction.run();
  await settled(node.tasks);
  expect(await issued()).toHaveLength(1);
  node.clock.advance(60_000);
  await compaction.run();
  await settled(node.tasks);
  expect((await issued()).sort()).toEqual(['t 01 FAILED', 't 01 SUCCESS']);
});

test('a compaction that changes nothing is not repeated until something else does', async () => {
  await append('t', 0);
  const filter = { type: 'selector', dimension: 's', value: 'nothing' };
  await configure('t', { transformSpec: { filter } });
  for (let i = 0; i < 3; i++) {
    await compaction.run();
    await settled(node.tasks);
    node.clock.advance(10 * DAY_MS);
  }
  expect(await issued()).toEqual(['t 01 SUCCESS']);
  await configure('t', { transformSpec: { filter }, ioConfig: { dropExisting: true } });
  await compaction.run();
  await settled(node.tasks);
  expect(await issued()).toHaveLength(2);
  expect(node.inventory.tables()).toEqual([]);
  expect(node.inventory.placed('t').map(({ isTombstone }) => isTombstone)).toEqual([true]);
});

test('chunks are cut into shorter ones once, also where parts of them have no rows', async () => {
  await append('t', 0, 9);
  await configure('t', { granularitySpec: { segmentGranularity: 'MONTH' } });
  await compaction.run();
  await settled(node.tasks);
  await configure('t', { granularitySpec: { segmentGranularity: 'DAY' } });
  for (let i = 0; i < 4; i++) {
    await compaction.run();
    await settled(node.tasks);
  }
  expect(await issued()).toHaveLength(2);
  expect(counts('t')).toEqual(['01: 1', '10: 1']);
  expect(node.inventory.placed('t')).toHaveLength(2);
});

test('what a filter leaves in a longer chunk is not compacted again and again', async () => {
  await append('t', 0, 9);
  await configure('t', { granularitySpec: { segmentGranularity: 'MONTH' } });
  await compaction.run();
  await settled(node.tasks);
  const filter = { type: 'interval', dimension: '__time', intervals: ['2024-01-01/P1D'] };
  const granularitySpec = { segmentGranularity: 'DAY' };
  await configure('t', { granularitySpec, transformSpec: { filter } });
  for (let i = 0; i < 4; i++) {
    await compaction.run();
    await settled(node.tasks);
  }
  expect(await issued()).toHaveLength(2);
});

test('a task that runs goes on when its table is to be left alone from then on', async () => {
  await append('t', 0, 1);
  await configure('t');
  meanwhile = async () => {
    if ((await settings.all()).length > 0) await settings.remove('t', NOBODY);
  };
  await compaction.run();
  await settled(node.tasks);
  expect(await issued()).toEqual(['t 02 SUCCESS']);
});

test('once closed, nothing is submitted', async () => {
  await append('t', 0);
  await configure('t');
  await compaction.close();
  await compaction.run();
  expect(await issued()).toEqual([]);
});

describe('freeSlots', () => {
  test.each([
    { ratio: 0.1, max: 2 ** 31 - 1, total: 1, running: 0, free: 1 },
    { ratio: 0.1, max: 2 ** 31 - 1, total: 64, running: 2, free: 4 },
    { ratio: 1, max: 3, total: 8, running: 1, free: 2 },
    { ratio: 0, max: 3, total: 8, running: 0, free: 1 },
    { ratio: 1, max: 0, total: 8, running: 0, free: 0 },
  ])('$running of $ratio x $total, at most $max: $free', ({ ratio, max, total, running, free }) => {
    expect(freeSlots({ ratio, max }, total, running)).toBe(free);
  });
});
