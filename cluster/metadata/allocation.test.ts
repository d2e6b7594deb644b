import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PublishRequest } from '../../ingest/index.js';
import { coreCount } from '../../segments/index.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import { allocate, nextVersionMs, versionText } from './allocation.js';
import { PartitionNumbers } from './partition-numbers.js';
import type { PlacedSegment } from './stored-segment.js';

type Step =
  | {
      readonly kind: 'publish';
      readonly mode: 'append' | 'overwrite';
      readonly chunks: readonly number[];
      readonly clockStepMs: number;
    }
  /** Any segments, not only whole chunks: rules may drop what they like. */
  | { readonly kind: 'drop'; readonly which: readonly number[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      mode: fc.constantFrom('append' as const, 'overwrite' as const),
      chunks: fc.array(fc.nat(2), { maxLength: 5 }),
      clockStepMs: fc.constantFrom(0, 0.25, 1, 1000, -1, -5000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('drop' as const),
      which: fc.array(fc.nat(30), { maxLength: 6 }),
    }),
  },
);

/** A segment as the rules describe it: its chunk by number. */
interface Naive {
  readonly chunk: number;
  readonly version: string;
  readonly partitionNum: number;
  readonly partitions: number;
  used: boolean;
}

const allocateAmong = (
  request: PublishRequest,
  existing: readonly PlacedSegment[],
  version: string,
) => {
  const used = existing.filter((segment) => segment.used);
  return allocate(request, used, new PartitionNumbers(existing, []), version);
};

/** The rules, one segment at a time; `all` grows by what was published. */
function publishNaively(
  all: Naive[],
  mode: 'append' | 'overwrite',
  chunks: readonly number[],
  newVersion: string,
): Naive[] {
  const before = [...all];
  const fresh = chunks.map((chunk) => {
    const used = before.filter((segment) => segment.chunk === chunk && segment.used);
    const newest = used.sort((a, b) => (a.version < b.version ? 1 : -1))[0];
    const joins = mode === 'append' && newest !== undefined;
    const version = joins ? newest.version : newVersion;
    const core = mode === 'append' ? 0 : chunks.filter((other) => other === chunk).length;
    const segment: Naive = {
      chunk,
      version,
      // Numbers are given out without gaps, and none is ever taken back.
      partitionNum: all.filter((one) => one.chunk === chunk && one.version === version).length,
      partitions: joins ? newest.partitions : core,
      used: true,
    };
    all.push(segment);
    return segment;
  });
  if (mode === 'overwrite') {
    for (const old of before) if (chunks.includes(old.chunk)) old.used = false;
  }
  return fresh;
}

const placedOf = (segment: Naive): PlacedSegment => {
  const { chunk, version, partitionNum, partitions, used } = segment;
  const id = { dataSource: 't', interval: days(chunk, chunk + 1), version, partitionNum };
  return { id, idText: '', coreCount: partitions, used, isTombstone: false };
};

test('over any publishes and drops: places as the rules say, and no id twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const all: Naive[] = [];
      const ids = new Set<string>();
      let nowMs = Date.UTC(2024, 0, 1);
      let versionMs: number | undefined;
      for (const [i, each] of steps.entries()) {
        if (each.kind === 'drop') {
          for (const index of each.which) if (all[index] !== undefined) all[index].used = false;
          continue;
        }
        nowMs += each.clockStepMs;
        versionMs = nextVersionMs(nowMs, versionMs);
        const version = versionText(versionMs);
        const segments = each.chunks.map((chunk) => chunkSegment(days(chunk, chunk + 1), `${i}`));
        const request = publishOf(`${i}`, each.mode, segments);
        const allocations = allocateAmong(request, all.map(placedOf), version);
        const expected = publishNaively(all, each.mode, each.chunks, version).map(placedOf);
        expect(
          allocations.map(({ id, shardSpec }) => ({ id, coreCount: coreCount(shardSpec) })),
        ).toEqual(expected.map(({ id, coreCount }) => ({ id, coreCount })));
        for (const { idText } of allocations) ids.add(idText);
        expect(ids.size).toBe(all.length);
      }
    }),
    { numRuns: 500 },
  );
});

test('an append joins the newest version that is used, in whatever order they are there', () => {
  const place = fc.record({
    chunk: fc.nat(2),
    version: fc.constantFrom('2024-01-01', '2024-01-02', '2024-01-03'),
    partitionNum: fc.nat(5),
    partitions: fc.constant(0),
    used: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 12 }), (places) => {
      const segments = [0, 1, 2].map((chunk) => chunkSegment(days(chunk, chunk + 1), 'f'));
      const request = publishOf('a', 'append', segments);
      const existing = places.map(placedOf);
      const allocations = allocateAmong(request, existing, '2025');
      expect(allocateAmong(request, existing.reverse(), '2025')).toEqual(allocations);
      for (const [chunk, { id }] of allocations.entries()) {
        const used = places.filter((each) => each.chunk === chunk && each.used);
        const newest = used
          .map(({ version }) => version)
          .sort()
          .at(-1);
        expect(id.version).toBe(newest ?? '2025');
        for (const { version, partitionNum } of places.filter((each) => each.chunk === chunk)) {
          if (version === newest) expect(id.partitionNum).toBeGreaterThan(partitionNum);
        }
      }
    }),
  );
});

test('an id says table, chunk, version and partition; partition 0 goes without', () => {
  const chunk = days(0, 1);
  const request = publishOf('a', 'append', [chunkSegment(chunk, 'f'), chunkSegment(chunk, 'g')]);
  expect(allocateAmong(request, [], '2024').map(({ idText }) => idText)).toEqual([
    't_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_2024',
    't_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_2024_1',
  ]);
});

describe('versions', () => {
  test.each([
    { nowMs: 1000, lastMs: undefined, expected: 1000 },
    { nowMs: 1000, lastMs: 500, expected: 1000 },
    { nowMs: 1000, lastMs: 1000, expected: 1001 },
    { nowMs: 1000, lastMs: 9000, expected: 9001 },
  ])('now $nowMs after $lastMs: $expected', ({ nowMs, lastMs, expected }) => {
    expect(nextVersionMs(nowMs, lastMs)).toBe(expected);
  });

  test('their texts rise whatever the clock says, fractions of milliseconds included', () => {
    const instant = fc.oneof(
      fc.integer({ min: 0, max: 4e12 }),
      fc.double({ min: 1e12, max: 1e12 + 10, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(instant, { maxLength: 20 }), (instants) => {
        let lastMs: number | undefined;
        let lastText = '';
        for (const nowMs of instants) {
          lastMs = nextVersionMs(nowMs, lastMs);
          expect(versionText(lastMs) > lastText).toBe(true);
          lastText = versionText(lastMs);
        }
      }),
    );
  });
});
