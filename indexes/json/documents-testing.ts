import fc from 'fast-check';
import type { JsonValue } from '../../model/index.js';
import type { JsonCondition } from '../types.js';

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

/** For tests: whether a document has all of it; conditions that go through one list ask for one element. */
export function holdsAll(value: JsonValue, conditions: readonly JsonCondition[]): boolean {
  const direct = conditions.filter(({ path }) => !path.includes(null));
  const byList = new Map<string, JsonCondition[]>();
  for (const condition of conditions) {
    const end = condition.path.indexOf(null);
    if (end < 0) continue;
    const list = JSON.stringify(condition.path.slice(0, end));
    byList.set(list, [...(byList.get(list) ?? []), condition]);
  }
  if (!direct.every((condition) => holds(at(value, condition.path), condition.value))) return false;
  return [...byList].every(([list, inner]) => {
    const path = JSON.parse(list) as string[];
    const elements = at(value, path);
    const rest = inner.map((each) => ({ ...each, path: each.path.slice(path.length + 1) }));
    return Array.isArray(elements) && elements.some((element) => holdsAll(element, rest));
  });
}

function at(value: JsonValue, path: readonly (string | null)[]): JsonValue {
  return path.reduce<JsonValue>((found, name) => {
    if (found === null || typeof found !== 'object' || Array.isArray(found)) return null;
    return (found as { readonly [key: string]: JsonValue })[name!] ?? null;
  }, value);
}

const holds = (found: JsonValue, value: JsonCondition['value']): boolean =>
  value === undefined ? found !== null && typeof found !== 'object' : found === value;
