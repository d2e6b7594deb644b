import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, UserError } from '../../../core/index.js';
import { entityOf, readAll } from '../testing.js';
import { parseInputFormat } from './registry.js';
import { parseRelaxed, readFeatures } from './relaxed-json.js';

const features = (...names: string[]) =>
  readFeatures(Object.fromEntries(names.map((name) => [name, true])), 'featureSpec');

test.each<[string, string, unknown]>([
  ['ALLOW_SINGLE_QUOTES', `{'a': 'it\\'s "b"'}`, { a: 'it\'s "b"' }],
  ['ALLOW_UNQUOTED_FIELD_NAMES', '{a: 1, b_2 : [true]}', { a: 1, b_2: [true] }],
  ['ALLOW_COMMENTS', '{"a": /* one */ 1} // end', { a: 1 }],
  ['ALLOW_YAML_COMMENTS', '{"a": 1} # end', { a: 1 }],
  ['ALLOW_UNQUOTED_CONTROL_CHARS', '{"a": "x\ty"}', { a: 'x\ty' }],
  ['ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER', '{"a": "\\x\\n"}', { a: 'x\n' }],
  ['ALLOW_NUMERIC_LEADING_ZEROS', '{"a": 007, "b": -00.5}', { a: 7, b: -0.5 }],
  ['ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS', '{"a": +5}', { a: 5 }],
  ['ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS', '{"a": .5}', { a: 0.5 }],
  ['ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS', '{"a": 5.}', { a: 5 }],
  ['ALLOW_NON_NUMERIC_NUMBERS', '{"a": NaN, "b": -Infinity}', { a: 'NaN', b: '-Infinity' }],
  ['ALLOW_MISSING_VALUES', '{"a": [1,,2]}', { a: [1, null, 2] }],
  ['ALLOW_TRAILING_COMMA', '{"a": [1,], "b": 2, }', { a: [1], b: 2 }],
])('%s: %s', (feature, text, expected) => {
  expect(parseRelaxed(text, features(feature))).toEqual(expected);
  expect(() =>
    parseRelaxed(
      text,
      features(
        'ALLOW_SOMETHING'.replace(
          'SOMETHING',
          feature === 'ALLOW_COMMENTS' ? 'TRAILING_COMMA' : 'COMMENTS',
        ),
      ),
    ),
  ).toThrow(UserError);
});

test('what is JSON is read the same, whatever is let pass', () => {
  const all = features(
    'ALLOW_SINGLE_QUOTES',
    'ALLOW_UNQUOTED_FIELD_NAMES',
    'ALLOW_COMMENTS',
    'ALLOW_TRAILING_COMMA',
    'ALLOW_MISSING_VALUES',
  );
  fc.assert(
    fc.property(fc.json(), (json) => {
      // A broken beginning makes the text go the long way.
      expect(parseRelaxed(`/**/${json}`, all)).toEqual(parseJson(json));
    }),
  );
});

test('whatever the text is, it ends', () => {
  const all = features(
    'ALLOW_SINGLE_QUOTES',
    'ALLOW_UNQUOTED_FIELD_NAMES',
    'ALLOW_COMMENTS',
    'ALLOW_TRAILING_COMMA',
    'ALLOW_NON_NUMERIC_NUMBERS',
  );
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    "'",
    '"',
    'a',
    '1',
    '/',
    '*',
    '\\',
    '#',
    ' ',
    'NaN',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        parseRelaxed(pieces.join(''), all);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
    { numRuns: 1000 },
  );
});

const json = (settings: object) => parseInputFormat({ type: 'json', ...settings }, 'inputFormat');

test('a format with features, line by line', async () => {
  const format = json({ featureSpec: { ALLOW_SINGLE_QUOTES: true, AUTO_CLOSE_SOURCE: false } });
  const { rows, bad } = await readAll(format, entityOf(`{'a':1}\n{"a":2}\n{a:3}\n`));
  expect(rows).toEqual([{ a: 1 }, { a: 2 }]);
  expect(bad.length).toBe(1);
});

test('assumeNewlineDelimited: a line is a record', async () => {
  const format = json({ assumeNewlineDelimited: true });
  const { rows, bad } = await readAll(
    format,
    entityOf('{"a":1}\n{"a":\n2}\n{"a":3}{"a":4}\n{"a":5}'),
  );
  expect(rows).toEqual([{ a: 1 }, { a: 5 }]);
  expect(bad.map(({ input }) => input)).toEqual(['{"a":', '2}', '{"a":3}{"a":4}']);
});

test.each([
  [{ featureSpec: { ALLOW_ALL: true } }, 'featureSpec.ALLOW_ALL'],
  [{ featureSpec: { ALLOW_COMMENTS: 5 } }, 'want true or false'],
  [{ assumeNewlineDelimited: true, useJsonNodeReader: true }, 'useJsonNodeReader'],
])('%j is refused', (settings, why) => {
  expect(() => json(settings)).toThrow(why);
});
