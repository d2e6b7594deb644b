import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONG_MAX, LONG_MIN, parseJson, stringifyJson } from '../../core/index.js';
import { complexType } from '../complex-types.js';
import { castValue } from '../expressions/cast.js';
import { JSON_TYPE, type Value, type ValueType } from '../types.js';
import { Json, type JsonValue, toJsonValue } from './json.js';
import { type JsonPath, jsonPathText, parseJqPath, parseJsonPath } from './json-path.js';
import { jsonAt, scalarPaths } from './json-walk.js';
import { jsonKey, jsonValue } from './testing.js';

describe('JSON values', () => {
  test('are told by their text: as they were, when it is parsed, and as bytes', () => {
    const serde = complexType('json');
    fc.assert(
      fc.property(jsonValue, (value) => {
        fc.pre(value !== null);
        const json = Json.of(value)!;
        expect(toJsonValue(value)).toBe(value);
        expect(toJsonValue(parseJson(json.text))).toEqual(value);
        expect(Json.ofText(json.text).value).toEqual(value);
        const decoded = serde.decode(serde.encode(json)) as Json;
        expect(decoded.text).toBe(json.text);
        expect(stringifyJson([json])).toBe(`[${json.text}]`);
      }),
    );
  });

  test.each([
    [-0, 0],
    [Number.NaN, null],
    [
      [Number.POSITIVE_INFINITY, -0],
      [null, 0],
    ],
    [2n ** 53n - 1n, 2 ** 53 - 1],
    [LONG_MAX + 1n, 2 ** 63],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(Number.NaN), null],
    [Uint8Array.of(1, 2), 'AQI='],
    [['a\ud800'], ['a\ufffd']],
    [
      { '\udc00': 1, b: undefined, c: [undefined] },
      { '\ufffd': 1, c: [null] },
    ],
    [undefined, null],
    [{ a: Json.of([1]) }, { a: [1] }],
  ])('what comes in, %#', (input, expected) => {
    const value = toJsonValue(input);
    expect(stringifyJson(value)).toBe(stringifyJson(expected));
    expect(toJsonValue(value)).toBe(value);
  });

  test('__proto__ is a key like any other', () => {
    const value = toJsonValue(parseJson('{"__proto__":{"x":1},"\\ud800":2}'));
    expect(Json.of(value)!.text).toBe('{"__proto__":{"x":1},"\ufffd":2}');
    expect(jsonAt(value, ['__proto__', 'x'])).toBe(1);
    expect(jsonAt({}, ['__proto__'])).toBeNull();
    expect(jsonAt([], ['length'])).toBeNull();
  });
});

const path = fc.array(fc.oneof(jsonKey, fc.integer({ min: -3, max: 20 })), { maxLength: 5 });

describe('paths', () => {
  test('read back as they were, and no two have one text', () => {
    fc.assert(
      fc.property(path, (parts) => {
        expect(parseJsonPath(jsonPathText(parts), 'path')).toEqual(parts);
      }),
    );
  });

  test.each<[string, JsonPath]>([
    ['$', []],
    ['$.a.b[0]', ['a', 'b', 0]],
    ["$['a.b'][\"c'd\"][ -1 ]", ['a.b', "c'd", -1]],
    ["$['it\\'s']['']", ["it's", '']],
    ['$.é.a b', ['é', 'a b']],
    ["$['a\nb']", ['a\nb']],
  ])('%s', (text, parts) => expect(parseJsonPath(text, 'path')).toEqual(parts));

  test.each<[string, JsonPath]>([
    ['.', []],
    ['.a.b[0]', ['a', 'b', 0]],
    ['.["a.b"]."c d"[-1].[2]', ['a.b', 'c d', -1, 2]],
    ['.[0].a', [0, 'a']],
  ])('jq %s', (text, parts) => expect(parseJqPath(text, 'path')).toEqual(parts));

  test.each([
    '',
    'a',
    '$.',
    '$..a',
    '$.*',
    '$.a.length()',
    '$[*]',
    '$[?(@.a)]',
    '$.a[',
    "$['a'",
    '$a',
    '$[1.5]',
  ])('refuses %s', (text) =>
    expect(() => parseJsonPath(text, 'v.path')).toThrow(/^v\.path: the path .* name one/),
  );

  test.each(['', 'a', '.a[]', '.a | .b', '..', '.[a]'])('jq refuses %s', (text) =>
    expect(() => parseJqPath(text, 'v.path')).toThrow(/name one place/),
  );

  test('lead to every scalar of a document', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const paths = scalarPaths(value);
        expect(new Set(paths.map(jsonPathText)).size).toBe(paths.length);
        // Set from nothing, the scalars make the document again, but for what is empty.
        const scalars = paths.map((each) => jsonAt(value, each));
        let next = 0;
        const copied = (at: JsonValue): unknown => {
          if (Array.isArray(at)) return at.map(copied);
          if (typeof at !== 'object' || at === null) return scalars[next++];
          return Object.fromEntries(Object.entries(at).map(([k, each]) => [k, copied(each)]));
        };
        expect(copied(value)).toEqual(value);
        expect(next).toBe(paths.length);
      }),
    );
  });
});

describe('casts', () => {
  const CASES: [JsonValue, ValueType, Value][] = [
    [5, 'STRING', '5'],
    [1.5, 'STRING', '1.5'],
    [1e20, 'STRING', '1.0E20'],
    [LONG_MIN, 'STRING', '-9223372036854775808'],
    [LONG_MIN, 'LONG', LONG_MIN],
    [LONG_MAX, 'DOUBLE', 2 ** 63],
    [1.9, 'LONG', 1],
    ['1.9', 'LONG', 1],
    ['x', 'LONG', null],
    ['x', 'ARRAY<STRING>', ['x']],
    [true, 'STRING', 'true'],
    [true, 'LONG', 1],
    [false, 'DOUBLE', 0],
    [[5], 'LONG', 5],
    [[5, 6], 'LONG', null],
    [[], 'STRING', null],
    [[], 'ARRAY<LONG>', []],
    [[1, null, '2', 'x', true], 'ARRAY<LONG>', [1, null, 2, null, 1]],
    [[1, 1.5, 'x', false], 'ARRAY<STRING>', ['1', '1.5', 'x', 'false']],
    [[1, [2]], 'ARRAY<LONG>', null],
    [{ a: 1 }, 'STRING', null],
    [{}, 'ARRAY<STRING>', null],
  ];
  test.each(CASES)('case %#', (value, type, expected) => {
    expect(castValue(Json.of(value), JSON_TYPE, type)).toEqual(expected);
  });

  test.each<[Value, ValueType, string]>([
    [5, 'LONG', '5'],
    [LONG_MAX, 'LONG', '9223372036854775807'],
    ['5', 'STRING', '"5"'],
    [['a', null], 'STRING', '["a",null]'],
    [[1.5, null], 'ARRAY<DOUBLE>', '[1.5,null]'],
  ])('to JSON, %#', (value, type, text) => {
    expect((castValue(value, type, JSON_TYPE) as Json).text).toBe(text);
  });

  test('what JSON does not have is null', () => {
    expect(castValue(Number.NaN, 'DOUBLE', JSON_TYPE)).toBeNull();
    expect(castValue(null, 'STRING', JSON_TYPE)).toBeNull();
    expect(castValue(Json.of(1), JSON_TYPE, 'COMPLEX<hyperUnique>')).toBeNull();
  });
});
