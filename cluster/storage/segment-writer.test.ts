import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ManualClock,
  SeededRandom,
  silentLogger,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import type { ChunkSegment } from '../../ingest/index.js';
import { DATA_DIR, sealChunk } from '../inventory/fixture-testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { putSegments } from '../realtime/put-segments.js';
import { days, publishOf } from '../testing.js';
import { MemoryStore } from './memory-store-testing.js';
import { packingOn } from './packing.js';
import { SegmentTransfer } from './segment-transfer.js';
import { SegmentWriter } from './segment-writer.js';

const { signal } = new AbortController();
const WRITER = { node: 'n', incarnation: 'a' };
const OF_TASK = { ...WRITER, taskId: 'task' };

let metadata: MetadataStore;
beforeAll(async () => {
  metadata = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
});
afterAll(() => metadata.close());

/** Two segment files, and what puts them into deep storage. */
function world(objects: Pick<MetadataStore['objects'], 'register' | 'release'> = metadata.objects) {
  const disk = new VirtualDisk();
  const segments = [0, 1].map((day): ChunkSegment => {
    const interval = days(day, day + 1);
    const rows = [{ __time: interval.startMs, n: day }];
    const { sealed } = sealChunk(disk, `s${day}`, interval, rows);
    const path = sealed.path.startsWith('/') ? sealed.path : `${DATA_DIR}/${sealed.path}`;
    return { interval, sealed: { ...sealed, path } };
  });
  const store = new MemoryStore();
  const transfer = new SegmentTransfer({
    disk,
    store,
    packing: packingOn(disk),
    random: new SeededRandom(1),
    temporaryDir: '/tmp',
  });
  const writer = new SegmentWriter({ transfer, objects, writer: WRITER, logger: silentLogger });
  return { store, writer, segments };
}

const statesOf = async (keys: readonly string[]) => [
  ...(await metadata.objects.states(keys)).values(),
];

test('a key is registered before anything is sent, and taken over by the publish', async () => {
  const { store, writer, segments } = world();
  const before: string[][] = [];
  const asked: Promise<unknown>[] = [];
  store.setFaults(({ kind, key }) => {
    if (kind === 'put') asked.push(statesOf([key]).then((states) => before.push(states)));
    return null;
  });
  const stored = await putSegments(writer.put, 't', segments, signal, 'task');
  await Promise.all(asked);
  expect(before).toEqual([['writing'], ['writing']]);
  expect(await metadata.objects.writers()).toEqual([OF_TASK]);
  expect(stored.map(({ sealed }) => sealed.path)).toEqual(['', '']);
  const keys = stored.map(({ sealed }) => sealed.deep!.key);
  expect(store.keys).toEqual([...keys].sort());
  await metadata.segments.publish(publishOf('task', 'append', stored));
  expect(await statesOf(keys)).toEqual(['named', 'named']);
  // What was published is not given up any more.
  await writer.release(stored);
  expect(await statesOf(keys)).toEqual(['named', 'named']);
});

test('what fails is given up', async () => {
  const { store, writer, segments } = world();
  let puts = 0;
  store.setFaults(({ kind }) => (kind === 'put' && puts++ === 1 ? { kind: 'error' } : null));
  const putting = putSegments(writer.put, 't', segments, signal, 'task');
  await expect(putting).rejects.toThrow(UnavailableError);
  expect(puts).toBe(2);
  // What was put before it is given up when the task has ended.
  expect(await metadata.objects.giveUp([OF_TASK])).toBe(1);
  const stopped = AbortSignal.abort(new Error('enough'));
  const late = putSegments(writer.put, 't', segments, stopped, 'task');
  await expect(late).rejects.toThrow('enough');
  expect(await metadata.objects.writers()).toEqual([]);
});

test('what cannot be given up while the metadata are away is given up later', async () => {
  let isAway = false;
  const { store, writer, segments } = world({
    register: (key, by) => metadata.objects.register(key, by),
    release: async (keys) => {
      if (isAway) throw new UnavailableError('away');
      await metadata.objects.release(keys);
    },
  });
  const stored: ChunkSegment[] = [];
  for (const segment of segments) stored.push(await writer.put('t', segment, signal));
  isAway = true;
  await writer.release(stored);
  store.setFaults(() => ({ kind: 'error' }));
  await expect(writer.put('t', segments[0]!, signal)).rejects.toThrow('it answers with an error');
  expect(await metadata.objects.writers()).toEqual([{ ...WRITER, taskId: null }]);
  isAway = false;
  await writer.release([stored[0]!]);
  expect(await metadata.objects.writers()).toEqual([]);
});
