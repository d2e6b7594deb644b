import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError, SeededRandom } from '../../core/index.js';
import { withBytes } from '../bytes-testing.js';
import { HeavyHitters } from './heavy-hitters.js';

const SHAPE = { lgWidth: 6, depth: 3, isConservative: true };
const SHARE = 0.1;

type Some = readonly (string | number)[];

function hittersOf(values: Some, shape = SHAPE): HeavyHitters {
  const of = typeof values[0] === 'string' ? 'texts' : 'longs';
  const hitters = new HeavyHitters(of, SHARE, shape);
  for (const value of values) hitters.add(value);
  return hitters;
}

function countsOf(values: Some): Map<string | number, number> {
  const counts = new Map<string | number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Few values make a list, many make counters. */
const longs = fc.array(fc.oneof(fc.nat(8), fc.nat(300)), { maxLength: 150 });

function expectAll(hitters: HeavyHitters, values: Some): void {
  const listed = new Map(hitters.values().map(({ value, count }) => [value, count]));
  for (const [value, count] of countsOf(values)) {
    if (count >= SHARE * values.length) {
      expect(listed.get(value) ?? 0).toBeGreaterThanOrEqual(count);
    }
  }
  for (const count of listed.values()) expect(count).toBeGreaterThanOrEqual(SHARE * values.length);
  expect(hitters.total).toBe(values.length);
}

test('no heavy value is missed, whole or merged in any order', () => {
  const parts = fc.array(longs, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(parts, fc.boolean(), fc.nat(), (some, isConservative, seed) => {
      const random = new SeededRandom(seed);
      const shape = { ...SHAPE, isConservative };
      expectAll(hittersOf(some.flat(), shape), some.flat());
      const hitters = some.map((values) => hittersOf(values, shape));
      while (hitters.length > 1) {
        const [from] = hitters.splice(random.nextUint32() % hitters.length, 1);
        const into = hitters[random.nextUint32() % hitters.length]!;
        into.merge(HeavyHitters.fromBytes(from!.toBytes()));
      }
      expectAll(hitters[0]!, some.flat());
    }),
  );
});

test('what is listed is heavy but for the error of the sketch, over seeds', () => {
  const shape = { lgWidth: 8, depth: 4, isConservative: false };
  let [listed, wrong] = [0, 0];
  for (let seed = 0; seed < 20; seed++) {
    const random = new SeededRandom(seed);
    const values = Array.from({ length: 10_000 }, () =>
      Math.floor(3000 / (1 + (random.nextUint32() % 3000))),
    );
    const hitters = hittersOf(values, shape);
    expectAll(hitters, values);
    const counts = countsOf(values);
    for (const { value, count, error } of hitters.values()) {
      listed++;
      if (counts.get(value as number)! < count - error) wrong++;
    }
  }
  expect(wrong / listed).toBeLessThanOrEqual(Math.exp(-4));
});

test('of other values or shares is refused', () => {
  expect(() => new HeavyHitters('texts', 0, SHAPE)).toThrow(InternalError);
  const some = hittersOf(['a']);
  expect(() => some.merge(hittersOf([1]))).toThrow(/merge of longs/);
  const other = new HeavyHitters('texts', 0.5, SHAPE);
  other.add('b');
  expect(() => some.merge(other)).toThrow(/share of 0.5/);
  const empty = new HeavyHitters('longs', 0.5, SHAPE);
  empty.merge(some);
  expect(empty.values()).toEqual([{ value: 'a', count: 1, error: 0 }]);
  expect([empty.of, empty.share, empty.shape]).toEqual(['texts', SHARE, SHAPE]);
});

describe('bytes', () => {
  test('are version 1 as drawn', () => {
    const hex = Buffer.from(hittersOf(['é', 'b', 'é']).toBytes()).toString('hex');
    expect(hex).toMatchInlineSnapshot(
      `"01000000280000009a9999999999b93f020106030200000003000000000000000aff806c01000000000000008cfde0cd02000000000000000200000002000000c3a90100000062"`,
    );
  });

  const good = hittersOf([5, 6, 5]).toBytes();
  const put = (at: number, ...bytes: number[]) => withBytes(good, at, ...bytes);
  test.each([
    { name: 'a cut header', bytes: good.subarray(0, 3), says: /bytes/ },
    { name: 'a later version', bytes: put(0, 2), says: /version 2, want 1/ },
    { name: 'other values', bytes: put(1, 2), says: /kind 2/ },
    { name: 'a share of 2', bytes: put(14, 0, 0x40), says: /a share of/ },
    { name: 'values out of order', bytes: put(good.length - 8, 5), says: /out of order/ },
    { name: 'a value that never came', bytes: put(good.length - 8, 9), says: /not heavy/ },
    { name: 'more', bytes: Uint8Array.from([...good, 0]), says: /1 bytes are left over/ },
  ])('$name is refused', ({ bytes, says }) => {
    expect(() => HeavyHitters.fromBytes(bytes)).toThrow(CorruptSketchError);
    expect(() => HeavyHitters.fromBytes(bytes)).toThrow(says);
  });
});
