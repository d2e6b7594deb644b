import { afterAll, expect, test } from 'vitest';
import {
  CorruptSegmentError,
  type Disk,
  failOperation,
  NotFoundError,
  PowerCutError,
  RealDisk,
  SeededRandom,
  sha256Hex,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import { temporaryDirectory, watchCrashes } from '../../core/testing.js';
import { readSegmentDirectory } from '../../segments/index.js';
import { DATA_DIR, sealChunk } from '../inventory/fixture-testing.js';
import { days } from '../testing.js';
import { FolderStore } from './folder-store.js';
import { MemoryStore, type ObjectFault } from './memory-store-testing.js';
import {
  CorruptObjectError,
  type ObjectStore,
  ObjectStoreUnavailableError,
} from './object-store.js';
import { PackingThreads, packingOn } from './packing.js';
import { SEGMENT_PREFIX, SegmentTransfer } from './segment-transfer.js';

const { signal } = new AbortController();
const DAY = days(0, 1);

function transferOn(disk: Disk, store: ObjectStore, temporaryDir = '/tmp'): SegmentTransfer {
  const random = new SeededRandom(1);
  return new SegmentTransfer({ disk, store, packing: packingOn(disk), random, temporaryDir });
}

/** A segment file in deep storage. */
async function stored() {
  const disk = new VirtualDisk();
  const rows = Array.from({ length: 300 }, (_, i) => ({ __time: i, page: `p${i % 7}`, n: i }));
  const { sealed } = sealChunk(disk, 't', DAY, rows);
  const path = sealed.path.startsWith('/') ? sealed.path : `${DATA_DIR}/${sealed.path}`;
  const store = new MemoryStore();
  const transfer = transferOn(disk, store);
  const key = transfer.newKey('my table/ä', DAY);
  const deep = await transfer.put(key, path, sealed, signal);
  return { disk, store, transfer, sealed, path, deep, hot: disk.readFile(path) };
}

test('a segment comes back byte for byte, and nothing else is left', async () => {
  const { disk, store, sealed, deep, hot } = await stored();
  expect(deep.key).toMatch(/^segments\/my_table__\/1970-01-01\/[0-9a-f-]{36}\.varvepack$/);
  expect(deep.key.startsWith(SEGMENT_PREFIX)).toBe(true);
  expect(store.bytesOf(deep.key)).toHaveLength(deep.sizeBytes);
  expect(sha256Hex(store.bytesOf(deep.key)!)).toBe(deep.sha256);
  expect(disk.list('/tmp')).toEqual([]);
  const other = new VirtualDisk();
  other.makeDirectory('/shelf');
  const transfer = transferOn(other, store);
  await transfer.fetch(deep, sealed, '/shelf/s', signal);
  expect(other.readFile('/shelf/s')).toEqual(hot);
  expect(await transfer.isWhole('/shelf/s', sealed, signal)).toBe(true);
  expect(await transfer.isWhole('/shelf/none', sealed, signal)).toBe(false);
  expect(await transfer.isWhole('/shelf/s', { ...sealed, sizeBytes: 5 }, signal)).toBe(false);
  expect([...other.list('/shelf'), ...other.list('/tmp')]).toEqual(['s']);
});

test('a file that is not what it should be is not stored', async () => {
  const { store, transfer, sealed, path } = await stored();
  const other = { ...sealed, sha256: sha256Hex(new Uint8Array(1)) };
  const put = transfer.put(transfer.newKey('t', DAY), path, other, signal);
  await expect(put).rejects.toThrow(CorruptObjectError);
  expect(store.keys).toHaveLength(1);
});

test('what the store damages while it stores is noticed', async () => {
  const { store, transfer, sealed, path } = await stored();
  store.setFaults(({ kind }) => (kind === 'put' ? { kind: 'flip', at: 100 } : null));
  const put = transfer.put(transfer.newKey('t', DAY), path, sealed, signal);
  await expect(put).rejects.toThrow(CorruptObjectError);
});

test('never a wrong file under the right name', async () => {
  const { store, sealed, deep } = await stored();
  const bytes = store.bytesOf(deep.key)!;
  const other = await stored();
  const wrong = [
    bytes.slice(0, -1),
    new Uint8Array([...bytes, 0]),
    bytes.map((byte, i) => (i === 200 ? byte ^ 1 : byte)),
    new Uint8Array(0),
  ];
  for (const found of wrong) {
    store.overwrite(deep.key, found);
    const disk = new VirtualDisk();
    disk.makeDirectory('/shelf');
    const fetched = transferOn(disk, store).fetch(deep, sealed, '/shelf/s', signal);
    await expect(fetched).rejects.toThrow(CorruptObjectError);
    expect([...disk.list('/shelf'), ...disk.list('/tmp')]).toEqual([]);
  }
  // The metadata may name another segment's object.
  const disk = new VirtualDisk();
  disk.makeDirectory('/shelf');
  const claimed = { ...sealed, sha256: sha256Hex(bytes) };
  const fetched = transferOn(disk, other.store).fetch(other.deep, claimed, '/shelf/s', signal);
  await expect(fetched).rejects.toThrow('it is another segment file');
  expect(disk.list('/shelf')).toEqual([]);
});

test('what is damaged on its way once is fetched again', async () => {
  const { store, sealed, deep, hot } = await stored();
  const faults: ObjectFault[] = [{ kind: 'flip', at: 10 }];
  store.setFaults(() => faults.pop() ?? null);
  const disk = new VirtualDisk();
  disk.makeDirectory('/shelf');
  await transferOn(disk, store).fetch(deep, sealed, '/shelf/s', signal);
  expect(disk.readFile('/shelf/s')).toEqual(hot);
});

test('broken connections and missing objects are told, and leave nothing', async () => {
  const { store, sealed, deep } = await stored();
  const disk = new VirtualDisk();
  disk.makeDirectory('/shelf');
  const transfer = transferOn(disk, store);
  for (const fault of [{ kind: 'error' }, { kind: 'cut', bytes: 50 }] as const) {
    store.setFaults(() => fault);
    const fetched = transfer.fetch(deep, sealed, '/shelf/s', signal);
    await expect(fetched).rejects.toThrow(ObjectStoreUnavailableError);
  }
  store.setFaults(null);
  store.overwrite(deep.key, null);
  await expect(transfer.fetch(deep, sealed, '/shelf/s', signal)).rejects.toThrow(NotFoundError);
  expect([...disk.list('/shelf'), ...disk.list('/tmp')]).toEqual([]);
});

test('power may be cut at any call, and any call may fail: the file is whole or not there', async () => {
  const { store, sealed, deep, hot } = await stored();
  const disk = new VirtualDisk();
  disk.makeDirectory('/shelf');
  const start = disk.operationCount;
  let isFetched = false;
  let states = 0;
  const end = watchCrashes(disk, 2, (found, name) => {
    states++;
    const names = found.list('/shelf');
    expect(names, name).toEqual(isFetched || names.length > 0 ? ['s'] : []);
    if (names.length > 0) expect(found.readFile('/shelf/s'), name).toEqual(hot);
  });
  await transferOn(disk, store).fetch(deep, sealed, '/shelf/s', signal);
  isFetched = true;
  end();
  expect(states).toBeGreaterThan(100);
  for (let index = start; index < disk.operationCount; index++) {
    const failing = new VirtualDisk();
    failing.makeDirectory('/shelf');
    failing.setFaults(failOperation(index));
    const transfer = transferOn(failing, store);
    await transfer.fetch(deep, sealed, '/shelf/s', signal).catch((error) => {
      const isTyped = error instanceof UnavailableError || error instanceof CorruptSegmentError;
      if (!isTyped || error instanceof PowerCutError) throw error;
    });
    await transfer.fetch(deep, sealed, '/shelf/s', signal);
    expect(failing.readFile('/shelf/s')).toEqual(hot);
  }
});

test('threads pack and unpack on the real disk, and end when they are told', async () => {
  const { disk, path, sealed, hot } = await stored();
  const root = temporaryDirectory('transfer', afterAll);
  const real = new RealDisk();
  const file = real.create(`${root}/hot`);
  file.write(disk.readFile(path));
  file.close();
  const random = new SeededRandom(2);
  const store = new FolderStore({ disk: real, path: `${root}/deep`, random });
  const threads = new PackingThreads(1);
  const packing = threads.run;
  const temporaryDir = `${root}/tmp`;
  const transfer = new SegmentTransfer({ disk: real, store, packing, random, temporaryDir });
  const deep = await transfer.put(transfer.newKey('t', DAY), `${root}/hot`, sealed, signal);
  await transfer.fetch(deep, sealed, `${root}/back`, signal);
  expect(Buffer.compare(real.readFile(`${root}/back`), hot)).toBe(0);
  expect(real.list(temporaryDir)).toEqual([]);
  const ending = new AbortController();
  const ended = transfer.fetch(deep, sealed, `${root}/other`, ending.signal);
  setTimeout(() => ending.abort(new Error('enough')), 20);
  await ended.catch((error) => expect(error.message).toBe('enough'));
  expect(real.list(temporaryDir)).toEqual([]);
  const job = { kind: 'unpack', from: `${root}/hot`, to: `${root}/x` } as const;
  await expect(packing(job, signal)).rejects.toThrow(CorruptSegmentError);
  await threads.close();
});

test('what a segment says of itself is read from the end of its object, and verified', async () => {
  const { disk, store, transfer, sealed, path, deep } = await stored();
  const directory = readSegmentDirectory(disk, path);
  expect(await transfer.directory(deep, sealed, signal)).toEqual(directory);
  // Damaged on its way: it is read again.
  let count = 0;
  store.setFaults(() => (count++ === 0 ? { kind: 'flip', at: deep.sizeBytes - 10 } : null));
  expect(await transfer.directory(deep, sealed, signal)).toEqual(directory);
  expect(count).toBe(2);
  store.setFaults(null);
  const other = { ...sealed, sha256: '0'.repeat(64) };
  await expect(transfer.directory(deep, other, signal)).rejects.toThrow('another segment file');
  store.overwrite(deep.key, new Uint8Array(deep.sizeBytes));
  await expect(transfer.directory(deep, sealed, signal)).rejects.toThrow(CorruptSegmentError);
  store.overwrite(deep.key, null);
  await expect(transfer.directory(deep, sealed, signal)).rejects.toThrow(NotFoundError);
});
