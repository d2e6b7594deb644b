import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Value } from '../../model/index.js';
import { GroupTable } from './group-table.js';

const values = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom<Value>(
    0,
    -0,
    Number.NaN,
    null,
    '',
    '0',
    'NaN',
    2n ** 60n,
    [],
    ['0'],
    [0],
    [null],
  ),
);

test('equal values have one ordinal, others have others, and each shows its value', () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 400 }), (all) => {
      const dimension = new GroupTable(1, [], 10).dimensions[0]!;
      const known = new Map<string, number>();
      for (const value of all) {
        const shown = Object.is(value, -0) ? 0 : value;
        const key = `${typeof shown} ${typeof shown === 'bigint' ? shown : JSON.stringify([shown, String(shown)])}`;
        const expected = known.get(key) ?? known.size;
        known.set(key, expected);
        expect(dimension.ordinal(value)).toBe(expected);
        expect(dimension.value(expected)).toEqual(shown);
      }
      expect(dimension.all.length).toBe(known.size);
    }),
  );
});
