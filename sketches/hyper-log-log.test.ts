import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError, murmur3Of, SeededRandom } from '../core/index.js';
import { HyperLogLog } from './hyper-log-log.js';
import { entryOfHash } from './sketch-entry.js';

/** The hash of the n-th of endlessly many distinct values. */
function hashes(seed: number): () => Uint32Array {
  const random = new SeededRandom(seed);
  const hash = new Uint32Array(4);
  return () => {
    for (let i = 0; i < 4; i++) hash[i] = random.nextUint32();
    return hash;
  };
}

/** Relative errors of the estimates at `counts`, one row per seed. */
function errorsOf(lgK: number, seeds: number, counts: readonly number[]): number[][] {
  return Array.from({ length: seeds }, (_, seed) => {
    const sketch = new HyperLogLog(lgK);
    const next = hashes(seed * 31 + lgK);
    let added = 0;
    return counts.map((count) => {
      for (; added < count; added++) sketch.addEntry(entryOfHash(next()));
      return sketch.estimate() / count - 1;
    });
  });
}

describe('accuracy', () => {
  test.each([
    { lgK: 4, seeds: 400, counts: [10, 30, 100, 1000] },
    { lgK: 8, seeds: 300, counts: [10, 64, 65, 300, 700, 1000, 5000] },
    { lgK: 11, seeds: 60, counts: [10, 100, 513, 1000, 4000, 6000, 10_000, 100_000] },
    { lgK: 14, seeds: 25, counts: [10, 1000, 5000, 30_000, 50_000, 100_000] },
  ])('lgK $lgK keeps to 1.04/√m with a bias below 0.6/m', ({ lgK, seeds, counts }) => {
    const bound = 1.04 / Math.sqrt(2 ** lgK);
    const errors = errorsOf(lgK, seeds, counts);
    for (const [column, count] of counts.entries()) {
      const at = errors.map((row) => row[column]!);
      const mean = at.reduce((a, b) => a + b) / seeds;
      const rms = Math.sqrt(at.reduce((a, b) => a + b * b, 0) / seeds);
      // The scatter of a mean and of a deviation over so many seeds, four times over.
      expect(Math.abs(mean), `bias at ${count}`).toBeLessThan(
        (4 * bound) / Math.sqrt(seeds) + 0.6 / 2 ** lgK,
      );
      expect(rms, `error at ${count}`).toBeLessThan(bound * (1 + 4 / Math.sqrt(2 * seeds)));
    }
  });

  test('small counts round to the truth while sparse', () => {
    for (let seed = 0; seed < 200; seed++) {
      const sketch = new HyperLogLog();
      const next = hashes(seed);
      for (let count = 1; count <= 40; count++) {
        sketch.addEntry(entryOfHash(next()));
        expect(Math.round(sketch.estimate())).toBe(count);
      }
    }
    for (const [error] of errorsOf(11, 200, [512])) expect(Math.abs(error! * 512)).toBeLessThan(3);
  });

  test('texts, each added many times', () => {
    const sketch = new HyperLogLog();
    for (let i = 0; i < 60_000; i++) sketch.addText(`user-${i % 20_000}`);
    expect(Math.abs(sketch.estimate() / 20_000 - 1)).toBeLessThan((4 * 1.04) / Math.sqrt(2048));
  });

  test('nothing counts as 0, and saturated registers still give a number', () => {
    expect(new HyperLogLog().estimate()).toBe(0);
    const full = new Uint8Array(4 + 16).fill(65);
    full.set([1, 4, 1, 0]);
    expect(HyperLogLog.fromBytes(full).estimate()).toBeGreaterThan(2 ** 60);
  });
});

/** Straight from the definition: the highest rank per bucket, all buckets listed. */
function naiveRanks(lgK: number, values: readonly string[]): number[] {
  const ranks = new Array<number>(2 ** lgK).fill(0);
  const hash = new Uint32Array(4);
  for (const value of values) {
    murmur3Of(value, 0, hash);
    const second = (BigInt(hash[3]!) << 32n) | BigInt(hash[2]!);
    const rank = 65 - (second === 0n ? 0 : second.toString(2).length);
    const bucket = hash[0]! % 2 ** lgK;
    ranks[bucket] = Math.max(ranks[bucket]!, rank);
  }
  return ranks;
}

const sketchOf = (lgK: number, values: readonly string[]) => {
  const sketch = new HyperLogLog(lgK);
  for (const value of values) sketch.addText(value);
  return sketch;
};

/** Sets small enough to stay sparse and large enough not to, for lgK 6 with its limit of 16. */
const valueSet = fc.array(fc.nat(400).map(String), { maxLength: 40 });
const LG_K = 6;

describe('laws', () => {
  test('registers are those of the definition', () => {
    fc.assert(
      fc.property(valueSet, (values) => {
        const bytes = sketchOf(LG_K, values).toBytes();
        const distinct = new Set(values).size;
        expect(bytes[2]).toBe(distinct > 16 ? 1 : 0);
        if (bytes[2] === 1) expect([...bytes.subarray(4)]).toEqual(naiveRanks(LG_K, values));
        else expect(bytes.length).toBe(4 + 4 * distinct);
      }),
    );
  });

  test('a merge changes its target alone, and a copy is its own', () => {
    for (const count of [3, 300]) {
      const values = Array.from({ length: count }, (_, i) => `v${i}`);
      const source = sketchOf(LG_K, values);
      const before = source.toBytes();
      const copy = source.copy();
      const target = sketchOf(LG_K, ['other']);
      target.merge(source);
      target.addText('more');
      copy.addText('yet more');
      copy.addText('and more');
      for (let i = 0; i < 100; i++) copy.addText(`more ${i}`);
      expect(source.toBytes()).toEqual(before);
      expect(copy.toBytes()).not.toEqual(before);
    }
  });

  test('precisions outside 4 to 21 or unlike are refused', () => {
    expect(() => new HyperLogLog(3)).toThrow(InternalError);
    expect(() => new HyperLogLog(22)).toThrow(InternalError);
    expect(() => new HyperLogLog(10).merge(new HyperLogLog(11))).toThrow(InternalError);
  });
});

describe('bytes', () => {
  test('are version 1 as drawn', () => {
    const sparse = sketchOf(4, ['a', 'b']).toBytes();
    const dense = sketchOf(4, ['a', 'b', 'c', 'd', 'e', 'f']).toBytes();
    expect(Buffer.from(sparse).toString('hex')).toMatchInlineSnapshot(`"010400008144bc2c01f7e8e9"`);
    expect(Buffer.from(dense).toString('hex')).toMatchInlineSnapshot(
      `"0104010000000000020001030001000000000101"`,
    );
  });

  const entry = (bucket: number, rank: number) => [rank | ((bucket & 1) << 7), bucket >> 1, 0, 0];
  test.each([
    { name: 'no header', bytes: [1, 4, 0], says: /3 bytes hold no header/ },
    { name: 'a later version', bytes: [2, 4, 0, 0], says: /version 2, want 1/ },
    { name: 'a precision too low', bytes: [1, 3, 0, 0], says: /lgK 3/ },
    { name: 'a precision too high', bytes: [1, 22, 0, 0], says: /lgK 22/ },
    { name: 'an unknown form', bytes: [1, 4, 2, 0], says: /form 2/ },
    { name: 'a cut entry', bytes: [1, 4, 0, 0, 1, 0], says: /6 bytes cut an entry/ },
    { name: 'a cut register', bytes: [1, 4, 1, 0, ...new Array(15).fill(1)], says: /15 ranks/ },
    { name: 'a rank too high', bytes: [1, 4, 1, 0, ...new Array(16).fill(66)], says: /beyond 65/ },
    { name: 'an entry of rank 0', bytes: [1, 4, 0, 0, ...entry(3, 0)], says: /rank 0 of bucket 3/ },
    { name: 'a bucket twice', bytes: [1, 4, 0, 0, ...entry(3, 1), ...entry(3, 2)], says: /order/ },
    {
      name: 'too many entries',
      bytes: [1, 4, 0, 0, ...[1, 2, 3, 4, 5].flatMap((bucket) => entry(bucket, 1))],
      says: /5 sparse entries for lgK 4/,
    },
  ])('$name is refused', ({ bytes, says }) => {
    const read = () => HyperLogLog.fromBytes(Uint8Array.from(bytes));
    expect(read).toThrow(CorruptSketchError);
    expect(read).toThrow(says);
  });
});

test('a sketch of another precision is none of those that are merged', () => {
  expect(() => HyperLogLog.ofDefault(new HyperLogLog(12).toBytes())).toThrow(/lgK 12, want 11/);
  expect(HyperLogLog.ofDefault(new HyperLogLog().toBytes()).estimate()).toBe(0);
});
