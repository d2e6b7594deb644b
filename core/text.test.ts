import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText, utf8Decode, utf8Encode } from './text.js';

const text = fc.string({ unit: 'binary', maxLength: 8 });

test('compareText is the order of UTF-8 bytes', () => {
  fc.assert(
    fc.property(text, text, fc.string({ unit: 'grapheme' }), (a, b, prefix) => {
      const [x, y] = [prefix + a, prefix + b];
      expect(Math.sign(compareText(x, y))).toBe(Buffer.compare(Buffer.from(x), Buffer.from(y)));
    }),
  );
});

test('compareText puts astral characters last, where JavaScript does not', () => {
  expect('\u{10000}' < '\uffff').toBe(true);
  expect(compareText('\u{10000}', '\uffff')).toBeGreaterThan(0);
});

test('UTF-8 round-trips, also from shared memory', () => {
  fc.assert(
    fc.property(text, (each) => {
      const bytes = utf8Encode(each);
      expect(utf8Decode(bytes)).toBe(each);
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 3), 3);
      shared.set(bytes);
      expect(utf8Decode(shared)).toBe(each);
    }),
  );
  expect(utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA');
});
