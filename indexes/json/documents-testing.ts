import fc from 'fast-check';
import type { JsonCondition, JsonValue } from '../../model/index.js';

const LONG_TEXT = 'x'.repeat(300);

/** For tests: a document of nested objects and lists, the same for the same number. */
export function makeDocument(pick: number): JsonValue {
  const items = Array.from({ length: pick % 4 }, (_, i) => ({
    name: `n${(pick + i) % 3}`,
    price: (pick * (i + 1)) % 4,
    tags: pick % 2 === 0 ? ['a', `t${i}`] : null,
    parts: [{ no: i }, { no: (pick + i) % 3, ok: pick % 3 === 0 }],
  }));
  return [
    { a: { b: pick % 5 }, items, note: pick % 7 === 0 ? LONG_TEXT : 'short' },
    { a: `x${pick % 5}`, items: items.map(({ name }) => name), 'odd "key"': true },
    [[1, pick % 3], [], items],
    pick % 9,
    {},
  ][pick % 5]!;
}

const leaf = fc.constantFrom<JsonCondition>(
  { path: ['a', 'b'], value: 2 },
  { path: ['a', 'b'] },
  { path: ['a'], value: 'x1' },
  { path: ['odd "key"'], value: true },
  { path: ['note'], value: LONG_TEXT },
  { path: ['note'], value: 'short' },
  { path: [], value: 3 },
  { path: ['nowhere', null], value: 3 },
  { path: [null, null], value: 1 },
  { path: [null, null], value: 2 },
  { path: [null, null, 'name'], value: 'n0' },
  { path: ['items', null], value: 'n1' },
  { path: ['items', null, 'name'], value: 'n1' },
  { path: ['items', null, 'name'] },
  { path: ['items', null, 'price'], value: 2 },
  { path: ['items', null, 'tags', null], value: 'a' },
  { path: ['items', null, 'tags', null], value: 't1' },
  { path: ['items', null, 'parts', null, 'no'], value: 1 },
  { path: ['items', null, 'parts', null, 'ok'], value: true },
);

/** For tests: conditions that such documents fulfil, alone or together. */
export const jsonConditions = fc.array(leaf, { minLength: 1, maxLength: 4 });
