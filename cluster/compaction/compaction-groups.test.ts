import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { compactedTest } from './compacted.js';
import { parseCompactionConfig } from './compaction-config.js';
import { judgeGroups } from './compaction-groups.js';

const DAY_MS = 86_400_000;
const DYNAMIC = { type: 'dynamic', maxRowsPerSegment: 5_000_000 };

/** What a compaction by the configuration without anything in it writes. */
const STATE: JsonObject = {
  partitionsSpec: DYNAMIC,
  dimensionsSpec: { dimensions: [{ type: 'string', name: 'a' }] },
  metricsSpec: [],
  transformSpec: null,
  indexSpec: null,
  granularitySpec: { segmentGranularity: null, queryGranularity: 'hour', rollup: true },
};

const configOf = (changes: JsonObject = {}) =>
  parseCompactionConfig({ dataSource: 't', skipOffsetFromLatest: 'PT0S', ...changes });

/** A segment of days. */
function segment(
  [from, to]: readonly [number, number],
  version = 'v1',
  marks: Partial<StoredSegment> & { readonly sizeBytes?: number } = {},
): StoredSegment {
  const interval = { startMs: from * DAY_MS, endMs: to * DAY_MS };
  const { sizeBytes = 1, ...others } = marks;
  return {
    id: { dataSource: 't', interval, version, partitionNum: 0 },
    idText: `${from}/${to}/${version}`,
    coreCount: 1,
    used: true,
    isTombstone: false,
    createdMs: 0,
    usedChangedMs: 0,
    shardSpec: { type: 'numbered', partitionNum: 0, partitions: 1 },
    compactionState: null,
    sealed: { sizeBytes } as StoredSegment['sealed'],
    ...others,
  };
}

const daysOf = ({ startMs, endMs }: Interval) => [startMs / DAY_MS, endMs / DAY_MS];
const shown = (used: readonly StoredSegment[], changes: JsonObject = {}) =>
  judgeGroups(used, configOf(changes)).map(({ interval, segments, verdict }) => [
    ...daysOf(interval),
    segments.map(({ idText }) => idText).join(' '),
    verdict,
  ]);

describe('compactedTest', () => {
  const given = (changes: JsonObject, state: JsonObject = {}, days: [number, number] = [0, 1]) =>
    compactedTest(configOf(changes))(
      segment(days, 'v', { compactionState: JSON.stringify({ ...STATE, ...state }) }),
    );
  const granularity = (granularitySpec: JsonObject) => ({ granularitySpec });

  test.each<[JsonObject, JsonObject?, [number, number]?]>([
    [{}],
    [{ taskPriority: 1, inputSegmentSizeBytes: 7, taskContext: { x: 1 } }],
    [granularity({ queryGranularity: 'HOUR' })],
    [granularity({ rollup: true })],
    [granularity({ segmentGranularity: 'DAY' })],
    [granularity({ segmentGranularity: 'month' }), {}, [0, 31]],
    [{ dimensionsSpec: { dimensions: [{ name: 'a', type: 'string' }] } }],
    [{ starTrees: 'auto' }, { starTrees: 'auto' }],
    [{}, { starTrees: 'auto' }],
    [{ dimensionsSpec: { dimensions: [] } }],
    [{ dimensionsSpec: {}, metricsSpec: [] }],
    [{ tuningConfig: { maxRowsInMemory: 5, partitionsSpec: DYNAMIC } }],
    [{ maxRowsPerSegment: 5 }, { partitionsSpec: { ...DYNAMIC, maxRowsPerSegment: 5 } }],
    [
      { tuningConfig: { partitionsSpec: { type: 'hashed', numShards: 2, maxTotalRows: null } } },
      { partitionsSpec: { numShards: 2, type: 'hashed' } },
    ],
  ])('%j wants no more of %j', (changes, state, days) => {
    expect(given(changes, state, days)).toBe(true);
  });

  test.each<[JsonObject, JsonObject?, [number, number]?]>([
    [granularity({ queryGranularity: 'day' })],
    [granularity({ rollup: false })],
    [granularity({ segmentGranularity: 'hour' })],
    [granularity({ segmentGranularity: 'month' })],
    [granularity({ segmentGranularity: 'day' }), {}, [0, 2]],
    [{ dimensionsSpec: { dimensions: ['b'] } }],
    [{ metricsSpec: [{ type: 'count', name: 'n' }] }],
    [{ transformSpec: { filter: { type: 'selector', dimension: 'a', value: 'x' } } }],
    [{ starTrees: 'auto' }],
    [{ starTrees: 'none' }, { starTrees: 'auto' }],
    [{ maxRowsPerSegment: 5 }],
    [{ tuningConfig: { indexSpec: { bitmap: { type: 'roaring' } } } }],
    [{}, { partitionsSpec: { type: 'hashed', numShards: 2 } }],
  ])('%j wants more than %j', (changes, state, days) => {
    expect(given(changes, state, days)).toBe(false);
  });

  test('what no compaction wrote is not', () => {
    expect(compactedTest(configOf())(segment([0, 1]))).toBe(false);
  });
});

describe('judgeGroups', () => {
  const compactionState = JSON.stringify(STATE);

  test('chunk by chunk, the newest first; a chunk is compacted when all of it is', () => {
    const appended = segment([0, 1], 'v1', { idText: '0/1/v1_1' });
    const partition = { ...appended, id: { ...appended.id, partitionNum: 1 } };
    const used = [
      segment([0, 1], 'v1', { compactionState }),
      partition,
      segment([1, 2], 'v1', { compactionState }),
      segment([4, 5]),
    ];
    expect(shown(used)).toEqual([
      [4, 5, '4/5/v1', 'awaiting'],
      [1, 2, '1/2/v1', 'compacted'],
      [0, 1, '0/1/v1 0/1/v1_1', 'awaiting'],
    ]);
    expect(shown([])).toEqual([]);
  });

  test('chunks that overlap, or share a bucket, belong together', () => {
    const used = [segment([0, 31]), segment([10, 11], 'v2'), segment([31, 32]), segment([58, 60])];
    expect(shown(used)).toEqual([
      [58, 60, '58/60/v1', 'awaiting'],
      [31, 32, '31/32/v1', 'awaiting'],
      [0, 31, '0/31/v1 10/11/v2', 'awaiting'],
    ]);
    const granularitySpec = { segmentGranularity: 'month' };
    expect(shown(used, { granularitySpec })).toEqual([
      [31, 90, '31/32/v1 58/60/v1', 'awaiting'],
      [0, 31, '0/31/v1 10/11/v2', 'awaiting'],
    ]);
  });

  test('what is hidden, and tombstones, are nothing to compact', () => {
    const used = [
      segment([0, 1]),
      segment([0, 1], 'v2', { isTombstone: true }),
      segment([2, 4]),
      segment([3, 4], 'v2', { isTombstone: true }),
    ];
    expect(shown(used)).toEqual([[2, 4, '2/4/v1', 'awaiting']]);
  });

  test('the latest time is left alone, with every chunk that it touches', () => {
    const used = [segment([0, 2]), segment([2, 3]), segment([3, 4])];
    const verdicts = (skipOffsetFromLatest: string, changes: JsonObject = {}) =>
      judgeGroups(used, configOf({ skipOffsetFromLatest, ...changes })).map(
        ({ verdict }) => verdict,
      );
    expect(verdicts('PT0S')).toEqual(['awaiting', 'awaiting', 'awaiting']);
    expect(verdicts('PT1S')).toEqual(['skipped', 'awaiting', 'awaiting']);
    expect(verdicts('P1D')).toEqual(['skipped', 'awaiting', 'awaiting']);
    expect(verdicts('PT24H1S')).toEqual(['skipped', 'skipped', 'awaiting']);
    expect(verdicts('P3D')).toEqual(['skipped', 'skipped', 'skipped']);
    expect(verdicts('P1D', { granularitySpec: { segmentGranularity: 'month' } })).toEqual([
      'skipped',
    ]);
    expect(
      judgeGroups(used, parseCompactionConfig({ dataSource: 't' })).map((g) => g.verdict),
    ).toEqual(['skipped', 'awaiting', 'awaiting']);
  });

  test('groups that are too large are left alone', () => {
    const used = [segment([0, 1], 'v1', { sizeBytes: 8 }), segment([0, 2], 'v2', { sizeBytes: 3 })];
    const verdicts = (inputSegmentSizeBytes: number) =>
      judgeGroups([used[0]!, segment([1, 2])], configOf({ inputSegmentSizeBytes })).map(
        ({ verdict, sizeBytes }) => [verdict, sizeBytes],
      );
    expect(verdicts(8)).toEqual([
      ['awaiting', 1],
      ['awaiting', 8],
    ]);
    expect(verdicts(7)).toEqual([
      ['awaiting', 1],
      ['skipped', 8],
    ]);
  });

  test('groups cover what is visible, once, cut no chunk and no bucket, and none could be smaller', () => {
    const anySegment = fc
      .record({
        from: fc.nat(20),
        length: fc.integer({ min: 1, max: 6 }),
        version: fc.constantFrom('v1', 'v2', 'v3'),
        isTombstone: fc.boolean(),
        isDone: fc.boolean(),
      })
      .map(({ from, length, version, isTombstone, isDone }) =>
        segment([from, from + length], version, {
          isTombstone,
          compactionState: isDone ? JSON.stringify(STATE) : null,
        }),
      );
    const anySegments = fc.uniqueArray(anySegment, {
      maxLength: 10,
      selector: ({ idText }) => idText,
    });
    fc.assert(
      fc.property(anySegments, fc.constantFrom(1, 2, 5), (used, width) => {
        const granularitySpec =
          width === 1
            ? null
            : { segmentGranularity: { type: 'duration', duration: width * DAY_MS } };
        const groups = judgeGroups(used, configOf({ granularitySpec }));
        const days = Array.from({ length: 30 }, (_, day) => day);
        const covers = ({ id }: StoredSegment, day: number) => {
          const [from, to] = daysOf(id.interval);
          return from! <= day && day < to!;
        };
        const visible = new Set(
          days.flatMap((day) => {
            const there = used.filter((each) => covers(each, day));
            const best = there
              .map(({ id }) => id.version)
              .sort()
              .at(-1);
            return there.filter(({ id, isTombstone }) => id.version === best && !isTombstone);
          }),
        );
        expect(new Set(groups.flatMap(({ segments }) => segments))).toEqual(visible);
        expect(groups.flatMap(({ segments }) => segments)).toHaveLength(visible.size);
        // Days are joined by a chunk, or by a bucket.
        const home = (day: number) =>
          groups.findIndex(({ interval }) => {
            const [from, to] = daysOf(interval);
            return from! <= day && day < to!;
          });
        const joined = (a: number, b: number) =>
          [...visible].some((each) => covers(each, a) && covers(each, b)) ||
          (width > 1 && Math.floor(a / width) === Math.floor(b / width));
        for (const day of days.slice(1)) {
          if (home(day) < 0 || home(day - 1) < 0) continue;
          expect(home(day) === home(day - 1)).toBe(joined(day - 1, day));
        }
        for (const { segments, verdict, interval } of groups) {
          const isAligned = (each: StoredSegment) =>
            width === 1 ||
            (daysOf(each.id.interval)[1]! - daysOf(each.id.interval)[0]! === width &&
              daysOf(each.id.interval)[0]! % width === 0);
          const isDone = segments.every((each) => each.compactionState !== null && isAligned(each));
          expect(verdict).toBe(isDone ? 'compacted' : 'awaiting');
          expect(daysOf(interval).every((day) => day % width === 0)).toBe(true);
        }
        const starts = groups.map(({ interval }) => interval.startMs);
        expect(starts).toEqual([...starts].sort((a, b) => b - a));
      }),
      { numRuns: 500 },
    );
  });
});
