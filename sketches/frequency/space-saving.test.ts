import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError, SeededRandom } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { withBytes } from '../bytes-testing.js';
import { SpaceSaving } from './space-saving.js';

type Counts = ReadonlyMap<string | number, number>;

function countsOf(values: readonly (string | number)[]): Counts {
  const counts = new Map<string | number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function summaryOf(values: readonly (string | number)[], capacity: number): SpaceSaving {
  const summary = new SpaceSaving(typeof values[0] === 'string' ? 'texts' : 'longs', capacity);
  for (const value of values) summary.add(value);
  return summary;
}

/** What every summary promises. */
function expectTrue(summary: SpaceSaving, counts: Counts, capacity: number): void {
  const { entries, total, absentCount } = summary.state();
  expect(total).toBe([...counts.values()].reduce((a, b) => a + b, 0));
  expect(entries.length).toBeLessThanOrEqual(capacity);
  expect(absentCount).toBeLessThanOrEqual(total / capacity);
  const left = new Map(counts);
  for (const { value, count, error } of entries) {
    const truth = counts.get(value as string) ?? 0;
    expect(count).toBeGreaterThanOrEqual(truth);
    expect(count - error).toBeLessThanOrEqual(truth);
    expect(error).toBeLessThanOrEqual(total / capacity);
    left.delete(value as string);
  }
  for (const truth of left.values()) expect(truth).toBeLessThanOrEqual(absentCount);
}

const longs = fc.array(fc.nat(30), { maxLength: 120 });
const texts = fc.array(
  fc.nat(30).map((n) => `v${n}`),
  { minLength: 1, maxLength: 120 },
);

describe('a summary', () => {
  test('counts within its bounds, exactly where there is room for all', () => {
    fc.assert(
      fc.property(fc.oneof(longs, texts), fc.integer({ min: 1, max: 40 }), (values, capacity) => {
        const summary = summaryOf(values, capacity);
        const counts = countsOf(values);
        expectTrue(summary, counts, capacity);
        if (counts.size <= capacity) {
          const { entries, absentCount } = summary.state();
          expect(absentCount).toBe(0);
          expect(new Map(entries.map(({ value, count }) => [value, count]))).toEqual(counts);
        }
      }),
    );
  });

  test('of parts merged in any order keeps to them', () => {
    const parts = fc.array(longs, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 12 }), fc.nat(), (some, capacity, seed) => {
        const random = new SeededRandom(seed);
        const summaries = some.map((values) => summaryOf(values, capacity));
        while (summaries.length > 1) {
          const [from] = summaries.splice(random.nextUint32() % summaries.length, 1);
          const at = random.nextUint32() % summaries.length;
          summaries[at]!.merge(SpaceSaving.fromBytes(from!.toBytes()));
        }
        expectTrue(summaries[0]!, countsOf(some.flat()), capacity);
        for (const value of [1, 1, 99, 3]) summaries[0]!.add(value);
        expectTrue(summaries[0]!, countsOf([...some.flat(), 1, 1, 99, 3]), capacity);
      }),
    );
  });

  test('has its entries in order, longs as numbers', () => {
    const { entries } = summaryOf([10, 9, 9, -1, -1, 2], 4).state();
    expect(entries.map(({ value }) => value)).toEqual([-1, 9, 2, 10]);
  });

  test('of other values, or of no room, is refused', () => {
    expect(() => new SpaceSaving('texts', 0)).toThrow(InternalError);
    const texts = summaryOf(['a'], 1);
    expect(() => texts.merge(summaryOf([1], 1))).toThrow(/merge/);
    texts.merge(new SpaceSaving('longs', 1));
    const empty = new SpaceSaving('longs', 1);
    empty.merge(texts);
    expect(empty.state()).toEqual(texts.state());
  });
});

describe('bytes', () => {
  test('are version 1 as drawn', () => {
    const hex = (summary: SpaceSaving) => Buffer.from(summary.toBytes()).toString('hex');
    expect(hex(summaryOf(['a', 'é', 'a'], 2))).toMatchInlineSnapshot(
      `"010000000200000003000000000000000000000000000000020000000200000000000000000000000000000001000000610100000000000000000000000000000002000000c3a9"`,
    );
    expect(hex(summaryOf([5, -1, 5], 1))).toMatchInlineSnapshot(
      `"01010000010000000300000000000000020000000000000001000000030000000000000002000000000000000500000000000000"`,
    );
  });

  test('round-trip of longs beyond 2^53', () => {
    const wide = fc.array(fc.bigInt({ min: 2n ** 60n, max: 2n ** 63n - 1n }), { maxLength: 20 });
    fc.assert(
      fc.property(wide, fc.integer({ min: 1, max: 40 }), (values, room) => {
        const summary = new SpaceSaving('longs', room);
        for (const value of values) summary.add(value);
        const again = SpaceSaving.fromBytes(summary.toBytes());
        expect(again.state()).toEqual(summary.state());
        expectSame(again.toBytes(), summary.toBytes());
      }),
    );
  });

  const good = summaryOf(['b', 'b', 'a'], 2).toBytes();
  const put = (at: number, ...bytes: number[]) => withBytes(good, at, ...bytes);
  test.each([
    { name: 'a cut header', bytes: good.subarray(0, 20), says: /wants 8 bytes/ },
    { name: 'a later version', bytes: put(0, 2), says: /version 2, want 1/ },
    { name: 'other values', bytes: put(1, 2), says: /kind 2/ },
    { name: 'no room', bytes: put(4, 0), says: /2 entries of 0/ },
    { name: 'much room', bytes: put(6, 2), says: /2 entries of 131074/ },
    { name: 'a count of errors', bytes: put(36, 2), says: /count of 2 with an error of 2/ },
    { name: 'another order', bytes: put(28, 1), says: /entry 1 is out of order/ },
    { name: 'a value twice', bytes: put(69, 98), says: /twice/ },
    { name: 'no text', bytes: put(48, 255), says: /no UTF-8/ },
    { name: 'more', bytes: Uint8Array.from([...good, 0]), says: /1 bytes are left over/ },
  ])('$name is refused', ({ bytes, says }) => {
    expect(() => SpaceSaving.fromBytes(bytes)).toThrow(CorruptSketchError);
    expect(() => SpaceSaving.fromBytes(bytes)).toThrow(says);
  });
});
