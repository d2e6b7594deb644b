import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError, SeededRandom } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { withBytes } from '../bytes-testing.js';
import { Reservoir } from './reservoir.js';

type Weighted = readonly [value: number, weight: number];

function sampleOf(items: readonly Weighted[], capacity: number, seed = 1): Reservoir {
  const sample = new Reservoir('longs', capacity, seed);
  for (const [value, weight] of items) sample.add(value, weight);
  return sample;
}

/** Merges samples in an order of chance, through bytes. */
function mergedOf(samples: Reservoir[], random: SeededRandom): Reservoir {
  while (samples.length > 1) {
    const [from] = samples.splice(random.nextUint32() % samples.length, 1);
    const into = samples[random.nextUint32() % samples.length]!;
    into.merge(Reservoir.fromBytes(from!.toBytes()));
  }
  return samples[0]!;
}

/** How likely each of some weights is in a sample: drawn one after the other from those that are left, by weight. */
function inclusion(weights: readonly number[], size: number): number[] {
  const chances = weights.map(() => 0);
  const draw = (taken: ReadonlySet<number>, likely: number): void => {
    if (taken.size === size) {
      for (const i of taken) chances[i]! += likely;
      return;
    }
    const left = weights.reduce((sum, weight, i) => sum + (taken.has(i) ? 0 : weight), 0);
    for (const [i, weight] of weights.entries()) {
      if (!taken.has(i)) draw(new Set([...taken, i]), (likely * weight) / left);
    }
  };
  draw(new Set(), 1);
  return chances;
}

const EQUAL = [1, 1, 1, 1, 1, 1, 1, 1];
const SKEWED = [1, 2, 3, 4, 0.5, 10, 1, 30];

describe('every value is in a sample as often as it should be', () => {
  const rounds = 6000;
  /** Five standard deviations. */
  const bound = (p: number) => 5 * Math.sqrt((p * (1 - p)) / rounds) + 1e-9;

  test.each<[name: string, cuts: readonly number[]]>([
    ['whole', []],
    ['two halves', [4]],
    ['one of more than room for, one of less', [6]],
    ['values one by one', [1, 2, 3, 4, 5, 6, 7]],
    ['parts of several sizes', [1, 5]],
  ])('%s', (_, cuts) => {
    for (const weights of [EQUAL, SKEWED]) {
      for (const capacity of [1, 3]) {
        const found = weights.map(() => 0);
        for (let seed = 0; seed < rounds; seed++) {
          const items = weights.map((weight, i): Weighted => [i, weight]);
          const bounds = [0, ...cuts, items.length];
          const parts = bounds
            .slice(1)
            .map((end, i) => sampleOf(items.slice(bounds[i], end), capacity, seed));
          const { values } = mergedOf(parts, new SeededRandom(seed));
          if (values.length !== capacity) expect(values).toHaveLength(capacity); // slow
          for (const value of values) found[value as number]!++;
        }
        for (const [i, p] of inclusion(weights, capacity).entries()) {
          expect(Math.abs(found[i]! / rounds - p)).toBeLessThan(bound(p));
        }
      }
    }
  });

  test('pairs too, of parts that hold the same values', () => {
    // Of parts that are alike but for the salt: two of 12 values, which come twice each, are equal in 1 of 11 samples.
    let alike = 0;
    for (let seed = 0; seed < rounds; seed++) {
      const items = Array.from({ length: 12 }, (_, i): Weighted => [i % 6, 1]);
      const parts = [0, 3, 6, 9].map((at) => {
        const part = new Reservoir('longs', 2, seed);
        for (const [value] of items.slice(at, at + 3)) part.add(value, 1, at);
        return part;
      });
      const { values } = mergedOf(parts, new SeededRandom(seed));
      if (values[0] === values[1]) alike++;
    }
    expect(Math.abs(alike / rounds - 1 / 11)).toBeLessThan(bound(1 / 11));
  });

  test('of long streams', () => {
    const [count, capacity] = [2000, 20];
    const tenths = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 300; seed++) {
      const items = Array.from({ length: count }, (_, i): Weighted => [i, 1]);
      const parts = [items.slice(0, 300), items.slice(300)];
      const { values } = mergedOf(
        parts.map((part) => sampleOf(part, capacity, seed)),
        new SeededRandom(seed),
      );
      for (const value of values) tenths[Math.floor((value as number) / (count / 10))]!++;
    }
    for (const found of tenths)
      expect(Math.abs(found - 600)).toBeLessThan(5 * Math.sqrt(600 * 0.9));
  });
});

const items = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.constantFrom(1, 1, 0.25, 7)), {
  maxLength: 60,
});
const capacities = fc.integer({ min: 1, max: 20 });

describe('laws', () => {
  test('a sample is some of the values, all while there is room, and counts them', () => {
    const parts = fc.array(items, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, capacities, fc.nat(), (some, capacity, seed) => {
        const all = some.flat();
        const merged = mergedOf(
          some.map((part) => sampleOf(part, capacity, seed)),
          new SeededRandom(seed),
        );
        for (const sample of [merged, sampleOf(all, capacity, seed)]) {
          const { values, count, totalWeight, weights } = sample.state();
          expect(count).toBe(all.length);
          expect(values).toHaveLength(Math.min(capacity, all.length));
          expect(totalWeight).toBeCloseTo(all.reduce((sum, [, weight]) => sum + weight, 0));
          const left = all.map(([value, weight]) => `${value} ${weight}`);
          for (const [i, value] of values.entries()) {
            const at = left.indexOf(`${value} ${weights[i]}`);
            expect(at).toBeGreaterThanOrEqual(0);
            left.splice(at, 1);
          }
        }
      }),
    );
  });

  test('equal input and seed give equal bytes, other seeds other samples', () => {
    const some = Array.from({ length: 500 }, (_, i): Weighted => [i, 1]);
    expectSame(sampleOf(some, 10).toBytes(), sampleOf(some, 10).toBytes());
    expect(sampleOf(some, 10, 2).values).not.toEqual(sampleOf(some, 10).values);
  });

  test('a larger one that meets a smaller one that lost values is as small', () => {
    const small = sampleOf(
      Array.from({ length: 9 }, (_, i): Weighted => [i, 1]),
      3,
    );
    const large = sampleOf([[10, 1]], 5);
    large.merge(sampleOf([[11, 1]], 1));
    expect(large.values).toHaveLength(2);
    large.merge(small);
    expect(large.state()).toMatchObject({ capacity: 3, count: 11, totalWeight: 11 });
  });

  test('weights may be as large or small as numbers are', () => {
    const some = [5e-324, 1e308, 1, 1e-300, 1e300, 5e-324, 1e308].map(
      (weight, i): Weighted => [i, weight],
    );
    for (let seed = 0; seed < 50; seed++) {
      const sample = sampleOf(some, 2, seed);
      sample.merge(sampleOf(some, 2, seed + 1));
      expect(Reservoir.fromBytes(sample.toBytes()).state()).toEqual(sample.state());
    }
  });

  test('other values, or no room, are refused', () => {
    expect(() => new Reservoir('longs', 0, 1)).toThrow(InternalError);
    const texts = new Reservoir('texts', 2, 1);
    texts.merge(sampleOf([], 2));
    texts.add('a');
    expect(() => texts.merge(sampleOf([[1, 1]], 2))).toThrow(/merge of longs into texts/);
    const empty = sampleOf([], 2);
    empty.merge(texts);
    expect([empty.of, empty.values]).toEqual(['texts', ['a']]);
  });
});

describe('bytes', () => {
  const hex = (sample: Reservoir) => Buffer.from(sample.toBytes()).toString('hex');

  test('are version 1 as drawn', () => {
    const texts = new Reservoir('texts', 2, 5);
    for (const text of ['é', 'b', 'c']) texts.add(text);
    expect(hex(texts)).toMatchInlineSnapshot(
      `"0100000002000000030000000000000000000000000008401699985c364fec3fbc6527fe3ac12a2e02000000c3a90100000063"`,
    );
    const doubles = new Reservoir('doubles', 3, 5);
    doubles.add(0.5, 2);
    doubles.add(Number.NaN);
    expect(hex(doubles)).toMatchInlineSnapshot(
      `"010201000300000002000000000000000000000000000840000000000000f07f603cbbb900000000000000000000e03f000000000000f87f0000000000000040000000000000f03f"`,
    );
    expect(Reservoir.fromBytes(doubles.toBytes()).state()).toEqual(doubles.state());
  });

  const good = sampleOf(
    [
      [5, 2],
      [6, 1],
      [7, 1],
    ],
    2,
  ).toBytes();
  const put = (at: number, ...bytes: number[]) => withBytes(good, at, ...bytes);
  test.each([
    { name: 'a cut header', bytes: good.subarray(0, 20), says: /wants 8 bytes/ },
    { name: 'a later version', bytes: put(0, 2), says: /version 2, want 1/ },
    { name: 'other values', bytes: put(1, 3), says: /kind 3/ },
    { name: 'a flag', bytes: put(2, 2), says: /flags 2/ },
    { name: 'no room', bytes: put(4, 0), says: /room for 0/ },
    { name: 'a threshold where all are there', bytes: put(8, 2), says: /a threshold of/ },
    { name: 'no weight', bytes: put(16, 0, 0, 0, 0, 0, 0, 0, 0), says: /that weigh 0/ },
    { name: 'a weight of 0', bytes: put(56, ...new Array(8).fill(0)), says: /a weight of 0/ },
    { name: 'more', bytes: Uint8Array.from([...good, 0]), says: /1 bytes are left over/ },
  ])('$name is refused', ({ bytes, says }) => {
    expect(() => Reservoir.fromBytes(bytes)).toThrow(CorruptSketchError);
    expect(() => Reservoir.fromBytes(bytes)).toThrow(says);
  });
});
