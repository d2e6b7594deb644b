import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { compareElements } from '../cells.js';
import type { PartitionValue } from '../timeline/shard-spec.js';
import type { PartitionColumn } from './partition-column.js';
import type { RangePartitioning } from './partitioning.js';
import { boundariesOf, rangeRows } from './range-rows.js';

type Tuple = readonly PartitionValue[];

const text = fc.oneof(fc.constantFrom('a', 'b', ''), fc.string({ unit: 'binary', maxLength: 2 }));
const value: fc.Arbitrary<PartitionValue> = fc.option(text);
const tuple: fc.Arbitrary<Tuple> = fc.tuple(value, value);

function compareTuples(a: Tuple, b: Tuple): number {
  for (const [i, value] of a.entries()) {
    const order = compareElements(value, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

function columnsOf(rows: readonly Tuple[]): PartitionColumn[] {
  return [0, 1].map((i) => {
    const cells = [...new Set(rows.map((row) => row[i]!))].sort(compareElements);
    return { name: `${i}`, cells, ids: Uint32Array.from(rows, (row) => cells.indexOf(row[i]!)) };
  });
}

const partitioning = (targetRows: number, maxRows: number): RangePartitioning => ({
  type: 'range',
  dimensions: ['0', '1'],
  boundaries: null,
  targetRows,
  maxRows,
});

test('a row is in the bucket of the last boundary that is not after it, whatever the boundaries', () => {
  fc.assert(
    fc.property(fc.array(tuple), fc.array(tuple), (rows, some) => {
      const boundaries = [...some].sort(compareTuples);
      expect([...rangeRows(columnsOf(rows), rows.length, boundaries)]).toEqual(
        rows.map((row) => boundaries.filter((each) => compareTuples(each, row) <= 0).length),
      );
    }),
  );
});

test('boundaries told from rows: none is empty, none too large but for equal rows', () => {
  const settings = fc.record({ targetRows: fc.integer({ min: 1, max: 9 }), slack: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(tuple, { minLength: 1 }), settings, (rows, { targetRows, slack }) => {
      const columns = columnsOf(rows);
      const maxRows = targetRows + slack;
      const spec = partitioning(targetRows, maxRows);
      const boundaries = boundariesOf(columns, rows.length, spec);
      const buckets = rangeRows(columns, rows.length, boundaries);
      for (let bucket = 0; bucket <= boundaries.length; bucket++) {
        const inside = rows.filter((_, i) => buckets[i] === bucket);
        expect(inside.length).toBeGreaterThan(0);
        const isOne = inside.every((row) => compareTuples(row, inside[0]!) === 0);
        if (!isOne) expect(inside.length).toBeLessThanOrEqual(maxRows);
      }
    }),
  );
});

test('distinct rows are cut into even parts', () => {
  const rows = Array.from({ length: 100 }, (_, i): Tuple => [`${i}`.padStart(3, '0'), null]);
  const columns = columnsOf(rows);
  expect(boundariesOf(columns, 100, partitioning(30, 45))).toEqual([
    ['034', null],
    ['068', null],
  ]);
});

test('a list of values in a partition dimension is refused', () => {
  const columns = [{ name: 'tags', cells: ['a', ['a', 'b']], ids: Uint32Array.of(0, 1) }];
  const split = () => boundariesOf(columns, 2, partitioning(1, 2));
  expect(split).toThrow(UserError);
  expect(split).toThrow(/multi-value dimension "tags".*\["a","b"\].*"hashed"/);
});
