import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { hashDouble, hashLong, hashText } from '../value-hash.js';
import { thetaBounds } from './theta-bounds.js';
import { readThetaImage, thetaImage } from './theta-image.js';
import { thetaDifference, thetaIntersection, thetaUnion } from './theta-set.js';
import { MAX_THETA, ThetaSketch } from './theta-sketch.js';

const HASH = new Uint32Array(4);
const LG_K = 4;

const sketchOf = (values: Iterable<number>, lgK = LG_K): ThetaSketch => {
  const sketch = new ThetaSketch(lgK);
  for (const value of values) {
    hashText(`v${value}`, 9001, HASH);
    sketch.add(HASH);
  }
  return sketch;
};

const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

/** The first half of the hash without its lowest bit. */
function naiveHash(value: number): bigint {
  hashText(`v${value}`, 9001, HASH);
  return ((BigInt(HASH[1]!) << 32n) | BigInt(HASH[0]!)) >> 1n;
}

/** All hashes sorted, the k smallest kept. */
function naive(values: Iterable<number>, lgK = LG_K) {
  const all = [...new Set([...values].map(naiveHash))].sort((a, b) => (a < b ? -1 : 1));
  return { hashes: all.slice(0, 2 ** lgK), theta: all[2 ** lgK] ?? MAX_THETA };
}

const contents = (sketch: ThetaSketch) => ({ hashes: [...sketch.hashes()], theta: sketch.theta });

/** Small enough to stay exact and large enough not to. */
const valueSet = fc.array(fc.nat(200), { maxLength: 80 });

describe('laws', () => {
  test('the k smallest hashes are kept', () => {
    fc.assert(
      fc.property(valueSet, (values) => {
        expect(contents(sketchOf(values))).toEqual(naive(values));
      }),
    );
  });

  test('set operations keep what the sets have below theta', () => {
    fc.assert(
      fc.property(valueSet, valueSet, valueSet, (a, b, c) => {
        const sketches = [a, b, c].map((values) => sketchOf(values));
        const sets = [a, b, c].map((values) => new Set([...values].map(naiveHash)));
        const below = (sketch: ThetaSketch, wanted: (hash: bigint) => boolean) => {
          const all = new Set(sets.flatMap((set) => [...set]));
          return [...all]
            .filter((hash) => hash < sketch.theta && wanted(hash))
            .sort((x, y) => (x < y ? -1 : 1));
        };
        const both = thetaIntersection(sketches);
        expect([...both.hashes()]).toEqual(below(both, (h) => sets.every((set) => set.has(h))));
        const rest = thetaDifference(sketches);
        const isLeft = (h: bigint) => sets[0]!.has(h) && !sets[1]!.has(h) && !sets[2]!.has(h);
        expect([...rest.hashes()]).toEqual(below(rest, isLeft));
        expect(contents(thetaUnion(LG_K, sketches))).toEqual(naive([...a, ...b, ...c]));
      }),
    );
  });

  test('nothing minus, and with, something', () => {
    const [none, some] = [new ThetaSketch(4), sketchOf([1, 2])];
    expect(thetaDifference([some, none]).estimate()).toBe(2);
    expect(thetaDifference([none, some]).isEmpty).toBe(true);
    expect(thetaIntersection([some, none]).isEmpty).toBe(true);
    expect(thetaDifference([some, some]).isEmpty).toBe(true);
    const many = sketchOf(range(1000));
    expect(thetaDifference([many, many])).toMatchObject({ isEmpty: false, count: 0 });
  });

  test('a copy is its own, and a union has its own size', () => {
    const sketch = sketchOf(range(10));
    const copy = sketch.copy();
    copy.merge(sketchOf(range(100, 50)));
    expect(contents(sketch)).toEqual(naive(range(10)));
    expect(contents(thetaUnion(6, [sketchOf(range(60), 8)]))).toEqual(naive(range(60), 6));
    expect(() => new ThetaSketch(3)).toThrow(InternalError);
  });
});

test('errors keep to 1 / √(k - 1), and the bounds hold as often as they say', () => {
  const lgK = 8;
  const count = 5000;
  const errors: number[] = [];
  let inside = 0;
  for (let seed = 0; seed < 200; seed++) {
    const sketch = sketchOf(range(count, seed * count), lgK);
    errors.push(sketch.estimate() / count - 1);
    const { lower, upper } = thetaBounds(sketch, 2);
    if (lower <= count && count <= upper) inside++;
  }
  const bound = 1 / Math.sqrt(2 ** lgK - 1);
  const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  // The scatter of a deviation and of a mean over so many seeds, four times over.
  expect(rms).toBeLessThan(bound * (1 + 4 / Math.sqrt(2 * errors.length)));
  expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(errors.length));
  expect(inside / errors.length).toBeGreaterThan(0.9);
});

test('bounds are exact for exact sketches, and contain the estimate', () => {
  expect(thetaBounds(sketchOf(range(9)), 2)).toEqual({ estimate: 9, lower: 9, upper: 9 });
  for (const count of [17, 100, 1000, 100_000]) {
    for (const lgK of [4, 7]) {
      const { estimate, lower, upper } = thetaBounds(sketchOf(range(count), lgK), 3);
      expect(lower).toBeLessThanOrEqual(estimate);
      expect(upper).toBeGreaterThanOrEqual(estimate);
    }
  }
  const nothing = thetaIntersection([sketchOf(range(1000)), sketchOf(range(1000, 1000))]);
  expect(thetaBounds(nothing, 2)).toMatchObject({ estimate: 0, lower: 0 });
  expect(thetaBounds(nothing, 2).upper).toBeGreaterThan(10);
});

describe('images', () => {
  /** As DataSketches for Python 5 wrote them; "v0", "v1" … were added. */
  test.each([
    { n: 0, estimate: 0, image: 'AQMDAAAezJM=' },
    { n: 1, estimate: 1, image: 'AQMDAAAazJOtUERPCPPxYw==' },
    {
      n: 5,
      estimate: 5,
      image: 'AgMDAAAazJMFAAAAAAAAAAigbFbWq6UVmtGofMZ7NEXx0gg/XPj8Uq1QRE8I8/Fjr79YyuAP3W8=',
    },
    {
      n: 33,
      estimate: 32.45310450855093,
      image:
        'AwMDAAAazJMgAAAAAAAAABoDf+i8fzZ+IwhgGove+gASvrPECulpCYQWA4tjWAgKOgamNwFgDw8cvq6DV431EAigbFbWq6UVFuNAtJO9fRijNOmlw5FtICfbb09L1EMhXE/9qI+LAyY95MWLDIfCKjQ8we0vUiMwmteo/CyduDiEmffp70NVO5jfeOmxB1w7Q2MW7ys2mD4FCAD2GoGyP5rRqHzGezRFAbCZ0QbvGEvx0gg/XPj8Ujy/xp4ghQRYwRgqt6WJM1ugO8XZ/x1/W9ypdIzC/R5c21nqOkyj5Vw/1MhmhK0iXQYixAVzg8VirVBETwjz8WNdD1SbMgThZq+/WMrgD91vQhdoBbo6E3j8URRK3Dw3ew==',
    },
  ])('of others, $n values, are read as if made here', ({ n, estimate, image }) => {
    const read = readThetaImage(Buffer.from(image, 'base64'), 5);
    expect(read.estimate()).toBe(estimate);
    expectSame(thetaImage(read), thetaImage(sketchOf(range(n), 5)));
  });

  test('values are hashed as others hash them', () => {
    const sketch = new ThetaSketch(5);
    const add = (hash: (out: Uint32Array) => void) => {
      hash(HASH);
      sketch.add(HASH);
    };
    add((out) => hashLong(1, 9001, out));
    add((out) => hashDouble(2.5, 9001, out));
    add((out) => hashText('é', 9001, out));
    add((out) => hashLong(-7n, 9001, out));
    const theirs = 'AgMDAAAazJMEAAAAAAAAABX5fcu9hqEFpVQUEue2gxz4tcrSodChJcZ+8GZbMwE/';
    expect(thetaImage(readThetaImage(Buffer.from(theirs, 'base64')))).toEqual(thetaImage(sketch));
  });

  test('are as drawn', () => {
    const hex = (sketch: ThetaSketch) => Buffer.from(thetaImage(sketch)).toString('hex');
    expect(hex(new ThetaSketch(4))).toBe('01030300001ecc93');
    expect(hex(sketchOf([0]))).toBe('01030300003acc93ad50444f08f3f163');
  });

  test('of serial version 1, and tables of sketches under way, are read', () => {
    const first = Buffer.from('AwEDAAAAAgABAAAAAAAAAP////////9/EjCpo+GRSVI=', 'base64');
    expect(readThetaImage(first)).toMatchObject({ count: 1, isEmpty: false });
    const table = Buffer.alloc(24 + 8 * 16);
    table.set([3, 3, 2, 4, 4, 0, 0xcc, 0x93, 1]);
    table.writeBigUInt64LE(1000n, 16);
    table.writeBigUInt64LE(999n, 24 + 8 * 3);
    table.writeBigUInt64LE(1001n, 24 + 8 * 9);
    expect(contents(readThetaImage(table))).toEqual({ hashes: [999n], theta: 1000n });
  });

  const header = [3, 3, 3, 0, 0, 0x1a, 0xcc, 0x93];
  test.each([
    { name: 'no header', bytes: [1, 3], says: /2 bytes hold no header/ },
    { name: 'a later version', bytes: [1, 4, 3, 0, 0, 0, 0, 0], says: /serial version 4/ },
    { name: 'another family', bytes: [1, 3, 7, 0, 0, 0, 0, 0], says: /family 7/ },
    { name: 'big-endian', bytes: [1, 3, 3, 0, 0, 1, 0, 0], says: /big-endian/ },
    { name: 'a long preamble', bytes: [4, 3, 3, 0, 0, 0, 0, 0], says: /preamble of 4/ },
    { name: 'another seed', bytes: [1, 3, 3, 0, 0, 0, 1, 1], says: /another seed/ },
    { name: 'a cut preamble', bytes: [...header, 0, 0, 0, 0], says: /cut the preamble/ },
    {
      name: 'a count of too many',
      bytes: [...header, 9, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0],
      says: /do not hold 9 hashes/,
    },
  ])('$name is refused', ({ bytes, says }) => {
    expect(() => readThetaImage(Uint8Array.from(bytes))).toThrow(CorruptSketchError);
    expect(() => readThetaImage(Uint8Array.from(bytes))).toThrow(says);
  });
});
