import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ConflictError,
  type FaultPlan,
  ManualClock,
  PowerCutError,
  SeededRandom,
  UnavailableError,
  UserError,
} from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { ETERNITY } from '../../model/index.js';
import { DATA_DIR, filesBelow } from '../inventory/fixture-testing.js';
import { type TaskWorld, taskWorld } from '../inventory/task-world-testing.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import { ALL_SEGMENTS } from '../metadata/segment-selection.js';
import { keysIn } from '../storage/contract-testing.js';
import { chunkSegment, publishOf } from '../testing.js';
import { deepStorage, emptyCluster, migrateAll } from './fixture-testing.js';
import { planMigration } from './migration-plan.js';
import {
  act,
  expectMoved,
  intervalOf,
  segmentsOf,
  someServer,
  step,
} from './moved-tables-testing.js';

const DAY_MS = 86_400_000;
const WHO = { author: 'a', comment: 'c', ip: '' };
const { signal } = new AbortController();

test('whatever was done to a table, a cluster answers as the server did, and goes on as it would', async () => {
  const seen = { tombstones: 0, unused: 0, killed: 0, partitions: 0, rows: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      const node = await taskWorld();
      for (const each of steps) await act(node, each);
      const before = new Map(
        filesBelow(node.disk, DATA_DIR).map((path) => [path, node.disk.readFile(path)]),
      );
      const target = await emptyCluster();
      const { copied } = await migrateAll(node.disk, node.store, target);
      await expectMoved(node.disk, node, target);
      const after = filesBelow(node.disk, DATA_DIR);
      expect(new Map(after.map((path) => [path, node.disk.readFile(path)]))).toEqual(before);
      const all = await node.store.segments.all();
      seen.tombstones += all.filter(({ isTombstone }) => isTombstone).length;
      seen.unused += all.filter(({ used }) => !used).length;
      seen.killed += steps.filter(({ kind }) => kind === 'kill').length;
      seen.partitions += all.filter(({ coreCount }) => coreCount > 1).length;
      seen.rows += all.reduce((sum, { sealed }) => sum + sealed.rowCount, 0);
      expect(copied).toEqual(all.filter(({ isTombstone }) => !isTombstone).map(() => true));
      await goesOnAlike(node, target);
      await node.close();
      await target.close();
    }),
    { numRuns: Math.max(16, draws(16)) },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});

/** The next segments get the same ids, and what is restored is the same. */
async function goesOnAlike({ store, clock }: TaskWorld, target: MetadataStore): Promise<void> {
  clock.advance(Date.UTC(2024, 6, 1) - clock.nowMs());
  for (const mode of ['append', 'overwrite'] as const) {
    const request = publishOf(`later ${mode}`, mode, [chunkSegment(intervalOf(1), 'f')]);
    const ids = await Promise.all([store, target].map((each) => each.segments.publish(request)));
    expect(ids[1]).toEqual(ids[0]);
  }
  await store.segments.restore('t', ALL_SEGMENTS);
  await target.segments.restore('t', ALL_SEGMENTS);
  expect(await segmentsOf(target)).toEqual(await segmentsOf(store));
}

test('no number and no version is given twice, whatever was removed and whatever the clock of the cluster says', async () => {
  const { store, disk, clock } = await taskWorld();
  const request = (id: string, mode: 'append' | 'overwrite') =>
    publishOf(id, mode, [chunkSegment(intervalOf(1), `${id}-file`)]);
  for (const id of ['a', 'b', 'c']) await store.segments.publish(request(id, 'append'));
  const [last] = (await store.segments.used('t')).slice(-1);
  await store.segments.drop('t', { kind: 'ids', ids: [last!.idText] });
  const all = { interval: ETERNITY, versions: null, maxUsedChangedMs: null, ids: null };
  await store.segments.kill('t', { ...all, limit: 10 });
  const target = await emptyCluster(new ManualClock(clock.nowMs() - DAY_MS));
  const contents = await store.migration.contents();
  const copies = new Map(
    contents.segments.map(({ id }, i) => [id, { key: `k${i}`, sizeBytes: 1, sha256: 'x' }]),
  );
  for (const { key } of copies.values()) await target.migration.registerCopy(key);
  await target.migration.run({ contents, copies, pushNode: null });
  const [appended] = await target.segments.publish(request('d', 'append'));
  expect(appended!.partitionNum).toBe(3);
  const [replaced] = await target.segments.publish(request('e', 'overwrite'));
  expect(replaced!.version > appended!.version).toBe(true);
  expect(disk.operationCount).toBe(0);
});

test('settings and their history come along; those that the cluster has stay', async () => {
  const node = await someServer();
  const target = await emptyCluster();
  await target.settings.set('compactionCluster', 'cluster', { ratio: 0.9 }, WHO);
  await target.settings.once('cluster', 'id', 'c1');
  const { plan } = await migrateAll(node.disk, node.store, target);
  expect(plan.kept).toEqual(['compactionCluster/cluster']);
  expect(await target.settings.get('compactionCluster', 'cluster')).toEqual({ ratio: 0.9 });
  for (const [type, name] of [
    ['rules', 't'],
    ['lookups', '__default/l'],
  ] as const) {
    expect(await target.settings.get(type, name)).toEqual(
      await node.store.settings.get(type, name),
    );
    const changes = await target.settings.history(type, name, { count: 9 });
    expect(changes).toEqual(await node.store.settings.history(type, name, { count: 9 }));
    expect(changes).toHaveLength(1);
  }
  expect(await target.settings.get('cluster', 'id')).toBe('c1');
});

test('a task that its server did not end has failed, and one that has published has not', async () => {
  const node = await someServer();
  const [done] = await node.store.tasks.list();
  await node.store.tasks.update({ ...done!, status: 'RUNNING', durationMs: -1 });
  await node.store.tasks.insert({ ...done!, id: 'lost', status: 'RUNNING' }, {});
  const target = await emptyCluster();
  await migrateAll(node.disk, node.store, target);
  expect(await target.tasks.get(done!.id)).toMatchObject({ status: 'SUCCESS', durationMs: 0 });
  const lost = { status: 'FAILED', errorMsg: expect.stringContaining('submit it again') };
  expect(await target.tasks.get('lost')).toMatchObject(lost);
});

test('run again it changes nothing; a cluster that has the table refuses', async () => {
  const node = await someServer();
  const target = await emptyCluster();
  await migrateAll(node.disk, node.store, target);
  const keys = await keysIn(deepStorage(node.disk).store, '');
  const { plan, copied } = await migrateAll(node.disk, node.store, target, { seed: 2 });
  expect([plan.isDone, copied]).toEqual([true, []]);
  expect(await keysIn(deepStorage(node.disk).store, '')).toEqual(keys);
  await expectMoved(node.disk, node, target);
  await act(node, { kind: 'restore', day: 0 });
  const again = migrateAll(node.disk, node.store, target, { seed: 3 });
  await expect(again).rejects.toThrow(ConflictError);
  await expect(again).rejects.toThrow('the cluster has the table "t" already');
  // Also where nothing counts any more, and where it comes while files are copied.
  await target.segments.drop('t', ALL_SEGMENTS);
  await expect(migrateAll(node.disk, node.store, target)).rejects.toThrow(/"t" already/);
  const other = await emptyCluster();
  const contents = await node.store.migration.contents();
  await other.pushTables.declare('t', {});
  const late = other.migration.run({ contents, copies: new Map(), pushNode: null });
  await expect(late).rejects.toThrow(/"t" already/);
});

test('files that are missing, cut short or damaged are named, and nothing is taken over', async () => {
  const node = await someServer();
  const { disk, store } = node;
  const target = await emptyCluster();
  const [path] = filesBelow(disk, DATA_DIR) as [string];
  const bytes = disk.readFile(path);
  const write = (changed: Uint8Array) => {
    const file = disk.create(path);
    file.write(changed);
    file.close();
  };
  const attempt = () => migrateAll(disk, store, target, { seed: disk.operationCount });
  disk.remove(path);
  await expect(attempt()).rejects.toThrow(/1 segment file is missing or cut short, such as segm/);
  write(bytes.subarray(1));
  await expect(attempt()).rejects.toThrow(UserError);
  const flipped = bytes.slice();
  flipped[bytes.length >> 1]! ^= 4;
  write(flipped);
  await expect(attempt()).rejects.toThrow(`the file ${path} of segment t_`);
  expect(await target.segments.all()).toEqual([]);
  write(bytes);
  // What was copied before it failed is not copied again.
  const { copied } = await attempt();
  expect(copied).toContain(false);
  await expectMoved(disk, node, target);
});

test('a copy that was removed meanwhile is made again', async () => {
  const node = await someServer();
  const target = await emptyCluster();
  const { store } = deepStorage(node.disk);
  const failing = { ...target.migration, run: () => Promise.reject(new UnavailableError('away')) };
  const broken = new Proxy(target, {
    get: (object, name) =>
      name === 'migration'
        ? Object.assign(Object.create(target.migration), { run: failing.run })
        : Reflect.get(object, name),
  });
  await expect(migrateAll(node.disk, node.store, broken)).rejects.toThrow('away');
  const keys = await keysIn(store, '');
  await store.remove(keys[0]!, signal);
  const { copied } = await migrateAll(node.disk, node.store, target, { seed: 2 });
  expect(copied.filter((isNew) => isNew)).toHaveLength(1);
  expect(await target.migration.copies()).toEqual(new Map());
  await expectMoved(node.disk, node, target);
});

const refusal = new UnavailableError('the disk is full', { code: 'ENOSPC' });

test('after a failure or a power cut at any call it goes on where it was', async () => {
  const node = await someServer();
  // Those that a migration makes of files that are there.
  const rehearsal = node.disk.crash('everything', new SeededRandom(1));
  const first = rehearsal.operationCount;
  await migrateAll(rehearsal, node.store, await emptyCluster());
  const calls = rehearsal.operationCount - first;
  expect(calls).toBeGreaterThan(200);
  let reused = 0;
  for (let at = 0; at < calls; at += 19) {
    const disk = node.disk.crash('everything', new SeededRandom(at));
    const target = await emptyCluster();
    const isCut = at % 2 === 0;
    const from = disk.operationCount + at;
    const fault: FaultPlan = ({ index }) => {
      if (index < from || (!isCut && index > from)) return null;
      return { error: isCut ? new PowerCutError() : refusal };
    };
    disk.setFaults(fault);
    const ran = await migrateAll(disk, node.store, target).then(
      () => true,
      () => false,
    );
    disk.setFaults(null);
    if (!ran) expect(await target.segments.all()).toEqual([]);
    const rule = at % 3 === 0 ? 'synced-only' : 'torn-last';
    const found = isCut ? disk.crash(rule, new SeededRandom(at)) : disk;
    const { plan, copied } = await migrateAll(found, node.store, target, { seed: at + 2 });
    expect(plan.isDone).toBe(ran);
    reused += copied.filter((isNew) => !isNew).length;
    await expectMoved(found, node, target);
    await target.close();
  }
  expect(reused).toBeGreaterThan(10);
}, 60_000);

test('a plan tells what there is, and changes nothing', async () => {
  const node = await someServer();
  const target = await emptyCluster(new ManualClock(0));
  const { disk, store: source } = node;
  const plan = await planMigration({ source, dataDir: DATA_DIR, target, disk, pushNode: null });
  expect(plan.tables).toEqual(['t']);
  expect(plan.segments.map(({ isTombstone }) => isTombstone)).not.toContain(true);
  expect(plan.segments.some(({ used }) => !used)).toBe(true);
  expect(await target.segments.all()).toEqual([]);
  expect(await keysIn(deepStorage(disk).store, '')).toEqual([]);
});
