import { expect, test } from 'vitest';
import { parseTableSpec } from '../spec/table-spec.js';
import { withListed } from './columns.js';

const specOf = (...dimensions: unknown[]) =>
  parseTableSpec('t', { timestampSpec: { column: 'ts' }, dimensionsSpec: { dimensions } });

test('a new version of a spec brings new dimensions, and other indexes for those that are there', () => {
  const before = withListed([], specOf('a', { name: 'b', indexes: ['text'] }));
  const after = withListed(before, specOf({ name: 'a', createBitmapIndex: false }, 'b', 'c'));
  expect(after.map(({ name, indexes }) => [name, indexes])).toEqual([
    ['a', { bitmap: false, kinds: [] }],
    ['b', undefined],
    ['c', undefined],
  ]);
});
