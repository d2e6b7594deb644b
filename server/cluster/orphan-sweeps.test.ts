import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  ALL_SEGMENTS,
  MetadataStore,
  openDeepStorage,
  SegmentTransfer,
  SegmentWriter,
} from '../../cluster/index.js';
import { chunkSegment, days, publishOf } from '../../cluster/testing.js';
import {
  ManualClock,
  SeededRandom,
  sha256Hex,
  silentLogger,
  systemTimers,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import { ETERNITY } from '../../model/index.js';
import { OrphanSweeps } from './orphan-sweeps.js';
import { storedBatchRunner } from './stored-batches.js';

const EVERYTHING = {
  interval: ETERNITY,
  versions: null,
  maxUsedChangedMs: null,
  ids: null,
  limit: 1000,
};

const SELF = { name: 'n', incarnation: 'a' };

async function world() {
  const disk = new VirtualDisk();
  const random = new SeededRandom(1);
  const clock = new ManualClock(1e9);
  const means = { disk, random, timers: systemTimers, environment: {} };
  const deep = openDeepStorage({ type: 'local', path: '/deep' }, means);
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
  let isLeading = true;
  const sweeps = new OrphanSweeps({
    config: { periodMs: 1000, graceMs: 2000 },
    clusterId: 'us',
    deep,
    store: () => {
      if (!isLeading) throw new UnavailableError('this node does not lead');
      return store;
    },
    nodes: { alive: () => [SELF as never] },
    steadyClock: clock,
    logger: silentLogger,
  });
  const sweep = async () => {
    await sweeps.run();
    for (let turns = 0; turns < 200; turns++) await setImmediate();
    return sweeps.stats();
  };
  const lead = (leads: boolean) => {
    isLeading = leads;
  };
  return { disk, random, clock, deep, store, sweeps, sweep, lead };
}

type World = Awaited<ReturnType<typeof world>>;

/** Runs a batch job of one segment, whose file is put into deep storage; its bytes are packed as they are. */
async function run({ disk, random, deep, store }: World, taskId: string) {
  disk.makeDirectory('/made');
  const bytes = new TextEncoder().encode(taskId);
  const file = disk.create(`/made/${taskId}`);
  file.write(bytes);
  file.close();
  const facts = { sizeBytes: bytes.length, sha256: sha256Hex(bytes) };
  const packing = async ({ from, to }: { from: string; to: string }) => {
    const copy = disk.create(to);
    copy.write(disk.readFile(from));
    copy.close();
    return facts;
  };
  const transfer = new SegmentTransfer({
    disk,
    store: deep,
    packing,
    random,
    temporaryDir: '/tmp',
  });
  const writer = { node: SELF.name, incarnation: SELF.incarnation };
  const { objects } = store;
  const made = chunkSegment(days(0, 1), `/made/${taskId}`);
  const runner = storedBatchRunner(
    async () => ({
      segments: [{ ...made, sealed: { ...made.sealed, ...facts } }],
      stats: {} as never,
      parseExceptions: [],
    }),
    new SegmentWriter({ transfer, objects, writer, logger: silentLogger }).put,
    disk,
  );
  const { signal } = new AbortController();
  const job = { taskId, spec: { dataSource: 't' }, signal };
  const { segments } = await runner(job as never);
  return { segments, key: segments[0]!.sealed.deep!.key };
}

const taskOf = (id: string, status: 'RUNNING' | 'FAILED' | 'SUCCESS') => ({
  id,
  type: 'index',
  dataSource: 't',
  status,
  createdMs: 0,
  durationMs: -1,
  errorMsg: null,
});

test('objects of killed segments and of failed tasks go after the grace time; those of tasks that run stay', async () => {
  const here = await world();
  const { store, disk, deep, clock, sweep, sweeps } = here;
  const made = new Map<string, string>();
  for (const id of ['published', 'failed', 'slow']) {
    await store.tasks.insert(taskOf(id, 'RUNNING'), {});
    const { segments, key } = await run(here, id);
    made.set(id, key);
    if (id === 'published') await store.segments.publish(publishOf(id, 'append', segments));
  }
  expect(disk.list('/made')).toEqual([]);
  const left = async () => {
    const { objects } = await deep.list('segments/', { signal: new AbortController().signal });
    return [...made].filter(([, of]) => objects.some(({ key }) => key === of)).map(([id]) => id);
  };
  await store.tasks.update(taskOf('published', 'SUCCESS'));
  await store.tasks.update(taskOf('failed', 'FAILED'));
  await sweep();
  expect(await left()).toEqual(['published', 'failed', 'slow']);
  const later = async (times: number) => {
    for (let i = 0; i < times; i++) {
      clock.advance(1000);
      await sweep();
    }
  };
  await later(5);
  expect(await left()).toEqual(['published', 'slow']);
  await store.segments.drop('t', ALL_SEGMENTS);
  await store.segments.kill('t', EVERYTHING);
  await later(2);
  expect(await left()).toEqual(['published', 'slow']);
  clock.advance(1000);
  const stats = await sweep();
  expect(stats).toMatchObject({ objects: 1, bytes: 'published'.length });
  expect(await left()).toEqual(['slow']);
  await sweeps.close();
  await store.close();
});

test('a sweep begins so often, and only where the node leads', async () => {
  const { deep, clock, store, sweeps, sweep, lead } = await world();
  const { signal } = new AbortController();
  await deep.put('segments/nobody', { chunks: [Uint8Array.of(1)] }, signal);
  expect(await sweep()).toMatchObject({ objects: 0, waiting: 1 });
  clock.advance(999);
  await deep.put('segments/other', { chunks: [Uint8Array.of(1)] }, signal);
  expect(await sweep()).toMatchObject({ waiting: 1 });
  clock.advance(1);
  expect(await sweep()).toMatchObject({ waiting: 2 });
  lead(false);
  clock.advance(1000);
  await sweep();
  expect((await deep.list('segments/', { signal })).objects).toHaveLength(2);
  lead(true);
  clock.advance(1000);
  expect(await sweep()).toMatchObject({ objects: 2, bytes: 2, waiting: 0 });
  await sweeps.close();
  clock.advance(5000);
  await deep.put('segments/late', { chunks: [Uint8Array.of(1)] }, signal);
  expect(await sweep()).toMatchObject({ objects: 2 });
  await store.close();
});
