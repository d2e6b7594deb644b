import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atOnce } from '../../core/index.js';
import { compareBy, compareValues, type Ordering, type Value } from '../../model/index.js';
import { GroupTable } from '../interpreter/group-table.js';
import { chain, dimensionOrder, reversed, sortedGroups, timeOrder } from './group-order.js';

const values = fc.option(fc.constantFrom('a', 'b', 'c', '1', '01', '10', '9', ''), { nil: null });
const keys = fc.array(fc.record({ bucket: fc.nat(3), values: fc.tuple(values, values) }), {
  maxLength: 60,
});
const orders = fc.uniqueArray(
  fc.record({
    of: fc.constantFrom(0, 1, 'time' as const),
    ordering: fc.constantFrom<Ordering>('natural', 'numeric', 'strlen'),
    descending: fc.boolean(),
  }),
  { selector: ({ of }) => of },
);

test('all groups in order: as one sort by comparing values gives, equal ones in the order of their numbers', () => {
  fc.assert(
    fc.property(keys, orders, (rows, asked) => {
      const table = tableOf(rows);
      const made = asked.map(({ of, ordering, descending }) => {
        const order =
          of === 'time'
            ? timeOrder(table)
            : dimensionOrder(table, of, comparatorOf(ordering), ordering === 'natural');
        return descending ? reversed(order) : order;
      });
      const naive = Array.from({ length: table.groupCount }, (_, group) => group).sort((a, b) => {
        for (const { of, ordering, descending } of asked) {
          const sign =
            of === 'time'
              ? table.bucket(a) - table.bucket(b)
              : comparatorOf(ordering)(table.value(of, a), table.value(of, b));
          if (sign !== 0) return descending ? -sign : sign;
        }
        return a - b;
      });
      expect(atOnce(sortedGroups(table.groupCount, made))).toEqual(naive);
      const compare = chain(made.map((order) => order.compare));
      for (let i = 1; i < naive.length; i++) {
        expect(compare(naive[i - 1]!, naive[i]!)).toBeLessThanOrEqual(0);
      }
    }),
  );
});

test('ids of which most are those of no group are not put in order', () => {
  const table = new GroupTable(1, [], 10);
  table.dimensions[0]!.useCodes((code) => `value ${code}`);
  table.group(0, [1_000_000]);
  table.group(0, [3]);
  const order = dimensionOrder(table, 0, compareValues('STRING'), true);
  expect(atOnce(order.places!())).toBeNull();
  expect(atOnce(sortedGroups(2, [order]))).toEqual([0, 1]);
});

const comparatorOf = (ordering: Ordering) => compareBy(ordering, 'STRING');

function tableOf(rows: readonly { bucket: number; values: readonly [Value, Value] }[]): GroupTable {
  const table = new GroupTable(2, [], 1000);
  for (const { bucket, values } of rows) {
    table.group(
      bucket,
      values.map((value, i) => table.ordinal(i, value)),
    );
  }
  return table;
}
