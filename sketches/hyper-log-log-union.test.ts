import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CorruptSketchError } from '../core/index.js';
import { HyperLogLog } from './hyper-log-log.js';
import { HyperLogLogUnion } from './hyper-log-log-union.js';
import { entryOfLong, RANK_BITS } from './sketch-entry.js';

/** Of `count` numbers from `first` on. */
function sketchOf([first, count]: readonly [number, number]): HyperLogLog {
  const sketch = new HyperLogLog();
  for (let i = 0; i < count; i++) sketch.addEntry(entryOfLong(first + i));
  return sketch;
}

const wordsOf = (sketch: HyperLogLog) => new Uint32Array(sketch.toBytes().buffer);

const range = fc.tuple(
  fc.integer({ min: 0, max: 900 }),
  fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1200 })),
);

it('estimates as the sketches merged do', () => {
  const union = new HyperLogLogUnion();
  fc.assert(
    fc.property(fc.array(range, { maxLength: 4 }), (ranges) => {
      const merged = new HyperLogLog();
      union.clear();
      for (const sketch of ranges.map(sketchOf)) {
        merged.merge(sketch);
        const words = wordsOf(sketch);
        union.add(Uint32Array.from([7, ...words, 7]), 1, 1 + words.length);
      }
      expect(union.estimate()).toBe(merged.estimate());
    }),
  );
});

it('keeps the larger one of two of a bucket', () => {
  const union = new HyperLogLogUnion();
  const entry = fc.tuple(fc.nat(700), fc.integer({ min: 1, max: 65 }));
  const entries = fc.array(entry, { minLength: 350, maxLength: 900, size: 'max' });
  fc.assert(
    fc.property(fc.array(entries, { minLength: 1, maxLength: 3 }), (lists) => {
      const merged = new HyperLogLog();
      union.clear();
      for (const list of lists) {
        const sketch = new HyperLogLog();
        for (const [bucket, rank] of list) sketch.addEntry(((bucket << RANK_BITS) | rank) >>> 0);
        merged.merge(sketch);
        const words = wordsOf(sketch);
        union.add(words, 0, words.length);
      }
      expect(union.estimate()).toBe(merged.estimate());
    }),
  );
});

it('refuses what is damaged', () => {
  const sparse = wordsOf(sketchOf([0, 3]));
  const dense = wordsOf(sketchOf([0, 1000]));
  const damaged = [
    [0, ...sparse.slice(1)],
    [sparse[0]!, sparse[2]!, sparse[1]!],
    [sparse[0]!, sparse[1]!, sparse[1]!],
    [sparse[0]!, 5 << 7],
    [sparse[0]!, (5 << 7) | 66],
    [dense[0]!, ...sparse.slice(1)],
    [...dense.slice(0, -1), 0x42424242],
  ];
  for (const words of damaged) {
    const add = () => new HyperLogLogUnion().add(Uint32Array.from(words), 0, words.length);
    expect(add).toThrow(CorruptSketchError);
  }
});
