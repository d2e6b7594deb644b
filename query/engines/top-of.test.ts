import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atOnce } from '../../core/index.js';
import { topOf } from './top-of.js';

test('topOf is a stable sort, cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), fc.nat(20), (keys, count) => {
      const items = keys.map((key, position) => ({ key, position }));
      const expected = [...items].sort((a, b) => a.key - b.key || a.position - b.position);
      expect(atOnce(topOf(items, count, (a, b) => a.key - b.key))).toEqual(
        expected.slice(0, count),
      );
    }),
  );
});
