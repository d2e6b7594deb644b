import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { TestRows } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import { parseVirtualColumn, withVirtualColumns } from './virtual-column.js';

const text = fc.constantFrom('a', 'ab', 'b', 'bab', '');
const cell: fc.Arbitrary<Value> = fc.oneof(
  fc.option(text),
  fc.array(fc.option(text), { minLength: 2, maxLength: 4 }),
);

const listOf = (value: Value): readonly (string | null)[] =>
  Array.isArray(value) ? value : [value as string | null];
const cellOf = (list: readonly (string | null)[]): Value =>
  list.length > 1 ? list : (list[0] ?? null);

/** What a column gives, by row; with and without a dictionary, and once its spec has been JSON. */
function read(spec: JsonObject, cells: readonly Value[], type: ValueType = 'STRING'): Value[] {
  const column = parseVirtualColumn(spec, 'virtualColumns[0]');
  const again = parseVirtualColumn(JSON.parse(JSON.stringify(column.spec)), 'virtualColumns[0]');
  const multiValue = type === 'STRING';
  const [plain, encoded] = [false, true].map((dictionary) => {
    const rows = new TestRows(
      { x: { type, multiValue, dictionary } },
      cells.map((x) => ({ x })),
    );
    const reader = withVirtualColumns(rows, [again]).column('v');
    expect([reader.type, reader.multiValue]).toEqual(['STRING', true]);
    return rows.map(() => reader.get());
  });
  expect(encoded).toEqual(plain);
  return plain!;
}

const FILTERS: readonly { spec: JsonObject; keeps: (text: string | null) => boolean }[] = [
  {
    spec: { type: 'mv-filtered', delegate: 'x', values: ['a', 'b'] },
    keeps: (each) => each === 'a' || each === 'b',
  },
  {
    spec: { type: 'mv-filtered', delegate: 'x', values: ['a', null], isAllowList: true },
    keeps: (each) => each === 'a' || each === null,
  },
  {
    spec: {
      type: 'mv-filtered',
      delegate: { type: 'default', dimension: 'x', outputName: 'y' },
      values: ['a'],
      isAllowList: 'false',
    },
    keeps: (each) => each !== 'a',
  },
  {
    spec: { type: 'mv-prefix-filtered', delegate: 'x', prefix: 'a' },
    keeps: (each) => each?.[0] === 'a',
  },
  {
    spec: { type: 'mv-regex-filtered', delegate: 'x', pattern: 'b?a.' },
    keeps: (each) => each === 'ab' || each === 'bab',
  },
];

test.each(FILTERS)('$spec keeps what it should, and null of nothing', ({ spec, keeps }) => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 20 }), (cells) => {
      const expected = cells.map((each) => cellOf(listOf(each).filter(keeps)));
      expect(read({ ...spec, name: 'v' }, cells)).toEqual(expected);
    }),
  );
});

test('numbers, arrays and what an extraction function makes are filtered by their texts', () => {
  const list = { type: 'mv-filtered', name: 'v', delegate: 'x', values: ['1'] };
  expect(read(list, [1, 2, null], 'LONG')).toEqual(['1', null, null]);
  expect(read(list, [[1, 2], [], [2, 3]], 'ARRAY<LONG>')).toEqual(['1', null, null]);
  const upper = { type: 'extraction', dimension: 'x', extractionFn: { type: 'upper' } };
  const delegate = { type: 'prefixFiltered', delegate: upper, prefix: 'A' };
  const both = { ...list, type: 'mv-filtered', delegate, values: ['AB', 'B'] };
  expect(read(both, [['a', 'ab'], 'b', 'ab'])).toEqual(['AB', null, 'AB']);
});

test('expressions and other columns read it', () => {
  const rows = new TestRows({ x: { type: 'STRING', multiValue: true } }, [{ x: ['a', 'b'] }]);
  const columns = [
    { type: 'mv-filtered', name: 'v', delegate: 'w', values: ['a!'] },
    { type: 'expression', name: 'w', expression: "concat(x, '!')", outputType: 'STRING' },
    { type: 'expression', name: 'n', expression: 'array_length(v)', outputType: 'LONG' },
  ].map((json) => parseVirtualColumn(json, ''));
  const source = withVirtualColumns(rows, columns);
  expect([source.column('v').get(), source.column('n').get()]).toEqual(['a!', 1]);
  expect(() =>
    withVirtualColumns(rows, [
      parseVirtualColumn({ type: 'mv-prefix-filtered', name: 'x', delegate: 'x', prefix: 'a' }, ''),
    ]).column('x'),
  ).toThrow('[x] reads [x]');
});

test.each<[JsonObject, string]>([
  [{ type: 'mv-filtered', delegate: 'x', values: ['a'] }, 'virtualColumns[0].name'],
  [{ type: 'mv-filtered', name: 'v', values: ['a'] }, 'virtualColumns[0].delegate'],
  [{ type: 'mv-filtered', name: 'v', delegate: 'x' }, 'virtualColumns[0].values'],
  [{ type: 'mv-filtered', name: 'v', delegate: 'x', values: [] }, 'values: must not be empty'],
  [
    { type: 'mv-filtered', name: 'v', delegate: 'x', values: ['a'], isAllowList: 'no way' },
    'virtualColumns[0].isAllowList',
  ],
  [{ type: 'mv-prefix-filtered', name: 'v', delegate: 'x' }, 'virtualColumns[0].prefix'],
  [{ type: 'mv-regex-filtered', name: 'v', delegate: 'x', pattern: '(' }, '[0].pattern'],
  [
    {
      type: 'mv-prefix-filtered',
      name: 'v',
      delegate: { dimension: 'x', outputType: 'LONG' },
      prefix: 'a',
    },
    'virtualColumns[0].delegate.outputType: only texts are filtered',
  ],
])('%j is refused', (json, message) => {
  expect(() => parseVirtualColumn(json, 'virtualColumns[0]')).toThrow(message);
});
