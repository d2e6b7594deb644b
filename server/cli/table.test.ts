import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textTable } from './table.js';

test('a header, a rule, numbers to the right', () => {
  const rows = [
    ['ATL', 118204],
    ['SEA', 7],
    [null, null],
  ];
  expect(textTable(['origin', 'flights'], rows).split('\n')).toEqual([
    'origin │ flights',
    '───────┼────────',
    'ATL    │  118204',
    'SEA    │       7',
    'null   │    null',
  ]);
});

test.each([
  { name: 'bigints', value: 2n ** 63n - 1n, text: '9223372036854775807' },
  { name: 'arrays', value: ['a', null, 1], text: '["a",null,1]' },
  { name: 'bigints in arrays', value: [9007199254740993n], text: '[9007199254740993]' },
  { name: 'objects', value: { a: 1 }, text: '{"a":1}' },
  { name: 'booleans', value: false, text: 'false' },
  { name: 'no value', value: undefined, text: 'null' },
  { name: 'line breaks', value: 'a\nb\tc', text: 'a\\nb\\tc' },
  { name: 'what would steer a terminal', value: '\u001b[2J\u009b', text: '\\u001b[2J\\u009b' },
])('$name', ({ value, text }) => {
  expect(
    textTable(['column'], [[value]])
      .split('\n')[2]!
      .trim(),
  ).toBe(text);
});

test('no rows, and no columns', () => {
  expect(textTable(['a', 'bc'], []).split('\n')).toEqual(['a │ bc', '──┼───']);
  expect(textTable([], [])).toBe('\n');
});

test('every line shows the cells in order, the separators below one another', () => {
  const cell = fc.oneof(fc.integer(), fc.stringMatching(/^[a-z]{0,9}$/), fc.constant(null));
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((columns) =>
      fc.tuple(
        fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: columns, maxLength: columns }),
        fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { maxLength: 6 }),
      ),
    );
  fc.assert(
    fc.property(table, ([columns, rows]) => {
      const [header, rule, ...lines] = textTable(columns, rows).split('\n');
      const cells = (line: string) => line.split('│').map((text) => text.trim());
      expect(cells(header!)).toEqual(columns);
      expect(lines.map(cells)).toEqual(rows.map((row) => row.map(String)));
      const places = [...rule!].flatMap((character, i) => (character === '┼' ? [i] : []));
      for (const line of [header!, ...lines]) {
        expect([...line].flatMap((character, i) => (character === '│' ? [i] : []))).toEqual(places);
      }
    }),
  );
});
