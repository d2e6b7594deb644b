import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import type { ChunkSegment } from '../../ingest/index.js';
import { ETERNITY } from '../../model/index.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import type { MetadataStore } from './metadata-store.js';
import { GivenUpObjectError } from './object-table.js';
import { ALL_SEGMENTS } from './segment-selection.js';

const A = { node: 'n1', incarnation: 'a', taskId: null };
const B = { node: 'n1', incarnation: 'b', taskId: null };
const TASK = { node: 'n1', incarnation: 'a', taskId: 'index_t' };

const EVERYTHING = {
  interval: ETERNITY,
  versions: null,
  maxUsedChangedMs: null,
  ids: null,
  limit: 1000,
};

/** For tests: a segment whose file is in deep storage. */
export function storedSegmentOf(key: string, day = 0): ChunkSegment {
  const segment = chunkSegment(days(day, day + 1), '');
  const deep = { key, sizeBytes: 1, sha256: 'f'.repeat(64) };
  return { ...segment, sealed: { ...segment.sealed, deep } };
}

/** For tests: what metadata stores promise of objects in deep storage; `open` gives those of several processes over one database. */
export function testObjectTable(
  name: string,
  open: (count: number) => Promise<readonly MetadataStore[]>,
): void {
  describe(`objects in the metadata on ${name}`, () => {
    let store: MetadataStore;
    let other: MetadataStore;
    beforeEach(async () => {
      const stores = await open(2);
      store = stores[0]!;
      other = stores[1]!;
    });
    afterEach(async () => {
      for (const each of new Set([store, other])) await each.close();
    });

    const publish = (taskId: string, keys: readonly string[]) =>
      store.segments.publish(
        publishOf(
          taskId,
          'append',
          keys.map((key) => storedSegmentOf(key)),
        ),
      );
    const handOff = (keys: readonly string[]) => {
      const segments = keys.map((key) => storedSegmentOf(key));
      const used = { chunkIntervals: [], segments };
      const request = { table: 't', from: 0, to: 5, segments: new Map([['t', used]]) };
      return store.pushTables.ofLog('n1').publish(request);
    };
    const states = (...keys: string[]) => other.objects.states(keys);

    test('a key is being written, then a segment has it until that is removed', async () => {
      expect(await states('a', 'b')).toEqual(new Map());
      await store.objects.register('a', A);
      await store.objects.register('b', TASK);
      expect(await states('a', 'b', 'c')).toEqual(
        new Map([
          ['a', 'writing'],
          ['b', 'writing'],
        ]),
      );
      expect(await states('c')).toEqual(new Map());
      const ids = await publish('index_t', ['a', 'b']);
      expect(await other.objects.writers()).toEqual([]);
      expect((await states('a', 'b')).get('b')).toBe('named');
      // Of a repeat the first outcome counts, although its keys are registered no more.
      expect(await publish('index_t', ['a', 'b'])).toEqual(ids);
      await store.segments.drop('t', ALL_SEGMENTS);
      expect((await states('a')).get('a')).toBe('named');
      await store.segments.kill('t', EVERYTHING);
      expect(await states('a', 'b')).toEqual(new Map());
    });

    test('many keys at once', async () => {
      const keys = Array.from({ length: 1203 }, (_, i) => `k${i}`);
      for (const key of keys.slice(0, 5)) await store.objects.register(key, A);
      expect((await states(...keys)).size).toBe(5);
      await store.objects.release(keys);
      expect((await states(...keys)).size).toBe(0);
    });

    test('a publish of what was given up, released or never registered changes nothing', async () => {
      for (const key of ['a', 'b', 'c']) await store.objects.register(key, key === 'b' ? B : A);
      expect(await other.objects.giveUp([A])).toBe(2);
      expect(await other.objects.giveUp([A])).toBe(0);
      await store.pushTables.ofLog('n1').declare('t', {}, 0);
      for (const keys of [['a'], ['b', 'c'], ['never']]) {
        await expect(publish('index_t', keys)).rejects.toBeInstanceOf(GivenUpObjectError);
        await expect(publish('index_t', keys)).rejects.toThrow(keys.at(-1));
        await expect(handOff(keys)).rejects.toMatchObject({ context: { dataSource: 't' } });
      }
      expect(await store.segments.all()).toEqual([]);
      expect(await store.segments.hasPublished('index_t')).toBe(false);
      expect((await store.pushTables.ofLog('n1').positions()).get('t')).toBe(0);
      expect(await states('a', 'b')).toEqual(new Map([['b', 'writing']]));
      await handOff(['b']);
      await handOff(['b']);
      expect(await states('b')).toEqual(new Map([['b', 'named']]));
    });

    test('writers are told apart by process and task', async () => {
      for (const [key, writer] of Object.entries({ a: A, b: B, c: TASK })) {
        await store.objects.register(key, writer);
        await store.objects.register(`${key}2`, writer);
      }
      const writers = await other.objects.writers();
      expect(writers).toHaveLength(3);
      expect(writers).toEqual(expect.arrayContaining([A, B, TASK]));
      expect(await other.objects.giveUp([TASK])).toBe(2);
      expect(await other.objects.writers()).toEqual(expect.arrayContaining([A, B]));
      expect(await other.objects.giveUp([A, B])).toBe(4);
      expect(await other.objects.writers()).toEqual([]);
    });

    test('of a publish and a giving up at once one is done, whole', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          const random = new SeededRandom(seed);
          const keys = [0, 1, 2].map((i) => `${seed}/${random.nextUint32()}/${i}`);
          for (const key of keys) await store.objects.register(key, A);
          const publishing = publish(`task${keys[0]}`, keys).then(
            () => true,
            (error) => {
              expect(error).toBeInstanceOf(GivenUpObjectError);
              return false;
            },
          );
          const byWriter = random.nextUint32() % 2 === 0;
          const givingUp = byWriter ? other.objects.giveUp([A]) : other.objects.release(keys);
          const watching = other.objects.states(keys);
          const [isPublished] = await Promise.all([publishing, givingUp]);
          // Seen in between, all are in the same state.
          const seen = await watching;
          expect(new Set(keys.map((key) => seen.get(key))).size).toBe(1);
          const now = await states(...keys);
          expect([...now.values()]).toEqual(isPublished ? keys.map(() => 'named') : []);
        }),
        { numRuns: draws(8) },
      );
    });
  });
}
