import { expect, test } from 'vitest';
import type { RowSource } from '../rows.js';
import type { Value } from '../types.js';
import { parseExpression } from './expression.js';
import { compileUntyped } from './untyped.js';

test('types are those of each row', () => {
  let row: Readonly<Record<string, Value>> = {};
  const source: RowSource = {
    column: (name) => ({
      type: 'STRING',
      multiValue: false,
      exists: true,
      get: () => row[name] ?? null,
    }),
  };
  const evaluate = compileUntyped(parseExpression('x + y'), source);
  const cases: [Value, Value, string, Value][] = [
    [1, 2, 'LONG', 3],
    ['1', '2', 'STRING', '12'],
    [1, '2', 'DOUBLE', 3],
    [1, 2.5, 'DOUBLE', 3.5],
    [1e300, 1, 'DOUBLE', 1e300],
    [2n ** 62n, 2n ** 62n, 'LONG', -(2n ** 63n)],
    [null, 2, 'LONG', null],
    [['a', 'b'], 'c', 'STRING', ['ac', 'bc']],
    [1, 2, 'LONG', 3],
  ];
  for (const [x, y, type, value] of cases) {
    row = { x, y };
    expect(evaluate()).toEqual({ type, value });
  }
});
