import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { expect, test } from 'vitest';
import { CorruptBytesError, InternalError, SeededRandom } from '../../core/index.js';
import { draws, SEED } from '../../core/testing.js';
import { packMessage, unpackMessage } from './frames.js';
import { LIST_KINDS, MAX_DEPTH, MAX_VALUES } from './message-format.js';
import { readMessage } from './message-reader.js';
import { MessageWriter } from './message-writer.js';

const typedArray = fc
  .tuple(fc.constantFrom(...LIST_KINDS), fc.uint8Array({ maxLength: 64 }), fc.nat(3))
  .map(([List, bytes, skip]) => {
    const size = List.BYTES_PER_ELEMENT;
    const room = new ArrayBuffer(size * (8 + skip));
    new Uint8Array(room).set(bytes.subarray(0, room.byteLength));
    return new List(room, size * skip, 8);
  });

const leaf = fc.oneof(
  fc.constantFrom(null, true, false, -0, 0, Number.NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 31)),
  fc.integer({ min: -200, max: 200 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 300 }),
  typedArray,
);
const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', ''),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 20 }),
    fc
      .array(fc.tuple(key, tie('tree')), { maxLength: 20 })
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

test('what is unpacked is what was packed, with its type, and shares nothing with the bytes', () => {
  fc.assert(
    fc.property(tree, fc.nat(7), (value, shift) => {
      const packed = packMessage(value);
      const placed = new Uint8Array(packed.length + shift).subarray(shift);
      placed.set(packed);
      const found = unpackMessage(placed);
      placed.fill(0xff);
      // It tells -0 from 0, a bigint from a number, and one typed array from another.
      expect(isDeepStrictEqual(found, value)).toBe(true);
    }),
    { numRuns: draws(500), seed: SEED },
  );
});

test('a member of the name __proto__ is an ordinary one', () => {
  const value = JSON.parse('{"__proto__":{"admin":true},"a":1}') as object;
  const found = unpackMessage(packMessage(value)) as Record<string, unknown>;
  expect(Object.keys(found)).toEqual(['__proto__', 'a']);
  expect(found.admin).toBeUndefined();
  expect(JSON.stringify(found)).toBe(JSON.stringify(value));
});

test('a library of MessagePack reads it', () => {
  const value = {
    texts: ['', 'short', 'ä'.repeat(30), 'x'.repeat(300)],
    numbers: [0, 127, 128, -32, -33, 1.5, 2 ** 40],
    many: Array.from({ length: 70 }, (_, i) => ({ i })),
    doubles: Float64Array.of(1, 2),
    big: 2n ** 60n,
    none: null,
  };
  const library = new Unpackr({ useRecords: false, moreTypes: true });
  expect(library.unpack(packMessage(value))).toEqual(value);
});

test('members that are undefined are left out', () => {
  expect(unpackMessage(packMessage({ a: undefined, b: 1 }))).toStrictEqual({ b: 1 });
});

test.each([
  { name: 'a Map', value: new Map() },
  { name: 'a Set', value: { a: [new Set()] } },
  { name: 'a Date', value: new Date(0) },
  { name: 'a function', value: () => 1 },
  { name: 'undefined in a list', value: [undefined] },
  { name: 'a hole', value: new Array(1) },
  { name: 'a DataView', value: new DataView(new ArrayBuffer(1)) },
  { name: 'too many bits', value: 2n ** 64n },
  { name: 'too few bits', value: -(2n ** 63n) - 1n },
  { name: 'a circle', value: circle() },
])('$name is refused', ({ value }) => {
  expect(() => packMessage(value)).toThrow(InternalError);
  // And nothing is left of it.
  expect(unpackMessage(packMessage('next'))).toBe('next');
});

function circle(): unknown {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

test('hostile bytes', () => {
  const refused = (...bytes: number[]) =>
    expect(() => unpackMessage(Uint8Array.from(bytes))).toThrow(CorruptBytesError);
  refused();
  refused(0xc1);
  // Lists, texts and bytes that are not there.
  refused(0xdd, 0xff, 0xff, 0xff, 0xff);
  refused(0xdf, 0xff, 0xff, 0xff, 0xff);
  refused(0xdb, 0xff, 0xff, 0xff, 0xff);
  refused(0xc6, 0xff, 0xff, 0xff, 0xff);
  refused(0xc9, 0xff, 0xff, 0xff, 0xff, 0x74, 8);
  // A typed array of no whole elements, of none at all, of an unknown kind; records and classes of msgpackr.
  refused(0xc9, 0, 0, 0, 4, 0x74, 8, 1, 2, 3);
  refused(0xc9, 0, 0, 0, 0, 0x74, 8);
  refused(0xc9, 0, 0, 0, 1, 0x74, 11);
  refused(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1);
  refused(0xd4, 0x65, 0);
  // A key that is no text; something behind the end.
  refused(0x81, 0x01, 0x01);
  refused(0xc0, 0xc0);
  refused(...new Array<number>(MAX_DEPTH + 1).fill(0x91), 0xc0);
  const many = new Uint8Array(MAX_VALUES + 6).fill(0x90);
  many.set([0xdd, 0, 0x40, 0, 1]);
  expect(() => unpackMessage(many)).toThrow(/more than/);
});

test('random and damaged bytes give a value or a typed error', () => {
  const random = new SeededRandom(SEED);
  const whole = packMessage({
    a: [1, 'text', { b: Float64Array.of(1) }],
    c: new Uint8Array(40),
    d: 'x'.repeat(99),
  });
  for (let i = 0; i < draws(6000); i++) {
    const bytes =
      i % 2 === 0
        ? Uint8Array.from({ length: random.nextUint32() % 60 }, () => random.nextUint32())
        : whole.slice(0, i % 4 === 1 ? whole.length : random.nextUint32() % whole.length);
    if (i % 4 === 1) bytes[random.nextUint32() % bytes.length] = random.nextUint32();
    try {
      unpackMessage(bytes);
    } catch (error) {
      if (!(error instanceof CorruptBytesError)) throw error;
    }
  }
});

test.each<[string, () => unknown]>([
  ['numbers', () => 7],
  ['nulls', () => null],
  ['lists', () => []],
  ['lists of 20', () => Array.from({ length: 20 }, () => 1)],
  ['lists of floats', () => new Float64Array(3)],
  ['texts', () => 'x'],
])('a message of %s is whole wherever the room for it ends', (_, item) => {
  // It ends after 1024 bytes at first: somewhere in an item, or between two.
  for (let offset = 0; offset < 40; offset++) {
    const message = ['x'.repeat(offset), ...Array.from({ length: 1100 }, item)];
    expect(isDeepStrictEqual(readMessage(new MessageWriter().pack(message)), message)).toBe(true);
  }
});
