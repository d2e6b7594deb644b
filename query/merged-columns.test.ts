import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AutoType, autoColumnType, JSON_TYPE, type ValueType } from '../model/index.js';
import { mergedColumns } from './merged-columns.js';

const chosen = fc
  .constantFrom<ValueType>('STRING', 'LONG', 'DOUBLE', 'FLOAT', 'ARRAY<LONG>', JSON_TYPE)
  .map((type) => ({ type }));
const found = fc
  .constantFrom<AutoType>('NOTHING', 'LISTS', 'STRING', 'LONG', 'DOUBLE', 'ARRAY<STRING>')
  .map((auto) => ({ type: autoColumnType(auto), auto }));
const column = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  typed: fc.oneof(chosen, found),
  multiValue: fc.boolean(),
  role: fc.constantFrom('dimension' as const, 'metric' as const),
});
const columns = fc
  .uniqueArray(column, { selector: ({ name }) => name, maxLength: 3 })
  .map((list) => list.map(({ typed, ...rest }) => ({ ...rest, ...typed })));

test('what is merged may be merged further, in any grouping', () => {
  fc.assert(
    fc.property(fc.array(columns, { maxLength: 5 }), fc.nat(5), (lists, cut) => {
      const all = mergedColumns(lists);
      const [newer, older] = [lists.slice(0, cut), lists.slice(cut)];
      expect(mergedColumns([mergedColumns(newer), mergedColumns(older)])).toEqual(all);
      expect(mergedColumns([all])).toEqual(all);
    }),
  );
});

test.each([
  [[{ type: 'LONG' }, { type: 'DOUBLE' }], 'DOUBLE'],
  [[{ type: 'LONG' }, { type: 'STRING' }], 'STRING'],
  [
    [
      { type: 'LONG', auto: 'LONG' },
      { type: 'STRING', auto: 'STRING' },
    ],
    JSON_TYPE,
  ],
  [[{ type: 'STRING', auto: 'NOTHING' }, { type: 'LONG' }], 'LONG'],
] as const)('%j is %s', (variants, type) => {
  const lists = variants.map((typed) => [
    { name: 'a', multiValue: false, role: 'dimension' as const, ...typed },
  ]);
  expect(mergedColumns(lists)[0]!.type).toBe(type);
});
