import { afterEach, expect, test } from 'vitest';
import { ManualClock, silentLogger, systemTimers } from '../../core/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { claimLog } from './claim-log.js';

const ID = 'a'.repeat(32);

const stores: MetadataStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

/** A node r1 whose log has the standby r2, and what its next process finds. `hasRows`: some that are not published. */
async function world(disk: { id: string | null }, hasRows = false) {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  stores.push(store);
  const logs = store.pushLogs;
  const first = await logs.claim('r1', null);
  if (first.kind !== 'held') throw new Error('it is the first one');
  if (hasRows) await store.pushTables.ofLog('r1', first.hold).declare('t', {}, 0);
  await logs.setStandbys(first.hold, ID, ['r2']);
  const ending = new AbortController();
  const claim = () =>
    claimLog({
      logs,
      log: 'r1',
      logId: () => disk.id,
      discard: () => {
        disk.id = null;
      },
      timers: systemTimers,
      logger: silentLogger,
      signal: ending.signal,
      pauseMs: 1,
    });
  const claimed = claim();
  // Looked at by who waits for it only.
  claimed.catch(() => undefined);
  const isWaiting = () =>
    Promise.race([
      claimed.then(() => false),
      new Promise<boolean>((resolve) => setTimeout(resolve, 30, true)),
    ]);
  return { logs, tables: store.pushTables, claim, claimed, ending, isWaiting };
}

test('a log that is on the disk goes on, and nobody is a standby of it yet', async () => {
  const disk: { id: string | null } = { id: ID };
  const { logs, claimed } = await world(disk);
  expect(await claimed).toEqual({ log: 'r1', node: 'r1', epoch: 2 });
  expect((await logs.list())[0]).toMatchObject({ holder: 'r1', standbys: [] });
  expect(disk.id).toBe(ID);
});

test('a disk that has lost it waits until a standby has published it', async () => {
  const { logs, claimed, isWaiting } = await world({ id: null });
  expect(await isWaiting()).toBe(true);
  const hold = await logs.takeOver('r1', ID, 'r2');
  expect(await isWaiting()).toBe(true);
  await logs.finish(hold);
  expect(await claimed).toEqual({ log: 'r1', node: 'r1', epoch: 4 });
});

test('one that is back after another node has published its log removes what it has', async () => {
  const disk: { id: string | null } = { id: ID };
  const { logs, claimed, claim } = await world(disk);
  const { epoch } = await claimed;
  await logs.setStandbys({ log: 'r1', node: 'r1', epoch }, ID, ['r2']);
  await logs.finish(await logs.takeOver('r1', ID, 'r2'));
  const again = await claim();
  expect(again).toEqual({ log: 'r1', node: 'r1', epoch: epoch + 3 });
  expect(disk.id).toBeNull();
});

test('a node that ends waits no more', async () => {
  const { claimed, ending, isWaiting } = await world({ id: null });
  expect(await isWaiting()).toBe(true);
  ending.abort(new Error('the node ends'));
  await expect(claimed).rejects.toThrow('the node ends');
});

test('a disk that has lost rows of which there is no copy waits until its node is given up', async () => {
  const { logs, tables, claimed, isWaiting } = await world({ id: null }, true);
  await logs.disclaim('r1', ID, 'r2');
  expect(await isWaiting()).toBe(true);
  expect(await tables.giveUp('r1')).toEqual(['t']);
  expect(await claimed).toEqual({ log: 'r1', node: 'r1', epoch: 3 });
});
