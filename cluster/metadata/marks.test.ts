import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interval } from '../../model/index.js';
import { type Drop, dropOf, restoreOf, tombstoneIntervals } from './marks.js';
import type { PlacedSegment } from './stored-segment.js';

/** Instants are few, so that the oracle can ask each. */
const END = 12;
const INSTANTS = Array.from({ length: END }, (_, i) => i);

function segment(
  [startMs, endMs]: readonly [number, number],
  version: string,
  partitionNum = 0,
  marks: Partial<PlacedSegment> = {},
): PlacedSegment {
  const interval: Interval = { startMs, endMs };
  const idText = `${startMs}-${endMs} ${version} ${partitionNum}`;
  const id = { dataSource: 't', interval, version, partitionNum };
  return { id, idText, coreCount: 1, used: true, isTombstone: false, ...marks };
}

const covers = ({ id }: Pick<PlacedSegment, 'id'>, timeMs: number): boolean =>
  id.interval.startMs <= timeMs && timeMs < id.interval.endMs;

/** Of what covers an instant, those of the highest version; tombstones are among them. */
function topAt(segments: readonly PlacedSegment[], timeMs: number): PlacedSegment[] {
  const there = segments.filter((each) => covers(each, timeMs));
  const best = there
    .map(({ id }) => id.version)
    .sort()
    .at(-1);
  return there.filter(({ id }) => id.version === best);
}

/** What queries read at an instant. */
const rowsAt = (segments: readonly PlacedSegment[], timeMs: number): string[] =>
  topAt(segments, timeMs)
    .filter(({ isTombstone }) => !isTombstone)
    .map(({ idText }) => idText)
    .sort();

const anySegment = fc
  .record({
    start: fc.nat(END - 1),
    length: fc.integer({ min: 1, max: 6 }),
    version: fc.constantFrom('v1', 'v2', 'v3'),
    partitionNum: fc.nat(2),
    isTombstone: fc.boolean(),
    used: fc.boolean(),
  })
  .map(({ start, length, version, partitionNum, ...marks }) =>
    segment([start, Math.min(END, start + length)], version, partitionNum, marks),
  );

const anySegments = fc.uniqueArray(anySegment, {
  maxLength: 12,
  selector: ({ idText }) => idText,
});

/** The segments that count behind a drop. */
function afterDrop(used: readonly PlacedSegment[], { unused, hiding }: Drop): PlacedSegment[] {
  const tombstones = hiding.map(({ interval, version }) =>
    segment([interval.startMs, interval.endMs], version, 99, { isTombstone: true }),
  );
  return [...used.filter((each) => !unused.includes(each)), ...tombstones];
}

describe('dropOf', () => {
  test('queries see what they saw but for the rows that were dropped, wherever chunks lie', () => {
    fc.assert(
      fc.property(anySegments, fc.array(fc.nat(11)), (segments, picks) => {
        const used = segments.filter((each) => each.used);
        const chosen = new Set(picks.flatMap((index) => used[index] ?? []));
        const drop = dropOf(used, (each) => chosen.has(each));
        const after = afterDrop(used, drop);
        for (const timeMs of INSTANTS) {
          const gone = new Set([...chosen].map(({ idText }) => idText));
          const expected = rowsAt(used, timeMs).filter((text) => !gone.has(text));
          expect(rowsAt(after, timeMs)).toEqual(expected);
        }
        for (const each of chosen) {
          if (!each.isTombstone) expect(drop.unused).toContain(each);
        }
        for (const each of drop.unused) expect(chosen.has(each)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('a tombstone is there only where something would show without it, one for a chunk', () => {
    fc.assert(
      fc.property(anySegments, fc.array(fc.nat(11)), (segments, picks) => {
        const used = segments.filter((each) => each.used);
        const chosen = new Set(picks.flatMap((index) => used[index] ?? []));
        const drop = dropOf(used, (each) => chosen.has(each));
        const after = afterDrop(used, drop);
        const kept = [...chosen].filter((each) => !drop.unused.includes(each));
        const keys = drop.hiding.map(({ interval, version }) => `${interval.startMs} ${version}`);
        expect(new Set(keys).size).toBeLessThanOrEqual(drop.hiding.length);
        const added = after.filter(({ id }) => id.partitionNum === 99);
        const tombstones = [...added, ...kept];
        for (const tombstone of tombstones) {
          const { version } = tombstone.id;
          const others = after.filter(
            (each) => each.id.version !== version || !tombstones.includes(each),
          );
          const shows = INSTANTS.filter((timeMs) => covers(tombstone, timeMs)).some((timeMs) =>
            topAt(others, timeMs).some(({ id }) => id.version < version),
          );
          expect(shows).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a day over a month leaves a tombstone, its partition alone does not', () => {
    const month = segment([0, 10], 'v1');
    const day = [segment([4, 5], 'v2'), segment([4, 5], 'v2', 1)];
    const used = [month, ...day];
    expect(dropOf(used, (each) => each === day[0])).toEqual({ unused: [day[0]], hiding: [] });
    const both = dropOf(used, ({ id }) => id.version === 'v2');
    expect(both.unused).toEqual(day);
    expect(both.hiding).toMatchObject([{ interval: { startMs: 4, endMs: 5 }, version: 'v2' }]);
    expect(dropOf(used, () => true)).toEqual({ unused: used, hiding: [] });
    expect(dropOf(used, (each) => each === month)).toEqual({ unused: [month], hiding: [] });
  });

  test('a tombstone that is needed stays, whoever drops it', () => {
    const month = segment([0, 10], 'v1');
    const tombstone = segment([4, 5], 'v2', 1, { isTombstone: true });
    const used = [month, tombstone];
    expect(dropOf(used, (each) => each === tombstone)).toEqual({ unused: [], hiding: [] });
    expect(dropOf(used, () => true).unused).toEqual(used);
  });
});

describe('restoreOf', () => {
  test('never brings back what others hide, and brings back all else that was chosen', () => {
    fc.assert(
      fc.property(anySegments, fc.array(fc.nat(11)), (segments, picks) => {
        const chosen = new Set(picks.flatMap((index) => segments[index] ?? []));
        const { used, unused } = restoreOf(segments, (each) => chosen.has(each));
        const counting = segments.filter((each) => each.used || chosen.has(each));
        const isHidden = (each: PlacedSegment) =>
          INSTANTS.filter((timeMs) => covers(each, timeMs)).every((timeMs) =>
            topAt(counting, timeMs).some(({ id }) => id.version > each.id.version),
          );
        expect(used).toEqual(counting.filter((each) => !each.used && !isHidden(each)));
        expect(unused).toEqual(counting.filter((each) => each.used && isHidden(each)));
      }),
      { numRuns: 500 },
    );
  });

  test('what was dropped as a whole comes back as it was', () => {
    fc.assert(
      fc.property(anySegments, (segments) => {
        const old = segments.map((each) => ({ ...each, used: true }));
        const hidden = new Set(restoreOf(old, () => false).unused);
        const used = old.filter((each) => !hidden.has(each));
        const { unused } = dropOf(used, () => true);
        expect(unused).toEqual(used);
        const dropped = old.map((each) => ({ ...each, used: false }));
        const back = restoreOf(dropped, () => true).used.map(({ idText }) => idText);
        expect(back).toEqual(used.map(({ idText }) => idText));
      }),
    );
  });
});

describe('tombstoneIntervals', () => {
  const span = fc
    .tuple(fc.nat(END - 1), fc.integer({ min: 1, max: 6 }))
    .map(([startMs, length]): Interval => ({ startMs, endMs: Math.min(END, startMs + length) }));

  test('they cover the rows of the dropped intervals that nothing new covers, and no others', () => {
    fc.assert(
      fc.property(anySegments, span, fc.array(span, { maxLength: 3 }), (all, drop, written) => {
        const used = all.filter((each) => each.used);
        const tombstones = tombstoneIntervals(used, [drop], written);
        const inside = ({ startMs, endMs }: Interval, timeMs: number) =>
          startMs <= timeMs && timeMs < endMs;
        for (const timeMs of INSTANTS) {
          const expected =
            inside(drop, timeMs) &&
            !written.some((interval) => inside(interval, timeMs)) &&
            rowsAt(used, timeMs).length > 0;
          expect(tombstones.filter((interval) => inside(interval, timeMs)).length).toBe(
            Number(expected),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  test('they are cut as the chunks are', () => {
    const used = [segment([0, 4], 'v1'), segment([4, 6], 'v1'), segment([8, 12], 'v1')];
    const drop = { startMs: 2, endMs: 10 };
    expect(tombstoneIntervals(used, [drop], [{ startMs: 5, endMs: 6 }])).toEqual([
      { startMs: 2, endMs: 4 },
      { startMs: 4, endMs: 5 },
      { startMs: 8, endMs: 10 },
    ]);
  });
});
