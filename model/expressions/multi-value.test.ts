import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RowSource } from '../rows.js';
import { TestRows } from '../testing.js';
import type { Scalar, Value, ValueType } from '../types.js';
import { parseExpression } from './expression.js';

const rowsOf = (dictionary: boolean) =>
  new TestRows(
    {
      tags: { type: 'STRING', multiValue: true, dictionary },
      more: { type: 'STRING', multiValue: true, dictionary },
      name: { type: 'STRING', dictionary },
    },
    [
      { tags: ['a', 'b'], more: ['x', 'y'], name: 'n' },
      { tags: 'c', more: ['x', null], name: 'n' },
      { tags: null, more: null, name: null },
    ],
  );

test.each<[string, readonly Value[], ValueType, boolean]>([
  // mapped
  ['tags', [['a', 'b'], 'c', null], 'STRING', true],
  ["concat(tags, '!')", [['a!', 'b!'], 'c!', null], 'STRING', true],
  ['concat(tags, tags)', [['aa', 'bb'], 'cc', null], 'STRING', true],
  ["tags == 'b'", [[0, 1], 0, null], 'LONG', true],
  ['strlen(tags)', [[1, 1], 1, null], 'LONG', true],
  ["nvl(tags, 'none')", [['a', 'b'], 'c', 'none'], 'STRING', true],
  ['isnull(more)', [[0, 0], [0, 1], 1], 'LONG', true],
  ['tags + more', [['ax', 'ay', 'bx', 'by'], ['cx', null], null], 'STRING', true],
  [
    "string_to_array(concat(tags, ',z'), ',')",
    [['a', 'z', 'b', 'z'], ['c', 'z'], null],
    'ARRAY<STRING>',
    false,
  ],
  // taken as arrays
  ['array_length(tags)', [2, 1, null], 'LONG', false],
  ["array_to_string(tags, ':')", ['a:b', 'c', null], 'STRING', false],
  ["array_contains(tags, 'a')", [1, 0, null], 'LONG', false],
  ['array_contains(more, null)', [0, 1, null], 'LONG', false],
  ["array_append(tags, 'z')", [['a', 'b', 'z'], ['c', 'z'], null], 'ARRAY<STRING>', false],
  [
    'array_concat(tags, more)',
    [['a', 'b', 'x', 'y'], ['c', 'x', null], null],
    'ARRAY<STRING>',
    false,
  ],
  ["array_length(filter(x -> x == 'a', tags))", [1, 0, null], 'LONG', false],
  ["cast(tags, 'ARRAY<STRING>')", [['a', 'b'], ['c'], null], 'ARRAY<STRING>', false],
  // mapped inside an array argument
  ["array_to_string(concat(tags, '!'), ':')", ['a!:b!', 'c!', null], 'STRING', false],
  ['array_contains(array(tags), name)', [0, 0, 1], 'LONG', false],
  // free in a lambda: made a parameter of it
  [
    'map(x -> concat(x, tags), [1, 2])',
    [['1a', '1b', '2a', '2b'], ['1c', '2c'], null],
    'ARRAY<STRING>',
    false,
  ],
  [
    "fold((x, acc) -> concat(acc, x, tags), ['1', '2'], '')",
    ['1a1b2a2b', '1c2c', null],
    'STRING',
    false,
  ],
  // lists back to cells
  ["mv_filter_only(tags, ['a', 'c'])", ['a', 'c', null], 'STRING', true],
  ["mv_filter_none(tags, ['c'])", [['a', 'b'], null, null], 'STRING', true],
  ["mv_filter_regex(tags, '[bc]')", ['b', 'c', null], 'STRING', true],
  ["mv_filter_prefix(more, 'x')", ['x', 'x', null], 'STRING', true],
  ['mv_to_array(tags)', [['a', 'b'], ['c'], null], 'ARRAY<STRING>', false],
  ['array_to_mv(array_slice(tags, 1))', ['b', null, null], 'STRING', true],
  ['array_length(name)', [1, 1, null], 'LONG', false],
])('%s', (text, values, type, multiValue) => {
  for (const dictionary of [false, true]) {
    const rows = rowsOf(dictionary);
    const reader = parseExpression(text).compile(rows);
    expect(rows.map(() => reader.get())).toEqual(values);
    expect([reader.type, reader.multiValue]).toEqual([type, multiValue]);
  }
});

test('a column that is an array somewhere is one everywhere', () => {
  const expression = parseExpression("array_contains(tags, 'a') && tags == 'a'");
  expect(() => expression.compile(rowsOf(false))).toThrow(
    'is not supported on ARRAY<STRING> and STRING',
  );
});

test('a cell of no values is null in scalar positions, and an array of none in others', () => {
  const rows = new TestRows(
    { tags: { type: 'STRING', multiValue: true }, more: { type: 'STRING', multiValue: true } },
    [{ tags: [], more: ['x', 'y'] }],
  );
  const value = (text: string) => parseExpression(text).compile(rows).get();
  expect(value("nvl(tags, 'none')")).toBe('none');
  expect(value('isnull(tags)')).toBe(1);
  expect(value("concat(tags, '!')")).toBeNull();
  expect(value("concat(more, nvl(tags, '-'))")).toEqual(['x-', 'y-']);
  expect(value('array_length(tags)')).toBe(0);
});

test('an expression over one column with a dictionary has one too', () => {
  const rows = rowsOf(true);
  const reader = parseExpression("concat(name, '!')").compile(rows);
  expect(reader.dictionary!.size).toBe(2);
  expect(rows.map(() => reader.dictionary!.value(reader.dictionary!.id()))).toEqual([
    'n!',
    'n!',
    null,
  ]);
  expect(parseExpression('concat(name, tags)').compile(rows).dictionary).toBeUndefined();
  expect(parseExpression('1').compile(rows).dictionary).toBeUndefined();
});

test('it is computed once for each distinct value', () => {
  let reads = 0;
  const dictionary = {
    size: 2,
    id: () => 1,
    value: (id: number) => {
      reads++;
      return ['a', 'b'][id]!;
    },
  };
  const source: RowSource = {
    column: () => ({ type: 'STRING', multiValue: false, exists: true, get: () => 'b', dictionary }),
  };
  const reader = parseExpression('upper(x)').compile(source);
  expect([reader.get(), reader.get(), reader.dictionary!.value(1)]).toEqual(['B', 'B', 'B']);
  expect(reads).toBe(1);
});

test('mapping two columns is a nested loop', () => {
  const element = fc.option(fc.constantFrom('a', 'b', 'c'));
  const cell = fc.oneof(element, fc.array(element, { minLength: 2, maxLength: 4 }));
  const list = (value: Value) => (Array.isArray(value) ? value : [value]) as Scalar[];
  fc.assert(
    fc.property(cell, cell, (tags, more) => {
      const rows = new TestRows(
        { tags: { type: 'STRING', multiValue: true }, more: { type: 'STRING', multiValue: true } },
        [{ tags, more }],
      );
      const product = list(tags).flatMap((x) =>
        list(more).map((y) => (x === null || y === null ? null : `${y}${x}`)),
      );
      // The columns are taken in the order in which the expression names them.
      const byMore = list(more).flatMap((y) =>
        list(tags).map((x) => (x === null || y === null ? null : `${y}${x}`)),
      );
      const got = parseExpression('concat(more, tags)').compile(rows).get();
      expect(list(got)).toEqual(byMore);
      expect([...product].sort()).toEqual([...byMore].sort());
    }),
  );
});
