import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, ConflictError, ManualClock } from '../../core/index.js';
import type { TaskRecord } from '../../ingest/index.js';
import { testPushCatalog } from '../../ingest/testing.js';
import { coreCount, type ShardBucket } from '../../segments/index.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import { chunkIntervalsOf } from './chunk-intervals.js';
import type { MetadataStore } from './metadata-store.js';
import { LOCAL_LOG } from './push-log-name.js';
import { ALL_SEGMENTS, segmentsIn } from './segment-selection.js';

const START_MS = Date.UTC(2024, 0, 1);

const TASK: TaskRecord = {
  id: 'index_t_1',
  type: 'index',
  dataSource: 't',
  status: 'RUNNING',
  createdMs: START_MS + 0.5,
  durationMs: -1,
  errorMsg: null,
};

/** A clock whose readings can be made to fail. */
class FailingClock extends ManualClock {
  #callsLeft: number | null = null;

  /** The reading after `calls` more throws, and all after that; null: none does. */
  failAfter(calls: number | null): void {
    this.#callsLeft = calls;
  }

  override nowMs(): number {
    if (this.#callsLeft !== null && this.#callsLeft-- <= 0) throw new Error('no time');
    return super.nowMs();
  }
}

/** For tests: what every metadata store promises, whatever database is below it. */
export function testMetadataStore(
  name: string,
  open: (clock: Clock) => Promise<MetadataStore>,
): void {
  testPushCatalog(name, async () => {
    const clock = new FailingClock(START_MS);
    const store = await open(clock);
    return {
      catalog: store.pushTables.ofLog(LOCAL_LOG),
      published: async (dataSource) =>
        (await store.segments.used(dataSource)).map(({ sealed }) => sealed.path),
      chunkIntervals: async (dataSource) => chunkIntervalsOf(await store.segments.used(dataSource)),
      failAfter: (steps) => clock.failAfter(steps),
      close: () => store.close(),
    };
  });

  describe(`metadata store on ${name}`, () => {
    let clock: FailingClock;
    let store: MetadataStore;
    beforeEach(async () => {
      clock = new FailingClock(START_MS);
      store = await open(clock);
    });
    afterEach(() => store.close());

    const pushes = () => store.pushTables.ofLog(LOCAL_LOG);

    const usedIds = async () => (await store.segments.used('t')).map(({ idText }) => idText);
    const usedPaths = async () =>
      (await store.segments.used()).flatMap(({ sealed, isTombstone }) =>
        isTombstone ? [] : sealed.path,
      );

    test('an overwrite gets a version of its own and numbers its partitions', async () => {
      const chunks = [days(0, 1), days(0, 1), days(1, 2)];
      const segments = chunks.map((chunk, i) => chunkSegment(chunk, `f${i}`));
      const ids = await store.segments.publish(publishOf('a', 'overwrite', segments));
      expect(ids.map((id) => [id.version, id.partitionNum])).toEqual([
        ['2024-01-01T00:00:00.000Z', 0],
        ['2024-01-01T00:00:00.000Z', 1],
        ['2024-01-01T00:00:00.000Z', 0],
      ]);
      const stored = await store.segments.used('t');
      expect(stored.map(({ sealed }) => sealed)).toEqual(segments.map(({ sealed }) => sealed));
      expect(stored.map(({ id }) => id)).toEqual(ids);
      expect(stored.map(({ shardSpec }) => coreCount(shardSpec))).toEqual([2, 2, 1]);
      expect(stored.map(({ used, createdMs }) => [used, createdMs])).toEqual(
        Array(3).fill([true, START_MS]),
      );
      expect(await usedIds()).toEqual([
        't_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_2024-01-01T00:00:00.000Z',
        't_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_2024-01-01T00:00:00.000Z_1',
        't_1970-01-02T00:00:00.000Z_1970-01-03T00:00:00.000Z_2024-01-01T00:00:00.000Z',
      ]);
    });

    test('versions rise although the clock stands still or goes back', async () => {
      const versions: string[] = [];
      for (const [i, stepMs] of [0, 0, -5000, 10_000].entries()) {
        clock.advance(stepMs);
        const request = publishOf(`${i}`, 'overwrite', [chunkSegment(days(0, 1), `f${i}`)]);
        versions.push((await store.segments.publish(request))[0]!.version);
      }
      expect(versions).toEqual([
        '2024-01-01T00:00:00.000Z',
        '2024-01-01T00:00:00.001Z',
        '2024-01-01T00:00:00.002Z',
        '2024-01-01T00:00:05.000Z',
      ]);
      expect(await usedPaths()).toEqual(['f3']);
    });

    test('an overwrite leaves the chunks alone that it has no rows for', async () => {
      const first = [days(0, 1), days(1, 2)].map((chunk, i) => chunkSegment(chunk, `old${i}`));
      await store.segments.publish(publishOf('a', 'overwrite', first));
      const second = [chunkSegment(days(0, 1), 'new0')];
      await store.segments.publish(publishOf('b', 'overwrite', second));
      expect(await usedPaths()).toEqual(['old1', 'new0']);
      expect((await store.segments.all()).length).toBe(3);
    });

    test('a day over a month hides that day; the month goes when nothing of it shows', async () => {
      await store.segments.publish(publishOf('a', 'overwrite', [chunkSegment(days(0, 2), 'both')]));
      await store.segments.publish(publishOf('b', 'overwrite', [chunkSegment(days(0, 1), 'one')]));
      expect(await usedPaths()).toEqual(['both', 'one']);
      await store.segments.publish(publishOf('c', 'overwrite', [chunkSegment(days(1, 2), 'two')]));
      expect(await usedPaths()).toEqual(['one', 'two']);
    });

    test('dropped intervals lose what lies inside them, in the same step', async () => {
      const chunks = [days(0, 1), days(1, 2), days(2, 3)];
      const segments = chunks.map((chunk, i) => chunkSegment(chunk, `f${i}`));
      await store.segments.publish(publishOf('a', 'overwrite', segments));
      const request = publishOf('b', 'overwrite', [chunkSegment(days(0, 1), 'new')], [days(0, 2)]);
      const ids = await store.segments.publish(request);
      expect(ids).toHaveLength(1);
      expect(await usedPaths()).toEqual(['f2', 'new']);
      const tombstones = (await store.segments.used()).filter(({ isTombstone }) => isTombstone);
      expect(tombstones.map(({ id, shardSpec }) => [id.interval, shardSpec])).toEqual([
        [days(1, 2), { type: 'tombstone', partitionNum: 0, partitions: 1 }],
      ]);
      expect(await store.segments.publish(request)).toEqual(ids);
      const all = publishOf('c', 'overwrite', [], [days(0, 9)]);
      expect(await store.segments.publish(all)).toEqual([]);
      expect(await usedPaths()).toEqual([]);
      expect(await store.segments.hasPublished('c')).toBe(true);
    });

    test('an append joins the current version, a new chunk has no core', async () => {
      const old = [chunkSegment(days(0, 1), 'a0'), chunkSegment(days(0, 1), 'a1')];
      await store.segments.publish(publishOf('a', 'overwrite', old));
      clock.advance(1000);
      const more = [days(0, 1), days(1, 2), days(0, 1)].map((chunk, i) =>
        chunkSegment(chunk, `b${i}`),
      );
      const ids = await store.segments.publish(publishOf('b', 'append', more));
      expect(ids.map((id) => [id.version, id.partitionNum])).toEqual([
        ['2024-01-01T00:00:00.000Z', 2],
        ['2024-01-01T00:00:01.000Z', 0],
        ['2024-01-01T00:00:00.000Z', 3],
      ]);
      const partitions = (await store.segments.used('t')).map((s) => coreCount(s.shardSpec));
      expect(partitions).toEqual([2, 2, 2, 0, 2]);
      const again = [chunkSegment(days(1, 2), 'c0')];
      const [id] = await store.segments.publish(publishOf('c', 'append', again));
      expect([id!.version, id!.partitionNum]).toEqual(['2024-01-01T00:00:01.000Z', 1]);
    });

    test('a bucket becomes the shard spec in its place, and an append behind it is numbered', async () => {
      const chunk = days(0, 1);
      const buckets: ShardBucket[] = [
        { type: 'range', dimensions: ['a', 'b'], start: null, end: ['de', null] },
        { type: 'range', dimensions: ['a', 'b'], start: ['de', null], end: null },
        { type: 'tombstone' },
      ];
      const segments = buckets.map((bucket, i) => ({ ...chunkSegment(chunk, `f${i}`), bucket }));
      await store.segments.publish(publishOf('a', 'overwrite', segments));
      await store.segments.publish(publishOf('b', 'append', [chunkSegment(chunk, 'g')]));
      const stored = await store.segments.used('t');
      expect(stored.map(({ shardSpec }) => shardSpec)).toEqual([
        { ...buckets[0], partitionNum: 0, numCorePartitions: 3 },
        { ...buckets[1], partitionNum: 1, numCorePartitions: 3 },
        { type: 'tombstone', partitionNum: 2, partitions: 3 },
        { type: 'numbered', partitionNum: 3, partitions: 3 },
      ]);
      expect(stored.map(({ coreCount }) => coreCount)).toEqual([3, 3, 3, 3]);
    });

    test('no id is given out twice, also not after everything was dropped', async () => {
      const segment = [chunkSegment(days(0, 1), 'f')];
      for (const [i, mode] of (['append', 'append', 'overwrite', 'append'] as const).entries()) {
        await store.segments.publish(publishOf(`${i}`, mode, segment));
        if (i % 2 === 1) expect(await store.segments.drop('t', ALL_SEGMENTS)).toBeGreaterThan(0);
      }
      const all = (await store.segments.all()).map(({ idText }) => idText);
      expect(new Set(all).size).toBe(4);
      expect(await usedIds()).toEqual([]);
    });

    test('publishing a task again changes nothing and gives the first outcome', async () => {
      const request = publishOf('a', 'append', [
        chunkSegment(days(0, 1), 'f0'),
        chunkSegment(days(0, 1), 'f1'),
      ]);
      expect(await store.segments.hasPublished('a')).toBe(false);
      const first = await store.segments.publish(request);
      clock.advance(1000);
      expect(await store.segments.publish(request)).toEqual(first);
      expect(await usedPaths()).toEqual(['f0', 'f1']);
      expect(await store.segments.hasPublished('a')).toBe(true);
    });

    test('a publish that fails at any point changes nothing', async () => {
      await store.segments.publish(publishOf('a', 'overwrite', [chunkSegment(days(0, 1), 'old')]));
      const before = await store.segments.all();
      const segments = [0, 1, 2].map((i) => chunkSegment(days(i, i + 1), `new${i}`));
      const request = publishOf('b', 'overwrite', segments, [days(0, 5)]);
      let failures = 0;
      for (let calls = 0; ; calls++) {
        clock.failAfter(calls);
        const failed = await store.segments.publish(request).then(
          () => false,
          () => true,
        );
        clock.failAfter(null);
        if (!failed) break;
        failures++;
        expect(await store.segments.all()).toEqual(before);
        expect(await store.segments.hasPublished('b')).toBe(false);
      }
      expect(failures).toBeGreaterThan(3);
      expect(await usedPaths()).toEqual(['new0', 'new1', 'new2']);
    });

    test('tables know nothing of each other', async () => {
      const segments = [chunkSegment(days(0, 1), 'f')];
      await store.segments.publish(publishOf('a', 'overwrite', segments));
      const other = { ...publishOf('b', 'overwrite', segments), dataSource: "o'ther_1" };
      await store.segments.publish(other);
      expect(await store.segments.drop('t', segmentsIn(days(1, 2)))).toBe(0);
      expect(await store.segments.drop('t', segmentsIn(days(0, 2)))).toBe(1);
      expect((await store.segments.used()).map(({ id }) => id.dataSource)).toEqual(["o'ther_1"]);
      expect(await store.segments.used('t')).toEqual([]);
    });

    test('what is known of a table is not read again', async () => {
      const chunks = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, i) =>
          chunkSegment(days(from + i, from + i + 1), `f${from + i}`),
        );
      await store.segments.publish(publishOf('a', 'append', chunks(0, 600)));
      const before = await store.segments.usedSince('t', new Map());
      expect(before).toEqual(await store.segments.used('t'));
      await store.segments.publish(publishOf('b', 'append', chunks(600, 602)));
      await store.segments.publish(publishOf('c', 'overwrite', chunks(3, 4)));
      const known = new Map(before.map((each) => [each.idText, each]));
      const after = await store.segments.usedSince('t', known);
      expect(after).toEqual(await store.segments.used('t'));
      expect(after.filter((each) => known.get(each.idText) === each).length).toBe(599);
    });

    test('rows that are handed off join the chunks that tasks have made', async () => {
      await store.segments.publish(publishOf('a', 'overwrite', [chunkSegment(days(0, 1), 'a')]));
      await pushes().declare('t', {}, 0);
      const chunkIntervals = [days(0, 1)];
      const segments = new Map([
        ['t', { chunkIntervals, segments: [chunkSegment(days(0, 1), 'b')] }],
      ]);
      await pushes().publish({ table: 't', from: 0, to: 5, segments });
      const used = await store.segments.used('t');
      expect(used.map(({ id, sealed }) => [id.version, id.partitionNum, sealed.path])).toEqual([
        ['2024-01-01T00:00:00.000Z', 0, 'a'],
        ['2024-01-01T00:00:00.000Z', 1, 'b'],
      ]);
    });

    test.each([
      { name: 'another chunk was made where rows go', chunks: [], interval: days(0, 2) },
      { name: 'their chunk was replaced by others', chunks: [days(0, 4)], interval: days(0, 4) },
      { name: 'a part of their chunk was', chunks: [days(0, 4), days(4, 8)], interval: days(0, 4) },
    ])('rows that were cut by other chunks are refused: $name', async ({ chunks, interval }) => {
      await store.segments.publish(publishOf('a', 'overwrite', [chunkSegment(days(0, 1), 'a')]));
      await pushes().declare('t', {}, 0);
      const segments = new Map([
        ['t', { chunkIntervals: chunks, segments: [chunkSegment(interval, 'b')] }],
      ]);
      const handoff = pushes().publish({ table: 't', from: 0, to: 5, segments });
      await expect(handoff).rejects.toBeInstanceOf(ConflictError);
      await expect(handoff).rejects.toMatchObject({ context: { dataSource: 't' } });
      const append = publishOf('b', 'append', [chunkSegment(interval, 'b')]);
      const basis = { kind: 'chunks', intervals: chunks } as const;
      await expect(store.segments.publish({ ...append, basis })).rejects.toThrow(ConflictError);
      expect(await usedPaths()).toEqual(['a']);
      expect((await pushes().tables())[0]!.position).toBe(0);
      const now = { kind: 'chunks', intervals: [days(0, 1)] } as const;
      const elsewhere = publishOf('b', 'append', [chunkSegment(days(1, 2), 'b')]);
      await store.segments.publish({ ...elsewhere, basis: now });
      expect(await usedPaths()).toEqual(['a', 'b']);
    });

    test('what replaces segments is refused when others came, or some went', async () => {
      const old = [days(0, 1), days(1, 2)].map((chunk, i) => chunkSegment(chunk, `old${i}`));
      await store.segments.publish(publishOf('a', 'overwrite', old));
      const visible = (await store.segments.used('t')).map(({ id }) => ({
        id,
        interval: id.interval,
      }));
      const basis = { kind: 'segments', interval: days(0, 2), visible } as const;
      const replace = (taskId: string, on: number) =>
        store.segments.publish({
          ...publishOf(taskId, 'overwrite', [chunkSegment(days(on, on + 1), taskId)]),
          basis,
        });
      await store.segments.publish(publishOf('b', 'append', [chunkSegment(days(0, 1), 'more')]));
      await expect(replace('c', 0)).rejects.toThrow(/1970-01-01.*nothing was published/);
      await replace('c', 1);
      expect(await usedPaths()).toEqual(['old0', 'more', 'c']);
      await expect(replace('d', 1)).rejects.toBeInstanceOf(ConflictError);
      await store.segments.drop('t', ALL_SEGMENTS);
      await expect(replace('d', 0)).rejects.toBeInstanceOf(ConflictError);
      await replace('d', 3);
      expect(await usedPaths()).toEqual(['d']);
    });

    test('a task is remembered with its last state, its payload and its report', async () => {
      const payload = { id: TASK.id, n: 9007199254740993n, text: "'; DROP TABLE tasks; -- ü𝄞" };
      await store.tasks.insert(TASK, payload);
      expect(await store.tasks.get(TASK.id)).toEqual(TASK);
      expect(await store.tasks.payload(TASK.id)).toEqual(payload);
      expect(await store.tasks.report(TASK.id)).toBeNull();
      const ended = { ...TASK, status: 'FAILED', durationMs: 12, errorMsg: 'no' } as const;
      await store.tasks.update(ended);
      await store.tasks.saveReport(TASK.id, { rows: 2n ** 63n - 1n });
      expect(await store.tasks.get(TASK.id)).toEqual(ended);
      expect(await store.tasks.report(TASK.id)).toEqual({ rows: 2n ** 63n - 1n });
    });

    test('a task id is taken once; unknown ones are null', async () => {
      await store.tasks.insert(TASK, {});
      await expect(store.tasks.insert({ ...TASK, type: 'other' }, {})).rejects.toThrow();
      expect(await store.tasks.get(TASK.id)).toEqual(TASK);
      expect(await store.tasks.get('x')).toBeNull();
      expect(await store.tasks.payload('x')).toBeNull();
      expect(await store.tasks.report('x')).toBeNull();
    });

    test('tasks are listed newest first', async () => {
      for (const [id, createdMs] of [
        ['b', 1],
        ['a', 1],
        ['c', 3],
        ['d', 2],
      ] as const) {
        await store.tasks.insert({ ...TASK, id, createdMs }, {});
      }
      expect((await store.tasks.list()).map(({ id }) => id)).toEqual(['c', 'd', 'a', 'b']);
    });
  });
}
