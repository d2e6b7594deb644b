import { expect, test } from 'vitest';
import { attachSegment, MutableSegment } from '../../segments/index.js';
import { rowsOf, schemaOf, testPool } from '../../segments/testing.js';
import { Columns } from './columns.js';

test('codes of a column that had nulls alone do not hold once it has a number', () => {
  const segment = new MutableSegment(schemaOf({ n: 'LONG' }), testPool());
  const grown = [null, null, 3, 3].map((n) => {
    segment.append(rowsOf([{ __time: 0, n }], { __time: 'LONG', n: 'LONG' }));
    return attachSegment(segment.snapshot().handle);
  });
  const holds = grown.slice(1).map((later, i) => {
    const columns = new Columns(grown[i]!, []);
    columns.codes('n');
    return columns.holdsFor(later);
  });
  expect(holds).toEqual([true, false, true]);
});
