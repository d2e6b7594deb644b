import { expect, test } from 'vitest';
import { SourceKeys } from './source-keys.js';

const query = (value: unknown) => ({ filter: { type: 'selector', dimension: 'page', value } });

test('queries that read the same have one number', () => {
  const keys = new SourceKeys();
  const first = keys.ofQuery(query('a'));
  expect(keys.ofQuery(query('a'))).toBe(first);
  expect(keys.ofQuery(query('b'))).not.toBe(first);
  expect(keys.ofQuery(query('1'))).not.toBe(keys.ofQuery(query(1)));
  expect(keys.ofQuery(query(2n ** 60n))).toBe(keys.ofQuery(query(2n ** 60n)));
});

test('only so many texts are kept, and no long ones', () => {
  const keys = new SourceKeys();
  const long = query('x'.repeat(100_000));
  expect(keys.ofQuery(long)).toBe(keys.ofQuery(long));
  expect(keys.ofQuery({ ...long })).not.toBe(keys.ofQuery(long));
  const first = keys.ofQuery(query(0));
  for (let i = 1; i < 1000; i++) keys.ofQuery(query(i));
  expect(keys.ofQuery(query(0))).not.toBe(first);
});
