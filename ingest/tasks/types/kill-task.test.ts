import { expect, test } from 'vitest';
import type { JsonObject } from '../../../core/index.js';
import { parseInterval } from '../../../model/index.js';
import { TaskWorld } from '../testing.js';
import { parseTask } from './registry.js';

const INTERVAL = '2024-01-01/2024-02-01';
const killOf = (changes: JsonObject = {}): JsonObject => ({
  type: 'kill',
  dataSource: 't',
  interval: INTERVAL,
  ...changes,
});

async function run(changes: JsonObject, counts: { unused: number; used?: number }) {
  const { manager, remover } = new TaskWorld();
  Object.assign(remover, counts);
  const id = await manager.submit(killOf(changes));
  const { status } = await manager.wait(id);
  const report = (await manager.report(id)) as { killUnusedSegments: { payload: JsonObject } };
  return { id, status, report, payload: report.killUnusedSegments.payload, remover };
}

test('everything that does not count goes, a batch at a time, and the report says how much', async () => {
  const { id, status, report, remover } = await run({ context: { priority: 1 } }, { unused: 250 });
  expect(id).toMatch(/^kill_t_/);
  expect(status).toBe('SUCCESS');
  expect(report).toEqual({
    killUnusedSegments: {
      type: 'killUnusedSegments',
      taskId: id,
      payload: {
        numSegmentsKilled: 250,
        numBatchesProcessed: 3,
        numSegmentsMarkedAsUnused: null,
      },
    },
    taskContext: { type: 'taskContext', taskId: id, payload: { priority: 1 } },
  });
  expect(remover.orders.map(({ limit }) => limit)).toEqual([100, 100, 100]);
  expect(remover.orders[0]).toEqual({
    interval: parseInterval(INTERVAL),
    versions: null,
    maxUsedChangedMs: null,
    ids: null,
    limit: 100,
  });
  expect(remover.dropped).toEqual([]);
});

test.each([
  { changes: { batchSize: 4, limit: 10 }, unused: 100, limits: [4, 4, 2], killed: 10 },
  { changes: { batchSize: 4, limit: 3 }, unused: 100, limits: [3], killed: 3 },
  { changes: { batchSize: '4' }, unused: 8, limits: [4, 4, 4], killed: 8 },
  { changes: {}, unused: 0, limits: [100], killed: 0 },
])('batches of $changes among $unused', async ({ changes, unused, limits, killed }) => {
  const { payload, remover } = await run(changes, { unused });
  expect(remover.orders.map(({ limit }) => limit)).toEqual(limits);
  expect(payload.numSegmentsKilled).toBe(killed);
});

test('versions and age are handed on; what is to be marked is marked first', async () => {
  const changes = { versions: ['v1'], maxUsedStatusLastUpdatedTime: '2024-01-01T00:00:00Z' };
  const { remover } = await run(changes, { unused: 1 });
  expect(remover.orders[0]).toMatchObject({
    versions: ['v1'],
    maxUsedChangedMs: Date.UTC(2024, 0, 1),
  });
  const marked = await run({ markAsUnused: true }, { unused: 1, used: 2 });
  expect(marked.remover.dropped).toEqual([parseInterval(INTERVAL)]);
  expect(marked.payload).toMatchObject({ numSegmentsKilled: 3, numSegmentsMarkedAsUnused: 2 });
});

test('a shutdown ends it between batches; what is removed by then is reported', async () => {
  const { manager, remover } = new TaskWorld();
  remover.unused = 1000;
  let id = '';
  const kill = remover.kill.bind(remover);
  remover.kill = async (dataSource, order) => {
    manager.shutdown(id);
    return kill(dataSource, order);
  };
  const submitted = manager.submit(killOf({ id: 'k' }));
  id = 'k';
  await submitted;
  expect(await manager.wait('k')).toMatchObject({ status: 'FAILED' });
  expect(await manager.report('k')).toMatchObject({
    killUnusedSegments: { payload: { numSegmentsKilled: 100 } },
  });
});

test.each<[JsonObject, ...string[]]>([
  [{ dataSource: '' }, 'dataSource', '""'],
  [{ interval: undefined }, 'task.interval', 'nothing'],
  [{ interval: '2024' }, 'interval', '"2024" is not an interval'],
  [{ versions: 'v1' }, 'task.versions', '"v1"'],
  [{ versions: [''] }, 'task.versions[0]', '""'],
  [{ batchSize: 0 }, 'task.batchSize', '0'],
  [{ limit: -1 }, 'task.limit', '-1'],
  [
    { maxUsedStatusLastUpdatedTime: 'soon' },
    'maxUsedStatusLastUpdatedTime',
    '"soon"',
    '2024-01-01',
  ],
  [{ markAsUnused: 'perhaps' }, 'task.markAsUnused', '"perhaps"'],
  [{ markAsUnused: true, limit: 5 }, 'markAsUnused', 'limit'],
  [{ markAsUnused: true, versions: ['v'] }, 'markAsUnused', 'versions'],
])('%j is refused, naming the field and the value', (changes, ...parts) => {
  for (const part of parts) expect(() => parseTask(killOf(changes))).toThrow(part);
});
