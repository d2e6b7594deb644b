import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { type ColumnReader, NULL_READER, type ValueType } from '../../model/index.js';
import { BestRows } from './best-rows.js';

const orderBy = [
  { name: 'a', descending: false, nullsFirst: true },
  { name: 'b', descending: true, nullsFirst: false },
];

function source(rows: readonly { a: number; b: number }[], type: ValueType = 'LONG') {
  const cursor = {
    row: 0,
    column(name: string): ColumnReader {
      if (name !== 'a' && name !== 'b') return NULL_READER;
      return { type, multiValue: false, exists: true, get: () => rows[cursor.row]![name] };
    },
  };
  return cursor;
}

test('BestRows is a stable sort, cut, and holds few rows, whichever end the walk begins at', () => {
  const row = fc.record({ a: fc.nat(9), b: fc.nat(3) });
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 300, size: 'max' }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      (rows, count, isBackward) => {
        const cursor = source(rows);
        const best = new BestRows(orderBy, cursor, count);
        for (let i = 0; i < rows.length; i++) {
          cursor.row = isBackward ? rows.length - 1 - i : i;
          best.add(cursor.row);
          expect(best.rowCount).toBeLessThanOrEqual(2 * count);
        }
        const expected = rows
          .map((_, i) => i)
          .sort((x, y) => rows[x]!.a - rows[y]!.a || rows[y]!.b - rows[x]!.b || x - y)
          .slice(0, count);
        expect(best.finish()).toEqual({
          rows: expected,
          keys: [expected.map((i) => rows[i]!.a), expected.map((i) => rows[i]!.b)],
        });
      },
    ),
  );
});

test('sketches have no order', () => {
  const cursor = source([], 'COMPLEX<hyperUnique>');
  expect(() => new BestRows(orderBy, cursor, 5)).toThrow(UserError);
  expect(() => new BestRows([{ ...orderBy[0]!, name: 'missing' }], cursor, 5)).not.toThrow();
});
