import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf } from './lines.js';
import { entityOf } from './testing.js';

async function read(content: string | Uint8Array, cuts: readonly number[], maxBytes?: number) {
  const texts: string[] = [];
  const bad: string[] = [];
  let bytes = 0;
  for await (const lines of linesOf(entityOf(content, cuts).chunks(), maxBytes)) {
    texts.push(...lines.texts);
    bad.push(...lines.bad.map(({ reason }) => reason));
    bytes += lines.bytes;
  }
  return { texts, bad, bytes };
}

/** What a reader would do by hand. */
function naiveLines(text: string): string[] {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.replace(/\r$/, ''));
}

const text = fc
  .array(fc.constantFrom('a', 'é', '😀', '\n', '\r', '\r\n', '\ufeff', '"', ' '), { maxLength: 40 })
  .map((parts) => parts.join(''));
const cuts = fc.array(fc.nat(60), { maxLength: 8 });

test('lines do not depend on how the bytes are chunked', async () => {
  await fc.assert(
    fc.asyncProperty(text, cuts, async (content, at) => {
      const { texts, bad, bytes } = await read(content, at);
      expect(texts).toEqual(naiveLines(content));
      expect(bad).toEqual([]);
      expect(bytes).toBe(Buffer.byteLength(content));
    }),
    { numRuns: 500 },
  );
});

test('lines beyond the limit are lost, and no other', async () => {
  await fc.assert(
    fc.asyncProperty(text, cuts, fc.integer({ min: 1, max: 12 }), async (content, at, limit) => {
      const plain = content.replaceAll('\ufeff', '');
      const { texts, bad, bytes } = await read(plain, at, limit);
      const isShort = (line: string) => Buffer.byteLength(line) <= limit;
      expect(texts).toEqual(naiveLines(plain).filter(isShort));
      expect(bad.length).toBe(naiveLines(plain).filter((line) => !isShort(line)).length);
      expect(bytes).toBe(Buffer.byteLength(plain));
    }),
    { numRuns: 500 },
  );
});

test('bytes that are no UTF-8 become U+FFFD', async () => {
  const { texts } = await read(Uint8Array.of(0x61, 0xff, 0x0a, 0x62), [2]);
  expect(texts).toEqual(['a\ufffd', 'b']);
});
