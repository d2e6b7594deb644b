import { expect, test } from 'vitest';
import { ManualClock } from '../../core/index.js';
import type { TaskRecord } from '../../ingest/index.js';
import { ETERNITY } from '../../model/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { forgetRecords } from './records-duty.js';

const DAY_MS = 86_400_000;
const NOBODY = { author: '', comment: '', ip: '' };

async function world() {
  const clock = new ManualClock(0);
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
  const task = (id: string, status: TaskRecord['status'], createdMs: number, durationMs: number) =>
    store.tasks.insert(
      { id, type: 'index', dataSource: 't', status, createdMs, durationMs, errorMsg: null },
      { id },
    );
  return {
    clock,
    store,
    task,
    ids: async () => (await store.tasks.list()).map(({ id }) => id).sort(),
    forget: async (tasksDays: number | null, changesDays: number | null) => {
      const ms = (count: number | null) => (count === null ? null : count * DAY_MS);
      const periods = { tasksMs: ms(tasksDays), changesMs: ms(changesDays) };
      return Object.fromEntries(await forgetRecords(store, periods, clock.nowMs()));
    },
  };
}

test('tasks are forgotten so long after their end; those that run are not', async () => {
  const { clock, store, task, ids, forget } = await world();
  await task('old', 'SUCCESS', 0, 1);
  await task('long', 'FAILED', 0, 2 * DAY_MS);
  await task('running', 'RUNNING', 0, -1);
  await store.tasks.saveReport('old', { rows: 1 });
  clock.advance(DAY_MS + 1);
  expect(await forget(1, 1)).toEqual({});
  clock.advance(1);
  expect(await forget(null, 1)).toEqual({});
  expect(await forget(1, 1)).toEqual({ tasks: 1 });
  expect(await ids()).toEqual(['long', 'running']);
  expect(await store.tasks.report('old')).toBeNull();
  clock.advance(1000 * DAY_MS);
  expect(await forget(1, 1)).toEqual({ tasks: 1 });
  expect(await ids()).toEqual(['running']);
  await store.close();
});

test('changes of settings are forgotten, what is set is not', async () => {
  const { clock, store, forget } = await world();
  await store.settings.set('rules', 't', [1], NOBODY);
  clock.advance(DAY_MS);
  await store.settings.set('compaction', 't', { a: 2 }, NOBODY);
  clock.advance(1);
  expect(await forget(1, null)).toEqual({});
  expect(await forget(1, 1)).toEqual({ changes: 1 });
  const history = async (type: 'rules' | 'compaction') =>
    (await store.settings.history(type, 't', { interval: ETERNITY })).map(({ value }) => value);
  expect([await history('rules'), await history('compaction')]).toEqual([[], [{ a: 2 }]]);
  expect(await store.settings.get('rules', 't')).toEqual([1]);
  await store.close();
});
