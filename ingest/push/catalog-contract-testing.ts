import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConflictError, UserError } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { ChunkSegment } from '../publisher.js';
import { DEAD_LETTERS, type HandoffSegments, type PushCatalog } from './types.js';

const DAY_MS = 86_400_000;

const day = (n: number): Interval => ({ startMs: n * DAY_MS, endMs: (n + 1) * DAY_MS });

/** For tests: a segment of a chunk, as sealing would describe its file. */
export const chunkSegment = (interval: Interval, path: string): ChunkSegment => ({
  interval,
  sealed: {
    path,
    rowCount: 3,
    sizeBytes: 1000,
    sha256: '00'.repeat(32),
    minTimeMs: interval.startMs,
    maxTimeMs: interval.endMs - 1,
    columns: [{ name: '__time', role: 'time', type: 'LONG', multiValue: false }],
  },
});

/** For tests: a catalogue, how to see what is published, and how to make it fail. */
export interface CatalogUnderTest {
  readonly catalog: PushCatalog;
  /** Paths of the segments of a data source, in order of publishing. */
  published(dataSource: string): Promise<readonly string[]>;
  /** Of a data source now. */
  chunkIntervals(dataSource: string): Promise<readonly Interval[]>;
  /** The step after `steps` more throws, and all after that; null: none does. */
  failAfter(steps: number | null): void;
  close(): Promise<void>;
}

/** For tests: what every catalogue of push tables promises. */
export function testPushCatalog(name: string, open: () => Promise<CatalogUnderTest>): void {
  describe(`push catalogue on ${name}`, () => {
    let under: CatalogUnderTest;
    let catalog: PushCatalog;
    beforeEach(async () => {
      under = await open();
      catalog = under.catalog;
    });
    afterEach(() => under.close());

    /** A handoff of table `t`, with these files by data source, cut by the chunks of now. */
    const handoff = async (from: number, to: number, files: Record<string, string[]> = {}) => {
      const segments = new Map<string, HandoffSegments>();
      for (const [dataSource, paths] of Object.entries(files)) {
        segments.set(dataSource, {
          chunkIntervals: await under.chunkIntervals(dataSource),
          segments: paths.map((path, i) => chunkSegment(day(i % 2), path)),
        });
      }
      return { table: 't', from, to, segments };
    };
    const position = async () => (await catalog.tables())[0]?.position;

    test('versions count up from 1, and only the first one sets the position', async () => {
      const specs = [{ a: 1 }, { n: 9007199254740993n, text: "'; DROP TABLE t; -- ü𝄞" }, { a: 1 }];
      for (const [i, spec] of specs.entries()) {
        expect(await catalog.declare('t', spec, 100 + i)).toBe(i + 1);
      }
      expect(await catalog.declare("a table's", {}, Number.MAX_SAFE_INTEGER)).toBe(1);
      expect(await catalog.tables()).toEqual([
        { name: "a table's", versions: [{}], position: Number.MAX_SAFE_INTEGER },
        { name: 't', versions: specs, position: 100 },
      ]);
    });

    test.each(['', ' ', '.hidden', 'a/b', 'a\nb', 'sys.dead_letters', 'sys.'])(
      'the name %j is refused',
      async (bad) => {
        const declaring = catalog.declare(bad, {}, 0);
        await expect(declaring).rejects.toBeInstanceOf(UserError);
        await expect(declaring).rejects.toMatchObject({ field: 'table' });
        expect(await catalog.tables()).toEqual([]);
      },
    );

    test('a handoff moves the position and appends to several data sources at once', async () => {
      await catalog.declare('t', {}, 10);
      await catalog.publish(await handoff(10, 20, { t: ['a', 'b', 'c'], [DEAD_LETTERS]: ['l'] }));
      await catalog.publish(await handoff(20, 35, { t: ['d'] }));
      expect(await position()).toBe(35);
      expect(await under.published('t')).toEqual(['a', 'b', 'c', 'd']);
      expect(await under.published(DEAD_LETTERS)).toEqual(['l']);
    });

    test('a handoff without segments only moves the position', async () => {
      await catalog.declare('t', {}, 0);
      await catalog.publish(await handoff(0, 7));
      expect(await position()).toBe(7);
      expect(await under.published('t')).toEqual([]);
    });

    test('the last handoff again: nothing changes', async () => {
      await catalog.declare('t', {}, 0);
      const request = await handoff(0, 7, { t: ['a'], [DEAD_LETTERS]: ['l'] });
      await catalog.publish(request);
      await catalog.publish(request);
      expect(await position()).toBe(7);
      expect(await under.published('t')).toEqual(['a']);
      expect(await under.published(DEAD_LETTERS)).toEqual(['l']);
    });

    test.each([
      { name: 'from before', from: 3, to: 20 },
      { name: 'from beyond', from: 11, to: 20 },
      { name: 'to the position, from elsewhere', from: 4, to: 10 },
      { name: 'one before the last again', from: 2, to: 5 },
    ])('$name: a conflict that changes nothing', async ({ from, to }) => {
      await catalog.declare('t', {}, 2);
      await catalog.publish(await handoff(2, 5));
      await catalog.publish(await handoff(5, 10, { t: ['a'] }));
      const publishing = catalog.publish(
        await handoff(from, to, { t: ['b'], [DEAD_LETTERS]: ['l'] }),
      );
      await expect(publishing).rejects.toBeInstanceOf(ConflictError);
      expect(await position()).toBe(10);
      expect(await under.published('t')).toEqual(['a']);
      expect(await under.published(DEAD_LETTERS)).toEqual([]);
    });

    test('a table that was never declared: a conflict; no step back', async () => {
      await expect(catalog.publish(await handoff(0, 7))).rejects.toBeInstanceOf(ConflictError);
      await catalog.declare('t', {}, 0);
      await expect(catalog.publish(await handoff(0, 0))).rejects.toThrow(/invariant/);
      expect(await position()).toBe(0);
    });

    test('of equal handoffs at the same moment one is done; of different ones the others fail', async () => {
      await catalog.declare('t', {}, 0);
      const same = await handoff(0, 7, { t: ['a'] });
      const others = [await handoff(0, 8, { t: ['b'] }), await handoff(0, 9, { t: ['c'] })];
      const outcomes = await Promise.allSettled(
        [same, ...others, same].map((request) => catalog.publish(request)),
      );
      // Which one comes first is not for the catalogue to say.
      const winner = (await position())! - 7;
      expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(
        [0, 1, 2, 0].map((each) => each === winner),
      );
      expect(await under.published('t')).toEqual(['abc'[winner]]);
    });

    test('a publish that fails at any step did nothing or all, and a repeat does the rest', async () => {
      await catalog.declare('t', {}, 0);
      const expected: string[] = [];
      let failures = 0;
      for (let steps = 0, from = 0; ; steps++, from++) {
        const files = { t: [`a${from}`, `b${from}`], [DEAD_LETTERS]: [`l${from}`] };
        const request = await handoff(from, from + 1, files);
        under.failAfter(steps);
        const failed = await catalog.publish(request).then(
          () => false,
          () => true,
        );
        under.failAfter(null);
        const published = await under.published('t');
        const isDone = (await position()) === from + 1;
        expect(published).toEqual(isDone ? [...expected, ...files.t] : expected);
        expect(isDone || failed).toBe(true);
        await catalog.publish(request);
        expected.push(...files.t);
        expect(await under.published('t')).toEqual(expected);
        expect((await under.published(DEAD_LETTERS)).length).toBe(from + 1);
        if (!failed) break;
        failures++;
      }
      expect(failures).toBeGreaterThan(2);
    });
  });
}
