import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError, type Random, SeededRandom } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { levelCapacity } from './capacity.js';
import { KllSketch } from './kll-sketch.js';
import { LIBRARY_IMAGES, LIBRARY_MERGE, libraryValue } from './library-images-testing.js';

const hexOf = (sketch: KllSketch): string => Buffer.from(sketch.toBytes()).toString('hex');
const ofHex = (hex: string, random: Random = new SeededRandom(1)): KllSketch =>
  KllSketch.fromBytes(Uint8Array.from(Buffer.from(hex, 'hex')), random);

function sketchOf(values: Iterable<number>, k = 8, random: Random = new SeededRandom(1)) {
  const sketch = new KllSketch(random, k);
  for (const value of values) sketch.add(value);
  return sketch;
}

/** Chance that gives the bits of a number, lowest first. */
function bitsOf(number: number): Random {
  let rest = number;
  const nextUint32 = () => {
    const bit = rest & 1;
    rest >>>= 1;
    return bit;
  };
  return { nextUint32 };
}

/** Whether some sequence of so many bits of chance leads to it. */
const isReached = (hex: string, bits: number, make: (random: Random) => KllSketch): boolean =>
  Array.from({ length: 2 ** bits }, (_, chance) => hexOf(make(bitsOf(chance)))).includes(hex);

const valuesUpTo = (count: number, from = 0) =>
  Array.from({ length: count - from }, (_, i) => libraryValue(from + i));

describe('the library', () => {
  test.each(LIBRARY_IMAGES)('$count values: its bytes, and what they say', (image) => {
    const read = ofHex(image.hex);
    expect(hexOf(read)).toBe(image.hex);
    expect([read.k, read.n]).toEqual([image.k, image.count]);
    const fractions = image.count === 0 ? [] : [0, 0.25, 0.5, 0.9, 1];
    const values = image.count === 0 ? [] : [-30, 0.5, 40.5, 90];
    expect(fractions.map((fraction) => read.quantile(fraction))).toEqual(image.quantiles);
    expect(fractions.map((each) => read.quantile(each, false))).toEqual(image.quantilesBelow);
    expect(values.map((value) => read.rank(value))).toEqual(image.ranks);
    expect(values.map((value) => read.rank(value, false))).toEqual(image.ranksBelow);
    const make = (random: Random) => sketchOf(valuesUpTo(image.count), image.k, random);
    expect(isReached(image.hex, image.count > 30 ? 10 : 6, make)).toBe(true);
  });

  test('merges as it does', () => {
    const { first, second, merged } = LIBRARY_MERGE;
    const make = (random: Random) => {
      const into = ofHex(first, random);
      into.merge(ofHex(second));
      return into;
    };
    expect(isReached(merged, 8, make)).toBe(true);
  });

  /** As `kll_floats_sketch` of datasketches 5.2 for Python wrote them. */
  test.each([
    [0, '02010f0108000800'],
    [1, '02020f04080008000000a4c1'],
    [2, '05010f0008000800020000000000000008000100060000000000a4c100008441000084410000a4c1'],
    [
      9,
      '05010f00080008000900000000000000080002000b0000000c0000000000a4c1000093420000' +
        '93420000a4c1000000bf0000d44100005642',
    ],
  ])('%i floats: its bytes', (count, hex) => {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    const read = KllSketch.fromBytes(bytes, null, 'floats');
    expectSame(read.toBytes(), bytes);
    const values = valuesUpTo(count);
    expect([read.n, read.max]).toEqual([count, count === 0 ? Number.NaN : Math.max(...values)]);
    const make = (random: Random) => {
      const sketch = new KllSketch(random, 8, 'floats');
      for (const value of values) sketch.add(value);
      return sketch;
    };
    expect(isReached(hex, 4, make)).toBe(true);
    expect(() => KllSketch.fromBytes(bytes.subarray(0, -1), null, 'floats')).toThrow(
      CorruptSketchError,
    );
  });

  test('levels have its capacities', () => {
    const of = (k: number, levels: number) =>
      Array.from({ length: levels }, (_, level) => levelCapacity(k, levels, level));
    expect(of(200, 12)).toEqual([8, 8, 8, 8, 12, 18, 26, 40, 59, 89, 133, 200]);
    expect(of(65_535, 61)[0]).toBe(8);
  });
});

/** How far from `fraction` the nearest rank of a value in sorted values is. */
function offBy(sorted: readonly number[], value: number, fraction: number): number {
  const first = sorted.findIndex((each) => each >= value);
  const last = sorted.findLastIndex((each) => each <= value);
  const [from, to] = [first / sorted.length, (last + 1) / sorted.length];
  return fraction < from ? from - fraction : Math.max(0, fraction - to);
}

const SHAPES: Record<string, (random: SeededRandom, i: number) => number> = {
  random: (random) => random.nextUint32(),
  ascending: (_, i) => i,
  descending: (_, i) => -i,
  'few values': (random) => random.nextUint32() % 7,
  skewed: (random) => 1 / (1 + (random.nextUint32() % 1000)),
};

describe('accuracy', () => {
  test.each(Object.keys(SHAPES))('%s: ranks within the bound, whole or merged', (shape) => {
    const [seeds, count] = [40, 12_000];
    let misses = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const random = new SeededRandom(seed);
      const values = Array.from({ length: count }, (_, i) => SHAPES[shape]!(random, i));
      const sorted = [...values].sort((a, b) => a - b);
      const whole = sketchOf(values, 100, random);
      const parts = [0, 1, 2, 3].map((part) =>
        sketchOf(values.slice(part * 3000, part === 3 ? count : part * 3000 + 3000), 100, random),
      );
      while (parts.length > 1) {
        const [from] = parts.splice(random.nextUint32() % parts.length, 1);
        parts[random.nextUint32() % parts.length]!.merge(from!);
      }
      for (const sketch of [whole, parts[0]!]) {
        expect(sketch.n).toBe(count);
        expect([sketch.min, sketch.max]).toEqual([sorted[0], sorted.at(-1)]);
        expect(sketch.toBytes().length).toBeLessThan(8 * 100 * 3.5);
        const items = sketch.weighted();
        const bound = sketch.rankError;
        for (const fraction of [0.01, 0.25, 0.5, 0.75, 0.99]) {
          if (offBy(sorted, items.quantile(fraction, true), fraction) > bound) misses++;
          const value = sorted[Math.floor(fraction * count)]!;
          const rank = items.rank(value, true);
          if (offBy(sorted, value, rank) > bound) misses++;
        }
      }
    }
    // 99 in 100 keep to it, each question for itself.
    expect(misses).toBeLessThan(0.02 * seeds * 20);
  });

  test('up to k values all answers are exact, and nothing is known of none', () => {
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 64 }), fc.double(), (values, any) => {
        const sketch = sketchOf([...values, Number.NaN], 64);
        const sorted = values.map((each) => each + 0).sort((a, b) => a - b);
        expect(sketch.rankError).toBe(0);
        for (const fraction of [0, 0.3, 0.5, 1]) {
          const at = Math.max(0, Math.ceil(fraction * sorted.length) - 1);
          expect(sketch.quantile(fraction)! + 0).toBe(sorted[at]);
        }
        const below = sorted.filter((each) => each <= any).length;
        expect(sketch.rank(any)).toBe(below / sorted.length);
      }),
    );
    const empty = new KllSketch(new SeededRandom(1));
    expect([empty.rank(1), empty.quantile(0.5)]).toEqual([null, null]);
    expect([empty.min, empty.max]).toEqual([Number.NaN, Number.NaN]);
  });
});

const value = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.double({ noNaN: true }));
const values = fc.array(value, { maxLength: 400 });

describe('laws', () => {
  test('the same values, order and chance give the same bytes', () => {
    fc.assert(
      fc.property(values, fc.nat(), (some, seed) => {
        const make = () => sketchOf(some, 16, new SeededRandom(seed));
        expectSame(make().toBytes(), make().toBytes());
      }),
    );
  });

  test('what is merged or updated is a sketch of all, and can be read back', () => {
    const parts = fc.array(fc.tuple(values, fc.constantFrom(8, 9, 30)), { maxLength: 6 });
    fc.assert(
      fc.property(parts, fc.nat(), (some, seed) => {
        const random = new SeededRandom(seed);
        const into = new KllSketch(random, 12);
        const all: number[] = [];
        for (const [each, k] of some) {
          const part = sketchOf(each, k, random);
          const before = hexOf(part);
          into.merge(part);
          expect(hexOf(part)).toBe(before);
          all.push(...each, 7);
          into.add(7);
        }
        expect(into.n).toBe(all.length);
        if (all.length > 0) {
          expect([into.min + 0, into.max + 0]).toEqual([
            all.reduce((a, b) => Math.min(a, b)) + 0,
            all.reduce((a, b) => Math.max(a, b)) + 0,
          ]);
        }
        const again = KllSketch.fromBytes(into.toBytes(), random);
        expectSame(again.toBytes(), into.toBytes());
        expect(again.rankError).toBe(into.rankError);
      }),
    );
  });

  test('a sketch can be merged with itself, and a copy is its own', () => {
    const sketch = sketchOf(valuesUpTo(100));
    const copy = sketch.copy();
    sketch.merge(sketch);
    expect([sketch.n, copy.n]).toEqual([200, 100]);
    expect(KllSketch.fromBytes(sketch.toBytes(), bitsOf(0)).n).toBe(200);
  });

  test('without chance the items decide: the same bytes each time, ranks within the bound, floats as floats', () => {
    let misses = 0;
    for (let seed = 0; seed < 20; seed++) {
      const random = new SeededRandom(seed);
      const numbers = Array.from({ length: 4000 }, () => random.nextUint32() / 7);
      const parts = [0, 1, 2, 3].map((part) => {
        const sketch = new KllSketch(null, 100, 'floats');
        for (const number of numbers.slice(1000 * part, 1000 * part + 1000)) sketch.add(number);
        return sketch;
      });
      const again = KllSketch.fromBytes(parts[0]!.toBytes(), null, 'floats');
      for (const part of parts.slice(1)) {
        parts[0]!.merge(part);
        again.merge(part);
      }
      expectSame(again.toBytes(), parts[0]!.toBytes());
      const sorted = numbers.map(Math.fround).sort((a, b) => a - b);
      expect([again.n, again.min, again.max]).toEqual([4000, sorted[0], sorted.at(-1)]);
      for (const fraction of [0.1, 0.5, 0.9]) {
        const quantile = again.quantile(fraction)!;
        expect(Math.fround(quantile)).toBe(quantile);
        if (offBy(sorted, quantile, fraction) > again.rankError) misses++;
      }
    }
    expect(misses).toBeLessThan(3);
    expect(() => new KllSketch(null).merge(new KllSketch(null, 200, 'floats'))).toThrow(/merge of/);
  });

  test('other k are refused', () => {
    expect(() => new KllSketch(bitsOf(0), 7)).toThrow(InternalError);
    expect(() => new KllSketch(bitsOf(0), 65_536)).toThrow(InternalError);
  });
});

describe('bytes', () => {
  const short = '02010f0108000800';
  const full = LIBRARY_IMAGES[3]!.hex;
  const put = (hex: string, at: number, bytes: string) =>
    hex.slice(0, 2 * at) + bytes + hex.slice(2 * at + bytes.length);
  const nan = '000000000000f87f';
  test.each([
    { name: 'no preamble', hex: '0201', says: /2 bytes hold no preamble/ },
    { name: 'another family', hex: put(short, 2, '07'), says: /family 7, want 15/ },
    { name: 'a later version', hex: put(short, 1, '03'), says: /version 3/ },
    { name: 'flags at odds', hex: put(short, 3, '05'), says: /flags 5/ },
    { name: 'k too small', hex: put(short, 4, '0700'), says: /k 7/ },
    { name: 'another m', hex: put(short, 6, '09'), says: /m 9/ },
    { name: 'more than nothing', hex: `${short}00`, says: /9 bytes, want 8/ },
    { name: 'one value, NaN', hex: `02020f0408000800${nan}`, says: /NaN/ },
    { name: 'a cut preamble', hex: full.slice(0, 30), says: /cut the preamble/ },
    { name: 'cut levels', hex: full.slice(0, 50), says: /levels are cut/ },
    { name: 'no levels', hex: put(full, 18, '00'), says: /0 levels/ },
    { name: 'too few values', hex: put(full, 8, '01'), says: /1 values/ },
    { name: 'other counts', hex: put(full, 8, '0a'), says: /stand for 9 of 10 values/ },
    { name: 'levels that cross', hex: put(full, 20, '0d'), says: /level 0 ends before/ },
    { name: 'minK above k', hex: put(full, 16, '09'), says: /minK 9 for k 8/ },
    { name: 'a cut item', hex: full.slice(0, -2), says: /83 bytes, want 84/ },
    { name: 'an item that is NaN', hex: put(full, 60, nan), says: /item NaN is not in/ },
    { name: 'an item out of range', hex: put(full, 66, 'ff7f'), says: /is not in/ },
    { name: 'items out of order', hex: put(full, 52, full.slice(136, 152)), says: /order/ },
  ])('$name is refused', ({ hex, says }) => {
    expect(() => ofHex(hex)).toThrow(CorruptSketchError);
    expect(() => ofHex(hex)).toThrow(says);
  });
});
