import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText, utf8Encode } from '../../core/index.js';
import { wellFormed } from '../cells.js';
import { rankTexts, type TextTable } from './text-ranks.js';

function tableOf(texts: readonly string[], hasNull: boolean): TextTable {
  const encoded = texts.map((text) => utf8Encode(text));
  const lengths = [...(hasNull ? [0] : []), ...encoded.map(({ length }) => length)];
  const offsets = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) offsets[i + 1] = offsets[i]! + length;
  // What lies behind the texts must not matter.
  const bytes = Uint8Array.from([...encoded.flatMap((each) => [...each]), 7, 7, 7, 7]);
  return { size: lengths.length, hasNull, bytes, offsets };
}

function expectRanks(lists: readonly (readonly string[])[], nulls: readonly boolean[]): void {
  const tables = lists.map((texts, i) => tableOf(texts, nulls[i] ?? false));
  const { size, hasNull, rankOf, itemOf } = rankTexts(tables);
  const sorted = [...new Set(lists.flat())].sort(compareText);
  const base = hasNull ? 1 : 0;
  expect(hasNull).toBe(tables.some((table) => table.hasNull));
  expect(size).toBe(sorted.length + base);
  const items: (string | null)[] = [];
  for (const [t, texts] of lists.entries()) {
    const all = tables[t]!.hasNull ? [null, ...texts] : texts;
    items.push(...all);
    const expected = all.map((text) => (text === null ? 0 : sorted.indexOf(text) + base));
    expect([...rankOf[t]!]).toEqual(expected);
  }
  expect([...itemOf].slice(base).map((item) => items[item])).toEqual(sorted);
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', '\0', 'a', 'a\0', 'a\0\0', 'abc', 'abcd', 'abc\0', 'http://x/', 'http://x/y'),
);
const texts = fc.array(text, { maxLength: 30 }).map((each) => [...new Set(each.map(wellFormed))]);

test('texts rank by their UTF-8, across tables, equal ones once', () => {
  const lists = fc.array(fc.tuple(texts, fc.boolean()), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(lists, (some) =>
      expectRanks(
        some.map(([each]) => each),
        some.map(([, hasNull]) => hasNull),
      ),
    ),
  );
});

test('sorted tables, long texts', () => {
  const long = 'x'.repeat(100_000);
  expectRanks([['a', 'b', long]], [true]);
  expectRanks(
    [
      [long, 'b'],
      [`${long}y`, long],
    ],
    [],
  );
});
