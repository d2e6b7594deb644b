import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError } from '../../core/index.js';
import { thetaBounds } from '../theta/theta-bounds.js';
import { MAX_THETA, ThetaSketch } from '../theta/theta-sketch.js';
import { hashText } from '../value-hash.js';
import { readTupleImage, tupleImage } from './tuple-image.js';
import { tupleDifference, tupleIntersection, tupleUnion } from './tuple-set.js';
import { TupleSketch } from './tuple-sketch.js';

const HASH = new Uint32Array(4);
const LG_K = 4;

type Row = readonly [key: number, first: number, second: number];

function sketchOf(rows: readonly Row[], lgK = LG_K): TupleSketch {
  const sketch = new TupleSketch(lgK, 2);
  for (const [key, ...values] of rows) {
    hashText(`v${key}`, 9001, HASH);
    sketch.add(HASH, Float64Array.from(values));
  }
  return sketch;
}

function naiveHash(key: number): bigint {
  hashText(`v${key}`, 9001, HASH);
  return ((BigInt(HASH[1]!) << 32n) | BigInt(HASH[0]!)) >> 1n;
}

type Sums = ReadonlyMap<bigint, readonly [number, number]>;

function sumsOf(rows: readonly Row[]): Sums {
  const sums = new Map<bigint, readonly [number, number]>();
  for (const [key, first, second] of rows) {
    const [a, b] = sums.get(naiveHash(key)) ?? [0, 0];
    sums.set(naiveHash(key), [a + first, b + second]);
  }
  return sums;
}

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : 1);

/** All keys by hash, the k smallest kept. */
function naive(rows: readonly Row[], lgK = LG_K) {
  const sums = sumsOf(rows);
  const hashes = [...sums.keys()].sort(ascending);
  const kept = hashes.slice(0, 2 ** lgK);
  return {
    theta: hashes[2 ** lgK] ?? MAX_THETA,
    hashes: kept,
    values: kept.flatMap((hash) => sums.get(hash)!),
  };
}

function contents(sketch: TupleSketch) {
  const { hashes, values } = sketch.entries();
  return { theta: sketch.theta, hashes: [...hashes], values: [...values] };
}

const number = fc.integer({ min: -9, max: 9 });
const rowSet = fc.array(fc.tuple(fc.nat(200), number, number), { maxLength: 120 });

describe('laws', () => {
  test('the k smallest hashes are kept, with the sums of their values', () => {
    fc.assert(
      fc.property(rowSet, (rows) => {
        expect(contents(sketchOf(rows))).toEqual(naive(rows));
      }),
    );
  });

  test('set operations keep what the sets have below theta', () => {
    fc.assert(
      fc.property(rowSet, rowSet, rowSet, (a, b, c) => {
        const sketches = [a, b, c].map((rows) => sketchOf(rows));
        const sums = [a, b, c].map(sumsOf);
        const expected = (
          { theta }: TupleSketch,
          wanted: (hash: bigint) => boolean,
          of: readonly Sums[],
        ) => {
          const hashes = [...new Set(sums.flatMap((each) => [...each.keys()]))]
            .filter((hash) => hash < theta && wanted(hash))
            .sort(ascending);
          const sumAt = (hash: bigint, i: 0 | 1) =>
            of.reduce((sum, each) => sum + each.get(hash)![i], 0);
          return {
            theta,
            hashes,
            values: hashes.flatMap((hash) => [sumAt(hash, 0), sumAt(hash, 1)]),
          };
        };
        const both = tupleIntersection(sketches);
        const isCommon = (hash: bigint) => sums.every((each) => each.has(hash));
        expect(contents(both)).toEqual(expected(both, isCommon, sums));
        const rest = tupleDifference(sketches);
        const isLeft = (h: bigint) => sums[0]!.has(h) && !sums[1]!.has(h) && !sums[2]!.has(h);
        expect(contents(rest)).toEqual(expected(rest, isLeft, [sums[0]!]));
        expect(contents(tupleUnion(LG_K, 2, sketches))).toEqual(naive([...a, ...b, ...c]));
      }),
    );
  });

  test('counts as a theta sketch does', () => {
    const [tuple, theta] = [sketchOf(rowsUpTo(5000), 7), new ThetaSketch(7)];
    for (const [key] of rowsUpTo(5000)) {
      hashText(`v${key}`, 9001, HASH);
      theta.add(HASH);
    }
    expect([...tuple.entries().hashes]).toEqual([...theta.hashes()]);
    expect(thetaBounds(tuple, 2)).toEqual(thetaBounds(theta, 2));
  });

  test('other shapes are refused', () => {
    expect(() => new TupleSketch(3, 1)).toThrow(InternalError);
    expect(() => new TupleSketch(4, 256)).toThrow(InternalError);
    const wide = sketchOf([[1, 2, 3]]);
    const narrow = new TupleSketch(4, 1);
    wide.merge(narrow);
    narrow.add(HASH, Float64Array.of(1));
    expect(() => narrow.merge(wide)).toThrow(/merge of 2 values into 1/);
    const empty = new TupleSketch(4, 1);
    empty.merge(wide);
    expect(contents(empty)).toEqual(contents(wide));
  });
});

const rowsUpTo = (to: number, from = 0): Row[] =>
  Array.from({ length: to - from }, (_, i) => [from + i, 1, from + i]);

test('sums of kept values over theta keep to the bound', () => {
  const [count, lgK] = [3000, 8];
  const errors: number[] = [];
  let variance = 0;
  for (let seed = 0; seed < 60; seed++) {
    const sketch = sketchOf(
      Array.from({ length: count }, (_, i): Row => [seed * count + i, 1, i % 10]),
      lgK,
    );
    const theta = Number(sketch.theta) / 2 ** 63;
    const { values } = sketch.entries();
    let sum = 0;
    for (let i = 1; i < values.length; i += 2) sum += values[i]!;
    errors.push(sum / theta - 4.5 * count);
    variance += ((1 - theta) / theta) * 28.5 * count;
  }
  const square = errors.reduce((sum, error) => sum + error * error, 0);
  // The scatter of a variance over so many seeds, four times over.
  expect(square / variance).toBeLessThan(1 + 4 * Math.sqrt(2 / errors.length));
});

/** Every second key of [from, to) comes once more. */
const libraryRows = (from: number, to: number): Row[] => [
  ...rowsUpTo(to, from),
  ...rowsUpTo(to, from)
    .filter((_, i) => i % 2 === 0)
    .map(([key]): Row => [key, 0.5, 0]),
];

describe('images', () => {
  /** As `array_of_doubles_sketch` of DataSketches for C++ wrote them: lgK 5, trimmed. */
  const LIBRARY: Record<string, string> = {
    empty: '010109031402cc93ffffffffffffff7f',
    one: '010109031802cc93ffffffffffffff7f0100000000000000ad50444f08f3f163000000000000f83f0000000000000000',
    few: '010109031802cc93ffffffffffffff7f030000000000000008a06c56d6aba5159ad1a87cc67b3445ad50444f08f3f163000000000000f03f000000000000f03f000000000000f83f0000000000000040000000000000f83f0000000000000000',
  };

  /** Of larger ones the SHA-256, and the estimate. */
  const DIGESTS: Record<string, [sha256: string, estimate: number]> = {
    many: ['4a6552827813ee7ca4339d2f94ef5f41113e255726dc705543afd935f6917cab', 78.192968110543092],
    union: ['45485be21067d728257c892dff73f79ab183635109095ed8d519c901f386d6f9', 180.55234973358432],
    intersection: [
      'd9f78fe4976bd549d5d75ad9279f09f441700719dd34d14238018fe71823aff5',
      38.842064260411895,
    ],
    difference: [
      '2da06921d66ba4fe0fe02b93c80220bd689fe49ff157791b29a46fda11cc9638',
      54.378889964576651,
    ],
  };

  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

  test('are the bytes of the library', () => {
    for (const [i, name] of ['empty', 'one'].entries()) {
      expect(hex(tupleImage(sketchOf(libraryRows(0, i), 5))), name).toBe(LIBRARY[name]);
    }
    expect(hex(tupleImage(sketchOf(libraryRows(0, 3), 5)))).toBe(LIBRARY.few);
    const [a, c] = [sketchOf(libraryRows(0, 100), 5), sketchOf(libraryRows(50, 200), 5)];
    const ours: Record<string, TupleSketch> = {
      many: a,
      union: tupleUnion(5, 2, [a, c]),
      intersection: tupleIntersection([a, c]),
      difference: tupleDifference([a, c]),
    };
    for (const [name, [sha256, estimate]] of Object.entries(DIGESTS)) {
      const image = tupleImage(ours[name]!);
      expect(createHash('sha256').update(image).digest('hex'), name).toBe(sha256);
      expect(Math.abs(ours[name]!.estimate() / estimate - 1), name).toBeLessThan(1e-15);
      expect(tupleImage(readTupleImage(image)), name).toEqual(image);
      expect(readTupleImage(image, 4).count).toBeLessThanOrEqual(16);
    }
  });

  const put = (at: number, ...bytes: number[]) => {
    const changed = Uint8Array.from(Buffer.from(LIBRARY.one!, 'hex'));
    changed.set(bytes, at);
    return changed;
  };
  test.each([
    { name: 'no header', bytes: put(0).subarray(0, 15), says: /15 bytes hold no header/ },
    { name: 'a later version', bytes: put(1, 2), says: /version 2/ },
    { name: 'another type', bytes: put(3, 2), says: /type 2/ },
    { name: 'big-endian', bytes: put(4, 9), says: /big-endian/ },
    { name: 'no values', bytes: put(5, 0), says: /no values/ },
    { name: 'another seed', bytes: put(6, 1), says: /another seed/ },
    { name: 'theta 0', bytes: put(8, 0, 0, 0, 0, 0, 0, 0, 0), says: /theta 0/ },
    { name: 'a small theta', bytes: put(8, 9, 0, 0, 0, 0, 0, 0, 0), says: /0 hashes below/ },
    { name: 'a count of too many', bytes: put(16, 2), says: /48 bytes, want 72 of 2/ },
    { name: 'empty with entries', bytes: put(4, 28), says: /empty with 1/ },
    { name: 'more than nothing', bytes: put(4, 16), says: /want 16 without/ },
  ])('$name is refused', ({ bytes, says }) => {
    expect(() => readTupleImage(bytes)).toThrow(CorruptSketchError);
    expect(() => readTupleImage(bytes)).toThrow(says);
  });
});
