import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from './json.js';
import { holdsAll, type JsonCondition, parseJsonMatch, readConditions } from './json-match.js';

const conditionsOf = (text: string): JsonCondition[] =>
  readConditions(parseJsonMatch(text, 'match'), 'match');

test('conditions as they are written', () => {
  const text = `"$.a['b c'][*].d" = 'it''s' AND "$" = 3 and "$.e" = -1.5e3 AND "$.f" = TRUE AND "$.g" is not null AND "$['\\"']" = 9223372036854775807`;
  expect(conditionsOf(text)).toEqual([
    { path: ['a', 'b c', null, 'd'], value: "it's" },
    { path: [], value: 3 },
    { path: ['e'], value: -1500 },
    { path: ['f'], value: true },
    { path: ['g'] },
    { path: ['"'], value: 9223372036854775807n },
  ]);
});

test.each([
  '',
  '$.a = 1',
  '"$.a"',
  '"$.a" = ',
  '"$.a" = x',
  '"$.a" = 1 AND',
  '"$.a" = 1 OR "$.b" = 1',
  '"$.a" = 1 "$.b" = 1',
  '"$.a" = 1-2',
  '"$.a[0]" = 1',
  '"a" = 1',
  '"$.a" IS NULL',
])('%j is refused', (text) => {
  expect(() => conditionsOf(text)).toThrow(/match.*(cannot be read at character)/s);
});

test('conditions on one list are asked of one element', () => {
  const order = {
    at: '2024',
    items: [
      { sku: 'a', n: 1, tags: ['x'] },
      { sku: 'b', n: 2, tags: [] },
    ],
  };
  const holds = (text: string) => holdsAll(order, conditionsOf(text));
  expect(holds(`"$.items[*].sku" = 'a' AND "$.items[*].n" = 1`)).toBe(true);
  expect(holds(`"$.items[*].sku" = 'a' AND "$.items[*].n" = 2`)).toBe(false);
  expect(holds(`"$.items[*].sku" = 'b' AND "$.items[*].tags[*]" = 'x'`)).toBe(false);
  expect(holds(`"$.items[*].tags[*]" = 'x' AND "$.at" IS NOT NULL`)).toBe(true);
  expect(holds(`"$.items" IS NOT NULL`)).toBe(false);
  expect(holds(`"$.at" = 2024`)).toBe(false);
});

const scalar = fc.constantFrom<JsonValue>(1, 2, 'x', true, null);
const { document } = fc.letrec<{ document: JsonValue }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    fc.array(tie('document'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('document'), {
      maxKeys: 3,
      noNullPrototype: false,
    }) as fc.Arbitrary<JsonValue>,
  ),
}));
const condition: fc.Arbitrary<JsonCondition> = fc.record({
  path: fc.array(fc.constantFrom('a', 'b', '__proto__', null), { maxLength: 3 }),
  value: fc.constantFrom(1, 2, 'x', true, undefined),
});

/** By every way to choose elements, one for each list that paths go through. */
function naive(value: JsonValue, conditions: readonly JsonCondition[]): boolean {
  const lists = new Set<string>();
  for (const { path } of conditions) {
    for (const [i, member] of path.entries()) {
      if (member === null) lists.add(JSON.stringify(path.slice(0, i)));
    }
  }
  let choices: Map<string, number>[] = [new Map()];
  for (const list of lists) {
    choices = choices.flatMap((choice) => [0, 1, 2].map((at) => new Map(choice).set(list, at)));
  }
  return choices.some((choice) => conditions.every((each) => holds(value, each, choice)));
}

function holds(
  value: JsonValue,
  { path, value: wanted }: JsonCondition,
  choice: Map<string, number>,
) {
  let found: unknown = value;
  for (const [i, member] of path.entries()) {
    if (member === null) {
      if (!Array.isArray(found)) return false;
      found = found[choice.get(JSON.stringify(path.slice(0, i)))!];
    } else {
      const isObject = typeof found === 'object' && found !== null && !Array.isArray(found);
      if (!isObject || !Object.hasOwn(found as object, member)) return false;
      found = (found as Record<string, unknown>)[member];
    }
  }
  if (found === null || found === undefined) return false;
  return wanted === undefined ? typeof found !== 'object' : found === wanted;
}

test('any conditions of any document', () => {
  const conditions = fc.array(condition, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(document, conditions, (value, all) => {
      expect(holdsAll(value, all)).toBe(naive(value, all));
    }),
    { numRuns: 500 },
  );
});
