import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer, Cell } from './answer.js';
import { piecesOf } from './pieces.js';
import { choicesOf, variableText } from './variables.js';

describe('variableText', () => {
  test.each([
    ["O'Hare", {}, "O''Hare"],
    ["O'Hare", { multi: true }, "'O''Hare'"],
    ['SEA', { includeAll: true }, "'SEA'"],
    [['SEA', "O'Hare"], { multi: true }, "'SEA','O''Hare'"],
    [[], { multi: true }, 'NULL'],
    [5, {}, '5'],
  ])('%j %j', (value, variable, expected) => expect(variableText(value, variable)).toBe(expected));
});

test('no value gets out of its quotes', () => {
  const value = fc.string({
    unit: fc.constantFrom("'", '"', '\\', '-', '/', '*', '$__timeTo', 'a', ' '),
  });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const list = variableText(values, { multi: true });
      const inQuotes = `'${variableText(values[0], {})}'`;
      for (const sql of [list, inQuotes]) {
        expect(sql.replaceAll("''", '').match(/'/g)?.length ?? 0).toBe(
          sql === "''" ? 0 : sql.replaceAll("''", '').split("'").length - 1,
        );
        expect(piecesOf(sql)).toEqual([{ kind: 'text', text: sql }]);
      }
      const read = [...list.matchAll(/'((?:[^']|'')*)'/g)].map(([, text]) =>
        text?.replaceAll("''", "'"),
      );
      expect(read).toEqual(values);
    }),
  );
});

describe('choicesOf', () => {
  const answer = (names: string[], ...rows: Cell[][]): Answer => ({
    columns: names.map((name) => ({ name, sqlType: 'VARCHAR' })),
    rows,
  });
  test.each<[string, Answer, string[][]]>([
    [
      'one column, each once',
      answer(['h'], ['a'], [null], ['b'], ['a']),
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
    ],
    [
      'several columns',
      answer(['h', 'n'], ['a', 1]),
      [
        ['a', 'a'],
        ['1', '1'],
      ],
    ],
    [
      'text and value',
      answer(['__value', '__text'], [1, 'one'], [2, 'two']),
      [
        ['one', '1'],
        ['two', '2'],
      ],
    ],
    ['text without value', answer(['__text'], ['one']), [['one', 'one']]],
  ])('%s', (_, given, expected) => {
    expect(choicesOf(given).map(({ text, value }) => [text, value])).toEqual(expected);
  });
});
