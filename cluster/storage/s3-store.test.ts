import { describe, expect, onTestFinished, test } from 'vitest';
import { ConflictError, sha256Hex } from '../../core/index.js';
import { CheckedBytes } from './checked-bytes.js';
import { bodyOf, bytesIn, describeStore, keysIn, someBytes } from './contract-testing.js';
import {
  CorruptObjectError,
  type ObjectStore,
  ObjectStoreUnavailableError,
} from './object-store.js';
import { faultProxy, openS3, type ProxyFault, partInS3, S3_URL } from './s3-testing.js';

const { signal } = new AbortController();
const PART = 5 * 2 ** 20;
const SMALL = someBytes(300_000);
const LARGE = someBytes(2 * PART + 1000, 2);

/** Without a server these tests are skipped: `node test/services/s3.mjs npx vitest run cluster/storage` gives them one. */
describe.skipIf(S3_URL === undefined)('S3', () => {
  describeStore('S3', async () => openS3(), PART + 1000, partInS3);

  test.each([PART, 2 * PART, 2 * PART + 1])('%d bytes in parts', async (size) => {
    const store = openS3();
    const bytes = someBytes(size);
    await store.put('k', bodyOf(bytes, 100_000), signal);
    expect(sha256Hex(await bytesIn(store, 'k'))).toBe(sha256Hex(bytes));
    store.close();
  });

  describe('what goes wrong', () => {
    /** A store behind a proxy that breaks the first so many requests of a method. */
    async function broken(method: string, fault: ProxyFault, times: number, changes: object = {}) {
      let left = times;
      let calls = 0;
      const proxy = await faultProxy((each) => {
        if (each !== method) return null;
        calls++;
        return left-- > 0 ? fault : null;
      });
      onTestFinished(proxy.close);
      const store = openS3({ timeoutMs: 1000, ...changes }, proxy.origin);
      return { store, calls: () => calls };
    }

    const uploads: readonly ProxyFault[] = [
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503 },
      { kind: 'refuse' },
      { kind: 'loseReply' },
      { kind: 'hang' },
      { kind: 'cutUpload', bytes: 70_000 },
      { kind: 'flipUpload', at: 100_000 },
      { kind: 'slow', delayMs: 300 },
    ];
    test.each(uploads)('while it stores: $kind $status', async (fault) => {
      for (const [key, bytes] of [
        ['small', SMALL],
        ['large', LARGE],
      ] as const) {
        const { store } = await broken('PUT', fault, 2);
        await store.put(key, bodyOf(bytes, 65_536), signal);
        expect(sha256Hex(await bytesIn(store, key))).toBe(sha256Hex(bytes));
        await expect(store.put(key, bodyOf(someBytes(5)), signal)).rejects.toThrow(ConflictError);
        store.close();
      }
    });

    test.each(uploads.slice(0, 5))(
      'while it begins and completes parts: $kind $status',
      async (fault) => {
        const { store } = await broken('POST', fault, 1);
        await store.put('large', bodyOf(LARGE, 65_536), signal);
        expect(sha256Hex(await bytesIn(store, 'large'))).toBe(sha256Hex(LARGE));
        store.close();
      },
    );

    test.each<ProxyFault>([
      ...uploads.slice(0, 5),
      { kind: 'cutDownload', bytes: 0 },
      { kind: 'cutDownload', bytes: 1_000_000 },
    ])('while it reads: $kind $status', async (fault) => {
      const direct = openS3({ prefix: 'test/reads' });
      await direct.put('large', bodyOf(LARGE, 65_536), signal);
      const { store } = await broken('GET', fault, 3, { prefix: 'test/reads' });
      expect(sha256Hex(await bytesIn(store, 'large'))).toBe(sha256Hex(LARGE));
      const part = await bytesIn(store, 'large', { offset: 5000, length: 2_000_000 });
      expect(Buffer.compare(part, LARGE.subarray(5000, 2_005_000))).toBe(0);
      expect(await keysIn(store, '')).toEqual(['large']);
      for (const each of [direct, store]) each.close();
    });

    test('bytes that are changed on their way here are found out by whoever knows their SHA-256', async () => {
      const fault: ProxyFault = { kind: 'flipDownload', at: 1000 };
      const { store } = await broken('GET', fault, 1);
      const told = await store.put('small', bodyOf(SMALL), signal);
      const read = async (): Promise<void> => {
        const { chunks } = await store.get('small', { signal });
        for await (const _ of new CheckedBytes('small', told).of(chunks, signal));
      };
      await expect(read()).rejects.toThrow(CorruptObjectError);
      await read();
      store.close();
    });

    test('a server that stays broken is told after so many attempts, with a hint', async () => {
      const { store, calls } = await broken('HEAD', { kind: 'status', status: 503 }, 1e9, {
        maxAttempts: 3,
      });
      await expect(store.head('k', signal)).rejects.toThrow(ObjectStoreUnavailableError);
      expect(calls()).toBe(3);
      store.close();
    });

    test('an upload that is given up leaves nothing, and ends soon', async () => {
      const { store } = await broken('PUT', { kind: 'hang' }, 1e9, { timeoutMs: 60_000 });
      const ending = new AbortController();
      setTimeout(() => ending.abort(new Error('enough')), 100);
      await expect(store.put('k', bodyOf(LARGE, 65_536), ending.signal)).rejects.toThrow('enough');
      expect(await keysIn(store, '')).toEqual([]);
      store.close();
    });
  });

  test.each<{ name: string; changes: object; hint: string }>([
    {
      name: 'a bucket that is not there',
      changes: { bucket: 'nowhere' },
      hint: 'deepStorage.bucket',
    },
    {
      name: 'a server that is not there',
      changes: { endpoint: 'http://127.0.0.1:9', maxAttempts: 2 },
      hint: 'deepStorage.endpoint',
    },
    {
      name: 'a key that is not known',
      changes: {
        credentials: {
          accessKeyId: { environment: 'SECRET' },
          secretAccessKey: { environment: 'KEY' },
        },
      },
      hint: 'deepStorage.credentials',
    },
  ])('$name is told with a hint, without secrets', async ({ changes, hint }) => {
    const store: ObjectStore = openS3(changes);
    const error = await store.list('', { signal }).catch((each) => each);
    expect(error).toBeInstanceOf(ObjectStoreUnavailableError);
    expect(error.message).toContain(hint);
    expect(error.message).not.toContain(new URL(S3_URL!).password);
    store.close();
  });
});
