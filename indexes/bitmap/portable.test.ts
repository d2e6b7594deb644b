import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clearTail } from '../rows/bits.js';
import { rowsIn } from '../rows/row-set.js';
import { setBitmapBits } from './portable.js';
import { writeBitmap } from './roaring.js';

/** Rows of a few containers: scattered, thick and in runs. */
const rows = fc
  .array(
    fc.record({
      first: fc.nat(200_000),
      count: fc.oneof(fc.nat(20), fc.nat(9000)),
      step: fc.constantFrom(1, 2, 3, 50),
    }),
    { maxLength: 4 },
  )
  .map((pieces) => {
    const all = pieces.flatMap(({ first, count, step }) =>
      Array.from({ length: count }, (_, i) => first + i * step),
    );
    return Uint32Array.from(new Set(all)).sort();
  });

function readAll(bytes: Uint8Array, rowCount: number): Uint32Array {
  const bits = new Uint32Array(Math.ceil(rowCount / 32));
  setBitmapBits(bytes, 0, bytes.length, bits);
  clearTail(bits, rowCount);
  return rowsIn({ kind: 'bits', bits }, 0, rowCount);
}

test('a bitmap has its rows', () => {
  fc.assert(
    fc.property(rows, (list) => {
      const rowCount = (list.at(-1) ?? 0) + 1;
      expect(readAll(writeBitmap(list), rowCount)).toEqual(list);
    }),
  );
});

test('the library reads the same rows out of it', () => {
  const { RoaringBitmap32 } = createRequire(import.meta.url)('roaring-wasm');
  fc.assert(
    fc.property(rows, (list) => {
      const bitmap = RoaringBitmap32.deserialize(writeBitmap(list), 'portable');
      expect(bitmap.toUint32Array()).toEqual(list);
      bitmap.dispose();
    }),
  );
});

test('a bitmap is read from the middle of other bytes', () => {
  const bytes = writeBitmap(Uint32Array.of(1, 5, 70_000));
  const around = new Uint8Array(bytes.length + 9).fill(0xff);
  around.set(bytes, 3);
  const bits = new Uint32Array(2200);
  setBitmapBits(around, 3, 3 + bytes.length, bits);
  expect([...rowsIn({ kind: 'bits', bits }, 0, 70_400)]).toEqual([1, 5, 70_000]);
});

test('damaged bytes tell other rows at worst', () => {
  const whole = writeBitmap(
    Uint32Array.from({ length: 9000 }, (_, i) => (i < 6000 ? 2 * i : 60_000 + i)),
  );
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(damage, fc.nat(whole.length), (changes, length) => {
      const bytes = Uint8Array.from(whole.subarray(0, length));
      for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
      expect(readAll(bytes, 70_000).length).toBeLessThanOrEqual(70_000);
    }),
  );
});
