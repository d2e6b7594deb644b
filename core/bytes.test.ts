import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { CorruptBytesError, InternalError } from './errors.js';
import { LONG_MAX, LONG_MIN, toLong } from './long.js';

const safe = fc.oneof(fc.maxSafeNat(), fc.nat(300));
const field = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.nat(0xff) }),
  fc.record({ kind: fc.constant('u16' as const), value: fc.nat(0xffff) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffffffff) }),
  fc.record({ kind: fc.constant('size' as const), value: safe }),
  fc.record({ kind: fc.constant('varint' as const), value: safe }),
  fc.record({
    kind: fc.constant('long' as const),
    value: fc.bigInt({ min: LONG_MIN, max: LONG_MAX }).map(toLong),
  }),
  fc.record({ kind: fc.constant('f32' as const), value: fc.float() }),
  fc.record({ kind: fc.constant('f64' as const), value: fc.double() }),
  fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'grapheme' }) }),
  fc.record({ kind: fc.constant('blob' as const), value: fc.uint8Array() }),
);
type Field = typeof field extends fc.Arbitrary<infer T> ? T : never;

function write(writer: ByteWriter, { kind, value }: Field): void {
  (writer[kind] as (value: unknown) => void).call(writer, value);
}

test('fields read back as written, and every cut is noticed', () => {
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 20 }), fc.nat(), (fields, cut) => {
      const writer = new ByteWriter(16);
      for (const each of fields) write(writer, each);
      const bytes = writer.toBytes();
      expect(bytes.length).toBe(writer.length);
      const readAll = (reader: ByteReader) => {
        const values = fields.map(({ kind }) => reader[kind]());
        reader.expectEnd();
        return values;
      };
      expect(readAll(new ByteReader(bytes))).toEqual(fields.map(({ value }) => value));
      const short = bytes.subarray(0, cut % bytes.length);
      expect(() => readAll(new ByteReader(short))).toThrow(CorruptBytesError);
      const long = Uint8Array.from([...bytes, 0]);
      expect(() => readAll(new ByteReader(long))).toThrow(/1 bytes are left over/);
    }),
  );
});

test('numbers are little-endian', () => {
  const writer = new ByteWriter();
  writer.u16(0x0102);
  writer.u32(0x01020304);
  writer.size(2 ** 40 + 5);
  writer.varint(300);
  expect([...writer.toBytes()]).toEqual([2, 1, 4, 3, 2, 1, 5, 0, 0, 0, 0, 1, 0, 0, 0xac, 2]);
});

test('alignment pads with zeros, also over bytes used before', () => {
  const writer = new ByteWriter();
  writer.u8(7);
  writer.align(8);
  writer.align(8);
  writer.u8(9);
  expect([...writer.toBytes()]).toEqual([7, 0, 0, 0, 0, 0, 0, 0, 9]);
  const reader = new ByteReader(writer.toBytes());
  reader.u8();
  reader.align(8);
  expect([reader.offset, reader.u8(), reader.remaining]).toEqual([8, 9, 0]);
});

test('a patch stays inside what was written', () => {
  const writer = new ByteWriter();
  writer.u32(0);
  writer.patchU32(0, 0xdeadbeef);
  expect(new ByteReader(writer.toBytes()).u32()).toBe(0xdeadbeef);
  expect(() => writer.patchU32(1, 0)).toThrow(InternalError);
});

test.each([
  { name: 'a varint without end', read: (r: ByteReader) => r.varint() },
  { name: 'a size beyond 2^53', read: (r: ByteReader) => r.size() },
  { name: 'a blob longer than the bytes', read: (r: ByteReader) => r.blob() },
  { name: 'a negative length', read: (r: ByteReader) => r.raw(-1) },
  { name: 'a length that is no number', read: (r: ByteReader) => r.raw(Number.NaN) },
  { name: 'an offset outside', read: () => new ByteReader(new Uint8Array(3), 4) },
])('refuses $name', ({ read }) => {
  expect(() => read(new ByteReader(new Uint8Array(12).fill(255)))).toThrow(CorruptBytesError);
});

test('the writer refuses what it could not write exactly', () => {
  for (const value of [-1, 1.5, 2 ** 53]) {
    expect(() => new ByteWriter().varint(value)).toThrow(InternalError);
    expect(() => new ByteWriter().size(value)).toThrow(InternalError);
  }
});
