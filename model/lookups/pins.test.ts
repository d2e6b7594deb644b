import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { requiredExtraction } from '../dimensions/extraction/registry.js';
import { parseDimension } from '../dimensions/registry.js';
import { parseExpression } from '../expressions/expression.js';
import { TestRows } from '../testing.js';
import { type LookupTable, lookupTable } from './lookup-table.js';
import { pinLookups } from './pin-query.js';
import {
  adoptLookups,
  isPinned,
  type LookupNames,
  lookupNamed,
  lookupsIn,
  shownLookups,
  withLookups,
} from './pins.js';

const country = lookupTable([
  ['de', 'Germany'],
  ['fr', 'France'],
]);
const names: LookupNames = new Map<string, LookupTable | { problem: string }>([
  ['country', country],
  ["it's", lookupTable([['x', 'y']])],
  ['broken', { problem: 'the file is gone' }],
]);
const within = <T>(run: () => T): T => withLookups(names, run).result;
const PINNED = `country@sha256:${country.contentId}`;

describe('pinning', () => {
  const pin = <T>(json: T): T => within(() => pinLookups(json));

  test.each<[JsonObject, JsonObject]>([
    [
      { type: 'lookup', lookup: 'country' },
      { type: 'lookup', lookup: PINNED },
    ],
    [
      { type: 'registeredLookup', lookup: 'country' },
      { type: 'registeredLookup', lookup: PINNED },
    ],
    [
      { type: 'lookup', dimension: 'd', name: 'country' },
      { type: 'lookup', dimension: 'd', name: 'country', lookup: PINNED },
    ],
    [
      { a: [{ b: { type: 'cascade', extractionFns: [{ type: 'lookup', lookup: 'country' }] } }] },
      { a: [{ b: { type: 'cascade', extractionFns: [{ type: 'lookup', lookup: PINNED }] } }] },
    ],
    [
      { type: 'expression', expression: "1 + strlen(LOOKUP(x, 'country'))" },
      { type: 'expression', expression: `(1 + strlen(lookup("x",'${PINNED}')))` },
    ],
    [
      { fold: "map(e -> lookup(e, 'country', 'none'), a)" },
      { fold: `map(("e") -> lookup("e",'${PINNED}','none'),"a")` },
    ],
  ])('%j', (json, expected) => {
    const pinned = pin(json);
    expect(pinned).toEqual(expected);
    expect(pin(pinned)).toBe(pinned);
  });

  test.each<JsonObject>([
    { type: 'lookup', lookup: 'nobody' },
    { type: 'lookup', lookup: 'broken' },
    { type: 'lookup', lookup: { type: 'map', map: { country: 'country' } }, name: 'country' },
    { type: 'selector', dimension: 'x', value: "lookup(x, 'country')" },
    { type: 'in', values: ["lookup(x, 'country')"] },
    { type: 'inline', rows: [[{ type: 'lookup', lookup: 'country' }]] },
    { type: 'count', expression: 'lookup((' },
    { expression: "'lookup (country)'" },
    { context: { type: 'lookup', lookup: 'country' } },
  ])('%j stays the same object', (json) => {
    expect(pin(json)).toBe(json);
  });

  test('names with quotes', () => {
    const { expression } = pin({ expression: "lookup(x, 'it\\u0027s')" });
    expect(parseExpression(expression).text).toBe(expression);
    expect(shownLookups(expression)).toBe(`lookup("x",'it\\u0027s')`);
  });

  test('what is pinned is read without names, and shown as it was written', () => {
    const { expression } = pin({ expression: "lookup(x, 'country')" });
    const column = parseExpression(expression).compile(
      new TestRows({ x: { type: 'STRING' } }, [{ x: 'fr' }]),
    );
    expect(column.get()).toBe('France');
    expect(shownLookups(expression)).toBe(`lookup("x",'country')`);
    expect(lookupsIn(expression)).toEqual([
      { name: 'country', contentId: country.contentId, buffer: country.buffer },
    ]);
    expect(lookupsIn(`"x@sha256:${'0'.repeat(32)}"`)).toEqual([]);
    expect(isPinned(PINNED)).toBe(true);
  });

  test('a table from another thread', () => {
    const other = lookupTable([['only', 'here']]);
    const name = `any@sha256:${other.contentId}`;
    expect(() => lookupNamed(name)).toThrow('the version of lookup [any]');
    adoptLookups([{ contentId: other.contentId, buffer: other.buffer }]);
    expect(lookupNamed(name).get('only')).toBe('here');
  });
});

describe('errors', () => {
  const fn = (lookup: string) => requiredExtraction({ type: 'lookup', lookup }, 'fn');

  test('a name that means nothing', () => {
    expect(() => within(() => fn('nobody'))).toThrow(
      "fn.lookup: Lookup [nobody] not found: there are [country, it's, broken]",
    );
    expect(() => within(() => parseExpression("lookup(x, 'nobody')", 'e'))).toThrow(
      'e: Lookup [nobody] not found',
    );
    expect(() => withLookups(new Map(), () => fn('nobody'))).toThrow('there are none yet');
  });

  test('one that could not be loaded', () => {
    expect(() => within(() => fn('broken'))).toThrow(
      'fn.lookup: Lookup [broken] is not loaded: the file is gone',
    );
  });

  test('outside of queries', () => {
    expect(() => fn('country')).toThrow('lookups can be asked by queries only');
  });

  test('wrong calls', () => {
    const parse = (text: string) => () => within(() => parseExpression(text));
    expect(parse("lookup('country')")).toThrow('lookup(text, name, [missing])');
    expect(parse('lookup(x, y)')).toThrow('Function[lookup]');
    expect(parse("lookup(x, 'country', y)")).toThrow('Function[lookup]');
  });
});

describe('answers', () => {
  const rows = new TestRows({ s: { type: 'STRING', dictionary: true }, n: { type: 'LONG' } }, [
    { s: 'de', n: 1 },
    { s: 'xx', n: 2 },
    { s: null, n: null },
  ]);
  const column = (text: string) => {
    const { expression } = within(() => pinLookups({ expression: text }));
    const reader = parseExpression(expression).compile(rows);
    return rows.map(() => reader.get());
  };

  test('of the function', () => {
    expect(column("lookup(s, 'country')")).toEqual(['Germany', null, null]);
    expect(column("lookup(s, 'country', 'other')")).toEqual(['Germany', 'other', 'other']);
    expect(column("lookup(n, 'country', '-')")).toEqual(['-', '-', '-']);
  });

  test.each([
    [{}, ['Germany', null, null]],
    [{ retainMissingValue: true }, ['Germany', 'xx', null]],
    [{ replaceMissingValueWith: '?' }, ['Germany', '?', '?']],
  ])('of the dimension with %j', (options, expected) => {
    for (const by of [{ name: 'country' }, { lookup: 'country' }]) {
      const spec = { type: 'lookup', dimension: 's', ...by, ...options };
      const reader = within(() => parseDimension(spec, 'd')).reader(rows);
      expect(rows.map(() => reader.get())).toEqual(expected);
    }
  });
});
