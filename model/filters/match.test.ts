import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { Json } from '../json/json.js';
import { TestRows } from '../testing.js';
import { FALSE, TRUE, UNKNOWN } from './filter.js';
import { parseFilter } from './registry.js';

const rows = new TestRows(
  {
    tags: { type: 'STRING', multiValue: true, dictionary: true },
    doc: { type: 'COMPLEX<json>', multiValue: false, dictionary: false },
  },
  [
    { tags: ['disk full', 'old'], doc: Json.of({ items: [{ sku: 'a', n: 2 }] }) },
    { tags: 'disk', doc: Json.of({ items: [{ sku: 'a' }, { n: 2 }] }) },
    { tags: null, doc: null },
  ],
);
const truths = (filter: JsonObject) => rows.map(parseFilter(filter).predicate(rows));

test('of lists any element may have each of the words', () => {
  const search = (query: string) => truths({ type: 'textMatch', dimension: 'tags', query });
  expect(search('full AND old')).toEqual([TRUE, FALSE, UNKNOWN]);
  expect(search('"full old"')).toEqual([FALSE, FALSE, UNKNOWN]);
  expect(search('NOT old')).toEqual([FALSE, TRUE, UNKNOWN]);
});

test('conditions of documents', () => {
  const match = (...conditions: JsonObject[]) =>
    truths({ type: 'jsonMatch', column: 'doc', conditions });
  const sku = { path: '$.items[*].sku', value: 'a' };
  expect(match(sku)).toEqual([TRUE, TRUE, UNKNOWN]);
  expect(match(sku, { path: '$.items[*].n', value: 2 })).toEqual([TRUE, FALSE, UNKNOWN]);
  expect(match({ path: '$.items[*].n' })).toEqual([TRUE, TRUE, UNKNOWN]);
  const ofTexts = { type: 'jsonMatch', column: 'tags', conditions: [sku] };
  expect(truths(ofTexts)).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
});

test.each<[JsonObject, RegExp]>([
  [{ type: 'textMatch', dimension: 'a', query: '(b' }, /filter\.query: .* a "\(" is not closed/],
  [{ type: 'textMatch', dimension: 'a' }, /filter\.query: want a text; got nothing/],
  [{ type: 'jsonMatch', column: 'a', conditions: [] }, /conditions: want at least one/],
  [{ type: 'jsonMatch', column: 'a', conditions: [{ path: 'b' }] }, /conditions\[0\]\.path: .*"b"/],
  [
    { type: 'jsonMatch', column: 'a', conditions: [{ path: '$.b', value: [1] }] },
    /conditions\[0\]\.value: want a text, a number, true or false; got \[1\]/,
  ],
])('%j is refused', (filter, message) => {
  expect(() => parseFilter(filter)).toThrow(message);
});
