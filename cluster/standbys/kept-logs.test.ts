import { afterEach, expect, test } from 'vitest';
import {
  ConflictError,
  ManualClock,
  SeededRandom,
  silentLogger,
  UnavailableError,
  utf8Encode,
  VirtualDisk,
} from '../../core/index.js';
import { LogCopies } from '../../ingest/testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import type { LogHold } from '../metadata/push-logs.js';
import { inThisThread } from './copies-testing.js';
import { KeptLogs } from './kept-logs.js';

const ID = 'a'.repeat(32);
const START = { logId: ID, position: 0, checkpoint: utf8Encode('state') };
const COPY = { log: 'r1', session: 's' };
const group = (position: number) => ({
  position,
  checkpoint: null,
  payloads: [utf8Encode('row')],
});

const stores: MetadataStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

/** The node r2, which keeps the log of r1. */
async function world() {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  stores.push(store);
  const logs = store.pushLogs;
  const claim = await logs.claim('r1', null);
  if (claim.kind !== 'held') throw new Error('it is the first one');
  const disk = new VirtualDisk();
  const alive = new Set(['r1', 'r2']);
  const clock = new ManualClock(0);
  const published: LogHold[] = [];
  let whilePublishing: () => Promise<void> = async () => undefined;
  const node = () => {
    const copies = new LogCopies({ disk, random: new SeededRandom(1), directory: '/copies' });
    return new KeptLogs({
      self: 'r2',
      copies: inThisThread(copies),
      logs,
      isAlive: (name) => alive.has(name),
      async publish(hold) {
        published.push(hold);
        await whilePublishing();
        return ['t'];
      },
      clock,
      logger: silentLogger,
      takeOverAfterMs: 1000,
    });
  };
  const kept = node();
  await kept.begin(COPY, START);
  await kept.append(COPY, group(0));
  await logs.setStandbys(claim.hold, ID, ['r2']);
  const during = (work: () => Promise<void>) => {
    whilePublishing = work;
  };
  return { ...{ logs, hold: claim.hold, disk, alive, clock, published, kept, node, during } };
}

test('a log whose node is gone for long enough is published, once, and its copy goes', async () => {
  const { logs, alive, clock, published, kept, disk } = await world();
  for (let i = 0; i < 3; i++) {
    clock.advance(5000);
    await kept.round();
  }
  alive.delete('r1');
  await kept.round();
  clock.advance(999);
  await kept.round();
  expect(published).toEqual([]);
  clock.advance(1);
  await kept.round();
  expect(published).toEqual([{ log: 'r1', node: 'r2', epoch: 2 }]);
  expect((await logs.list())[0]).toMatchObject({ holder: null, standbys: [] });
  expect(disk.list('/copies')).toEqual([]);
  await kept.round();
  expect(kept.counts).toEqual({ copies: 0, takeOvers: 1 });
});

test('one that was only away for a moment keeps its log', async () => {
  const { alive, clock, published, kept } = await world();
  for (let i = 0; i < 5; i++) {
    alive.delete('r1');
    await kept.round();
    clock.advance(900);
    alive.add('r1');
    await kept.round();
  }
  expect(published).toEqual([]);
  await kept.append(COPY, group(23));
});

test('from when it is taken over nobody writes to it, nor in its place', async () => {
  const { alive, clock, kept, during } = await world();
  alive.delete('r1');
  await kept.round();
  clock.advance(1000);
  let refusals = 0;
  during(async () => {
    for (const write of [
      () => kept.append(COPY, group(23)),
      () => kept.trim(COPY, 0),
      () => kept.begin({ ...COPY, session: 'other' }, START),
    ]) {
      await write().catch((error) => {
        expect(error).toBeInstanceOf(ConflictError);
        refusals++;
      });
    }
  });
  await kept.round();
  expect(refusals).toBe(3);
});

test('what fails is done again, also by the next process', async () => {
  const { alive, clock, published, kept, node, during, logs } = await world();
  alive.delete('r1');
  await kept.round();
  clock.advance(1000);
  during(() => Promise.reject(new UnavailableError('deep storage is away')));
  await kept.round();
  await kept.round();
  expect(published).toHaveLength(2);
  // Whoever still thinks that it has the log cannot begin a copy in the place of this one.
  await expect(node().begin({ ...COPY, session: 'other' }, START)).rejects.toThrow(ConflictError);
  during(async () => undefined);
  await node().round();
  expect(published).toHaveLength(3);
  expect(new Set(published.map(({ epoch }) => epoch))).toEqual(new Set([2]));
  expect((await logs.list())[0]!.holder).toBeNull();
});

test('a copy that was left behind is not published, and goes when nobody writes it any more', async () => {
  const { logs, hold, alive, clock, published, kept, disk } = await world();
  await logs.setStandbys(hold, ID, []);
  alive.delete('r1');
  for (let i = 0; i < 59; i++) {
    await kept.round();
    clock.advance(1000);
  }
  expect(disk.list('/copies')).toEqual(['r1']);
  clock.advance(1000);
  await kept.round();
  expect(disk.list('/copies')).toEqual([]);
  expect(published).toEqual([]);
});

test('a node that has lost its copy says so', async () => {
  const { logs, kept, disk } = await world();
  disk.removeTree('/copies/r1');
  await kept.round();
  expect((await logs.list())[0]).toMatchObject({ holder: 'r1', standbys: [] });
});

test('a node that has lost the copy of a log that it took over gives it back', async () => {
  const { logs, kept, disk } = await world();
  await logs.takeOver('r1', ID, 'r2');
  disk.removeTree('/copies/r1');
  await kept.round();
  expect((await logs.list())[0]).toMatchObject({ holder: 'r1', epoch: 3, standbys: [] });
});
