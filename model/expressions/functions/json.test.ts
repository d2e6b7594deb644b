import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringifyJson } from '../../../core/index.js';
import { Json, type JsonValue } from '../../json/json.js';
import { type JsonPath, jsonPathText } from '../../json/json-path.js';
import { isJsonScalar, jsonAt, scalarPaths } from '../../json/json-walk.js';
import { jsonKey, jsonValue } from '../../json/testing.js';
import { TestRows } from '../../testing.js';
import { JSON_TYPE, type Value, type ValueType } from '../../types.js';
import { castValue } from '../cast.js';
import { parseExpression } from '../expression.js';
import { quoteString } from '../quote.js';
import { parseVirtualColumn, withVirtualColumns } from '../virtual-column.js';

const rowsOf = (value: JsonValue): TestRows =>
  new TestRows(
    {
      j: { type: JSON_TYPE },
      s: { type: 'STRING' },
      l: { type: 'LONG' },
      d: { type: 'DOUBLE' },
      tags: { type: 'STRING', multiValue: true },
      a: { type: 'ARRAY<LONG>' },
      n: { type: JSON_TYPE },
    },
    [{ j: Json.of(value), s: '{"x":[1]}', l: 7, d: 2, tags: ['t', null], a: [1, 2], n: null }],
  );

const ROWS = rowsOf({ a: { b: [10, 20, null], 'x.y': 'z' }, t: true, o: [{ k: 1 }, { k: 2.5 }] });

/** JSON cells by their text. */
const plain = (value: Value): unknown => (value instanceof Json ? value.text : value);

test.each<[text: string, value: unknown, type: ValueType]>([
  ["json_value(j, '$.a.b[1]')", '20', 'STRING'],
  ["json_value(j, '$.a.b[1]', 'LONG')", 20, 'LONG'],
  ["json_value(j, '$.a.b[-3]', 'double')", 10, 'DOUBLE'],
  ["json_value(j, '$.a.b', 'ARRAY<LONG>')", [10, 20, null], 'ARRAY<LONG>'],
  ["json_value(j, '$.a.b')", null, 'STRING'],
  ["json_value(j, '$.a')", null, 'STRING'],
  ["json_value(j, '$.a[\\'x.y\\']')", 'z', 'STRING'],
  ["json_value(j, '$.t')", 'true', 'STRING'],
  ["json_value(j, '$.t', 'LONG')", 1, 'LONG'],
  ["json_value(j, '$.o[1].k', 'LONG')", 2, 'LONG'],
  ["json_value(n, '$.a', 'LONG')", null, 'LONG'],
  ["json_value(l, '$', 'STRING')", '7', 'STRING'],
  ["json_value(d, '$')", '2', 'STRING'],
  ["json_value(s, '$.x')", null, 'STRING'],
  ["json_value(a, '$[1]', 'LONG')", 2, 'LONG'],
  ["json_value(tags, '$[0]')", 't', 'STRING'],
  ["json_value(missing, '$.a')", null, 'STRING'],
  ["json_value(parse_json(s), '$.x[0]', 'LONG')", 1, 'LONG'],
  ["json_value(j, '$.a.b[0]', 'LONG') + l", 17, 'LONG'],
  ["json_query(j, '$.a.b')", '[10,20,null]', JSON_TYPE],
  ["json_query(j, '$.nothing')", null, JSON_TYPE],
  ["json_query(j, '$.a.b[2]')", null, JSON_TYPE],
  ["json_query_array(j, '$.o')", '[{"k":1},{"k":2.5}]', JSON_TYPE],
  ["json_query_array(j, '$.o[0]')", '[{"k":1}]', JSON_TYPE],
  ['json_match(j, \'"$.o[*].k" = 2.5 AND "$.t" = true\')', 1, 'LONG'],
  ['json_match(j, \'"$.o[*].k" = 2\')', 0, 'LONG'],
  ['json_match(missing, \'"$.o" = 2\')', null, 'LONG'],
  ["json_keys(j, '$')", ['a', 't', 'o'], 'ARRAY<STRING>'],
  ["json_keys(j, '$.a.b')", null, 'ARRAY<STRING>'],
  [
    'json_paths(j)',
    ['$.a.b[0]', '$.a.b[1]', '$.a.b[2]', "$.a['x.y']", '$.t', '$.o[0].k', '$.o[1].k'],
    'ARRAY<STRING>',
  ],
  ['json_paths(l)', ['$'], 'ARRAY<STRING>'],
  ["to_json_string(json_query(j, '$.o'))", '[{"k":1},{"k":2.5}]', 'STRING'],
  ['to_json_string(s)', '"{\\"x\\":[1]}"', 'STRING'],
  ['to_json_string(tags)', '["t",null]', 'STRING'],
  ['to_json_string(null)', null, 'STRING'],
  ["parse_json('[1, 2]')", '[1,2]', JSON_TYPE],
  ["parse_json('null')", null, JSON_TYPE],
  ["parse_json('9223372036854775807')", '9223372036854775807', JSON_TYPE],
  ['parse_json(j)', plain(ROWS.column('j').get()), JSON_TYPE],
  ["try_parse_json('{oops')", null, JSON_TYPE],
  ['try_parse_json(s)', '{"x":[1]}', JSON_TYPE],
  [
    "json_object('a', l, 'b', s, 'c', tags, 'd', null)",
    '{"a":7,"b":"{\\"x\\":[1]}","c":["t",null],"d":null}',
    JSON_TYPE,
  ],
  ["json_merge(json_object('a', 1, 'b', 2), json_object('b', d))", '{"a":1,"b":2}', JSON_TYPE],
  ["json_merge(json_object('a', 1), '{\"b\":2}')", '{"a":1,"b":2}', JSON_TYPE],
  ['json_merge(j, n)', null, JSON_TYPE],
])('%s', (text, value, type) => {
  const reader = parseExpression(text).compile(ROWS);
  expect(reader.type).toBe(type);
  expect(plain(reader.get())).toEqual(value);
});

test.each([
  ["json_value(j, 'a')", 'cannot be read'],
  ["json_value(j, '$.a', 'INT')", 'knows no type "INT"'],
  ['json_value(j, s)', 'needs a literal'],
  ["parse_json('{oops')", 'not valid JSON'],
  ["json_object('a')", 'needs a value for every key'],
])('%s is refused: %s', (text, message) => {
  expect(() => parseExpression(text).compile(ROWS).get()).toThrow(message);
});

test.each([
  ["json_object(cast(n, 'STRING'), 1)", 'has null as key 1'],
  ['json_merge(j, l)', 'takes objects'],
  ["json_merge(j, json_object('a', 1), a)", 'takes objects'],
])('%s fails on the row: %s', (text, message) => {
  expect(() => parseExpression(text).compile(ROWS).get()).toThrow(message);
});

const TYPES = [
  'STRING',
  'LONG',
  'DOUBLE',
  'ARRAY<STRING>',
  'ARRAY<LONG>',
  'ARRAY<DOUBLE>',
] as const;

/** Straight from the definition. */
function naiveValue(value: JsonValue, path: JsonPath, type: ValueType): Value {
  let at: unknown = value;
  for (const part of path) {
    if (typeof part === 'number') at = Array.isArray(at) ? at.at(part) : undefined;
    else {
      const entries = typeof at === 'object' && at !== null && !Array.isArray(at) ? at : {};
      at = Object.entries(entries).find(([key]) => key === part)?.[1];
    }
  }
  return castValue(Json.of((at ?? null) as JsonValue), JSON_TYPE, type);
}

const anyPath = fc.array(fc.oneof(jsonKey, fc.integer({ min: -2, max: 2 })), { maxLength: 3 });

test('values at paths are those of a naive walk: by function, by virtual column, through JSON', () => {
  fc.assert(
    fc.property(
      jsonValue,
      anyPath,
      fc.nat(),
      fc.constantFrom(...TYPES),
      (value, odd, pick, type) => {
        const paths = [
          odd,
          ...scalarPaths(value),
          ...scalarPaths(value).map((p) => p.slice(0, -1)),
        ];
        const path = paths[pick % paths.length]!;
        const rows = rowsOf(value);
        const expected = naiveValue(value, path, type);
        const text = jsonPathText(path);
        const call = (column: string) => `json_value(${column}, ${quoteString(text)}, '${type}')`;
        expect(parseExpression(call('j')).compile(rows).get()).toEqual(expected);
        const spec = { type: 'nested-field', columnName: 'j', outputName: 'v', expectedType: type };
        const parts = path.map((part) =>
          typeof part === 'number'
            ? { type: 'arrayElement', index: part }
            : { type: 'field', field: part },
        );
        for (const json of [
          { ...spec, path: text },
          { ...spec, pathParts: parts },
        ]) {
          const column = parseVirtualColumn(json, 'v');
          expect(withVirtualColumns(rows, [column]).column('v').get()).toEqual(expected);
        }
        const found = jsonAt(value, path);
        expect(
          plain(
            parseExpression(`json_query(j, ${quoteString(text)})`)
              .compile(rows)
              .get(),
          ),
        ).toBe(found === null ? null : stringifyJson(found));
        // Of what another virtual column makes.
        const made = {
          type: 'expression',
          name: 'w',
          expression: 'parse_json(to_json_string(j))',
          outputType: JSON_TYPE,
        };
        const columns = [
          parseVirtualColumn(made, 'w'),
          parseVirtualColumn({ ...spec, columnName: 'w', path: text }, 'v'),
        ];
        expect(withVirtualColumns(rows, columns).column('v').get()).toEqual(expected);
        if (isJsonScalar(found) && typeof found === 'bigint' && type === 'LONG') {
          expect(expected).toBe(found);
        }
      },
    ),
  );
});

test('nested-field: JSON from raw, jq, and what is wrong with it', () => {
  const field = (spec: object) =>
    parseVirtualColumn({ type: 'nested-field', columnName: 'j', outputName: 'v', ...spec }, 'v');
  const read = (spec: object) =>
    plain(
      withVirtualColumns(ROWS, [field(spec)])
        .column('v')
        .get(),
    );
  expect(read({ path: '$.o[0]', processFromRaw: true })).toBe('{"k":1}');
  expect(read({ path: '$.o[0]', expectedType: 'COMPLEX<json>' })).toBe('{"k":1}');
  expect(read({ path: '.o[1].k', useJqSyntax: true, expectedType: 'FLOAT' })).toBe(2.5);
  expect(field({ path: '$.o[1].k' }).inputs).toEqual(['\0j\0$.o[1].k']);
  expect(() => field({})).toThrow('v.path: want exactly one of "path" and "pathParts"');
  expect(() => field({ path: '$', pathParts: [] })).toThrow('exactly one');
  expect(() => field({ path: '$..a' })).toThrow('v.path: the path "$..a"');
  expect(() => field({ pathParts: [{ type: 'x' }] })).toThrow('pathParts');
  expect(() => field({ path: '$', expectedType: 'INT' })).toThrow('want one of STRING');
});

test('a name that a lambda binds is no column', () => {
  const reader = parseExpression("map(j -> json_value(j, '$'), a)").compile(ROWS);
  expect(reader.get()).toEqual(['1', '2']);
});
