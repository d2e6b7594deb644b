import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { SourceKeys } from './source-keys.js';

const numberOf = (keys: SourceKeys, of: JsonObject): number => keys.ofQuery(of).number;
const query = (value: unknown) => ({ filter: { type: 'selector', dimension: 'page', value } });

test('queries that read the same have one number', () => {
  const keys = new SourceKeys();
  const first = numberOf(keys, query('a'));
  expect(numberOf(keys, query('a'))).toBe(first);
  expect(numberOf(keys, query('b'))).not.toBe(first);
  expect(numberOf(keys, query('1'))).not.toBe(numberOf(keys, query(1)));
  expect(numberOf(keys, query(2n ** 60n))).toBe(numberOf(keys, query(2n ** 60n)));
});

test('only so many texts are kept, and no long ones', () => {
  const keys = new SourceKeys();
  const long = query('x'.repeat(100_000));
  expect(numberOf(keys, long)).toBe(numberOf(keys, long));
  expect(numberOf(keys, { ...long })).not.toBe(numberOf(keys, long));
  const first = numberOf(keys, query(0));
  for (let i = 1; i < 1000; i++) numberOf(keys, query(i));
  expect(numberOf(keys, query(0))).not.toBe(first);
});

test('numbers that no JSON says go as they are', () => {
  const keys = new SourceKeys();
  const endless = query(Number.POSITIVE_INFINITY);
  expect(keys.ofQuery(endless).json).toBe(endless);
  expect(numberOf(keys, endless)).not.toBe(numberOf(keys, query(null)));
  expect(keys.ofQuery(query(null)).json).toBe(JSON.stringify(query(null)));
});
