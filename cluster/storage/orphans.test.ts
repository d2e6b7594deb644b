import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import {
  ConflictError,
  ManualClock,
  RealDisk,
  SeededRandom,
  silentLogger,
} from '../../core/index.js';
import { assertReaching, temporaryDirectory } from '../../core/testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { storedSegmentOf } from '../metadata/objects-contract-testing.js';
import { publishOf } from '../testing.js';
import { bodyOf, keysIn, someBytes } from './contract-testing.js';
import { FolderStore } from './folder-store.js';
import { MemoryStore } from './memory-store-testing.js';
import type { ObjectStore, UnfinishedUpload } from './object-store.js';
import { OrphanDuty } from './orphans.js';
import { GRACE_MS, OrphanWorld } from './orphans-simulation-testing.js';
import { openS3, partInS3, S3_URL } from './s3-testing.js';
import { Suspects } from './suspects.js';

const { signal } = new AbortController();
const clock = new ManualClock(0);
const metadata = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
afterAll(() => metadata.close());

const NODE = { node: 'n', incarnation: 'a', taskId: null };

function dutyOn(store: ObjectStore, processes: string[] = ['n a'], tasks: string[] = []) {
  return new OrphanDuty({
    store,
    clusterId: 'us',
    names: metadata.objects,
    living: async () => ({ processes: new Set(processes), tasks: new Set(tasks) }),
    clock,
    graceMs: GRACE_MS,
    logger: silentLogger,
  });
}

async function stored(store: ObjectStore, key: string, writer = NODE): Promise<void> {
  await metadata.objects.register(key, writer);
  await store.put(key, bodyOf(someBytes(3)), signal);
}

test('a suspect is seen twice, the grace time apart', () => {
  const own = new ManualClock(1000);
  const suspects = new Suspects(own, 10);
  const round = (...keys: string[]) => {
    const due = keys.filter((key) => suspects.see(key));
    suspects.endRound();
    return due;
  };
  expect(round('a')).toEqual([]);
  own.advance(9);
  expect(round('a', 'b')).toEqual([]);
  own.advance(1);
  expect(round('a', 'b')).toEqual(['a']);
  // One that was not seen meanwhile begins anew.
  expect(round('a')).toEqual(['a']);
  own.advance(10);
  expect(round('b')).toEqual([]);
  expect(suspects.count).toBe(1);
  const hasty = new Suspects(own, 0);
  expect([hasty.see('a'), hasty.see('a')]).toEqual([false, false]);
});

test('a sweep tells what it removed; what is being written or published stays', async () => {
  const store = new MemoryStore();
  const duty = dutyOn(store);
  for (const key of ['segments/1/a', 'segments/1/b', 'segments/1/c']) await stored(store, key);
  await store.put('segments/1/never', bodyOf(someBytes(5)), signal);
  await store.put('other', bodyOf(someBytes(3)), signal);
  const request = publishOf('publishes b', 'append', [storedSegmentOf('segments/1/b')]);
  await metadata.segments.publish(request);
  await metadata.objects.release(['segments/1/c']);
  const nothing = { objects: 0, bytes: 0, uploads: 0, givenUp: 0 };
  expect(await duty.run(signal)).toEqual({ ...nothing, waiting: 2 });
  clock.advance(GRACE_MS);
  expect(await duty.run(signal)).toEqual({ ...nothing, objects: 2, bytes: 8, waiting: 0 });
  clock.advance(1e9);
  await duty.run(signal);
  expect(duty.last).toEqual({ ...nothing, waiting: 0 });
  expect(store.keys).toEqual(['cluster', 'other', 'segments/1/a', 'segments/1/b']);
  await metadata.objects.release(['segments/1/a']);
});

test('what processes that are gone and tasks that have ended were writing is given up', async () => {
  const store = new MemoryStore();
  const processes = ['n a'];
  const tasks = ['task'];
  const duty = dutyOn(store, processes, tasks);
  await stored(store, 'segments/2/a');
  await stored(store, 'segments/2/b', { ...NODE, incarnation: 'before' });
  await metadata.objects.register('segments/2/c', { ...NODE, incarnation: 'x', taskId: 'task' });
  const rounds = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await duty.run(signal);
      clock.advance(GRACE_MS);
    }
  };
  await rounds(4);
  expect(await keysIn(store, 'segments/')).toEqual(['segments/2/a']);
  expect((await metadata.objects.states(['segments/2/c'])).size).toBe(1);
  tasks.pop();
  // Lost for a moment, and there again.
  processes.pop();
  await rounds(1);
  processes.push('n a');
  await rounds(4);
  expect((await metadata.objects.states(['segments/2/c'])).size).toBe(0);
  expect(await keysIn(store, 'segments/')).toEqual(['segments/2/a']);
  processes.pop();
  await rounds(4);
  expect(await keysIn(store, 'segments/')).toEqual([]);
});

test('deep storage of another cluster is not touched', async () => {
  const store = new MemoryStore();
  await store.put('cluster', bodyOf(new TextEncoder().encode('them')), signal);
  await store.put('segments/theirs', bodyOf(someBytes(3)), signal);
  const duty = dutyOn(store);
  for (let i = 0; i < 3; i++) {
    await expect(duty.run(signal)).rejects.toThrow(ConflictError);
    await expect(duty.run(signal)).rejects.toThrow(
      'give each cluster a folder or prefix of its own',
    );
    clock.advance(GRACE_MS);
  }
  expect(store.keys).toEqual(['cluster', 'segments/theirs']);
  store.overwrite('cluster', null);
  await duty.run(signal);
  clock.advance(GRACE_MS);
  expect((await duty.run(signal)).objects).toBe(1);
});

test('published objects stay whatever goes wrong, and in the end nothing else is left', async () => {
  let refused = 0;
  let count = 0;
  await assertReaching(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const deep = new MemoryStore();
      const world = new OrphanWorld(metadata, deep, `w${count++}`, new SeededRandom(seed));
      await world.storm(200);
      await world.calm();
      expect(world.broken).toEqual([]);
      const left = deep.keys.filter((key) => key !== 'cluster');
      expect(left).toEqual([...world.published].sort());
      for await (const upload of deep.unfinished('segments/', signal)) expect(upload).toBeNull();
      expect(await metadata.objects.writers()).toEqual([]);
      refused += world.refused;
      await world.killAll();
    }),
    30,
    () => {
      expect(refused).toBeGreaterThan(0);
    },
  );
});

/** How a store is opened, how much it sends at once, and what waits until it has that of an upload. */
type StoreRow = [string, () => ObjectStore, number, (upload: UnfinishedUpload) => Promise<void>];
const atOnce = async () => undefined;
const stores: StoreRow[] = [
  ['memory', () => new MemoryStore(), 1000, atOnce],
  [
    'a folder',
    () =>
      new FolderStore({
        disk: new RealDisk(),
        path: temporaryDirectory('orphans', afterAll),
        random: new SeededRandom(1),
      }),
    1000,
    atOnce,
  ],
];
if (S3_URL !== undefined) stores.push(['S3', () => openS3(), 6_000_000, partInS3]);
test.each(stores)(
  'what never ended is removed in %s, but not what still goes on',
  async (name, open, pieceBytes, hasPart) => {
    const store = open();
    const duty = dutyOn(store);
    const begin = async (key: string) => {
      await metadata.objects.register(key, NODE);
      let goOn: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      async function* chunks() {
        yield someBytes(pieceBytes);
        await gate;
        yield someBytes(pieceBytes);
      }
      const done = store.put(key, { chunks: chunks() }, signal);
      return {
        done: done.then(
          () => null,
          (error: unknown) => error,
        ),
        goOn,
      };
    };
    const keys = ['slow', 'dead', 'gone'].map(
      (each) => `segments/${name.replace(' ', '-')}/${each}`,
    );
    const uploads = [];
    for (const key of keys) uploads.push(await begin(key));
    const unfinished = async () => {
      const found: string[] = [];
      for await (const { key } of store.unfinished('segments/', signal)) found.push(key);
      return found.sort();
    };
    while ((await unfinished()).length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    for await (const upload of store.unfinished('segments/', signal)) await hasPart(upload);
    await store.put(keys[2]!.replace('gone', 'whole'), bodyOf(someBytes(3)), signal);
    await metadata.objects.release(keys.slice(1));
    expect(await duty.run(signal)).toMatchObject({ objects: 0, uploads: 0, waiting: 1 });
    clock.advance(GRACE_MS);
    expect(await duty.run(signal)).toMatchObject({ objects: 1, uploads: 2, bytes: 3 });
    expect(await unfinished()).toEqual([keys[0]]);
    for (const { goOn } of uploads) goOn();
    const [slow, dead, gone] = await Promise.all(uploads.map(({ done }) => done));
    expect(slow).toBeNull();
    expect([dead, gone].map((error) => error instanceof Error)).toEqual([true, true]);
    expect(await keysIn(store, 'segments/')).toEqual([keys[0]]);
    expect(await unfinished()).toEqual([]);
    await metadata.objects.release(keys);
    store.close();
  },
);
