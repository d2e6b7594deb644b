import fc from 'fast-check';
import { expect, test } from 'vitest';
import { murmur3Word, utf8Encode } from '../../core/index.js';
import { type Cell, compareCells } from '../cells.js';
import { cellJson, hashBucket, memberJson } from './bucket-hash.js';
import { hashRows, hashWholeRows } from './hash-rows.js';
import type { PartitionColumn } from './partition-column.js';

const bucketOf = (json: string, count: number) => Math.abs(murmur3Word(utf8Encode(json)) % count);

test('keys are the JSON that Druid hashes', () => {
  expect(cellJson('a')).toBe('["a"]');
  expect(cellJson(null)).toBe('[]');
  expect(cellJson(['b', 'a', null])).toBe('["b","a",null]');
  // Jackson writes hexadecimal digits as capitals; a backslash before a u is not an escape of ours.
  expect(cellJson('\u001f"\\u001f\n')).toBe('["\\u001F\\"\\\\u001f\\n"]');
  expect(memberJson('tags', ['b', 'a', 'b'])).toBe('"tags":["a","b"]');
  expect(memberJson('tags', null)).toBe('');
  expect(hashBucket(['de', null], 7)).toBe(bucketOf('[["de"],[]]', 7));
});

const text = fc.oneof(fc.constantFrom('a', 'b', ''), fc.string({ unit: 'binary', maxLength: 3 }));
const cell: fc.Arbitrary<Cell> = fc.oneof(
  text,
  fc.constant(null),
  fc.array(text, { minLength: 2, maxLength: 3 }),
);

function columnOf(name: string, cells: readonly Cell[]): PartitionColumn {
  const distinct = [...new Map(cells.map((each) => [JSON.stringify(each), each])).values()];
  distinct.sort(compareCells);
  const idOf = new Map(distinct.map((each, id) => [JSON.stringify(each), id]));
  return {
    name,
    cells: distinct,
    ids: Uint32Array.from(cells, (each) => idOf.get(JSON.stringify(each))!),
  };
}

test('rows are hashed as their cells one by one', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell)), fc.integer({ min: 1, max: 9 }), (rows, count) => {
      const columns = [0, 1].map((i) =>
        columnOf(
          `${i}`,
          rows.map((row) => row[i]!),
        ),
      );
      expect([...hashRows(columns, rows.length, count)]).toEqual(
        rows.map((row) => hashBucket(row, count)),
      );
    }),
  );
});

test('whole rows: the time and the dimensions that have a value, by name', () => {
  const columns = [columnOf('b', ['x', null, null]), columnOf('a', [['z', 'y'], 'w', null])];
  const times = Float64Array.of(1, 2, -3);
  expect([...hashWholeRows(times, columns, 1000)]).toEqual([
    bucketOf('[1,{"a":["y","z"],"b":["x"]}]', 1000),
    bucketOf('[2,{"a":["w"]}]', 1000),
    bucketOf('[-3,{}]', 1000),
  ]);
});
