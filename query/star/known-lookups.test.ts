import { expect, test } from 'vitest';
import { KnownLookups } from './known-lookups.js';

test('what one question comes to is remembered unless it is too much', () => {
  const known = new KnownLookups<object, string, number>();
  expect(known.takes(65_536)).toBe(true);
  expect(known.takes(65_537)).toBe(false);
});

test('all is forgotten where it is too much together', () => {
  const known = new KnownLookups<object, string, number>(100);
  const tree = {};
  known.takes(60);
  known.of(tree).add('a', 1);
  known.takes(40);
  expect(known.of(tree).get('a')).toBe(1);
  known.takes(1);
  expect(known.of(tree).get('a')).toBeUndefined();
  known.of(tree).add('a', 2);
  known.takes(99);
  expect(known.of(tree).get('a')).toBe(2);
  known.takes(1);
  expect(known.of(tree).get('a')).toBeUndefined();
});

test('of a tree the latest questions are remembered', () => {
  const known = new KnownLookups<object, number, number>();
  const tree = {};
  for (let i = 0; i < 65; i++) known.of(tree).add(i, i);
  expect([known.of(tree).get(0), known.of(tree).get(1)]).toEqual([undefined, 1]);
  expect(known.of({}).get(1)).toBeUndefined();
});
