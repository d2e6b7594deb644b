import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prettyJson } from './pretty.js';

const pretty = (...parts: string[]) => [...prettyJson(parts)].join('');

test.each([
  { json: '1', want: '1' },
  { json: '[]', want: '[ ]' },
  { json: '{}', want: '{ }' },
  { json: '[1,null,"a"]', want: '[ 1, null, "a" ]' },
  { json: '[[],{},[{}]]', want: '[ [ ], { }, [ { } ] ]' },
  { json: '{"a":1,"b":[2]}', want: '{\n  "a" : 1,\n  "b" : [ 2 ]\n}' },
  {
    json: '[{"a":{"b":-1.0E10}},{"c":[]}]',
    want: '[ {\n  "a" : {\n    "b" : -1.0E10\n  }\n}, {\n  "c" : [ ]\n} ]',
  },
  { json: '{"{a,\\":":"[\\\\"}', want: '{\n  "{a,\\":" : "[\\\\"\n}' },
])('$json', ({ json, want }) => expect(pretty(json)).toBe(want));

test('it stays the same JSON, wherever it is cut between values', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), (items) => {
      const parts = items.map((item, i) => (i === 0 ? '' : ',') + JSON.stringify(item));
      const printed = pretty('[', ...parts, ']');
      expect(printed).toBe(pretty(JSON.stringify(items)));
      expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(items)));
    }),
  );
});
