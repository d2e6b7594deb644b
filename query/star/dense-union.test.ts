import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptSketchError } from '../../core/index.js';
import { HEADER_BYTES, HyperLogLog, isDenseSketch, MAX_RANK } from '../../sketches/index.js';
import { DenseUnion } from './dense-union.js';

const REGISTERS = 2048;

/** A dense sketch, of which some registers hold ranks. */
function sketchOf(ranks: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = dense().toBytes();
  for (const [register, rank] of ranks) bytes[HEADER_BYTES + register] = rank;
  return bytes;
}

function dense(): HyperLogLog {
  const sketch = new HyperLogLog();
  for (let i = 0; i < 1000; i++) sketch.addText(`${i}`);
  return sketch;
}

const sketch = fc
  .array(fc.tuple(fc.nat(REGISTERS - 1), fc.integer({ min: 0, max: MAX_RANK })))
  .map(sketchOf);

/** The same bytes, some bytes into shared memory, where those of segments are. */
function shared(bytes: Uint8Array, offset: number): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(offset + bytes.length), offset);
  copy.set(bytes);
  return copy;
}

test('sketches are united as their registers are', () => {
  const union = new DenseUnion();
  const sketches = fc.array(fc.tuple(sketch, fc.nat(9)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(sketches, fc.nat(9), (list, at) => {
      const merged = new HyperLogLog();
      for (const [bytes] of list) merged.merge(HyperLogLog.fromBytes(bytes));
      const wanted = merged.toBytes();
      const into = new Uint8Array(at + wanted.length + 1).fill(0xee);
      const pieces = list.map(([bytes, offset]) => shared(bytes, offset));
      union.write(pieces, into, at);
      expect(into.subarray(at, at + wanted.length)).toEqual(wanted);
      expect([...into.subarray(0, at), into.at(-1)]).toEqual(Array(at + 1).fill(0xee));
    }),
  );
});

test('a register that is too high is refused, in any of them', () => {
  const union = new DenseUnion();
  for (const rank of [MAX_RANK + 1, 127, 128, 255]) {
    for (const register of [0, 17, REGISTERS - 1]) {
      const damaged = sketchOf([[register, rank]]);
      const into = new Uint8Array(damaged.length);
      expect(() => union.write([damaged, sketchOf([])], into, 0)).toThrow(CorruptSketchError);
      expect(() => union.write([sketchOf([]), damaged], into, 0)).toThrow(CorruptSketchError);
    }
  }
  const into = new Uint8Array(HEADER_BYTES + REGISTERS);
  expect(() => union.write([sketchOf([[5, MAX_RANK]])], into, 0)).not.toThrow();
});

test('what is dense is told by header and length', () => {
  const bytes = dense().toBytes();
  expect(isDenseSketch(bytes)).toBe(true);
  expect(isDenseSketch(shared(bytes, 3))).toBe(true);
  expect(isDenseSketch(bytes.subarray(0, -1))).toBe(false);
  expect(isDenseSketch(new HyperLogLog().toBytes())).toBe(false);
  expect(isDenseSketch(bytes.with(1, 12))).toBe(false);
});
