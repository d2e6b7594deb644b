import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptBytesError } from '../../../core/index.js';
import { assertReaching } from '../../../core/testing.js';
import { CONTENTS, type Content, widthOf } from '../../encodings/content.js';
import { TRANSFORMS } from './registry.js';

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const price = fc.integer({ min: -1e6, max: 1e9 }).map((cents) => cents / 100);
const tenth = fc.nat(10_000).map((tenths) => tenths / 10);
const noise = fc.uint8Array({ maxLength: 200 });

/** Entries of each content, as they may come, and such as transforms are for. */
const ENTRIES: Record<Content, fc.Arbitrary<Uint8Array>> = {
  u8: fc.oneof(
    noise,
    fc.array(fc.nat(3)).map((a) => Uint8Array.from(a)),
  ),
  u16: fc.array(fc.oneof(fc.nat(9), fc.nat(65_535))).map((a) => bytesOf(Uint16Array.from(a))),
  u32: fc.oneof(
    fc.array(fc.nat(2 ** 32 - 1)).map((a) => bytesOf(Uint32Array.from(a))),
    fc.array(fc.nat(2 ** 24 - 1)).map((a) => bytesOf(Uint32Array.from(a))),
    fc.array(fc.nat(1000)).map((a) => bytesOf(Uint32Array.from(a.sort((x, y) => x - y)))),
  ),
  i64: fc
    .oneof(
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc
        .array(fc.bigInt({ min: -5n, max: 2n ** 33n }))
        .map((a) => a.sort((x, y) => (x < y ? -1 : 1))),
    )
    .map((a) => bytesOf(BigInt64Array.from(a))),
  f32: fc.oneof(fc.array(fc.float()), fc.array(tenth)).map((a) => bytesOf(Float32Array.from(a))),
  f64: fc
    .oneof(
      fc.array(fc.oneof(fc.double(), price)),
      fc
        .array(price, { minLength: 20 })
        .chain((a) => fc.constantFrom([...a, -0], [...a, Number.NaN], a)),
      fc.array(fc.constantFrom(2 ** 52, 2 ** 53, -(2 ** 52) + 1, 2 ** 52 - 1, 1e300)),
    )
    .map((a) => bytesOf(Float64Array.from(a))),
  texts: fc.oneof(
    noise,
    fc
      .array(fc.constantFrom('a', 'ab', 'abc', 'x'.repeat(300)))
      .map((a) => new TextEncoder().encode(a.sort().join(''))),
  ),
};

const cutsOf = (length: number) =>
  fc
    .uniqueArray(fc.nat(Math.max(0, length - 2)), { maxLength: length - 1 })
    .map((cuts) => cuts.map((cut) => cut + 1).sort((a, b) => a - b));

const page = (content: Content) =>
  ENTRIES[content].chain((bytes) =>
    (content === 'texts' && bytes.length > 1 ? cutsOf(bytes.length) : fc.constant([])).map(
      (cuts) => ({ content, bytes: bytes.slice(), cuts }),
    ),
  );

describe.each(TRANSFORMS)('$name', (transform) => {
  test.each(CONTENTS.filter((content) => transform.suits(content)))(
    '%s come back bit for bit',
    async (content) => {
      let held = 0;
      await assertReaching(
        fc.property(page(content), (given) => {
          const before = given.bytes.slice();
          const packed = transform.apply(given);
          expect(given.bytes).toEqual(before);
          if (packed === null) return;
          held++;
          const bytes = new Uint8Array(before.length).fill(0xa5);
          transform.undo(packed, { ...given, bytes });
          expect(bytes).toEqual(before);
        }),
        100,
        () => {
          expect(held).toBeGreaterThan(20);
        },
      );
    },
  );

  test.each(CONTENTS.filter((content) => transform.suits(content)))(
    'any bytes for %s are an error or a page',
    (content) => {
      fc.assert(
        fc.property(noise, page(content), (packed, { bytes, cuts }) => {
          try {
            transform.undo(packed, { content, bytes, cuts });
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptBytesError);
          }
        }),
      );
    },
  );

  test.each(CONTENTS.filter((content) => transform.suits(content)))(
    'a page of %s that was damaged is an error or a page',
    (content) => {
      fc.assert(
        fc.property(page(content), fc.nat(), fc.nat(255), (given, at, byte) => {
          const packed = transform.apply(given)?.slice();
          if (packed === undefined || packed.length === 0) return;
          packed[at % packed.length] = byte;
          try {
            transform.undo(packed, given);
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptBytesError);
          }
        }),
      );
    },
  );
});

test('prices take the bytes of their cents', () => {
  const prices = Float64Array.from(
    { length: 1000 },
    (_, i) => (100_000 + ((i * 7919) % 50_000)) / 100,
  );
  const decimals = TRANSFORMS.find(({ name }) => name === 'decimals')!;
  const packed = decimals.apply({ content: 'f64', bytes: bytesOf(prices), cuts: [] });
  expect(packed?.length).toBe(16 + 2 * prices.length);
});

test('widths are those of the entries', () => {
  expect(CONTENTS.map(widthOf)).toEqual([1, 2, 4, 8, 4, 8, 1]);
});
