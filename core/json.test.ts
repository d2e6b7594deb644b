import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from './errors.js';
import { isJsonObject, parseJson, stringifyJson } from './json.js';
import { LONG_MAX, LONG_MIN, toLong } from './long.js';

test.each([
  ['9223372036854775807', LONG_MAX],
  ['-9223372036854775808', LONG_MIN],
  ['9223372036854775808', 2 ** 63],
  ['18446744073709551615', 2 ** 64],
  ['9007199254740991', 2 ** 53 - 1],
  ['9007199254740993', 9007199254740993n],
  ['1234567890123456.0', 1234567890123456],
  ['1234567890123456e2', 1234567890123456 * 100],
  ['0.12345678901234567', 0.12345678901234566],
  [`1${'0'.repeat(400)}`, Number.POSITIVE_INFINITY],
  ['"9007199254740993"', '9007199254740993'],
  ['[[9007199254740993]]', [[9007199254740993n]]],
  ['{"a": -9007199254740993}', { a: -9007199254740993n }],
  ['{"a":1,"a":9007199254740993}', { a: 9007199254740993n }],
])('parses %s', (text, expected) => {
  expect(parseJson(text)).toEqual(expected);
});

test('any 64-bit integer survives parse and stringify', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: LONG_MIN, max: LONG_MAX }), (value) => {
      expect(parseJson(`[{"v": ${value} }]`)).toEqual([{ v: toLong(value) }]);
      expect(stringifyJson([{ v: toLong(value) }])).toBe(`[{"v":${value}}]`);
    }),
  );
});

test('the exact parser and JSON.parse agree where nothing is long', () => {
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), (text) => {
      fc.pre(!/\d{16}/.test(text));
      // The long number sends the whole text through the exact parser.
      const exact = parseJson(`[${text},1000000000000000]`) as unknown[];
      expect(exact[0]).toEqual(JSON.parse(text));
    }),
  );
});

test('__proto__ stays an ordinary key', () => {
  for (const text of ['{"__proto__":{"x":1}}', '{"__proto__":{"x":9007199254740993}}']) {
    const value = parseJson(text) as object;
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect('x' in value).toBe(false);
  }
});

test.each([
  ['', 'the text ends too early at line 1, column 1'],
  ['{"a": }', 'unexpected "}" at line 1, column 7'],
  ['{"a": 1,\n "b": x}', 'unexpected "x" at line 2, column 7'],
  ['[9007199254740993, ,]', 'unexpected "," at line 1, column 20'],
  ['[1, 2', 'the text ends too early at line 1, column 6'],
  ['{"a":1} x', 'unexpected "x" at line 1, column 9'],
])('refuses %j and says where', (text, expected) => {
  const refused = () => parseJson(text);
  expect(refused).toThrow(UserError);
  expect(refused).toThrow(expected);
});

test('refuses bottomless nesting, but not brackets inside strings', () => {
  expect(() => parseJson('['.repeat(100_000))).toThrow(/nested more than 500 levels/);
  expect(() => parseJson(`${'[1,'.repeat(600)}1${']'.repeat(600)}`)).toThrow(/nested more than/);
  const harmless = JSON.stringify({ a: `\\"${'['.repeat(2000)}`, b: [[1]] });
  expect(parseJson(harmless)).toEqual(JSON.parse(harmless));
});

test('stringifies as JSON.stringify does where there is no bigint', () => {
  const value = { a: [1, Number.NaN, undefined, null], b: undefined, c: 'x"\n', d: new Date(0) };
  expect(stringifyJson(value)).toBe(JSON.stringify(value));
  expect(stringifyJson({ ...value, big: 2n ** 60n })).toBe(
    `${JSON.stringify(value).slice(0, -1)},"big":1152921504606846976}`,
  );
  expect(stringifyJson({ a: 2n ** 60n }, 2)).toBe('{\n  "a": 1152921504606846976\n}');
  expect(stringifyJson(undefined)).toBe('null');
});

test('knows objects from arrays and null', () => {
  expect([{}, [], null, 'x', 1].map(isJsonObject)).toEqual([true, false, false, false, false]);
});
