import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CorruptSegmentError, ManualClock, RealDisk, silentLogger } from '../../core/index.js';
import { ETERNITY } from '../../model/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { days, publishOf } from '../testing.js';
import { openInventory, sealChunk, visibleCells } from './fixture-testing.js';
import { dataLayout, removeLeftOvers } from './recovery.js';

const scratch = mkdtempSync(join(tmpdir(), 'varve-inventory-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const disk = new RealDisk();
const DAY_MS = 86_400_000;

/** Starts on a data directory as a server does. */
async function start(dataDir: string) {
  const { segmentsDir, metadataPath } = dataLayout(dataDir);
  disk.makeDirectory(segmentsDir);
  const store = await MetadataStore.open(
    { type: 'sqlite', path: metadataPath },
    new ManualClock(0),
  );
  await removeLeftOvers(disk, dataDir, store, silentLogger);
  return { store, inventory: await openInventory(disk, store, { dataDir }) };
}

/** Publishes one row on one day, in a file of its own. */
const rowOf = (dataDir: string, day: number, a: string) =>
  sealChunk(disk, a, days(day, day + 1), [{ __time: day * DAY_MS, a }], undefined, dataDir);

test('a data directory on a real disk: published, started again, moved, added to', async () => {
  const first = join(scratch, 'first');
  const { store, inventory } = await start(first);
  await inventory.publish(publishOf('p', 'append', [rowOf(first, 0, 'x'), rowOf(first, 1, 'y')]));
  expect(await visibleCells(inventory)).toEqual(['x', 'y']);
  await store.close();

  const second = join(scratch, 'second');
  renameSync(first, second);
  const moved = await start(second);
  expect(await visibleCells(moved.inventory)).toEqual(['x', 'y']);
  await moved.inventory.publish(publishOf('q', 'append', [rowOf(second, 0, 'z')]));
  expect(await visibleCells(moved.inventory)).toEqual(['x', 'y', 'z']);
  await moved.store.close();

  const again = await start(second);
  expect(await visibleCells(again.inventory)).toEqual(['x', 'y', 'z']);
  await again.store.close();
});

test('a start removes what was never published, and serves around a file that is damaged', async () => {
  const dataDir = join(scratch, 'damaged');
  const { store, inventory } = await start(dataDir);
  await inventory.publish(
    publishOf('p', 'append', [rowOf(dataDir, 0, 'x'), rowOf(dataDir, 1, 'y')]),
  );
  rowOf(dataDir, 2, 'orphan');
  await store.close();
  const directory = join(dataDir, 'segments', 't');
  writeFileSync(join(directory, 'x'), 'no segment');

  const again = await start(dataDir);
  expect(disk.list(directory).sort()).toEqual(['x', 'y']);
  const [damaged, sound] = again.inventory.snapshot(['t']).parts('t', [ETERNITY]);
  await expect(damaged!.pin({ columns: ['a'] })).rejects.toBeInstanceOf(CorruptSegmentError);
  await expect(damaged!.pin({ columns: ['a'] })).rejects.toThrow(join(directory, 'x'));
  (await sound!.pin({ columns: ['a'] })).release();
  await again.store.close();
});
