import { expect, test } from 'vitest';
import { TestRows } from '../testing.js';
import type { Value } from '../types.js';
import { parseVirtualColumn, withVirtualColumns } from './virtual-column.js';

const ROWS = new TestRows(
  {
    l: { type: 'LONG' },
    f: { type: 'FLOAT' },
    s: { type: 'STRING', dictionary: true },
    tags: { type: 'STRING', multiValue: true },
    a: { type: 'ARRAY<LONG>' },
  },
  [{ l: 7, f: Math.fround(0.1), s: '5', tags: ['1', '2'], a: [1, 2] }],
);

const column = (name: string, expression: string, outputType?: string) =>
  parseVirtualColumn({ type: 'expression', name, expression, outputType }, 'virtualColumns[0]');

const read = (...columns: ReturnType<typeof column>[]) =>
  withVirtualColumns(ROWS, columns).column(columns[0]!.name);

test.each<[string, string | undefined, Value, string, boolean]>([
  ['l + 0.1', undefined, Math.fround(7.1), 'FLOAT', false],
  ['l', 'DOUBLE', 7, 'DOUBLE', false],
  ['l', 'STRING', '7', 'STRING', false],
  ['l * 1.0', 'STRING', '7.0', 'STRING', false],
  ['f', 'FLOAT', Math.fround(0.1), 'FLOAT', false],
  ['f', 'STRING', '0.1', 'STRING', false],
  ['s', 'STRING', '5', 'STRING', false],
  ['s', 'LONG', 5, 'LONG', false],
  ['tags', 'STRING', ['1', '2'], 'STRING', true],
  ['tags', 'LONG', null, 'LONG', false],
  ['strlen(tags)', 'LONG', null, 'LONG', false],
  ['strlen(tags)', 'STRING', ['1', '1'], 'STRING', true],
  ['strlen(tags)', 'ARRAY<LONG>', [1, 1], 'ARRAY<LONG>', false],
  ['tags', 'ARRAY<LONG>', [1, 2], 'ARRAY<LONG>', false],
  ['a', 'STRING', ['1', '2'], 'STRING', true],
  ['array_slice(a, 0, 1)', 'STRING', '1', 'STRING', true],
  ['array_slice(a, 0, 1)', 'long', 1, 'LONG', false],
  ['a', 'ARRAY<DOUBLE>', [1, 2], 'ARRAY<DOUBLE>', false],
  ['missing', 'LONG', null, 'LONG', false],
])('%s as %s', (expression, outputType, value, type, multiValue) => {
  const reader = read(column('v', expression, outputType));
  expect(reader.get()).toEqual(value);
  expect([reader.type, reader.multiValue]).toEqual([type, multiValue]);
});

test('casts go through the dictionary', () => {
  const { dictionary } = read(column('v', 's', 'LONG'));
  expect(dictionary!.value(dictionary!.id())).toBe(5);
});

test('columns may read others, hide physical ones, and are compiled once', () => {
  const source = withVirtualColumns(ROWS, [
    column('v', 'w * 2', 'LONG'),
    column('w', 'l + 1', 'LONG'),
    column('f', 'w', 'LONG'),
  ]);
  expect(source.column('v').get()).toBe(16);
  expect(source.column('f').get()).toBe(8);
  expect(source.column('l').get()).toBe(7);
  expect(source.column('v')).toBe(source.column('v'));
});

test('a column that reads itself is refused', () => {
  const cycle = [column('v', 'w', 'LONG'), column('w', 'v + 1', 'LONG')];
  expect(() => read(...cycle)).toThrow('[v] reads [w] reads [v]');
  expect(() => read(column('l', 'l + 1', 'LONG'))).toThrow('[l] reads [l]');
});

test.each([
  [{ type: 'expression', name: '__time', expression: '1' }, '__time'],
  [{ type: 'expression', expression: '1' }, 'virtualColumns[0].name'],
  [{ type: 'expression', name: 'v' }, 'virtualColumns[0].expression'],
  [
    { type: 'expression', name: 'v', expression: 'f(' },
    "virtualColumns[0].expression: function 'f'",
  ],
  [{ type: 'expression', name: 'v', expression: '1', outputType: 'INT' }, 'want one of STRING'],
  [{ type: 'nested-field', name: 'v' }, 'virtualColumns[0].outputName'],
  [{ type: 'mystery' }, 'mystery'],
])('%o is refused', (json, message) => {
  expect(() => parseVirtualColumn(json, 'virtualColumns[0]')).toThrow(message);
});
