import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Long } from '../../../../core/index.js';
import { OrcStream } from './orc-stream.js';
import { BitRuns, ByteRuns, LongRuns1, LongRuns2 } from './run-lengths.js';

const stream = (bytes: readonly number[]): OrcStream =>
  new OrcStream(Uint8Array.from(bytes), { unpack: null, chunkBytes: 0 });
const hex = (text: string): OrcStream => stream([...Buffer.from(text.replaceAll(' ', ''), 'hex')]);

/** The examples of the ORC specification. */
test.each<[string, readonly Long[]]>([
  ['0a 27 10', [10_000, 10_000, 10_000, 10_000, 10_000]],
  ['5e 03 5c a1 ab 1e de ad be ef', [23713, 43806, 57005, 48879]],
  [
    '8e 13 2b 21 07 d0 1e 00 14 70 28 32 3c 46 50 5a 64 6e 78 82 8c 96 a0 aa b4 be fc e8',
    [2030, 2000, 2020, 1_000_000, ...Array.from({ length: 16 }, (_, i) => 2040 + 10 * i)],
  ],
  ['c6 09 02 02 22 42 42 46', [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]],
])('version 2: %s', (text, expected) => {
  expect(new LongRuns2(hex(text), false).read(expected.length)).toEqual(expected);
});

test('version 1: runs with a step, and values', () => {
  expect(new LongRuns1(hex('61 00 07'), false).read(100)).toEqual(new Array(100).fill(7));
  const down = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(new LongRuns1(hex('61 ff 64'), false).read(100)).toEqual(down);
  expect(new LongRuns1(hex('fb 02 03 06 07 0b'), false).read(5)).toEqual([2, 3, 6, 7, 11]);
});

test('bytes and bits', () => {
  expect(new ByteRuns(hex('61 00 fe 44 45')).read(102)).toEqual([
    ...new Array(100).fill(0),
    0x44,
    0x45,
  ]);
  const bits = new BitRuns(hex('ff 80'));
  expect(bits.read(3)).toEqual([true, false, false]);
  expect(bits.read(5)).toEqual([false, false, false, false, false]);
  expect(() => bits.read(1)).toThrow('ends too early');
});

const long: fc.Arbitrary<Long> = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -300n, max: 300n }),
  )
  .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n));

const zigzag = (value: Long): bigint =>
  BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));

function varint(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];
}

/** Values packed into `width` bits each. */
function packed(values: readonly bigint[], width: number): number[] {
  const bits = values.map((value) => value.toString(2).padStart(width, '0')).join('');
  return (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

const WIDTHS = [...Array.from({ length: 24 }, (_, i) => i + 1), 26, 28, 30, 32, 40, 48, 56, 64];

test('version 2: values of every width, read in parts', () => {
  const run = fc.array(long, { minLength: 1, maxLength: 512 });
  fc.assert(
    fc.property(
      fc.array(run, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 100 }),
      (runs, part) => {
        const bytes = runs.flatMap((values) => {
          const coded = values.map(zigzag);
          const bits = Math.max(...coded.map((value) => value.toString(2).length));
          const code = WIDTHS.findIndex((width) => width >= bits);
          const count = values.length - 1;
          return [0x40 | (code << 1) | (count >> 8), count & 255, ...packed(coded, WIDTHS[code]!)];
        });
        const reader = new LongRuns2(stream(bytes), true);
        const expected = runs.flat();
        const read: Long[] = [];
        while (read.length < expected.length)
          read.push(...reader.read(Math.min(part, expected.length - read.length)));
        expect(read).toEqual(expected);
      },
    ),
    { numRuns: 100 },
  );
});

test('version 2: steps of one sign', () => {
  const small = fc.bigInt({ min: 0n, max: 2n ** 40n });
  fc.assert(
    fc.property(
      fc.integer({ min: -1000, max: 1000 }),
      fc.array(small, { minLength: 2, maxLength: 50 }),
      fc.boolean(),
      (first, steps, falls) => {
        const sign = falls ? -1n : 1n;
        const [head, ...others] = steps as [bigint, ...bigint[]];
        const firstStep = head === 0n && falls ? -1n : head * sign;
        const width = WIDTHS.find(
          (one) => one >= Math.max(...others.map((step) => step.toString(2).length)) && one > 1,
        )!;
        const count = steps.length;
        const bytes = [
          0xc0 | (WIDTHS.indexOf(width) << 1),
          count,
          ...varint(zigzag(first)),
          ...varint(zigzag(firstStep as unknown as Long)),
          ...packed(others, width),
        ];
        const expected = [BigInt(first), BigInt(first) + firstStep];
        for (const step of others) expected.push(expected.at(-1)! + step * sign);
        expect(new LongRuns2(stream(bytes), true).read(count + 1).map(BigInt)).toEqual(expected);
      },
    ),
  );
});

test('version 1: values of 64 bits', () => {
  fc.assert(
    fc.property(fc.array(long, { minLength: 1, maxLength: 128 }), (values) => {
      const bytes = [256 - values.length, ...values.flatMap((value) => varint(zigzag(value)))];
      expect(new LongRuns1(stream(bytes), true).read(values.length)).toEqual(values);
    }),
  );
});
