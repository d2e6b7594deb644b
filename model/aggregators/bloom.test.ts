import { expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import type { BloomKFilter } from '../../sketches/index.js';
import { complexType } from '../complex-types.js';
import { parseFilter } from '../filters/registry.js';
import { foldCells, TestRows } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import { parseAggregator } from './registry.js';

const of = parseAggregator({ type: 'bloom', name: 'x', field: 'c', maxNumEntries: 100 }, 'a');

const fold = (type: ValueType, cells: readonly Value[], into = of): BloomKFilter =>
  foldCells(into, type, cells) as BloomKFilter;

const bytesOf = (filter: BloomKFilter) => Buffer.from(filter.toBytes());

/** Which cells a filter made of others lets through. */
function passing(type: ValueType, added: readonly Value[], cells: readonly Value[]): Value[] {
  const bloomKFilter = bytesOf(fold(type, added)).toString('base64');
  const filter = parseFilter({ type: 'bloom', dimension: 'c', bloomKFilter });
  const rows = new TestRows(
    { c: { type, multiValue: true } },
    cells.map((c) => ({ c })),
  );
  const predicate = filter.predicate(rows);
  const passed: Value[] = [];
  let at = 0;
  rows.forEach(() => {
    if (predicate() === 1) passed.push(cells[at]!);
    at++;
  });
  return passed;
}

test.each<[type: ValueType, added: Value[], cells: Value[], passed: Value[]]>([
  ['STRING', ['a', ['b', 'c']], ['a', 'b', ['x', 'c'], 'y', null], ['a', 'b', ['x', 'c']]],
  ['STRING', [null], ['a', null], [null]],
  ['LONG', [1, 2 ** 40], [1, 2, 2 ** 40, null], [1, 2 ** 40]],
  ['DOUBLE', [1, -0.5], [1, 0.5, -0.5], [1, -0.5]],
  ['FLOAT', [1.5], [1.5, 1], [1.5]],
])('the filter finds %s cells that were added', (type, added, cells, passed) => {
  expect(passing(type, added, cells)).toEqual(passed);
});

test('stored and merged, parts are the bytes of the whole', () => {
  const serde = complexType('bloom');
  const stored = [['a'], ['b', 'c'], []].map((cells) =>
    serde.decode(serde.encode(fold('STRING', cells))),
  );
  const combining = of.combining();
  expect(combining.inputs).toEqual(['x']);
  const merged = fold('COMPLEX<bloom>', [...stored, null], combining);
  expect(bytesOf(merged)).toEqual(bytesOf(fold('STRING', ['a', 'b', 'c'])));
  expect(parseAggregator(combining.spec, 'a').inputs).toEqual(['x']);
});

test('what is refused', () => {
  const filter = () => parseFilter({ type: 'bloom', dimension: 'c', bloomKFilter: 'AQ==' });
  expect(filter).toThrow(UserError);
  expect(filter).toThrow(/filter\.bloomKFilter: want a bloom filter as base64/);
  const sized = () =>
    parseAggregator({ type: 'bloom', name: 'x', field: 'c', maxNumEntries: 0 }, 'a');
  expect(sized).toThrow(/a\.maxNumEntries: want 1 to/);
});
