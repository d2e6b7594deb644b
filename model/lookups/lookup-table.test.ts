import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Decode, utf8Encode } from '../../core/index.js';
import { LookupTable, lookupTable } from './lookup-table.js';

// Few letters, so that keys repeat; with texts of two, three and four bytes a letter.
const word = fc.string({ unit: fc.constantFrom('a', 'b', '', 'ä', '☃', '𝄞'), maxLength: 3 });
const pairs = fc.array(fc.tuple(word, fc.oneof(word, fc.string({ unit: 'grapheme' }))), {
  maxLength: 200,
});

describe('a table of pairs', () => {
  test('answers as a Map, here and where its memory is opened anew', () => {
    fc.assert(
      fc.property(pairs, fc.array(word), (given, others) => {
        const map = new Map(given);
        const table = lookupTable(given);
        const opened = new LookupTable(table.buffer);
        for (const each of [table, opened]) {
          expect(each.size).toBe(map.size);
          expect([...each.entries()]).toEqual([...map]);
          for (const key of [...map.keys(), ...others]) expect(each.get(key)).toBe(map.get(key));
        }
      }),
    );
  });

  test('tells where keys are, and which values are the same', () => {
    fc.assert(
      fc.property(pairs, fc.array(word), (given, others) => {
        const map = new Map(given);
        const table = lookupTable(given);
        const keys: string[] = [];
        table.eachKey((bytes, from, to) => keys.push(utf8Decode(bytes.subarray(from, to))));
        expect(keys).toEqual([...map.keys()]);
        for (const key of [...keys, ...others]) {
          const bytes = utf8Encode(`_${key}_`);
          expect(table.pairOf(bytes, 1, bytes.length - 1)).toBe(keys.indexOf(key));
        }
        const { ordinals, firsts } = table.distinctValues();
        const values = Array.from(firsts, (pair) => table.value(pair));
        expect(values).toEqual([...new Set(map.values())]);
        expect(Array.from(ordinals, (ordinal) => values[ordinal])).toEqual([...map.values()]);
      }),
    );
  });

  test('names like those of objects are plain keys', () => {
    const table = lookupTable([['__proto__', 'x']]);
    expect(table.get('__proto__')).toBe('x');
    expect(table.get('constructor')).toBeUndefined();
  });

  test('ids tell contents apart', () => {
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        const isSame = JSON.stringify([...new Map(a)]) === JSON.stringify([...new Map(b)]);
        expect(lookupTable(a).contentId === lookupTable(b).contentId).toBe(isSame);
        expect(lookupTable(a).contentId).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
    expect(lookupTable([['ab', 'c']]).contentId).not.toBe(lookupTable([['a', 'bc']]).contentId);
  });

  test('of many pairs', () => {
    const count = 20_000;
    const table = lookupTable(Array.from({ length: count }, (_, i) => [`${i}`, `v${i % 100}`]));
    expect(table.size).toBe(count);
    for (let i = 0; i < count; i += 7) expect(table.get(`${i}`)).toBe(`v${i % 100}`);
    expect(table.get(`${count}`)).toBeUndefined();
  });
});
