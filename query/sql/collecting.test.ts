import { expect, test } from 'vitest';
import { ManualClock, UserError } from '../../core/index.js';
import { engineWithoutRows } from './testing.js';

const engine = engineWithoutRows(new ManualClock(0));

const ROWS = "(VALUES ('a', 6, 'x'), ('a', 3, 'y'), ('b', 12, 'y'), (NULL, 5, '')) AS v (k, n, u)";

const rowsOf = async (query: string) => (await engine.run({ query })).rows;

test.each([
  [
    'ARRAY_AGG(k), ARRAY_AGG(DISTINCT u)',
    [
      ['a', 'a', 'b', null],
      ['', 'x', 'y'],
    ],
  ],
  [
    "ARRAY_AGG(n), ARRAY_AGG(n) FILTER (WHERE k = 'a')",
    [
      [6, 3, 12, 5],
      [6, 3],
    ],
  ],
  ["STRING_AGG(k, '+'), LISTAGG(DISTINCT u, ',')", ['a+a+b', ',x,y']],
  ['BIT_AND(n), BIT_OR(n), BIT_XOR(n)', [0, 15, 12]],
  ["ARRAY_AGG(n) FILTER (WHERE k = 'none'), BIT_OR(n) FILTER (WHERE k = 'none')", [null, null]],
  [
    "ARRAY_CONCAT_AGG(ARRAY[u, 'z']), ARRAY_LENGTH(ARRAY_AGG(n))",
    [['x', 'z', 'y', 'z', 'y', 'z', '', 'z'], 4],
  ],
] as const)('SELECT %s', async (items, row) => {
  expect(await rowsOf(`SELECT ${items} FROM ${ROWS}`)).toEqual([row]);
});

test('by group, in order of what was collected', async () => {
  const query = `SELECT k, ARRAY_AGG(n) FROM ${ROWS} GROUP BY k HAVING COUNT(*) > 0 ORDER BY ARRAY_LENGTH(ARRAY_AGG(n)) DESC, k DESC`;
  expect(await rowsOf(query)).toEqual([
    ['a', [6, 3]],
    ['b', [12]],
    [null, [5]],
  ]);
});

test('a result that outgrows its bytes is refused', async () => {
  const running = engine.run({ query: `SELECT ARRAY_AGG(k, 15) FROM ${ROWS}` });
  await expect(running).rejects.toThrow(UserError);
  await expect(running).rejects.toThrow(/maxSizeBytes, 15; raise that/);
});
