import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  ConflictError,
  NotFoundError,
  SeededRandom,
  sha256Hex,
  UserError,
} from '../../core/index.js';
import {
  CorruptObjectError,
  listAll,
  type ObjectBody,
  type ObjectStore,
  type UnfinishedUpload,
} from './object-store.js';

const { signal } = new AbortController();

/** For tests: bytes that differ by seed. */
export function someBytes(length: number, seed = 1): Uint8Array {
  const random = new SeededRandom(seed);
  return Uint8Array.from({ length }, () => random.nextUint32() & 255);
}

/** For tests: as a stream of pieces, all of one memory as a careless source has it. */
export function bodyOf(bytes: Uint8Array, pieceBytes = 1000): ObjectBody {
  async function* chunks() {
    const piece = new Uint8Array(pieceBytes);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const part = bytes.subarray(at, at + pieceBytes);
      piece.set(part);
      yield piece.subarray(0, part.length);
    }
  }
  return { chunks: chunks() };
}

export async function bytesIn(
  store: ObjectStore,
  key: string,
  range?: { offset: number; length: number },
): Promise<Uint8Array> {
  const { chunks } = await store.get(key, { signal, ...(range && { range }) });
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return new Uint8Array(Buffer.concat(parts));
}

export const keysIn = async (store: ObjectStore, prefix: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of listAll(store, prefix, signal)) keys.push(key);
  return keys;
};

/** For tests: what every kind of deep storage does. `largeBytes` is more than it sends at once, and `hasPart` waits until that is there. */
export function describeStore(
  name: string,
  open: () => Promise<ObjectStore>,
  largeBytes = 3_000_000,
  hasPart: (upload: UnfinishedUpload) => Promise<void> = async () => undefined,
): void {
  describe(`deep storage in ${name}`, () => {
    const sizes = [0, 1, 1000, 1001, largeBytes];
    test.each(sizes)('%d bytes come back', async (size) => {
      const store = await open();
      const bytes = someBytes(size);
      const told = { sizeBytes: size, sha256: sha256Hex(bytes) };
      expect(await store.put('a/b', bodyOf(bytes), signal)).toEqual(told);
      expect(await store.put('a/told', { ...bodyOf(bytes), ...told }, signal)).toEqual(told);
      for (const key of ['a/b', 'a/told']) {
        expect(sha256Hex(await bytesIn(store, key))).toBe(told.sha256);
        expect(await store.head(key, signal)).toMatchObject({ key, sizeBytes: size });
      }
      store.close();
    });

    test('parts of an object', async () => {
      const store = await open();
      const bytes = someBytes(5000);
      await store.put('k', bodyOf(bytes), signal);
      for (const [offset, length] of [
        [0, 5000],
        [0, 1],
        [4999, 1],
        [17, 2048],
        [5000, 0],
        [3, 0],
      ] as const) {
        const found = await bytesIn(store, 'k', { offset, length });
        expect(found).toEqual(bytes.slice(offset, offset + length));
      }
      for (const [offset, length] of [
        [0, 5001],
        [5001, 0],
        [-1, 2],
        [0.5, 1],
      ] as const) {
        await expect(bytesIn(store, 'k', { offset, length })).rejects.toThrow(UserError);
      }
      store.close();
    });

    test.each([500, largeBytes])('%d bytes are written once', async (size) => {
      const store = await open();
      const bytes = someBytes(size);
      const others = someBytes(size, 2);
      await store.put('k', bodyOf(bytes), signal);
      await store.put('k', bodyOf(bytes), signal);
      const told = { ...bodyOf(bytes), sha256: sha256Hex(bytes), sizeBytes: size };
      await store.put('k', told, signal);
      await expect(store.put('k', bodyOf(others), signal)).rejects.toThrow(ConflictError);
      await expect(store.put('k', bodyOf(bytes.slice(1)), signal)).rejects.toThrow(ConflictError);
      expect(sha256Hex(await bytesIn(store, 'k'))).toBe(sha256Hex(bytes));
      store.close();
    });

    test.each([500, largeBytes])('%d bytes that are not as told are not stored', async (size) => {
      const store = await open();
      const bytes = someBytes(size);
      const wrong = [
        { sizeBytes: size + 1 },
        { sizeBytes: size - 1 },
        { sha256: sha256Hex(someBytes(size, 2)) },
      ];
      for (const told of wrong) {
        const body = { ...bodyOf(bytes), ...told };
        await expect(store.put('k', body, signal)).rejects.toThrow(CorruptObjectError);
      }
      await expect(store.head('k', signal)).rejects.toThrow(NotFoundError);
      expect(await keysIn(store, '')).toEqual([]);
      store.close();
    });

    test('a source that fails leaves nothing', async () => {
      const store = await open();
      async function* chunks() {
        yield someBytes(largeBytes);
        throw new Error('no more');
      }
      await expect(store.put('k', { chunks: chunks() }, signal)).rejects.toThrow('no more');
      expect(await keysIn(store, '')).toEqual([]);
      store.close();
    });

    test('what is not there', async () => {
      const store = await open();
      await expect(store.head('a/b', signal)).rejects.toThrow(NotFoundError);
      await expect(bytesIn(store, 'a/b')).rejects.toThrow(NotFoundError);
      await store.remove('a/b', signal);
      await store.put('a/b', bodyOf(someBytes(3)), signal);
      await store.remove('a/b', signal);
      await expect(store.head('a/b', signal)).rejects.toThrow(NotFoundError);
      await expect(bytesIn(store, 'a/b')).rejects.toThrow(NotFoundError);
      store.close();
    });

    test('keys in order, page by page', async () => {
      const store = await open();
      const keys = ['a', 'b-c/x', 'b.c/x', 'b/1', 'b/2/x', 'b/2/y', 'b/20', 'b/3', 'b0', 'c'];
      for (const key of [...keys].reverse()) await store.put(key, bodyOf(someBytes(2)), signal);
      expect(await keysIn(store, '')).toEqual(keys);
      expect(await keysIn(store, 'b/')).toEqual(['b/1', 'b/2/x', 'b/2/y', 'b/20', 'b/3']);
      expect(await keysIn(store, 'b/2')).toEqual(['b/2/x', 'b/2/y', 'b/20']);
      expect(await keysIn(store, 'b/2/')).toEqual(['b/2/x', 'b/2/y']);
      expect(await keysIn(store, 'd')).toEqual([]);
      for (const limit of [1, 2, 3, 10]) {
        const found: string[] = [];
        for (let after: string | null = ''; after !== null; ) {
          const page = await store.list('b', { signal, limit, ...(after !== '' && { after }) });
          expect(page.objects.length).toBeLessThanOrEqual(limit);
          found.push(...page.objects.map(({ key }) => key));
          for (const { sizeBytes } of page.objects) expect(sizeBytes).toBe(2);
          after = page.next;
        }
        expect(found).toEqual(keys.slice(1, -1));
      }
      store.close();
    });

    test('keys that lead elsewhere are refused', async () => {
      const store = await open();
      for (const key of [
        '',
        '/a',
        'a/',
        'a//b',
        '..',
        'a/../b',
        './a',
        'a b',
        'ä',
        '~a',
        'a\\b',
        '\0',
      ]) {
        await expect(store.put(key, bodyOf(someBytes(1)), signal)).rejects.toThrow(UserError);
        await expect(store.head(key, signal)).rejects.toThrow(UserError);
        await expect(store.get(key, { signal })).rejects.toThrow(UserError);
        await expect(store.remove(key, signal)).rejects.toThrow(UserError);
      }
      expect(await keysIn(store, '')).toEqual([]);
      store.close();
    });

    test('a raised signal ends everything with its reason', async () => {
      const store = await open();
      await store.put('k', bodyOf(someBytes(largeBytes)), signal);
      const raised = AbortSignal.abort(new Error('enough'));
      const calls = [
        () => store.put('l', bodyOf(someBytes(5)), raised),
        () => store.get('k', { signal: raised }),
        () => store.head('k', raised),
        () => store.list('', { signal: raised }),
        () => store.remove('k', raised),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow('enough');
      const during = new AbortController();
      const { chunks } = await store.get('k', { signal: during.signal });
      const read = async () => {
        for await (const _ of chunks) during.abort(new Error('enough'));
      };
      await expect(read()).rejects.toThrow('enough');
      expect(await keysIn(store, '')).toEqual(['k']);
      store.close();
    });

    test('uploads that have not ended are listed, and can be ended', async () => {
      const store = await open();
      const bytes = someBytes(2 * largeBytes);
      const begin = (key: string) => {
        let goOn: () => void = () => undefined;
        const gate = new Promise<void>((resolve) => {
          goOn = resolve;
        });
        async function* chunks() {
          yield bytes.subarray(0, largeBytes);
          await gate;
          yield bytes.subarray(largeBytes);
        }
        return { goOn, done: store.put(key, { chunks: chunks() }, signal) };
      };
      const unfinished = async (prefix: string) => {
        const uploads: UnfinishedUpload[] = [];
        for await (const each of store.unfinished(prefix, signal)) uploads.push(each);
        return uploads;
      };
      const keysOf = async (prefix: string) => (await unfinished(prefix)).map(({ key }) => key);
      expect(await unfinished('')).toEqual([]);
      const [lost, other] = [begin('a/lost'), begin('a/other')];
      while ((await unfinished('a/')).length < 2) await setTimeout(5);
      expect((await keysOf('a/')).sort()).toEqual(['a/lost', 'a/other']);
      expect(await keysOf('a/l')).toEqual(['a/lost']);
      expect(await keysOf('b')).toEqual([]);
      expect(await keysIn(store, '')).toEqual([]);
      const [upload] = await unfinished('a/lost');
      await hasPart(upload!);
      await store.abandon(upload!, signal);
      await store.abandon(upload!, signal);
      expect(await keysOf('')).toEqual(['a/other']);
      const failing = expect(lost.done).rejects.toThrow();
      for (const { goOn } of [lost, other]) goOn();
      await failing;
      await other.done;
      expect(await unfinished('')).toEqual([]);
      expect(await keysIn(store, '')).toEqual(['a/other']);
      expect(sha256Hex(await bytesIn(store, 'a/other'))).toBe(sha256Hex(bytes));
      store.close();
    });

    test('one of many that store different bytes at once wins', async () => {
      const store = await open();
      const puts = [1, 2, 3].map((seed) => store.put('k', bodyOf(someBytes(100, seed)), signal));
      const results = await Promise.allSettled(puts);
      const winners = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      expect(winners).toHaveLength(1);
      expect(sha256Hex(await bytesIn(store, 'k'))).toBe(winners[0]!.sha256);
      store.close();
    });
  });
}
