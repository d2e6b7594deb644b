import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAnswer } from './answer.js';

const bodyOf = (rows: string) => `[["a"],["LONG"],["BIGINT"]${rows === '' ? '' : `,${rows}`}]\n`;

describe('parseAnswer', () => {
  test('columns and rows', () => {
    expect(
      parseAnswer(
        '[["t","n"],["LONG","LONG"],["TIMESTAMP","BIGINT"],["2020-01-01T00:00:00.000Z",1]]',
      ),
    ).toEqual({
      columns: [
        { name: 't', sqlType: 'TIMESTAMP' },
        { name: 'n', sqlType: 'BIGINT' },
      ],
      rows: [['2020-01-01T00:00:00.000Z', 1]],
    });
  });

  test('no rows', () => expect(parseAnswer(bodyOf('')).rows).toEqual([]));

  test.each(['', '[["a"],["LONG"],["BIGI', 'Bad gateway', '<html>'])(
    'cut off or foreign: %s',
    (text) => {
      expect(() => parseAnswer(text)).toThrow('not whole JSON');
    },
  );
  test.each(['[]', '{}', '1', 'null', '[{"a":1}]', '[["a"]]'])('no headers: %s', (text) => {
    expect(() => parseAnswer(text)).toThrow('no header rows');
  });
});

test('every 64-bit integer arrives exact, and texts and doubles as JSON.parse has them', () => {
  const text = fc.string({
    unit: fc.constantFrom('"', '\\', '1', '12345678901234567', ',', 'é', 'e'),
  });
  const cell = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
    text,
    fc.constantFrom(null, true),
  );
  fc.assert(
    fc.property(fc.array(fc.array(cell)), (rows) => {
      const json = (value: (typeof rows)[number][number]) =>
        typeof value === 'bigint' ? String(value) : JSON.stringify(value);
      const body = bodyOf(rows.map((row) => `[${row.map(json).join(',')}]`).join(','));
      const expected = rows.map((row) =>
        row.map((value) => {
          if (typeof value !== 'bigint') return JSON.parse(JSON.stringify(value));
          const number = Number(value);
          return Number.isSafeInteger(number) ? number : String(value);
        }),
      );
      expect(parseAnswer(body).rows).toEqual(expected);
    }),
  );
});
