import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, InternalError, murmur3Word, SeededRandom } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { CountMin } from './count-min.js';
import type { CountMinShape } from './count-min-bytes.js';

const hashOf = (value: number) => murmur3Word(new Uint8Array(Float64Array.of(value).buffer));

const SMALL: CountMinShape = { lgWidth: 4, depth: 3, isConservative: false };

const addition = fc.record({ value: fc.nat(60), count: fc.integer({ min: 1, max: 9 }) });
const additions = fc.array(addition, { maxLength: 80 });
type Addition = { readonly value: number; readonly count: number };

function sketchOf(added: readonly Addition[], shape: CountMinShape): CountMin {
  const sketch = new CountMin(shape);
  for (const { value, count } of added) sketch.add(hashOf(value), count);
  return sketch;
}

const countOf = (added: readonly Addition[], value: number) =>
  added.reduce((sum, each) => sum + (each.value === value ? each.count : 0), 0);

describe('accuracy', () => {
  test('errors are within the bound, and smaller with conservative update', () => {
    const [seeds, distinct, depth] = [10, 2000, 4];
    const over = { plain: 0, conservative: 0 };
    let misses = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const random = new SeededRandom(seed);
      const counts = Array.from({ length: distinct }, (_, i) => 1 + Math.floor(1000 / (i + 1)));
      const hashes = counts.map(() => hashOf(random.nextUint32()));
      const plain = new CountMin({ lgWidth: 8, depth, isConservative: false });
      const conservative = new CountMin({ lgWidth: 8, depth, isConservative: true });
      for (let round = 0; round < counts[0]!; round++) {
        for (let i = 0; i < distinct && counts[i]! > round; i++) {
          plain.add(hashes[i]!);
          conservative.add(hashes[i]!);
        }
      }
      for (const [i, hash] of hashes.entries()) {
        if (plain.estimate(hash) - counts[i]! > plain.error) misses++;
        over.plain += plain.estimate(hash) - counts[i]!;
        over.conservative += conservative.estimate(hash) - counts[i]!;
      }
    }
    expect(misses / (seeds * distinct)).toBeLessThan(Math.exp(-depth));
    expect(over.conservative).toBeLessThan(0.7 * over.plain);
  });
});

describe('laws', () => {
  test('no estimate is too small, conservative ones are no larger than plain ones, merged or not', () => {
    fc.assert(
      fc.property(additions, additions, (first, second) => {
        const all = [...first, ...second];
        const of = (added: readonly Addition[], isConservative: boolean) =>
          sketchOf(added, { ...SMALL, isConservative });
        const merged = of(first, true);
        merged.merge(of(second, true));
        const [plain, whole] = [of(all, false), of(all, true)];
        for (const value of [...new Set(all.map((each) => each.value)), 99]) {
          const hash = hashOf(value);
          const count = countOf(all, value);
          expect(whole.estimate(hash)).toBeGreaterThanOrEqual(count);
          expect(merged.estimate(hash)).toBeGreaterThanOrEqual(count);
          expect(whole.estimate(hash)).toBeLessThanOrEqual(plain.estimate(hash));
          expect(merged.estimate(hash)).toBeLessThanOrEqual(plain.estimate(hash));
        }
        expect([merged.total, whole.total]).toEqual([plain.total, plain.total]);
      }),
    );
  });

  test('few values have exact counts, and do not cost counters', () => {
    const shape = { lgWidth: 10, depth: 4, isConservative: false };
    const sketch = new CountMin(shape);
    for (let i = 0; i < 256; i++) sketch.add(hashOf(i), i + 1);
    for (let i = 0; i < 256; i++) expect(sketch.estimate(hashOf(i))).toBe(i + 1);
    expect([sketch.error, sketch.estimate(hashOf(256))]).toEqual([0, 0]);
    expect(sketch.toBytes()).toHaveLength(16 + 12 * 256);
    sketch.add(hashOf(256));
    expect(sketch.toBytes()).toHaveLength(16 + 4 * 4096);
    expect(sketch.error).toBeGreaterThan(0);
  });

  test('counts beyond 32 bits are kept', () => {
    const sketch = new CountMin(SMALL);
    sketch.add(hashOf(1), 2 ** 40);
    const again = CountMin.fromBytes(sketch.toBytes());
    expect(again.estimate(hashOf(1))).toBe(2 ** 40);
    expectSame(again.toBytes(), sketch.toBytes());
  });

  test('other shapes are refused', () => {
    expect(() => new CountMin({ ...SMALL, lgWidth: 25 })).toThrow(InternalError);
    expect(() => new CountMin({ ...SMALL, depth: 0 })).toThrow(InternalError);
    const other = sketchOf([{ value: 1, count: 1 }], { ...SMALL, isConservative: true });
    const plain = sketchOf([{ value: 1, count: 1 }], SMALL);
    expect(() => plain.merge(other)).toThrow(/two shapes/);
    plain.merge(new CountMin({ ...SMALL, depth: 1 }));
    const empty = new CountMin({ ...SMALL, depth: 1 });
    empty.merge(plain);
    expectSame(empty.toBytes(), plain.toBytes());
  });
});

describe('bytes', () => {
  test('are version 1 as drawn', () => {
    const tiny = { lgWidth: 1, depth: 2, isConservative: true };
    const bytes = sketchOf([{ value: 1, count: 258 }], tiny).toBytes();
    expect(Buffer.from(bytes).toString('hex')).toMatchInlineSnapshot(
      `"0101010204000000020100000000000000000000020100000201000000000000"`,
    );
  });

  test('of few hashes are version 2 as drawn', () => {
    const small = { lgWidth: 4, depth: 2, isConservative: false };
    const sketch = new CountMin(small);
    sketch.add(-1);
    sketch.add(0x0102, 258);
    sketch.add(-1);
    expect(Buffer.from(sketch.toBytes()).toString('hex')).toMatchInlineSnapshot(
      `"02000402020000000401000000000000020100000201000000000000ffffffff0200000000000000"`,
    );
    sketch.add(3);
    expect(sketch.toBytes()).toHaveLength(16 + 4 * 32);
  });

  const head = (...bytes: number[]) => [...bytes, ...new Array(16 - bytes.length).fill(0)];
  const zeros = (count: number) => new Array<number>(count).fill(0);
  test.each([
    { name: 'no header', bytes: [1, 0, 1], says: /3 bytes hold no header/ },
    { name: 'a later version', bytes: head(3, 0, 1, 1, 4), says: /version 3, want 1 or 2/ },
    { name: 'a flag', bytes: head(1, 2, 1, 1, 4), says: /flags 2/ },
    { name: 'too wide', bytes: head(1, 0, 25, 1, 4), says: /2\^25/ },
    { name: 'no rows', bytes: head(1, 0, 1, 0, 4), says: /0 rows/ },
    { name: 'counters of 2 bytes', bytes: head(1, 0, 1, 1, 2), says: /counters of 2/ },
    { name: 'cut', bytes: [...head(1, 0, 1, 1, 4), 0], says: /17 bytes, want 24/ },
    { name: 'wide for nothing', bytes: [...head(1, 0, 1, 1, 8), ...zeros(16)], says: /below/ },
    { name: 'a wrong sum', bytes: [...head(1, 0, 1, 1, 4), 1, ...zeros(7)], says: /1 of 0/ },
    { name: 'too many hashes', bytes: head(2, 0, 4, 1, 2), says: /2 hashes are not few/ },
    { name: 'hashes where none fits', bytes: head(2, 0, 1, 1), says: /0 hashes are not few/ },
    { name: 'a cut entry', bytes: head(2, 0, 4, 1, 1), says: /16 bytes, want 28/ },
    { name: 'an empty hash', bytes: [...head(2, 0, 4, 1, 1), ...zeros(12)], says: /did not come/ },
    { name: 'a total of none', bytes: head(2, 0, 4, 1, 0, 0, 0, 0, 7), says: /7 more than/ },
  ])('$name is refused', ({ bytes, says }) => {
    const read = () => CountMin.fromBytes(Uint8Array.from(bytes));
    expect(read).toThrow(CorruptSketchError);
    expect(read).toThrow(says);
  });
});
