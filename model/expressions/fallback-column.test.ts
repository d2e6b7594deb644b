import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { TestRows } from '../testing.js';
import type { Value } from '../types.js';
import { parseVirtualColumn, withVirtualColumns } from './virtual-column.js';

const COLUMNS = {
  s: { type: 'STRING', dictionary: true },
  m: { type: 'STRING', multiValue: true },
  n: { type: 'LONG' },
  d: { type: 'DOUBLE' },
} as const;

const row = fc.record({
  s: fc.option(fc.constantFrom('a', '')),
  m: fc.option(fc.constantFrom<Value>('b', ['b', 'c'], ['b', null])),
  n: fc.option(fc.constantFrom(7, 2n ** 63n - 1n)),
  d: fc.option(fc.constantFrom(0.5, 3)),
});

/** How each column reads as texts. */
const TEXT_OF: Readonly<Record<string, (value: Value) => Value>> = {
  n: String,
  d: (value) => (value === 3 ? '3.0' : '0.5'),
};

const opened = (columns: readonly unknown[], rows: TestRows) => {
  const spec = { type: 'fallback', name: 'v', columns };
  return withVirtualColumns(rows, [parseVirtualColumn(spec, '')]).column('v');
};

test('the first column that is not null, row by row', () => {
  const name = fc.constantFrom('s', 'm', 'n', 'd', 'missing');
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 20 }),
      fc.array(name, { minLength: 1 }),
      (cells, names) => {
        const rows = new TestRows(COLUMNS, cells);
        const reader = opened(names, rows);
        const naive = (each: Readonly<Record<string, Value>>): Value => {
          const known = names.find((column) => (each[column] ?? null) !== null);
          return known === undefined ? null : (TEXT_OF[known] ?? ((x) => x))(each[known]!);
        };
        expect(reader.type).toBe('STRING');
        expect(rows.map(() => reader.get())).toEqual(cells.map(naive));
        expect(reader.multiValue).toBe(names.includes('m'));
      },
    ),
  );
});

test('a column that is not there changes nothing, not even the type', () => {
  const rows = new TestRows({ n: { type: 'LONG' } }, [{ n: 7 }, {}]);
  const long = (dimension: string) => ({ type: 'default', dimension, outputType: 'LONG' });
  const double = { type: 'default', dimension: 'missing', outputType: 'DOUBLE' };
  for (const [columns, type, values] of [
    [[long('missing'), long('n')], 'LONG', [7, null]],
    [[double, long('n')], 'DOUBLE', [7, null]],
    [[long('missing'), 'n'], 'STRING', ['7', null]],
    [[double], 'DOUBLE', [null, null]],
  ] as const) {
    const reader = opened(columns, rows);
    expect([reader.type, rows.map(() => reader.get())]).toEqual([type, values]);
  }
});

test('what a filter leaves nothing of falls through', () => {
  const rows = new TestRows(COLUMNS, [{ m: ['b', 'c'], s: 'a' }, { m: 'c' }]);
  const kept = { type: 'listFiltered', delegate: 'm', values: ['x'] };
  const reader = opened([kept, 's'], rows);
  expect(rows.map(() => reader.get())).toEqual(['a', null]);
});

test('one column alone keeps its dictionary', () => {
  const rows = new TestRows(COLUMNS, [{ s: 'a' }]);
  const { dictionary } = opened(['missing', 's'], rows);
  expect(dictionary!.value(dictionary!.id())).toBe('a');
});

test.each<[JsonObject, string]>([
  [{ type: 'fallback', columns: ['x'] }, 'virtualColumns[0].name'],
  [{ type: 'fallback', name: 'v' }, 'virtualColumns[0].columns'],
  [{ type: 'fallback', name: 'v', columns: [] }, 'columns: must not be empty'],
  [{ type: 'fallback', name: 'v', columns: ['x', {}] }, 'virtualColumns[0].columns[1]'],
])('%j is refused', (json, message) => {
  expect(() => parseVirtualColumn(json, 'virtualColumns[0]')).toThrow(message);
});
