import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonObject, parseJson, utf8Encode } from '../../../core/index.js';
import { assertReaching, expectSame } from '../../../core/testing.js';
import { parseInstant } from '../../../model/index.js';
import { TIME } from './tags.js';
import { TokenColumn } from './token-column.js';
import { Tokenizer } from './tokenizer.js';

const lineOf = (...parts: (string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? utf8Encode(part) : part)));

/** The column `a` of a line that has no other; null when the kernel gives it back. */
function columnOf(tokenizer: Tokenizer, line: Uint8Array): TokenColumn | null {
  tokenizer.load([line]);
  if (tokenizer.advance() === 'surprise') return null;
  const column = tokenizer.take().get('a');
  expect(column).toBeInstanceOf(TokenColumn);
  return column as TokenColumn;
}

test('texts are taken exactly when they are UTF-8', () => {
  const tokenizer = new Tokenizer(null);
  const lead = fc.constantFrom(0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf);
  const late = fc.constantFrom(0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff, 0x7f, 0x20);
  const bytes = fc.oneof(
    fc.array(fc.oneof(lead, late), { maxLength: 40 }),
    fc
      .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(60))
      .map(([text, cut]) => [...utf8Encode(text).subarray(0, cut)]),
    fc
      .tuple(fc.nat(33), fc.array(fc.oneof(lead, late), { maxLength: 4 }))
      .map(([before, some]) => [...new Array<number>(before).fill(0x61), ...some]),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      const text = Uint8Array.from(
        some.filter((byte) => byte >= 0x20 && byte !== 0x22 && byte !== 0x5c),
      );
      const column = columnOf(tokenizer, lineOf('{"a":"', text, '"}'));
      expect(column !== null).toBe(isUtf8(text));
      if (column !== null) expect(column.value(0)).toBe(Buffer.from(text).toString());
    }),
    { numRuns: 5000 },
  );
});

test('doubles are those of parseJson, to the bit', async () => {
  const tokenizer = new Tokenizer(null);
  const digits = fc.stringMatching(/^[1-9][0-9]{0,18}$/);
  const literal = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.tuple(digits, fc.integer({ min: -90, max: 90 })).map(([all, power]) => `${all}e${power}`),
    fc
      .tuple(digits, fc.nat(18))
      .map(([all, at]) => `${all.slice(0, at) || '0'}.${all.slice(at) || '0'}`),
    // Halfway between two doubles, and next to that.
    fc
      .tuple(
        fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
        fc.integer({ min: -1, max: 1 }),
        fc.nat(9),
      )
      .map(
        ([mantissa, off, power]) => `${(2n * mantissa + 1n) * 2n ** BigInt(power) + BigInt(off)}.0`,
      ),
  );
  let taken = 0;
  await assertReaching(
    fc.property(literal, (text) => {
      const column = columnOf(tokenizer, lineOf('{"a":', text, '}'));
      if (column === null) return;
      taken++;
      expect(column.value(0)).toBe(parseJson(text));
    }),
    5000,
    () => {
      expect(taken).toBeGreaterThan(2500);
    },
  );
});

test('times are those of the instant parser, and give their text back', async () => {
  const tokenizer = new Tokenizer('a');
  const field = (max: number, width: number) =>
    fc.nat(max).map((value) => String(value).padStart(width, '0'));
  const text = fc
    .tuple(
      fc.tuple(field(9999, 4), field(13, 2), field(32, 2)).map((parts) => parts.join('-')),
      fc.constantFrom('T', ' ', 't', '_'),
      fc.tuple(field(24, 2), field(60, 2), field(60, 2)).map((parts) => parts.join(':')),
      fc.constantFrom('', '.5', '.123', '.000', '.1234', ',123'),
      fc.constantFrom('', 'Z', 'z', '+01:00', ' '),
    )
    .map((parts) => parts.join(''));
  let times = 0;
  await assertReaching(
    fc.property(text, (time) => {
      const column = columnOf(tokenizer, lineOf('{"a":"', time, '"}'))!;
      expect(column.value(0)).toBe(time);
      if (column.mask !== TIME) return;
      times++;
      expect(column.doubles[0]).toBe(parseInstant(time));
    }),
    5000,
    () => {
      expect(times).toBeGreaterThan(200);
    },
  );
});

test('a text that comes again has the id that it had', () => {
  const tokenizer = new Tokenizer(null);
  const lines = Array.from({ length: 8000 }, (_, i) => `{"a":"${i % 4000}"}`).join('\n');
  tokenizer.load([utf8Encode(lines)]);
  expect(tokenizer.advance()).toBe('end');
  const column = tokenizer.take().get('a') as TokenColumn;
  expect(column.values()).toEqual(Array.from({ length: 8000 }, (_, i) => String(i % 4000)));
  expect(column.dictionary.size).toBe(4001);
});

/** The hash of a text of less than 16 ASCII characters, as assembly/text.ts makes it. */
function hashOf(text: string): number {
  const bytes = Buffer.alloc(16);
  bytes.write(text, 'latin1');
  const [one, two] = [0x9e3779b97f4a7c15n, 0xc2b2ae3d27d4eb4fn];
  const cut = (value: bigint): bigint => BigInt.asUintN(64, value);
  let hash = cut((two ^ bytes.readBigUInt64LE(0)) * one);
  hash = cut((cut((hash << 29n) | (hash >> 35n)) ^ bytes.readBigUInt64LE(8)) * two);
  hash ^= hash >> 32n;
  return Number(cut((hash ^ BigInt(text.length)) * one) >> 32n);
}

test('texts that are made to collide cost room, not time, and stay what they are', () => {
  // A new dictionary has 512 slots for 320 texts: all of these begin their search in one slot.
  const texts: string[] = [];
  for (let i = 0; texts.length < 270; i++) {
    if ((hashOf(`c${i}`) & 511) === 7) texts.push(`c${i}`);
  }
  const all = [...texts, ...texts, ...texts];
  const tokenizer = new Tokenizer(null);
  tokenizer.load([utf8Encode(all.map((text) => `{"a":"${text}"}`).join('\n'))]);
  expect(tokenizer.advance()).toBe('end');
  const column = tokenizer.take().get('a') as TokenColumn;
  expect(column.values()).toEqual(all);
  // 256 of them are found again; the others have an id each time that they come.
  expect(column.dictionary.size).toBe(1 + 256 + 3 * (270 - 256));
});

test('fields that grow by turns, each into what another outgrew, keep their texts', () => {
  const tokenizer = new Tokenizer(null);
  const texts = (field: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${field} ${i} ${'x'.repeat(i % 60)}`);
  for (const count of [300, 3000, 7000, 50]) {
    for (const field of ['a', 'b', 'c']) {
      const all = texts(field, count);
      tokenizer.load([lineOf(...all.map((text) => `${JSON.stringify({ [field]: text })}\n`))]);
      expect(tokenizer.advance()).toBe('end');
      const column = tokenizer.take().get(field) as TokenColumn;
      expectSame(column.values(), all);
      expect(column.dictionary.areDistinct).toBe(true);
    }
  }
});

test('texts of many rows, new ones and known ones, beside other values', () => {
  const tokenizer = new Tokenizer(null);
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.nat(2000).map((id) => `text ${id} ${'x'.repeat(id % 40)}`) },
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom(null, true, 7, 0.5, [1]),
  );
  const values = fc.array(value, { minLength: 1, maxLength: 1500, size: 'max' });
  fc.assert(
    fc.property(values, (some) => {
      tokenizer.load([lineOf(...some.map((a) => `${JSON.stringify({ a })}\n`))]);
      while (tokenizer.advance() === 'surprise') {
        tokenizer.add(parseJson(tokenizer.takeLine()!) as JsonObject);
      }
      const column = tokenizer.take().get('a') as TokenColumn;
      expectSame(column.values(), some);
    }),
    { numRuns: 50 },
  );
});
