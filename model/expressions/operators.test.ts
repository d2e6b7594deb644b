import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toLong, UserError } from '../../core/index.js';
import { TestRows } from '../testing.js';
import type { Value } from '../types.js';
import { type BinaryOperator, freeNames, type LiteralNode, type Node } from './ast.js';
import { parseExpression } from './expression.js';
import { type Naive, NaiveError, naiveEvaluate, naiveLiteral } from './naive.testing.js';
import { printNode } from './print.js';

const EDGES = [
  0n,
  1n,
  -1n,
  2n,
  7n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const longValue = fc
  .oneof(
    fc.constantFrom(...EDGES),
    fc.bigInt({ min: -20n, max: 20n }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  )
  .map((value): Value => toLong(value));
const doubleValue = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1.5,
    0.1,
    1e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ),
  fc.double(),
);
const textValue = fc.constantFrom(
  '',
  'a',
  'B',
  'true',
  'TRUE',
  '1',
  '-2.5',
  '007',
  'x1',
  '\uFFFD',
  '\u{1F600}',
);

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 6 });
const literalOf = (type: 'LONG' | 'DOUBLE' | 'STRING', values: fc.Arbitrary<Value>) =>
  values.map((value): Node => ({ kind: 'literal', type, value: value as LiteralNode['value'] }));
const column = (...names: string[]) =>
  fc.constantFrom(...names).map((name): Node => ({ kind: 'identifier', name }));
const binaryOf = (
  operators: readonly BinaryOperator[],
  left: fc.Arbitrary<Node>,
  right: fc.Arbitrary<Node>,
) =>
  fc
    .record({ operator: fc.constantFrom(...operators), left, right })
    .map((parts): Node => ({ kind: 'binary', ...parts }));

const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='] as const;

/** Minus on a numeric literal is not a tree that the parser makes. */
const negated = (operand: Node): Node =>
  operand.kind === 'literal' ? operand : { kind: 'unary', operator: '-', operand };

const { numeric } = fc.letrec<{ numeric: Node; text: Node; any: Node }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    column('s', 't'),
    literalOf('STRING', textValue),
    binaryOf(['+'], tie('text'), tie('text')),
  ),
  any: fc.oneof(tie('numeric'), tie('text')),
  numeric: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    column('a', 'b', 'c', 'd'),
    literalOf('LONG', longValue),
    literalOf('DOUBLE', doubleValue),
    binaryOf(['+', '-', '*', '/', '%'], tie('numeric'), tie('numeric')),
    binaryOf(['+', '-', '*', '/', '%'], tie('numeric'), tie('text')),
    binaryOf(['^'], tie('numeric'), literalOf('LONG', fc.constantFrom(0, 1, 2, 5, -1))),
    binaryOf(COMPARISONS, tie('numeric'), tie('numeric')),
    binaryOf(COMPARISONS, tie('text'), tie('any')),
    binaryOf(['&&', '||'], tie('any'), tie('any')),
    tie('numeric').map(negated),
    tie('any').map((operand): Node => ({ kind: 'unary', operator: '!', operand })),
  ),
}));

const row = fc.record({
  a: nullable(longValue),
  b: nullable(longValue),
  c: nullable(doubleValue),
  d: nullable(doubleValue),
  s: nullable(textValue),
  t: nullable(textValue),
});

const COLUMNS = {
  a: { type: 'LONG' },
  b: { type: 'LONG', dictionary: true },
  c: { type: 'DOUBLE' },
  d: { type: 'DOUBLE' },
  s: { type: 'STRING', dictionary: true },
  t: { type: 'STRING' },
} as const;

/** What the language makes of it: a value, or an error; constant parts fail before there is a row. */
function expected(node: Node, values: Readonly<Record<string, Value>>): Naive | 'error' {
  const naiveRow = new Map<string, Naive>(
    Object.entries(values).map(([name, value]) => [
      name,
      naiveLiteral(COLUMNS[name as 'a'].type, value as string),
    ]),
  );
  const constants: Node[] = [];
  const collect = (part: Node): void => {
    if (freeNames(part).size === 0) constants.push(part);
    if (part.kind === 'unary') collect(part.operand);
    if (part.kind === 'binary') [part.left, part.right].forEach(collect);
  };
  collect(node);
  try {
    for (const part of constants) naiveEvaluate(part, naiveRow);
    return naiveEvaluate(node, naiveRow);
  } catch (error) {
    if (error instanceof NaiveError) return 'error';
    throw error;
  }
}

function actual(node: Node, values: Readonly<Record<string, Value>>): unknown {
  try {
    const rows = new TestRows(COLUMNS, [values]);
    return parseExpression(printNode(node)).compile(rows).get();
  } catch (error) {
    if (error instanceof UserError) return 'error';
    throw error;
  }
}

test('arithmetic, comparison and logic agree with a naive evaluator', () => {
  fc.assert(
    fc.property(numeric, row, (node, values) => {
      const wanted = expected(node, values);
      const plain = wanted === null || wanted === 'error' ? wanted : wanted.value;
      expect(actual(node, values)).toBe(typeof plain === 'bigint' ? toLong(plain) : plain);
    }),
    { numRuns: 4000 },
  );
});

test.each([
  ['9223372036854775807 + 1', -(2n ** 63n)],
  ['-9223372036854775808 - 1', 2n ** 63n - 1n],
  ['-9223372036854775808 / -1', -(2n ** 63n)],
  ['3037000500 * 3037000500', toLong(3037000500n * 3037000500n)],
  ['-7 / 2', -3],
  ['-7 % 2', -1],
  ['7 / 2.0', 3.5],
  ['1 / 0.0', Number.POSITIVE_INFINITY],
  ["'1' + 1", 2],
  ["'1' + '1'", '11'],
  ["'x' + 1", null],
  ['3 ^ 40', toLong(3n ** 40n)],
  ['2 ^ 64', 0],
  ['2.0 ^ -1', 0.5],
  ['NaN == NaN', 1],
  ['NaN > Infinity', 1],
  ['-0.0 < 0.0', 1],
  ['-0.0 == 0.0', 1],
  ['null == null', null],
  ['0 && null', 0],
  ['null || 1', 1],
  ['1 && null', null],
  ['!null', null],
  ["!'TRUE'", 0],
  ['100 && 11', 1],
  ['[1, 2] == [1, 2]', 1],
  ["['a'] != ['a', null]", 1],
])('%s is %o', (text, value) => {
  expect(
    parseExpression(text)
      .compile(new TestRows({}, [{}]))
      .get(),
  ).toBe(value);
});

test.each([
  ['1 / 0', '/ by zero'],
  ['1 % 0', '/ by zero'],
  ['2 ^ -1', 'no negative powers'],
  ["'a' - 'b'", "operator '-' is not supported on STRING"],
  ["-'a'", "operator '-' is not supported on STRING"],
  ['[1] + [2]', "operator '+' is not supported"],
  ['[1] == 1', "operator '==' is not supported"],
])('%s is an error before there is a row: %s', (text, message) => {
  expect(() => parseExpression(text, 'filter.expression')).toThrow(message);
  expect(() => parseExpression(text, 'filter.expression')).toThrow('filter.expression');
});
