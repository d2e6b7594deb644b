import { afterAll, expect, test } from 'vitest';
import { failOperation, RealDisk, SeededRandom, VirtualDisk } from '../../core/index.js';
import { temporaryDirectory, watchCrashes } from '../../core/testing.js';
import { bodyOf, bytesIn, describeStore, keysIn, someBytes } from './contract-testing.js';
import { FolderStore } from './folder-store.js';
import { MemoryStore } from './memory-store-testing.js';
import { ObjectStoreUnavailableError } from './object-store.js';

const { signal } = new AbortController();
const random = new SeededRandom(1);
const folder = (disk: VirtualDisk | RealDisk, path = '/deep') =>
  new FolderStore({ disk, path, random });

describeStore('memory', async () => new MemoryStore(), 30_000);
describeStore('a virtual folder', async () => folder(new VirtualDisk()), 30_000);
describeStore('a folder', async () => folder(new RealDisk(), temporaryDirectory('deep', afterAll)));

test('a power cut leaves all of an object or nothing, and what was stored stays', async () => {
  const disk = new VirtualDisk();
  const store = folder(disk);
  const bytes = someBytes(9000);
  let isStored = false;
  const checks: (() => Promise<void>)[] = [];
  const end = watchCrashes(disk, 2, (found, name) => {
    const wasStored = isStored;
    checks.push(async () => {
      const keys = await keysIn(folder(found), '');
      expect(keys, name).toEqual(wasStored || keys.length > 0 ? ['a/b'] : []);
      if (keys.length > 0) expect(await bytesIn(folder(found), 'a/b'), name).toEqual(bytes);
    });
  });
  await store.put('a/b', bodyOf(bytes), signal);
  isStored = true;
  end();
  for (const check of checks) await check();
  expect(checks.length).toBeGreaterThan(50);
});

test('a call on the disk that fails is told with a hint, leaves no wrong object, and can be repeated', async () => {
  const whole = new VirtualDisk();
  await folder(whole).put('a/b', bodyOf(someBytes(5000)), signal);
  for (let index = 0; index < whole.operationCount; index++) {
    const disk = new VirtualDisk({ faults: failOperation(index) });
    const store = folder(disk);
    const put = store.put('a/b', bodyOf(someBytes(5000)), signal);
    await expect(put).rejects.toThrow(ObjectStoreUnavailableError);
    await expect(put).rejects.toThrow('look whether the folder is mounted');
    await store.put('a/b', bodyOf(someBytes(5000)), signal);
    expect(await bytesIn(store, 'a/b')).toEqual(someBytes(5000));
  }
});
