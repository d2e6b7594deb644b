import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError, SeededRandom } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { hashDouble, hashLong, hashText } from '../value-hash.js';
import { compositeEstimate, couponEstimate } from './hll-estimate.js';
import { hllImage, readHllImage } from './hll-image.js';
import { couponLimit, couponOf, HllSketch, type HllType } from './hll-sketch.js';
import { rawMean } from './raw-mean.js';

const HASH = new Uint32Array(4);

function couponAt(value: number): number {
  hashText(`v${value}`, 9001, HASH);
  return couponOf(HASH);
}

const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

function sketchOf(values: Iterable<number>, lgK: number, isInOrder = false, type?: HllType) {
  const sketch = new HllSketch(lgK, type, isInOrder);
  for (const value of values) sketch.addCoupon(couponAt(value));
  return sketch;
}

/** Straight from the definition: the highest rank per register. */
function naiveRanks(values: Iterable<number>, lgK: number): number[] {
  const ranks = new Array<number>(2 ** lgK).fill(0);
  for (const value of values) {
    hashText(`v${value}`, 9001, HASH);
    const second = (BigInt(HASH[3]!) << 32n) | BigInt(HASH[2]!);
    const rank = Math.min(63, 65 - (second === 0n ? 0 : second.toString(2).length));
    const index = HASH[0]! % 2 ** lgK;
    ranks[index] = Math.max(ranks[index]!, rank);
  }
  return ranks;
}

const TYPES: readonly HllType[] = ['HLL_4', 'HLL_6', 'HLL_8'];
const valueSet = fc.array(fc.nat(300), { maxLength: 60 });

describe('laws', () => {
  test('registers are those of the definition', () => {
    fc.assert(
      fc.property(valueSet, fc.constantFrom(4, 5, 8), (values, lgK) => {
        const { coupons, ranks } = sketchOf(values, lgK).contents();
        const distinct = new Set(values.map(couponAt));
        expect(coupons === null).toBe(distinct.size > couponLimit(lgK));
        if (coupons === null) expect([...ranks]).toEqual(naiveRanks(values, lgK));
        else expect([...coupons.sorted()]).toEqual([...distinct].sort((a, b) => a - b));
      }),
    );
  });

  test('parts merged in any order and grouping have the bytes of the whole', () => {
    fc.assert(
      fc.property(fc.array(valueSet, { maxLength: 6 }), fc.nat(), (sets, seed) => {
        const whole = hllImage(sketchOf(sets.flat(), 6));
        const parts = sets.map((values, i) => sketchOf(values, 6, i % 2 === 0));
        const random = new SeededRandom(seed);
        while (parts.length > 1) {
          const [from] = parts.splice(random.nextUint32() % parts.length, 1);
          const into = parts[random.nextUint32() % parts.length]!;
          into.merge(readHllImage(hllImage(from!)));
        }
        const union = new HllSketch(6);
        if (parts[0] !== undefined) union.merge(parts[0]);
        expect(hllImage(union)).toEqual(whole);
        union.merge(union.copy());
        expect(hllImage(union)).toEqual(whole);
      }),
    );
  });

  test('of unlike sizes the smaller counts, once there are registers', () => {
    fc.assert(
      fc.property(valueSet, valueSet, (a, b) => {
        const [small, large] = [sketchOf(a, 5), sketchOf(b, 9)];
        const forth = new HllSketch(9);
        for (const sketch of [small, large]) forth.merge(sketch);
        const back = new HllSketch(9);
        for (const sketch of [large, small]) back.merge(sketch);
        expectSame(hllImage(forth), hllImage(back));
        const { coupons, ranks } = forth.contents();
        if (coupons === null) expect([...ranks]).toEqual(naiveRanks([...a, ...b], forth.lgK));
      }),
    );
  });

  test('a copy is its own; sizes outside 4 to 21 are refused', () => {
    for (const count of [3, 300]) {
      const sketch = sketchOf(range(count), 8, true);
      const before = hllImage(sketch);
      const copy = sketch.copy();
      copy.merge(sketchOf(range(300, 1000), 8));
      expect(hllImage(sketch)).toEqual(before);
    }
    expect(() => new HllSketch(3)).toThrow(InternalError);
    expect(() => new HllSketch(22)).toThrow(InternalError);
  });
});

describe('accuracy', () => {
  test.each([
    { lgK: 4, seeds: 300, counts: [20, 50, 1000] },
    { lgK: 8, seeds: 150, counts: [30, 200, 700, 5000] },
    { lgK: 12, seeds: 20, counts: [300, 1000, 3000, 12_000, 60_000] },
  ])('lgK $lgK keeps to 1.04 / √k merged, 0.84 / √k in order', ({ lgK, seeds, counts }) => {
    for (const isInOrder of [false, true]) {
      const bound = (isInOrder ? 0.84 : 1.04) / Math.sqrt(2 ** lgK);
      const errors = range(seeds).map((seed) => {
        const sketch = new HllSketch(lgK, 'HLL_8', isInOrder);
        let added = 0;
        return counts.map((count) => {
          for (; added < count; added++) sketch.addCoupon(couponAt(seed * 1_000_000 + added));
          return sketch.estimate() / count - 1;
        });
      });
      for (const [column, count] of counts.entries()) {
        const at = errors.map((row) => row[column]!);
        const mean = at.reduce((a, b) => a + b) / seeds;
        const rms = Math.sqrt(at.reduce((a, b) => a + b * b, 0) / seeds);
        // The scatter of a mean and of a deviation over so many seeds, four times over.
        const what = `${count} in order: ${isInOrder}`;
        expect(Math.abs(mean), what).toBeLessThan((4 * bound) / Math.sqrt(seeds) + 1 / 2 ** lgK);
        expect(rms, what).toBeLessThan(bound * (1.1 + 4 / Math.sqrt(2 * seeds)));
      }
    }
  });

  test('coupons: the mean count of so many values is undone', () => {
    // A coupon has one of 2^26 addresses and a rank r with the probability 2^-r.
    const meanCoupons = (n: number) => {
      let sum = 0;
      for (let r = 1; r <= 63; r++) {
        const share = 2 ** -(26 + (r === 63 ? 62 : r));
        sum += -(2 ** 26) * Math.expm1(n * Math.log1p(-share));
      }
      return sum;
    };
    for (const n of [1, 2, 7, 100, 384, 5000, 196_608]) {
      expect(Math.abs(couponEstimate(meanCoupons(n)) / n - 1)).toBeLessThan(1e-7);
    }
    expect(couponEstimate(0)).toBe(0);
    expect(couponEstimate(2)).toBe(2.000000004967054);
  });

  test('registers: the mean of the raw estimate is that of simulated ones', () => {
    const [lgK, count, seeds] = [6, 100, 400];
    let sum = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const ranks = naiveRanks(range(count, seed * count), lgK);
      sum += (0.709 * 4096) / ranks.reduce((total, rank) => total + 2 ** -rank, 0);
    }
    expect(Math.abs(sum / seeds / rawMean(64, count) - 1)).toBeLessThan(0.02);
    expect(compositeEstimate(new Uint8Array(16))).toBe(0);
  });

  test('full registers still give a number', () => {
    expect(compositeEstimate(new Uint8Array(16).fill(63))).toBeGreaterThan(2 ** 60);
    expect(compositeEstimate(Uint8Array.from(range(16), () => 1))).toBeGreaterThan(16);
  });

  test('bounds contain the estimate', () => {
    expect(sketchOf(range(2), 12).bounds(2)).toEqual({
      estimate: 2.000000004967054,
      lower: 2,
      upper: 2.0001997319422404,
    });
    const { estimate, lower, upper } = sketchOf(range(5000), 10).bounds(3);
    expect(lower).toBeLessThan(estimate);
    expect(upper).toBeGreaterThan(estimate);
  });
});

describe('images', () => {
  /** As DataSketches for Python 5 wrote them; "v0", "v1" … were added. */
  const THEIRS: readonly {
    type: HllType;
    lgK: number;
    n: number;
    estimate: number;
    image: string;
  }[] = [
    {
      type: 'HLL_4',
      lgK: 4,
      n: 5,
      estimate: 5.000000049670538,
      image: 'AgEHBAMIBQBaoYgGEEDZBDWjUQXipREGXn+xBA==',
    },
    {
      type: 'HLL_4',
      lgK: 12,
      n: 5,
      estimate: 5.000000049670538,
      image: 'AgEHDAMABQBaoYgGEEDZBDWjUQXipREGXn+xBAAAAAAAAAAAAAAAAA==',
    },
    {
      type: 'HLL_4',
      lgK: 8,
      n: 20,
      estimate: 20.00000094374026,
      image:
        'AwEHCAUIAAEUAAAA4qURBgJgMweGxiwKRmnSBzC/8QZ5fo0FuJ76BU623waFLtAGEEDZBAktBg40r1EFNaNRBbhT6Qw4fF0HWqGIBrseqAaCMVQOXn+xBH+okQU=',
    },
    {
      type: 'HLL_4',
      lgK: 5,
      n: 100_000,
      estimate: 96353.08801215288,
      image: 'CgEHBQAICgJkbn9oEYb3QAAAAAAAOH8/AAAAAAAAAAABAAAAAAAAACVCdREiFhQSYmUiFDIgIVQ=',
    },
    {
      type: 'HLL_4',
      lgK: 4,
      n: 9,
      estimate: 8.000000139077509,
      image:
        'CgEHBAAAAAKtqqoEAAAgQAAAAAAAAClAAAAAAAAAAAAJAAAAAAAAAAEBEAEAEQABAAAAAAAAAAAAAAAAAAAAAA==',
    },
    {
      type: 'HLL_6',
      lgK: 4,
      n: 200,
      estimate: 205.5819439131712,
      image: 'CgEHBAAIAAamZddIn7JpQAAAAAAAMPI/AAAAAAAAAAAAAAAAAAAAAARBFMUhDEgxFMNQFAA=',
    },
    {
      type: 'HLL_8',
      lgK: 4,
      n: 200,
      estimate: 205.5819439131712,
      image: 'CgEHBAAIAAqmZddIn7JpQAAAAAAAMPI/AAAAAAAAAAAAAAAAAAAAAAQEBAUFBwIDCAUDBQMDBQU=',
    },
  ];

  test.each(THEIRS)(
    'of others, $type of lgK $lgK, $n values',
    ({ type, lgK, n, estimate, image }) => {
      const theirs = Buffer.from(image, 'base64');
      const read = readHllImage(theirs);
      const ours = sketchOf(range(n), lgK, true, type);
      expect(read).toMatchObject({ lgK, type });
      expect(read.estimate()).toBe(estimate);
      expect(ours.estimate()).toBe(estimate);
      expectSame(hllImage(read), hllImage(ours));
      const isCompact = (theirs[5]! & 8) !== 0;
      if (isCompact && (theirs[7]! & 3) === 2)
        expect(hllImage(ours)).toEqual(new Uint8Array(theirs));
    },
  );

  test('values are hashed as others hash them', () => {
    const sketch = new HllSketch(12);
    const add = (hash: (out: Uint32Array) => void) => {
      hash(HASH);
      sketch.add(HASH);
    };
    add((out) => hashLong(1, 9001, out));
    add((out) => hashDouble(2.5, 9001, out));
    add((out) => hashText('é', 9001, out));
    add((out) => hashLong(-7n, 9001, out));
    const theirs = 'AgEHDAMIBAgr8vsGSqkoEIz94AXxa5UF';
    expect(readHllImage(Buffer.from(theirs, 'base64')).contents().coupons!.sorted()).toEqual(
      sketch.contents().coupons!.sorted(),
    );
  });

  test('round-trip in every type, exceptions included', () => {
    const ranks = fc.array(fc.oneof(fc.nat(20), fc.nat(63)), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(ranks, fc.constantFrom(...TYPES), fc.boolean(), (list, type, isInOrder) => {
        const arrival = isInOrder ? { estimate: 7.5, inverseSum: 1.25 } : null;
        const sketch = HllSketch.ofRegisters(Uint8Array.from(list), type, arrival);
        const again = readHllImage(hllImage(sketch));
        expect([...again.contents().ranks]).toEqual(list);
        expect(again.type).toBe(type);
        expect(hllImage(again).length).toBe(hllImage(sketch).length);
      }),
    );
  });

  test.each([
    { name: 'no header', bytes: [2, 1], says: /2 bytes hold no header/ },
    { name: 'a later version', bytes: [2, 2, 7, 4, 3, 8, 0, 0], says: /serial version 2/ },
    { name: 'another family', bytes: [2, 1, 3, 4, 3, 8, 0, 0], says: /family 3/ },
    { name: 'a size too small', bytes: [2, 1, 7, 3, 3, 8, 0, 0], says: /lgK 3/ },
    { name: 'an unknown mode', bytes: [2, 1, 7, 4, 3, 8, 0, 3], says: /mode 3/ },
    { name: 'a wrong preamble', bytes: [3, 1, 7, 4, 3, 8, 0, 0], says: /preamble of 3/ },
    { name: 'a cut preamble', bytes: [10, 1, 7, 4, 3, 8, 0, 2], says: /cut the preamble/ },
    { name: 'missing coupons', bytes: [2, 1, 7, 4, 3, 8, 1, 0], says: /0 coupons, want 1/ },
    { name: 'a coupon of rank 0', bytes: [2, 1, 7, 4, 3, 8, 1, 0, 1, 0, 0, 0], says: /rank 0/ },
    {
      name: 'missing registers',
      bytes: [10, 1, 7, 4, 3, 8, 0, 2, ...new Array<number>(32).fill(0)],
      says: /do not hold 16 registers/,
    },
  ])('$name is refused', ({ bytes, says }) => {
    expect(() => readHllImage(Uint8Array.from(bytes))).toThrow(CorruptSketchError);
    expect(() => readHllImage(Uint8Array.from(bytes))).toThrow(says);
  });
});
