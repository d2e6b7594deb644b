import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { parseDimension, parseFilter } from '../../model/index.js';
import { mostKeys } from './filtered-keys.js';

const a = { type: 'in', dimension: 'a', values: ['1', '2', null] };
const b = { type: 'selector', dimension: 'b', value: 'x' };

test.each<[JsonObject, string[], number]>([
  [a, ['a'], 3],
  [b, ['b'], 1],
  [b, ['a'], Number.POSITIVE_INFINITY],
  [{ type: 'and', fields: [a, b] }, ['a', 'b'], 3],
  [{ type: 'and', fields: [a, { ...a, values: ['1'] }] }, ['a'], 1],
  [{ type: 'or', fields: [a, b] }, ['a'], Number.POSITIVE_INFINITY],
  [{ type: 'not', field: a }, ['a'], Number.POSITIVE_INFINITY],
  [a, [], 1],
])('%j by %j', (filter, dimensions, expected) => {
  const parsed = dimensions.map((name) => parseDimension(name, 'dimension'));
  expect(mostKeys(parseFilter(filter, 'filter'), parsed)).toBe(expected);
  if (dimensions.length > 0) expect(mostKeys(null, parsed)).toBe(Number.POSITIVE_INFINITY);
});
