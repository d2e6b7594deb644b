import fc from 'fast-check';

/**
 * For tests: lines of JSON as people and machines write them, most of them plain records of few fields, and
 * bytes as they come when something breaks them.
 */
const numberText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 65n }).map(String),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,21})(\.[0-9]{1,21})?([eE][+-]?[0-9]{1,3})?$/),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,4})\.[0-9]{0,12}[05]$/),
  fc.constantFrom('-0', '0', '-0.0', '0e5', '1e400', '-1e400', '1e-400', '5e-324', '1.0', '1E3'),
  fc.constantFrom(
    '9007199254740991',
    '9007199254740993',
    '-9223372036854775808',
    '9007199254740993.0',
  ),
  fc.constantFrom('9223372036854775807', '9223372036854775808', '1e22', '1e23', '8.5e-5', '2.5'),
  // Not numbers of JSON.
  fc.constantFrom('01', '-', '+1', '1.', '.5', '1e', '1e+', '0x1', 'NaN', 'Infinity', '--1', '1_0'),
);

const timeText = fc
  .tuple(
    fc.date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31') }),
    fc.constantFrom('T', ' '),
    fc.constantFrom(19, 23),
    fc.constantFrom('Z', '', '+01:00', 'z'),
  )
  .map(([date, between, length, zone]) => {
    const text = date.toISOString();
    return `"${text.slice(0, 10)}${between}${text.slice(11, length)}${zone}"`;
  });

const plainText = fc
  .oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom('a', 'é', '語', '😀'), maxLength: 24 }),
    fc.constantFrom('', 'true', '2020-02-30T00:00:00Z', '2021-02-29 00:00:00', '\ud800', '\u2028'),
  )
  .map((text) => JSON.stringify(text));

const escapedText = fc.constantFrom(
  '"\\u00e9"',
  '"\\ud83d\\ude00"',
  '"a\\/b"',
  '"\\q"',
  '"\\u12"',
  '"\t"',
);

const scalarText = fc.oneof(
  { weight: 4, arbitrary: plainText },
  { weight: 4, arbitrary: numberText },
  { weight: 2, arbitrary: timeText },
  { weight: 2, arbitrary: fc.constantFrom('null', 'true', 'false') },
  { weight: 1, arbitrary: escapedText },
  { weight: 1, arbitrary: fc.constantFrom('nul', 'True', 'undefined', "'x'", '') },
);

const valueText = fc.oneof(
  { weight: 12, arbitrary: scalarText },
  { weight: 1, arbitrary: fc.array(scalarText, { maxLength: 3 }).map((v) => `[${v.join(',')}]`) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
);

const keyText = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('"time"', '"a"', '"b"', '"a longer name of a field"') },
  { weight: 2, arbitrary: fc.constantFrom('"é"', '"7"', '"12"', '"__proto__"', '""', '"\\u0061"') },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }).map((key) => JSON.stringify(key)) },
);

const blank = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(' ', '  ', '\t', '\r', '\u00a0') },
);

const recordText = fc
  .tuple(fc.array(fc.tuple(keyText, valueText), { maxLength: 6 }), blank, blank)
  .map(([members, before, after]) => {
    const texts = members.map(([key, value]) => `${key}${before}:${after}${value}`);
    return `${before}{${after}${texts.join(`${before},${after}`)}${before}}${after}`;
  });

const line = fc.oneof(
  { weight: 12, arbitrary: recordText },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', '[1]', '7', '"x"', '{"a":1}{"a":2}', '{', '}', '{"a":'),
  },
);

/** Some lines, and now and then a byte of theirs changed, left out or put in. */
export const jsonBytes: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.array(line, { maxLength: 12 }),
    fc.constantFrom('\n', '\n', '\r\n'),
    fc.boolean(),
    fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'drop', 'insert')), {
      maxLength: 2,
    }),
    fc.constantFrom(0, 0, 1),
  )
  .map(([lines, end, isEnded, changes, isBroken]) => {
    let bytes = [...new TextEncoder().encode(lines.join(end) + (isEnded ? end : ''))];
    for (const [at, byte, how] of isBroken ? changes : []) {
      const place = bytes.length === 0 ? 0 : at % bytes.length;
      const inserted = how === 'drop' ? [] : [byte];
      bytes = [
        ...bytes.slice(0, place),
        ...inserted,
        ...bytes.slice(place + (how === 'insert' ? 0 : 1)),
      ];
    }
    return Uint8Array.from(bytes);
  });
