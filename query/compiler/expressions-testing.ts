import fc from 'fast-check';
import { cellText } from './data-testing.js';

/** For tests: names of columns (see `data-testing.ts`), literals, and random expressions over them. */

const LONGS = [
  ...['n1', 'n8', 'nz', 'n16', 'n32', 'n64', 'nbig', 'nsafe'],
  ...['nd', 'nu', 'k0', 'k1', '__time'],
];
const DOUBLES = ['d', 'dx', 'd1', 'dd', 'f', 'fx', 'f1', 'fd'];
const TEXTS = ['s1', 's5', 's300', 'sid', 'su', 'snull'];
const LISTS = ['m', 'mm', 'as', 'al', 'ad'];
/** Virtual columns; those that a query does not define are not there. */
export const VIRTUAL = ['v0', 'v1', 'v2'];

/** Into the column `j`. */
export const jsonPath = fc.constantFrom(
  ...['$.n', '$.w', '$.d', '$.s', '$.m', '$.l', '$.l[0]', '$.l[-1]', '$.m[0]', '$.m.x'],
  ...['$.o.x', '$.o.y[0].z', '$.o.y[1]', '$.o.y[-1]', '$.none', '$', '$.o'],
);

const jsonOf = (type: string) =>
  fc
    .tuple(fc.constantFrom('j', 'j', 'j', 'j', 'al', 'n8', 's5'), jsonPath)
    .map(([column, path]) => `json_value(${column}, '${path}', '${type}')`);

const numberName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...LONGS) },
  { weight: 4, arbitrary: fc.constantFrom(...DOUBLES) },
  { weight: 1, arbitrary: fc.constantFrom('nnull', 'dnull') },
);
const textName = fc.constantFrom(...TEXTS);

export const columnName = fc.oneof(
  { weight: 18, arbitrary: numberName },
  { weight: 15, arbitrary: textName },
  { weight: 9, arbitrary: fc.constantFrom(...LISTS) },
  { weight: 4, arbitrary: fc.constantFrom(...VIRTUAL) },
  { weight: 1, arbitrary: fc.constantFrom('missing', 'hu', 'j') },
);

/** Columns whose cells are few. */
export const codedName = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('n8', 'nz', 'k0', ...TEXTS, ...LISTS) },
  { weight: 1, arbitrary: columnName },
);

/** Texts that cells may have, numbers among them. */
const LITERALS = [
  ...['a', 'b', 'ab', '', 'TRUE', 'one', 'v7', 'v100', 'x5', '\u{1F600}', 'z'],
  ...['-5', '-1', '0', '1', '2', '3', '5', '42', '7', '-0', '2.5', '0.1', '1.5', '-2.5', '100'],
  ...['NaN', 'Infinity', '-Infinity', '1e19', '1e300', '30000', '199', '200', '2999999990'],
  ...['9223372036854775807', '-9223372036854775808', '9223372036854775808', '1e400'],
  ...['9007199254740990', '9007199254740992', '9007199254740993', '9007199254740994'],
  ...['1152921504606846976', '1152921504606846980', '1711836000000', '1711839600000'],
];
export const literal = fc.constantFrom(...LITERALS);

/** Mostly texts of values that the column has. */
export const literalOf = (column: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.nat().map((random) => cellText(column, random) ?? '5') },
    { weight: 2, arbitrary: literal },
  );

const numberText = fc.constantFrom(
  ...['0', '1', '2', '-1', '5', '0.0', '0.5', '-2.5', '100', '3000000000', '9007199254740993'],
  ...['9223372036854775807', '1711836000000', '1e19'],
);
const quoted = fc.constantFrom(...["''", "'a'", "'b'", "'1'", "'2.5'", "'one'", "'v7'", "'TRUE'"]);
const UNITS = [
  'SECOND',
  'MINUTE',
  'HOUR',
  'DAY',
  'DOW',
  'DOY',
  'WEEK',
  'MONTH',
  'QUARTER',
  'YEAR',
  'ISOYEAR',
  'CENTURY',
];
const PERIODS = ['PT1M', 'PT1H', 'PT6H', 'P1D', 'P1W', 'P1M', 'P3M', 'P1Y'];
const ZONES = ['Europe/Berlin', 'Asia/Kolkata', 'UTC'];

const smallText = fc.nat(31).map(String);
const timeText = fc.oneof(
  fc.constantFrom(...UNITS).map((unit) => `timestamp_extract(__time, '${unit}')`),
  fc
    .tuple(fc.constantFrom(...UNITS), fc.constantFrom(...ZONES))
    .map(([unit, zone]) => `timestamp_extract(__time, '${unit}', '${zone}')`),
  fc
    .tuple(fc.constantFrom('floor', 'ceil'), fc.constantFrom(...PERIODS))
    .map(([name, period]) => `timestamp_${name}(__time, '${period}')`),
  fc
    .tuple(fc.constantFrom(...PERIODS), fc.constantFrom(...ZONES))
    .map(([period, zone]) => `timestamp_floor(__time, '${period}', '', '${zone}')`),
);

const call = (name: string, ...args: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...args).map((texts) => `${name}(${texts.join(', ')})`);

const binary = (
  left: fc.Arbitrary<string>,
  operators: readonly string[],
  right: fc.Arbitrary<string>,
): fc.Arbitrary<string> =>
  fc.tuple(left, fc.constantFrom(...operators), right).map(([a, op, b]) => `(${a} ${op} ${b})`);

const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='];

const divisor = fc.constantFrom('1', '-1', '7', '-60000', '9223372036854775807', '0.5');

/** Functions that kernels compute. */
const functionOf = (
  number: fc.Arbitrary<string>,
  truth: fc.Arbitrary<string>,
): fc.Arbitrary<string> =>
  fc.oneof(
    ...['abs', 'floor', 'ceil', 'rint', 'sqrt', 'round', 'isnull', 'notnull'].map((name) =>
      call(name, number),
    ),
    ...['istrue', 'isfalse', 'nottrue', 'notfalse'].map((name) => call(name, truth)),
    ...['min', 'max', 'safe_divide', 'greatest', 'least', 'coalesce'].map((name) =>
      call(name, number, number),
    ),
    call('greatest', number, number, number),
    call('coalesce', number, number, number),
    call('least', number),
    call('div', number, fc.oneof(divisor, number)),
    call('round', number, fc.constantFrom('0', '1')),
    call('case_simple', number, number, number),
    call('case_simple', number, numberText, number, numberText, number, number),
  );

interface Texts {
  number: string;
  truth: string;
  text: string;
}

/** Numbers, truth values and texts, as expressions of the language. */
export const expressions = fc.letrec<Texts>((tie: fc.LetrecTypedTie<Texts>) => {
  const number = tie('number');
  const truth = tie('truth');
  const text = tie('text');
  const leaf = fc.oneof(
    { weight: 6, arbitrary: numberName },
    { weight: 2, arbitrary: numberText },
    { weight: 1, arbitrary: fc.oneof(jsonOf('LONG'), jsonOf('DOUBLE')) },
    { weight: 1, arbitrary: fc.constantFrom('v0', 's5', 's300', 'missing', 'null') },
  );
  return {
    number: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf,
      { weight: 6, arbitrary: binary(number, ['+', '-', '*'], number) },
      { weight: 1, arbitrary: binary(number, ['/', '%', '^'], number) },
      { weight: 2, arbitrary: binary(number, ['/', '%'], divisor) },
      { weight: 4, arbitrary: functionOf(number, truth) },
      { weight: 2, arbitrary: number.map((inner) => `-(${inner})`) },
      { weight: 2, arbitrary: truth },
      ...[
        call('if', truth, number, number),
        call('case_searched', truth, number, number),
        call('case_searched', truth, number, truth, number),
        call('case_searched', truth, number, truth, number, number),
        call('nvl', number, number),
        call('cast', number, fc.constantFrom("'LONG'", "'DOUBLE'")),
      ].map((arbitrary) => ({ weight: 2, arbitrary })),
      call('cast', number, fc.constant("'STRING'")),
      call('cast', text, fc.constantFrom("'LONG'", "'DOUBLE'")),
      { weight: 2, arbitrary: timeText },
      call('strlen', text),
      fc.oneof(call('abs', number), call('floor', number), call('strpos', text, quoted)),
    ),
    truth: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 4, arbitrary: binary(number, COMPARISONS, number) },
      { weight: 2, arbitrary: binary(text, COMPARISONS, quoted) },
      binary(truth, ['&&', '||'], truth),
      { weight: 2, arbitrary: binary(timeText, COMPARISONS, fc.oneof(smallText, numberText)) },
      truth.map((inner) => `!(${inner})`),
      number,
      call('isnull', fc.oneof(number, text)),
    ),
    text: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      { weight: 4, arbitrary: textName },
      { weight: 1, arbitrary: fc.constantFrom('m', 'n8', 'v1', 'missing') },
      { weight: 1, arbitrary: jsonOf('STRING') },
      call('upper', text),
      call('concat', text, fc.oneof(text, quoted)),
      call('substring', text, fc.constantFrom('0', '1'), fc.constantFrom('1', '2', '-1')),
      call('replace', text, quoted, quoted),
      call('nvl', text, quoted),
      call('coalesce', text, text, quoted),
      call('if', truth, text, fc.oneof(text, quoted)),
      call('case_searched', truth, text, truth, fc.oneof(text, quoted)),
      call(
        'case_searched',
        truth,
        text,
        truth,
        quoted,
        fc.oneof(text, quoted, fc.constant('null')),
      ),
      call('case_simple', number, numberText, text, numberText, quoted, text),
      call('case_simple', text, quoted, text, quoted, quoted),
    ),
  };
});
