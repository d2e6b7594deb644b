import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError, SeededRandom } from '../../core/index.js';
import { withBytes } from '../bytes-testing.js';
import { LossyCounting } from './lossy-counting.js';

const longs = fc.array(fc.nat(30), { maxLength: 150 });
const texts = fc.array(
  fc.nat(30).map((n) => `v${n}`),
  { minLength: 1, maxLength: 150 },
);
const widths = fc.integer({ min: 1, max: 40 });

function summaryOf(values: readonly (string | number)[], width: number): LossyCounting {
  const summary = new LossyCounting(typeof values[0] === 'string' ? 'texts' : 'longs', width);
  for (const value of values) summary.add(value);
  return summary;
}

type Counts = ReadonlyMap<string | number, number>;

function countsOf(values: readonly (string | number)[]): Counts {
  const counts = new Map<string | number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** As the paper says it: records (value, f, delta), buckets numbered from 1. */
function paper(values: readonly (string | number)[], width: number) {
  let records: { value: string | number; f: number; delta: number }[] = [];
  for (const [i, value] of values.entries()) {
    const bucket = Math.ceil((i + 1) / width);
    const known = records.find((record) => record.value === value);
    if (known) known.f++;
    else records.push({ value, f: 1, delta: bucket - 1 });
    if ((i + 1) % width === 0) records = records.filter(({ f, delta }) => f + delta > bucket);
  }
  return new Map(records.map(({ value, f, delta }) => [value, { count: f + delta, error: delta }]));
}

function expectTrue(summary: LossyCounting, counts: Counts): void {
  const { entries, total, capacity, absentCount } = summary.state();
  const most = Math.floor(total / capacity);
  expect(total).toBe([...counts.values()].reduce((a, b) => a + b, 0));
  expect(absentCount).toBe(most);
  const left = new Map(counts);
  for (const { value, count, error } of entries) {
    const truth = counts.get(value as string) ?? 0;
    expect(count).toBeGreaterThanOrEqual(truth);
    expect(count - error).toBeLessThanOrEqual(truth);
    expect(error).toBeLessThanOrEqual(most);
    left.delete(value as string);
  }
  for (const truth of left.values()) expect(truth).toBeLessThanOrEqual(most);
}

describe('a summary', () => {
  test('is that of the paper', () => {
    fc.assert(
      fc.property(fc.oneof(longs, texts), widths, (values, width) => {
        const { entries } = summaryOf(values, width).state();
        const told = entries.map(({ value, count, error }) => [value, { count, error }] as const);
        expect(new Map(told as never)).toEqual(paper(values, width));
      }),
    );
  });

  test('keeps to its bounds, in parts merged in any order too', () => {
    const parts = fc.array(longs, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(parts, widths, fc.nat(), (some, width, seed) => {
        const random = new SeededRandom(seed);
        const summaries = some.map((values) => summaryOf(values, width));
        while (summaries.length > 1) {
          const [from] = summaries.splice(random.nextUint32() % summaries.length, 1);
          const into = summaries[random.nextUint32() % summaries.length]!;
          into.merge(LossyCounting.fromBytes(from!.toBytes()));
        }
        expectTrue(summaries[0]!, countsOf(some.flat()));
        for (const value of [1, 1, 99, 3]) summaries[0]!.add(value);
        summaries[0]!.add(5, 3);
        expectTrue(summaries[0]!, countsOf([...some.flat(), 1, 1, 99, 3, 5, 5, 5]));
      }),
    );
  });

  test('lists every value that is a share, and none far below it, over seeds', () => {
    const [width, share] = [200, 0.02];
    for (let seed = 0; seed < 20; seed++) {
      const random = new SeededRandom(seed);
      const values = Array.from({ length: 20_000 }, () =>
        Math.floor(3000 / (1 + (random.nextUint32() % 3000))),
      );
      const summary = summaryOf(values, width);
      const listed = new Set(summary.above(share).map(({ value }) => value));
      for (const [value, count] of countsOf(values)) {
        if (count >= share * values.length) expect(listed.has(value)).toBe(true);
        if (count < (share - 1 / width) * values.length) expect(listed.has(value)).toBe(false);
      }
      // 1/e ln(eN) of the paper.
      expect(summary.state().entries.length).toBeLessThan(width * Math.log(values.length / width));
    }
  });

  test('of other values or widths is refused', () => {
    expect(() => new LossyCounting('texts', 0)).toThrow(InternalError);
    const texts = summaryOf(['a'], 2);
    expect(() => texts.merge(summaryOf([1], 2))).toThrow(/merge/);
    expect(() => texts.merge(summaryOf(['a'], 3))).toThrow(/buckets of 3/);
    texts.merge(new LossyCounting('longs', 1));
    const empty = new LossyCounting('longs', 1);
    empty.merge(texts);
    expect(empty.state()).toEqual(texts.state());
    expect([texts.of, texts.width, texts.total]).toEqual(['texts', 2, 1]);
  });
});

describe('bytes', () => {
  test('are version 1 as drawn', () => {
    const hex = Buffer.from(summaryOf([7, 7, 8, 7, 9], 2).toBytes()).toString('hex');
    expect(hex).toMatchInlineSnapshot(
      `"01010100020000000500000000000000020000000000000002000000030000000000000000000000000000000700000000000000030000000000000002000000000000000900000000000000"`,
    );
  });

  const good = summaryOf([7, 7, 8, 7, 9], 2).toBytes();
  const put = (at: number, ...bytes: number[]) => withBytes(good, at, ...bytes);
  test.each([
    { name: 'a cut header', bytes: good.subarray(0, 20), says: /wants 8 bytes/ },
    { name: 'a later version', bytes: put(0, 2), says: /version 2, want 1/ },
    { name: 'those of SpaceSaving', bytes: put(2, 0), says: /algorithm 0/ },
    { name: 'no bucket', bytes: put(4, 0), says: /buckets of 0/ },
    { name: 'another number of buckets', bytes: put(16, 3), says: /3 full buckets of 2 in 5/ },
    { name: 'an entry that would have left', bytes: put(28, 2), says: /after 2 buckets/ },
  ])('$name is refused', ({ bytes, says }) => {
    expect(() => LossyCounting.fromBytes(bytes)).toThrow(CorruptSketchError);
    expect(() => LossyCounting.fromBytes(bytes)).toThrow(says);
  });
});
