import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Piece, piecesOf } from './pieces.js';

const text = (value: string): Piece => ({ kind: 'text', text: value });
const macro = (name: string, ...args: string[]): Piece => ({ kind: 'macro', name, args });

describe('piecesOf', () => {
  test.each<[string, Piece[]]>([
    ['', []],
    ['SELECT 1', [text('SELECT 1')]],
    ['$__interval', [macro('interval')]],
    ['a $__timeFrom() b', [text('a '), macro('timeFrom'), text(' b')]],
    ['$__f( a , b )', [macro('f', 'a', 'b')]],
    [
      '$__f(x(1, 2), ARRAY[1, 2], \'a,)b\', ",")',
      [macro('f', 'x(1, 2)', 'ARRAY[1, 2]', "'a,)b'", '","')],
    ],
    ["$__f('it''s, (', b)", [macro('f', "'it''s, ('", 'b')]],
    ['$__f(/* ) */ a -- )\n)', [macro('f', '/* ) */ a -- )')]],
    ['$__f($__g(1, 2), 3)', [macro('f', '$__g(1, 2)', '3')]],
    ['$__f(,)', [macro('f', '', '')]],
    ['\'$__f(\' "$__g" -- $__h\n/* $__i( */', [text('\'$__f(\' "$__g" -- $__h\n/* $__i( */')]],
    ["'never closed $__f", [text("'never closed $__f")]],
    ['$_f $x $$', [text('$_f $x $$')]],
  ])('%s', (sql, expected) => expect(piecesOf(sql)).toEqual(expected));

  test('a call that is never closed', () => {
    expect(() => piecesOf("SELECT $__f(a, ')'")).toThrow('$__f( is never closed: a ) is missing');
  });
});

/** Text that holds no quote, so that it can stand in any quotes. */
const noise = fc.string({ unit: fc.constantFrom(...'$_ab(),- /*'.split('')), maxLength: 12 });
const opaque = fc.oneof(
  noise.map((inside) => `'${inside}''${inside}'`),
  noise.map((inside) => `"${inside}"`),
  noise.map((inside) => `-- ${inside}'\n`),
  noise.filter((inside) => !inside.includes('*')).map((inside) => `/*${inside}"*/`),
);
const plain = fc.constantFrom(' ', 'a', ' + ', '$x', '[', ',', '1.5 ', ' AND ');
/** An expression whose commas are inside parentheses, brackets or quotes. */
const { expression } = fc.letrec<{ expression: string; list: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', '1', 'x + 1'),
    opaque.filter((token) => !token.startsWith('--')),
    fc.tuple(fc.constantFrom('f', 'ARRAY', ''), tie('list')).map(([f, list]) => `${f}(${list})`),
    tie('list').map((list) => `ARRAY[${list}]`),
    tie('list').map((list) => `$__inner(${list})`),
  ),
  list: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }).map((all) => all.join(', ')),
}));
const call = fc
  .tuple(fc.constantFrom('f', 'timeGroup', 'interval_ms'), fc.array(expression, { maxLength: 3 }))
  .map(([name, args]) => ({ name, args, text: `$__${name}(${args.join(' , ')})` }));

test('calls between anything else are found, with their arguments', () => {
  const part = fc.oneof(
    fc.oneof(opaque, plain).map((each) => ({ text: each, call: null })),
    call.map((each) => ({ text: each.text, call: each })),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      // A space, or a minus of one part and a minus of the next would begin a comment.
      const pieces = piecesOf(parts.map((each) => each.text).join(' '));
      const calls = pieces.flatMap((piece) => (piece.kind === 'macro' ? [piece] : []));
      expect(calls).toEqual(
        parts.flatMap((each) =>
          each.call === null ? [] : [macro(each.call.name, ...each.call.args.map((a) => a.trim()))],
        ),
      );
      const texts = pieces.flatMap((piece) => (piece.kind === 'text' ? [piece.text] : []));
      const around = parts.map((each) => (each.call === null ? each.text : '')).join(' ');
      expect(texts.join('')).toBe(around);
    }),
  );
});

test('any text without macros stays as it is, whatever its quotes', () => {
  const anything = fc.string({ unit: fc.constantFrom(...'ab\'"-/*$_ \n()'.split('')) });
  fc.assert(
    fc.property(anything, (sql) => {
      fc.pre(!/\$__\w/.test(sql));
      expect(piecesOf(sql)).toEqual(sql === '' ? [] : [text(sql)]);
    }),
  );
});
