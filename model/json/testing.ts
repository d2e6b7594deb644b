import fc from 'fast-check';
import { LONG_MAX, LONG_MIN, toLong } from '../../core/index.js';
import { type JsonValue, toJsonValue } from './json.js';

/** For tests: keys, odd ones among them. */
export const jsonKey = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '.',
      'a.b',
      "it's",
      '"',
      '[0]',
      '\\',
      '0',
      ' ',
      'é\u{1F600}',
      '$',
      '*',
      '\n',
    ),
  },
);

const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.bigInt({ min: LONG_MIN, max: LONG_MAX }).map(toLong),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(toJsonValue),
  fc.constantFrom(0.5, 1e20, LONG_MAX, LONG_MIN, 2 ** 53 - 1),
);

const scalar: fc.Arbitrary<JsonValue> = fc.oneof(
  number,
  fc.constantFrom('x', 'y', '', '5', '1.5', 'true'),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
  fc.boolean(),
  fc.constant(null),
);

/** For tests: random JSON in its one form, null too. */
export const jsonValue: fc.Arbitrary<JsonValue> = fc.letrec<{ any: JsonValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.dictionary(jsonKey, tie('any'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.array(number, { maxLength: 3 }),
  ),
})).any;
