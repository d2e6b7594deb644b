import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, UserError } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { type BloomValue, bloomHash } from './bloom-hash.js';
import { BloomKFilter } from './bloom-k-filter.js';

const filterOf = (values: readonly BloomValue[], maxEntries = 20): BloomKFilter => {
  const filter = BloomKFilter.empty(maxEntries);
  for (const value of values) filter.add(value);
  return filter;
};

const value: fc.Arbitrary<BloomValue> = fc.oneof(
  fc.constant(null),
  fc.string().map((text) => ({ type: 'STRING', value: text }) as const),
  fc.maxSafeInteger().map((x) => ({ type: 'LONG', value: x }) as const),
  fc.double().map((x) => ({ type: 'DOUBLE', value: x }) as const),
  fc.float().map((x) => ({ type: 'FLOAT', value: x }) as const),
);
const values = fc.array(value, { maxLength: 30 });

const int = (x: bigint): bigint => BigInt.asIntN(32, x);
const positive = (x: bigint): bigint => (x < 0n ? ~x : x);

/** The longs of a filter, bit by bit with wrapping integers. */
function naiveLongs(list: readonly BloomValue[], hashCount: number, size: number): bigint[] {
  const longs = new Array<bigint>(size).fill(0n);
  const hash = new Uint32Array(2);
  for (const each of list) {
    bloomHash(each, hash, 0);
    const [low, high] = [int(BigInt(hash[0]!)), int(BigInt(hash[1]!))];
    const block = 8n * (positive(int(low + high)) % BigInt(size / 8));
    for (let i = 1n; i <= hashCount; i++) {
      const combined = positive(int(low + (i + 1n) * high));
      longs[Number(block + (combined % 8n))]! |= 1n << ((combined / 8n) % 64n);
    }
  }
  return longs;
}

describe('laws', () => {
  test('bits are those of the oracle', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(1, 20, 300), (list, maxEntries) => {
        const view = new DataView(filterOf(list, maxEntries).toBytes().buffer);
        const size = view.getInt32(1);
        const longs = Array.from({ length: size }, (_, i) => view.getBigUint64(5 + 8 * i));
        expect(longs).toEqual(naiveLongs(list, view.getInt8(0), size));
      }),
    );
  });

  test('what was added is found, also in the bytes', () => {
    fc.assert(
      fc.property(values, (list) => {
        const filter = filterOf(list);
        const again = BloomKFilter.ofBytes(filter.toBytes());
        for (const each of list) expect([filter.has(each), again.has(each)]).toEqual([true, true]);
        expectSame(again.toBytes(), filter.toBytes());
        expect(filter.bitCount > 0).toBe(list.length > 0);
      }),
    );
  });
});

test('types are told apart', () => {
  const filter = filterOf([{ type: 'LONG', value: 1 }]);
  expect(filter.has({ type: 'LONG', value: 1n })).toBe(true);
  expect(filter.has({ type: 'DOUBLE', value: 1 })).toBe(false);
  expect(filter.has({ type: 'STRING', value: '1' })).toBe(false);
  expect(filter.has(null)).toBe(false);
});

test('the size of Druid: for 1500 entries, 4 functions and 152 longs', () => {
  const bytes = BloomKFilter.empty(1500).toBytes();
  // 1500 * 6.2352 = 9352 bits, 147 longs, padded to blocks of 8.
  expect([bytes[0], new DataView(bytes.buffer).getInt32(1), bytes.length]).toEqual([4, 152, 1221]);
});

test('filters of different sizes are not merged', () => {
  expect(() => filterOf([], 20).merge(filterOf([], 2000))).toThrow(UserError);
  expect(() => filterOf([], 20).merge(filterOf([], 2000))).toThrow(/of one size/);
});

test.each([
  ['', /0 bytes/],
  ['0400000007', /7 longs/],
  ['0400000000', /0 longs/],
  ['04fffffff8', /-8 longs/],
  ['0000000008', /0 hash functions/],
  ['ff00000008', /-1 hash functions/],
  ['047ffffff8', /want 17179869/],
  [`0400000008${'00'.repeat(63)}`, /68 bytes, want 69/],
])('damaged: %s', (hex, says) => {
  const read = () => BloomKFilter.ofBytes(Buffer.from(hex, 'hex'));
  expect(read).toThrow(CorruptSketchError);
  expect(read).toThrow(says);
});
