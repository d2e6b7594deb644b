import { expect, test } from 'vitest';
import {
  type CrashRule,
  cutPowerAt,
  type Disk,
  ManualClock,
  PowerCutError,
  SeededRandom,
  sha256Hex,
  silentLogger,
  VirtualDisk,
} from '../../core/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { days, publishOf } from '../testing.js';
import { DATA_DIR, filesBelow, openInventory, sealChunk, visibleCells } from './fixture-testing.js';
import { dataLayout, removeLeftOvers } from './recovery.js';
import type { SegmentInventory } from './segment-inventory.js';

const RULES: readonly CrashRule[] = ['synced-only', 'everything', 'torn-last', { random: 0.5 }];

/** Three tasks, each over two chunks, so that half of a publish would show. */
const TASKS = ['append', 'overwrite', 'append'] as const;
const rowNames = (task: number) => [`${task} first`, `${task} second`];
const VISIBLE_AFTER = [[0], [1], [1, 2]];

/** Builds and publishes what of the tasks is not published yet. Names of files are never used twice. */
async function runTasks(disk: Disk, inventory: SegmentInventory, attempt: number): Promise<void> {
  for (const [task, mode] of TASKS.entries()) {
    if (await inventory.hasPublished(`task${task}`)) continue;
    const segments = rowNames(task).map((a, i) =>
      sealChunk(disk, `${attempt}-${task}-${i}`, days(i, i + 1), [{ __time: i * 86_400_000, a }]),
    );
    await inventory.publish(publishOf(`task${task}`, mode, segments));
  }
}

const openStore = () =>
  MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));

async function publishedCount(inventory: SegmentInventory): Promise<number> {
  let count = 0;
  while (await inventory.hasPublished(`task${count}`)) count++;
  return count;
}

/** All rows of the published tasks and no others; every file in its place and sound, and no other file. */
async function check(disk: Disk, store: MetadataStore, inventory: SegmentInventory): Promise<void> {
  const published = await publishedCount(inventory);
  const expected = published === 0 ? [] : VISIBLE_AFTER[published - 1]!.flatMap(rowNames);
  expect(await visibleCells(inventory)).toEqual(expected.sort());
  const stored = await store.segments.all();
  for (const { sealed } of stored) {
    expect(sha256Hex(disk.readFile(`${DATA_DIR}/${sealed.path}`))).toBe(sealed.sha256);
  }
  const named = stored.map(({ sealed }) => `${DATA_DIR}/${sealed.path}`).sort();
  expect(filesBelow(disk, DATA_DIR).sort()).toEqual(named);
}

/** Starts on the disk as it is found after a power cut; power may be cut during the recovery as well. */
async function recover(
  found: VirtualDisk,
  store: MetadataStore,
  rule: CrashRule,
  random: SeededRandom,
): Promise<VirtualDisk> {
  found.setFaults(cutPowerAt(found.operationCount + (random.nextUint32() % 40)));
  const cut = await removeLeftOvers(found, DATA_DIR, store, silentLogger).then(
    () => false,
    (error: unknown) => {
      expect(error).toBeInstanceOf(PowerCutError);
      return true;
    },
  );
  found.setFaults(null);
  const disk = cut ? found.crash(rule, random) : found;
  await removeLeftOvers(disk, DATA_DIR, store, silentLogger);
  return disk;
}

test('whenever power is cut, a task is published as a whole or not at all', async () => {
  const trial = new VirtualDisk();
  const trialStore = await openStore();
  await runTasks(trial, await openInventory(trial, trialStore), 0);
  await trialStore.close();
  const outcomes = new Set<number>();
  for (let at = 0; at < trial.operationCount; at++) {
    const random = new SeededRandom(at);
    const rule = RULES[at % RULES.length]!;
    const disk = new VirtualDisk();
    const store = await openStore();
    const inventory = await openInventory(disk, store);
    disk.setFaults(cutPowerAt(at));
    await expect(runTasks(disk, inventory, 0)).rejects.toBeInstanceOf(PowerCutError);

    const found = await recover(disk.crash(rule, random), store, rule, random);
    const restarted = await openInventory(found, store);
    outcomes.add(await publishedCount(restarted));
    await check(found, store, restarted);

    await runTasks(found, restarted, 1);
    await check(found, store, restarted);
    expect(await publishedCount(restarted)).toBe(TASKS.length);
    await store.close();
  }
  expect([...outcomes].sort()).toEqual([0, 1, 2, 3]);
});

test('left-overs go, what the metadata names stays, used or not', async () => {
  const disk = new VirtualDisk();
  const store = await openStore();
  const inventory = await openInventory(disk, store);
  await runTasks(disk, inventory, 0);
  await inventory.drop('t', days(0, 1));
  const { segmentsDir, temporaryDir } = dataLayout(DATA_DIR);
  disk.makeDirectory(`${segmentsDir}/other`);
  disk.makeDirectory(`${temporaryDir}/x`);
  for (const path of [`${segmentsDir}/other/1`, `${segmentsDir}/t/9`, `${temporaryDir}/x/y`]) {
    disk.create(path).close();
  }
  await removeLeftOvers(disk, DATA_DIR, store, silentLogger);
  const named = (await store.segments.all()).map(({ sealed }) => `${DATA_DIR}/${sealed.path}`);
  expect(filesBelow(disk, DATA_DIR).sort()).toEqual(named.sort());
  expect(named.length).toBe(6);
  await store.close();
});

test('a data directory without anything is fine', async () => {
  const store = await openStore();
  const disk = new VirtualDisk();
  await removeLeftOvers(disk, DATA_DIR, store, silentLogger);
  expect(filesBelow(disk, '/')).toEqual([]);
  await store.close();
});
