import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BinaryOperator, LiteralNode, Node } from './ast.js';
import { parseExpression } from './expression.js';
import { parseText } from './parser.js';
import { printNode } from './print.js';

test.each([
  // precedence and associativity
  ['-2^2', '(-2 ^ 2)'],
  ['2^3^2', '(2 ^ (3 ^ 2))'],
  ['a || b && c', '(("a" || "b") && "c")'],
  ['a < b == c', '(("a" < "b") == "c")'],
  ['a - b - c', '(("a" - "b") - "c")'],
  ['a + b * c % d', '("a" + (("b" * "c") % "d"))'],
  ['!a && -b > 1', '(!"a" && (-"b" > 1))'],
  ['- -a', '--"a"'],
  ['(a)', '"a"'],
  // literals
  ['1.', '1.0'],
  ['1e10', '1.0E10'],
  ['-1.5e-3', '-0.0015'],
  ['-Infinity', '-Infinity'],
  ['-9223372036854775808', '-9223372036854775808'],
  ["'it\\'s \\u0041'", "'it\\u0027s A'"],
  ['"a\\"b c"', '"a\\u0022b c"'],
  ['null', 'null'],
  ['"null"', '"null"'],
  ['[]', 'ARRAY<STRING>[]'],
  ['[1, 2.5, null]', 'ARRAY<DOUBLE>[1.0,2.5,null]'],
  ['<LONG>[]', 'ARRAY<LONG>[]'],
  ["ARRAY<STRING>['a', null]", "ARRAY<STRING>['a',null]"],
  ['[-1, 2]', 'ARRAY<LONG>[-1,2]'],
  // names, calls and lambdas
  ['array', '"array"'],
  ['array < b', '("array" < "b")'],
  ['$a_1', '"$a_1"'],
  ['STRLEN(x)', 'strlen("x")'],
  ['BITWISEAND(1,2)', 'bitwiseAnd(1,2)'],
  ['pi()', 'pi()'],
  ['map(x -> x + y, z)', 'map(("x") -> ("x" + "y"),"z")'],
  ['fold((x, acc) -> x + acc, a, 0)', 'fold(("x","acc") -> ("x" + "acc"),"a",0)'],
  [' \t\r\n1 ', '1'],
  ["Timestamp_Floor(t, 'PT1H', null, 'UTC')", "timestamp_floor(\"t\",'PT1H',null,'UTC')"],
  ["strpos(s, 'a') + 1", '(strpos("s",\'a\') + 1)'],
  ['case_searched(a == b, null, a)', 'case_searched(("a" == "b"),null,"a")'],
  ['map(() -> 1, a)', 'map(() -> 1,"a")'],
])('%s prints as %s', (text, printed) => {
  const { text: canonical } = parseExpression(text);
  expect(canonical).toBe(printed);
  expect(parseExpression(canonical).text).toBe(printed);
});

test('inputs are free names in order of first use', () => {
  expect(parseExpression('b + array_length(map(x -> x + a, c)) + b').inputs).toEqual([
    'b',
    'a',
    'c',
  ]);
  expect(parseExpression('x + any(x -> x > 1, y)').inputs).toEqual(['x', 'y']);
});

test.each([
  ['', 'got the end'],
  ['1 +', 'got the end'],
  ['a = 1', 'equality is =='],
  ['a <> 1', 'want'],
  ['a & b', '&& and ||'],
  ['a ? b : c', 'if(condition, then, else)'],
  ['a and b', 'an operator or the end'],
  ["'open", 'never closed'],
  ["'\\d'", 'unknown escape'],
  ['9223372036854775808', '64-bit'],
  ['99999999999999999999', '64-bit'],
  ['(1', "want ')'"],
  ['f(1', "function 'f' is not defined."],
  ['strlne(x)', 'Did you mean strlen'],
  ['strlen(x, y)', 'is called as strlen(text); got 2 arguments'],
  ['substring(x)', 'got 1 argument'],
  ['map(x, y)', 'lambda'],
  ['map((x, y) -> x, z)', 'needs a lambda of 1'],
  ["[1, 'a']", 'does not belong'],
  ['[a]', 'literal'],
  ['like(x, y)', 'needs a literal for the pattern'],
  ["cast(x, 'INT')", 'knows no type'],
  ["timestamp_floor(t, 'day')", 'ISO-8601 period'],
  ["timestamp_floor(t, 'P1D', null, 'Mars/Base')", 'Mars/Base'],
  ["regexp_like(x, 'a++')", 'possessive'],
  [`${'('.repeat(2000)}1${')'.repeat(2000)}`, 'levels'],
  [Array.from({ length: 5000 }, () => 'a').join(' + '), 'levels'],
])('%s is refused: %s', (text, message) => {
  expect(() => parseExpression(text, 'virtualColumns[0].expression')).toThrow(message);
  expect(() => parseExpression(text, 'virtualColumns[0].expression')).toThrow(
    /^virtualColumns\[0\]\.expression: /,
  );
});

test('what is no text is refused', () => {
  expect(() => parseExpression(7, 'f')).toThrow('f: want an expression as text; got 7');
});

const OPERATORS = [
  '^',
  '*',
  '/',
  '%',
  '+',
  '-',
  '<',
  '<=',
  '>',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
] as const;

const scalar = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({
    type: 'LONG' as const,
    value: Number.isSafeInteger(Number(value)) ? Number(value) : value,
  })),
  fc.double().map((value) => ({ type: 'DOUBLE' as const, value })),
  fc.string({ unit: 'binary' }).map((value) => ({ type: 'STRING' as const, value })),
);

const literal = fc.oneof(
  scalar.map((parts): Node => ({ kind: 'literal', ...parts })),
  fc.constant<Node>({ kind: 'literal', type: null, value: null }),
  fc.constantFrom('LONG', 'DOUBLE', 'STRING').chain((type) =>
    fc
      .array(fc.option(scalar.filter((parts) => parts.type === type).map(({ value }) => value)))
      .map(
        (value): Node => ({
          kind: 'literal',
          type: `ARRAY<${type}>` as LiteralNode['type'],
          value,
        }),
      ),
  ),
);

const name = fc.oneof(
  fc.constantFrom('x', 'y', '__time', 'null', 'NaN', 'ARRAY'),
  fc.string({ unit: 'binary' }),
);

const { tree } = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    literal,
    name.map((identifier): Node => ({ kind: 'identifier', name: identifier })),
    fc
      .tuple(fc.constantFrom('-' as const, '!' as const), tie('tree'))
      .filter(([operator, operand]) => operator === '!' || operand.kind !== 'literal')
      .map(([operator, operand]): Node => ({ kind: 'unary', operator, operand })),
    fc
      .tuple(fc.constantFrom<BinaryOperator>(...OPERATORS), tie('tree'), tie('tree'))
      .map(([operator, left, right]): Node => ({ kind: 'binary', operator, left, right })),
    fc
      .array(tie('tree'), { maxLength: 3 })
      .map((args): Node => ({ kind: 'call', name: 'f', lambda: null, args })),
    fc.tuple(fc.array(name, { maxLength: 3 }), tie('tree'), tie('tree')).map(
      ([parameters, body, arg]): Node => ({
        kind: 'call',
        name: 'g',
        lambda: { parameters, body },
        args: [arg],
      }),
    ),
  ),
}));

test('the text of any tree parses to the tree', () => {
  const resolve = (called: string) => ({ name: called, takesLambda: called === 'g' });
  fc.assert(
    fc.property(tree, (node) => {
      expect(parseText(printNode(node), resolve)).toEqual(node);
    }),
    { numRuns: 1500 },
  );
});
