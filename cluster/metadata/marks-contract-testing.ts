import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, ManualClock } from '../../core/index.js';
import type { KillOrder } from '../../ingest/index.js';
import { ETERNITY } from '../../model/index.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import type { MetadataStore } from './metadata-store.js';
import { ALL_SEGMENTS, segmentsIn } from './segment-selection.js';

const START_MS = Date.UTC(2024, 0, 1);

const NOBODY = { author: '', comment: '', ip: '' };

const EVERYTHING: KillOrder = {
  interval: ETERNITY,
  versions: null,
  maxUsedChangedMs: null,
  ids: null,
  limit: 1000,
};

/** For tests: what every metadata store promises of segments that are dropped, taken back and removed, and of settings. */
export function testSegmentMarks(
  name: string,
  open: (clock: Clock) => Promise<MetadataStore>,
): void {
  describe(`drops and settings on ${name}`, () => {
    let clock: ManualClock;
    let store: MetadataStore;
    beforeEach(async () => {
      clock = new ManualClock(START_MS);
      store = await open(clock);
    });
    afterEach(() => store.close());

    /** Publishes one segment for each day or span of days, as an overwrite with a version of its own. */
    const overwrite = (task: string, ...spans: readonly (readonly [number, number])[]) => {
      clock.advance(1000);
      const segments = spans.map(([from, to], i) => chunkSegment(days(from, to), `${task}${i}`));
      return store.segments.publish(publishOf(task, 'overwrite', segments));
    };
    const shown = async () =>
      (await store.segments.used('t')).map(({ sealed, isTombstone, id }) =>
        isTombstone ? `hides ${id.interval.startMs / 86_400_000}` : sealed.path,
      );
    const all = async () => (await store.segments.all()).map(({ idText }) => idText);

    test('what is inside an interval is dropped, of the versions that are named', async () => {
      const [first] = await overwrite('a', [0, 1], [1, 2], [2, 4]);
      await overwrite('b', [4, 5]);
      expect(await store.segments.drop('t', segmentsIn(days(1, 3)))).toBe(1);
      expect(await shown()).toEqual(['a0', 'a2', 'b0']);
      const interval = days(0, 9);
      const versions = [first!.version];
      expect(await store.segments.drop('t', { kind: 'interval', interval, versions: ['no'] })).toBe(
        0,
      );
      expect(await store.segments.drop('t', { kind: 'interval', interval, versions })).toBe(2);
      expect(await shown()).toEqual(['b0']);
      expect(await store.segments.drop('t', segmentsIn(interval))).toBe(1);
      expect(await store.segments.drop('t', segmentsIn(interval))).toBe(0);
    });

    test('what is dropped comes back, but not what newer segments hide', async () => {
      await overwrite('a', [0, 1], [1, 2]);
      await overwrite('b', [0, 1]);
      const restore = () => store.segments.restore('t', ALL_SEGMENTS);
      expect(await restore()).toBe(0);
      expect(await store.segments.drop('t', ALL_SEGMENTS)).toBe(2);
      expect(await restore()).toBe(2);
      expect(await shown()).toEqual(['a1', 'b0']);
      await store.segments.drop('t', ALL_SEGMENTS);
      const [old] = await all();
      expect(await store.segments.restore('t', { kind: 'ids', ids: [old!, 'none'] })).toBe(1);
      expect(await shown()).toEqual(['a0']);
      expect(await restore()).toBe(2);
      expect(await shown()).toEqual(['a1', 'b0']);
    });

    test('a day that hid a part of a month goes on hiding it, and takes appended rows', async () => {
      await overwrite('month', [0, 30]);
      await overwrite('day', [10, 11]);
      expect(await store.segments.drop('t', segmentsIn(days(10, 11)))).toBe(1);
      expect(await shown()).toEqual(['month0', 'hides 10']);
      expect(await store.segments.drop('t', segmentsIn(days(10, 11)))).toBe(0);
      await store.segments.publish(publishOf('x', 'append', [chunkSegment(days(10, 11), 'late')]));
      const [, tombstone, late] = await store.segments.used('t');
      expect([late!.id.version, late!.id.partitionNum]).toEqual([tombstone!.id.version, 2]);
      expect(await store.segments.restore('t', segmentsIn(days(10, 11)))).toBe(1);
      expect(await shown()).toEqual(['month0', 'day0', 'hides 10', 'late']);
      expect(await store.segments.drop('t', ALL_SEGMENTS)).toBe(4);
      expect(await store.segments.restore('t', ALL_SEGMENTS)).toBe(4);
      expect(await shown()).toEqual(['month0', 'day0', 'hides 10', 'late']);
    });

    test.each([
      { dropsRows: true, older: [], expected: ['z0', 'hides 3'] },
      { dropsRows: false, older: [], expected: ['z0'] },
      { dropsRows: false, older: [[0, 9]] as const, expected: ['a0', 'z0', 'hides 3'] },
    ])('what a rewrite leaves: rows: $dropsRows, below: $older', async (given) => {
      if (given.older.length > 0) await overwrite('a', ...given.older);
      await overwrite('b', [2, 8]);
      const request = publishOf('z', 'overwrite', [chunkSegment(days(2, 3), 'z0')], [days(2, 8)]);
      await store.segments.publish({ ...request, dropsRows: given.dropsRows });
      expect(await shown()).toEqual(given.expected);
    });

    test('one partition of a chunk goes alone, and its number is not given out again', async () => {
      const ids = await overwrite('a', [0, 1], [0, 1], [0, 1]);
      const idTexts = await all();
      expect(await store.segments.drop('t', { kind: 'ids', ids: [idTexts[2]!] })).toBe(1);
      expect(await shown()).toEqual(['a0', 'a1']);
      expect(await store.segments.kill('t', EVERYTHING)).toEqual({ count: 1, paths: ['a2'] });
      await store.segments.publish(publishOf('b', 'append', [chunkSegment(days(0, 1), 'b0')]));
      const added = (await store.segments.used('t')).at(-1)!;
      expect([added.id.version, added.id.partitionNum]).toEqual([ids[0]!.version, 3]);
    });

    test('only what does not count is killed: oldest first, within limits', async () => {
      await overwrite('a', [0, 1], [1, 2], [2, 3]);
      await overwrite('b', [0, 1]);
      const [version] = (await store.segments.used('t')).map(({ id }) => id.version);
      await store.segments.drop('t', segmentsIn(days(2, 3)));
      const kill = (changes: Partial<KillOrder>) =>
        store.segments.kill('t', { ...EVERYTHING, ...changes });
      expect(await kill({ interval: days(1, 2) })).toEqual({ count: 0, paths: [] });
      expect(await kill({ versions: ['no'] })).toEqual({ count: 0, paths: [] });
      expect(await kill({ maxUsedChangedMs: START_MS + 1999 })).toEqual({ count: 0, paths: [] });
      expect(await kill({ versions: [version!], limit: 1 })).toEqual({ count: 1, paths: ['a0'] });
      expect(await kill({ maxUsedChangedMs: START_MS + 2000 })).toEqual({
        count: 1,
        paths: ['a2'],
      });
      expect(await kill({})).toEqual({ count: 0, paths: [] });
      expect(await shown()).toEqual(['a1', 'b0']);
      expect(await all()).toHaveLength(2);
    });

    test('a tombstone that is killed has no file; a killed chunk is forgotten', async () => {
      await overwrite('month', [0, 30]);
      await overwrite('day', [10, 11]);
      await store.segments.drop('t', segmentsIn(days(10, 11)));
      await store.segments.drop('t', ALL_SEGMENTS);
      expect(await store.segments.kill('t', EVERYTHING)).toEqual({
        count: 3,
        paths: ['month0', 'day0'],
      });
      const [again] = await overwrite('again', [10, 11]);
      expect(again!.partitionNum).toBe(0);
      expect(await store.segments.kill('no such table', EVERYTHING)).toEqual({
        count: 0,
        paths: [],
      });
    });

    test('publishing a task again gives what is left of its first outcome', async () => {
      await overwrite('a', [0, 1], [1, 2]);
      await store.segments.drop('t', segmentsIn(days(0, 1)));
      await store.segments.kill('t', EVERYTHING);
      expect(await overwrite('a', [0, 1], [1, 2])).toHaveLength(1);
      expect(await shown()).toEqual(['a1']);
    });

    test('old changes are forgotten, but not those of supervisors that are there', async () => {
      const { settings } = store;
      for (const name of ['gone', 'there']) {
        await settings.set('supervisors', name, { on: false }, NOBODY);
        await settings.set('supervisors', name, { on: true }, NOBODY);
      }
      await settings.set('rules', 'there', [], NOBODY);
      await settings.set('supervisors', 'gone', null, NOBODY);
      clock.advance(1);
      await settings.set('supervisors', 'there', { on: false }, NOBODY);
      expect(await settings.forgetChanges(clock.nowMs())).toBe(4);
      const count = 99;
      const left = await settings.history('supervisors', null, { count });
      expect(left.map(({ name }) => name)).toEqual(['there', 'there', 'there']);
      expect(await settings.history('rules', null, { count })).toEqual([]);
      expect(await settings.get('rules', 'there')).toEqual([]);
    });

    test('a setting has its last value; every change is remembered with who made it', async () => {
      const { settings } = store;
      const rules = [{ type: 'loadForever', n: 2n ** 60n }];
      const ann = { author: 'ann', comment: "it's time", ip: '127.0.0.1' };
      await settings.set('rules', 't', rules, ann);
      clock.advance(1000);
      await settings.set('rules', 'a', [], NOBODY);
      await settings.set('compaction', 't', {}, NOBODY);
      expect(await settings.get('rules', 't')).toEqual(rules);
      expect(await settings.get('rules', 'x')).toBeNull();
      expect([...(await settings.all('rules'))]).toEqual([
        ['a', []],
        ['t', rules],
      ]);
      await settings.set('rules', 't', null, NOBODY);
      expect(await settings.get('rules', 't')).toBeNull();
      const count = 2;
      expect((await settings.history('rules', null, { count })).map(({ name }) => name)).toEqual([
        't',
        'a',
      ]);
      const interval = { startMs: START_MS, endMs: START_MS + 1000 };
      expect(await settings.history('rules', 't', { interval })).toEqual([
        { name: 't', ...ann, timeMs: START_MS, value: rules },
      ]);
      expect(await settings.history('rules', 't', { count: 9 })).toMatchObject([
        { value: null },
        { value: rules },
      ]);
    });
  });
}
