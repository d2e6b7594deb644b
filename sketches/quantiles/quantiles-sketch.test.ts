import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError, SeededRandom } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { quantilesImage, readQuantilesImage } from './quantiles-image.js';
import { QuantilesView } from './quantiles-query.js';
import { type Choice, QuantilesSketch } from './quantiles-sketch.js';

function sketchOf(items: Iterable<number>, k = 4, choice?: Choice): QuantilesSketch {
  const sketch = new QuantilesSketch(k, choice);
  for (const item of items) sketch.add(item);
  return sketch;
}

const items = fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true })), {
  maxLength: 100,
});

/** How many items the kept ones stand for. */
const weightOf = (sketch: QuantilesSketch): number => {
  const { buffered, runs } = sketch.contents();
  return runs.reduce((n, run, i) => n + (run?.length ?? 0) * 2 ** (i + 1), buffered);
};

function checkShape(sketch: QuantilesSketch): void {
  const { buffered, runs } = sketch.contents();
  expect(weightOf(sketch)).toBe(sketch.n);
  expect(buffered).toBe(sketch.n % (2 * sketch.k));
  let bits = Math.floor(sketch.n / (2 * sketch.k));
  for (const run of runs) {
    expect(run?.length ?? 0).toBe((bits % 2) * sketch.k);
    expect(run ?? new Float64Array()).toEqual((run ?? new Float64Array()).slice().sort());
    bits = Math.floor(bits / 2);
  }
  expect(bits).toBe(0);
}

describe('laws', () => {
  test('up to 2k items all answers are exact', () => {
    const few = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 7 });
    const at = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(few, fc.integer({ min: -21, max: 21 }), at, (list, value, fraction) => {
        const view = new QuantilesView(sketchOf(list));
        const sorted = [...list].sort((a, b) => a - b);
        expect(view.rank(value)).toBe(list.filter((item) => item < value).length / list.length);
        const index = Math.min(Math.floor(fraction * list.length), list.length - 1);
        expect(view.quantile(fraction)).toBe(sorted[index]);
        const counts = view.histogram([value, value + 5]).map(Math.round);
        expect(counts).toEqual([
          list.filter((item) => item < value).length,
          list.filter((item) => item >= value && item < value + 5).length,
          list.filter((item) => item >= value + 5).length,
        ]);
      }),
    );
  });

  test('items, levels, extremes are right however parts are merged', () => {
    const size = fc.constantFrom(2, 4, 16);
    const parts = fc.array(fc.tuple(items, size), { maxLength: 6 });
    fc.assert(
      fc.property(parts, size, (lists, k) => {
        const whole = new QuantilesSketch(k);
        for (const [list, partK] of lists) whole.merge(sketchOf(list, partK));
        const all = lists.flatMap(([list]) => list);
        checkShape(whole);
        expect(whole.n).toBe(all.length);
        const used = lists.filter(([list]) => list.length > 0).map(([, partK]) => partK);
        expect(whole.k).toBe(Math.min(k, ...used));
        const sorted = Float64Array.from(all).sort();
        expect(whole.min).toBe(sorted[0] ?? Number.NaN);
        expect(whole.max).toBe(sorted.at(-1) ?? Number.NaN);
        const again = readQuantilesImage(quantilesImage(whole));
        expectSame(quantilesImage(again), quantilesImage(whole));
      }),
    );
  });

  test('equal input gives equal bytes; a merge leaves its source, a copy is its own', () => {
    fc.assert(
      fc.property(items, items, (a, b) => {
        expectSame(quantilesImage(sketchOf(a)), quantilesImage(sketchOf(a)));
        const [into, from] = [sketchOf(a), sketchOf(b)];
        const before = quantilesImage(from);
        const copy = into.copy();
        into.merge(from);
        into.add(1);
        expect(quantilesImage(from)).toEqual(before);
        expectSame(quantilesImage(copy), quantilesImage(sketchOf(a)));
      }),
    );
  });

  test('NaN is no item, and nothing has no quantiles', () => {
    const none = sketchOf([Number.NaN]);
    const view = new QuantilesView(none);
    expect(none.n).toBe(0);
    expect([view.quantile(0.5), view.rank(1)]).toEqual([Number.NaN, Number.NaN]);
    expect(view.cumulative([1])).toEqual([Number.NaN, Number.NaN]);
    expect(() => new QuantilesSketch(3)).toThrow(InternalError);
  });
});

describe('accuracy', () => {
  /** The largest error of ranks, over the 1 to 99 percentiles. */
  function worstRank(sketch: QuantilesSketch, sorted: Float64Array): number {
    const view = new QuantilesView(sketch);
    let worst = 0;
    for (let percent = 1; percent < 100; percent++) {
      const index = Math.floor((percent / 100) * sorted.length);
      worst = Math.max(worst, Math.abs(view.rank(sorted[index]!) - index / sorted.length));
    }
    return worst;
  }

  test.each([
    { name: 'one after another', parts: 1 },
    { name: 'merged of many parts', parts: 100 },
  ])('k = 128 keeps ranks to 1.7 %, $name', ({ parts }) => {
    const errors = Array.from({ length: 30 }, (_, seed) => {
      const random = new SeededRandom(seed);
      const all = Float64Array.from({ length: 50_000 }, () => random.nextUint32());
      const whole = new QuantilesSketch(128);
      for (let part = 0; part < parts; part++) {
        whole.merge(
          sketchOf(
            all.filter((_, i) => i % parts === part),
            128,
          ),
        );
      }
      return worstRank(whole, all.slice().sort());
    });
    const within = errors.filter((error) => error <= 0.0173).length;
    expect(within / errors.length).toBeGreaterThan(0.9);
  });

  test('the choice makes no difference to the bound, and errors of like parts do not add up', () => {
    const random = new SeededRandom(1);
    const choice: Choice = (_, bound) => random.nextUint32() % bound;
    const sorted = Float64Array.from({ length: 40_000 }, (_, i) => i);
    const shuffled = sorted.map((i) => (i * 7919) % sorted.length);
    expect(worstRank(sketchOf(shuffled, 128, choice), sorted)).toBeLessThan(0.02);
    const parts = new QuantilesSketch(128);
    for (let part = 0; part < 100; part++) {
      parts.merge(sketchOf(sorted.slice(400 * part, 400 * (part + 1)), 128));
    }
    expect(worstRank(parts, sorted)).toBeLessThan(0.02);
  });
});

describe('images', () => {
  /** As DataSketches for Python 5 wrote them, of the items 7919 i mod n. */
  test.each([
    { n: 0, quartiles: null, image: 'AQMIHAQAAAA=' },
    {
      n: 5,
      quartiles: [1, 2, 3],
      image:
        'AgMIGAQAAAAFAAAAAAAAAAAAAAAAAAAAAAAAAAAAEEAAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAEAAAAAAAAAIQAAAAAAAABBA',
    },
    {
      n: 100,
      quartiles: [31, 59, 81],
      image:
        'AgMIGAQAAABkAAAAAAAAAAAAAAAAAAAAAAAAAADAWEAAAAAAAAA4QAAAAAAAgEVAAAAAAAAAT0AAAAAAAEBUQAAAAAAAADRAAAAAAAAASEAAAAAAAABSQAAAAAAAAFhAAAAAAAAAKEAAAAAAAAA/QAAAAAAAgE1AAAAAAAAAVkA=',
    },
  ])('of others, $n items, are read', ({ n, quartiles, image }) => {
    const bytes = Buffer.from(image, 'base64');
    const read = readQuantilesImage(bytes);
    expect(read.n).toBe(n);
    if (quartiles !== null) {
      const view = new QuantilesView(read);
      expect([0.25, 0.5, 0.75].map((fraction) => view.quantile(fraction))).toEqual(quartiles);
    }
    // Java marks compact images as read only, C++ does not.
    bytes[3]! |= 2;
    expectSame(quantilesImage(read), new Uint8Array(bytes));
  });

  test('that are not compact are read', () => {
    const bytes = Buffer.alloc(32 + 8 * (2 * 2 + 2 * 2));
    bytes.set([2, 3, 8, 0, 2, 0, 0, 0, 9]);
    const doubles = [1, 9, 5, 0, 0, 0, 0, 0, 2, 8];
    for (const [i, item] of doubles.entries()) bytes.writeDoubleLE(item, 16 + 8 * i);
    const { buffer, buffered, runs } = readQuantilesImage(bytes).contents();
    expect([...buffer.subarray(0, buffered)]).toEqual([5]);
    expect(runs.map((run) => run && [...run])).toEqual([null, [2, 8]]);
  });

  const zeros = new Array<number>(24).fill(0);
  test.each([
    { name: 'no header', bytes: [2, 3], says: /2 bytes hold no header/ },
    { name: 'a later version', bytes: [2, 4, 8, 8, 4, 0, 0, 0], says: /serial version 4/ },
    { name: 'another family', bytes: [2, 3, 3, 8, 4, 0, 0, 0], says: /family 3/ },
    { name: 'a k that is no power of 2', bytes: [2, 3, 8, 8, 5, 0, 0, 0], says: /k 5/ },
    { name: 'a wrong preamble', bytes: [3, 3, 8, 8, 4, 0, 0, 0], says: /preamble of 3/ },
    { name: 'a cut preamble', bytes: [2, 3, 8, 8, 4, 0, 0, 0], says: /cut the preamble/ },
    { name: 'no items', bytes: [2, 3, 8, 8, 4, 0, 0, 0, ...zeros], says: /n 0/ },
    {
      name: 'missing items',
      bytes: [2, 3, 8, 8, 4, 0, 0, 0, 9, ...zeros.slice(1)],
      says: /hold 9/,
    },
  ])('$name is refused', ({ bytes, says }) => {
    expect(() => readQuantilesImage(Uint8Array.from(bytes))).toThrow(CorruptSketchError);
    expect(() => readQuantilesImage(Uint8Array.from(bytes))).toThrow(says);
  });
});

test.each([2, 128, 1024, 2048, 4096, 32_768])(
  'of different items k = %i keeps different ones, in order',
  (k) => {
    const sketch = new QuantilesSketch(k);
    const n = 15 * 2 * k + 1;
    for (let i = 0; i < n; i++) sketch.add((i * 7919) % n);
    for (const run of sketch.contents().runs) {
      expect(run!.every((item, i) => i === 0 || run![i - 1]! < item)).toBe(true);
    }
  },
);
