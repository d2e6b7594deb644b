import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../core/index.js';
import { CompactionSettings } from '../compaction/compaction-settings.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { compactionConfigs } from './autocompact.js';
import { Supervisors } from './supervisors.js';

const WHO = { author: 'ann', comment: '', ip: '' };

let clock: ManualClock;
let store: MetadataStore;
let supervisors: Supervisors;
beforeEach(async () => {
  clock = new ManualClock(0);
  store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
  supervisors = new Supervisors(store.settings, store.tasks);
});
afterEach(() => store.close());

const post = (dataSource: string, taskPriority: number, suspended = false) =>
  supervisors.post({ type: 'autocompact', spec: { dataSource, taskPriority }, suspended }, WHO);

test('a table is compacted as its supervisor says, and else as it is configured', async () => {
  const settings = new CompactionSettings(store.settings);
  for (const dataSource of ['b', 'c', 'd']) {
    await settings.set({ dataSource, taskPriority: 1 }, WHO);
  }
  await post('d', 2);
  await post('a', 3);
  await post('c', 4, true);
  const inForce = async () =>
    (await compactionConfigs(settings, supervisors)).map(
      ({ dataSource, json }) => `${dataSource} ${json.taskPriority}`,
    );
  expect(await inForce()).toEqual(['a 3', 'b 1', 'd 2']);
  const [a, c, d] = await supervisors.all();
  await supervisors.setSuspended([c!], false, WHO);
  expect(await inForce()).toEqual(['a 3', 'b 1', 'c 4', 'd 2']);
  await supervisors.terminate([a!, d!], WHO);
  expect(await inForce()).toEqual(['b 1', 'c 4', 'd 1']);
});

test('what was terminated is remembered with its table, as long as that is remembered', async () => {
  const supervisor = await post('t', 1);
  clock.advance(5);
  await supervisors.terminate([supervisor], WHO);
  expect(await supervisors.get(supervisor.id)).toBeNull();
  const { id, json } = supervisor;
  const end = { id, timeMs: 5, json: null };
  expect(await supervisors.history(id)).toEqual([
    { ...end, dataSource: 't' },
    { id, timeMs: 0, dataSource: 't', json },
  ]);
  await store.settings.forgetChanges(5);
  expect(await supervisors.history(null)).toEqual([{ ...end, dataSource: null }]);
});
