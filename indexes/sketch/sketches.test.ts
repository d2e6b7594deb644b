import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Long } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { entryOfDouble, entryOfLong, HyperLogLog } from '../../sketches/index.js';
import { columns, exampleColumns, type TestColumn } from '../columns-testing.js';
import { TestBlocks } from '../testing.js';
import type { ColumnIndex, IndexKind } from '../types.js';
import { countMin } from './count-min.js';
import { hll } from './hll.js';
import { kll } from './kll.js';

function built(kind: IndexKind, { column }: TestColumn): ColumnIndex | null {
  const blocks = new TestBlocks();
  const parameters = kind.build(column, blocks);
  return parameters === null ? null : kind.attach(blocks.loaded(column.rowCount, parameters));
}

/** Of each row its values, each once, null left out. */
const valuesByRow = ({ cells }: TestColumn): (string | Long)[][] =>
  cells.map((cell) => {
    const list = Array.isArray(cell) ? (cell as (string | null)[]) : [cell as Long | null];
    return [...new Set<string | Long | null>(list)].filter((each) => each !== null);
  });

test('hll is the sketch that all rows make', () => {
  fc.assert(
    fc.property(columns, (testColumn) => {
      const { kind } = testColumn.column;
      const told = built(hll, testColumn)?.sketch?.() ?? null;
      if (kind === 'JSON') {
        expect(told).toBe(null);
        return;
      }
      const whole = new HyperLogLog();
      for (const value of valuesByRow(testColumn).flat()) {
        if (typeof value === 'string') whole.addText(value);
        else whole.addEntry(kind === 'LONG' ? entryOfLong(value) : entryOfDouble(Number(value)));
      }
      expect(told?.kind).toBe('distinct');
      expectSame((told!.sketch as HyperLogLog).toBytes(), whole.toBytes());
    }),
  );
});

test('countMin counts rows, and has the most frequent values with exact counts', () => {
  fc.assert(
    fc.property(columns, (testColumn) => {
      const index = built(countMin, testColumn);
      const told = index?.sketch?.() ?? null;
      if (told?.kind !== 'frequent') return;
      const counts = new Map<string | Long, number>();
      for (const value of valuesByRow(testColumn).flat()) {
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const { entries, total, absentCount } = told.sketch.state();
      expect(total).toBe([...counts.values()].reduce((a, b) => a + b, 0));
      expect(entries.length).toBe(Math.min(128, counts.size));
      for (const { value, count, error } of entries) {
        expect([error, count]).toEqual([0, counts.get(value)]);
        counts.delete(value);
      }
      const others = [...counts.values()];
      expect(absentCount).toBe(Math.max(0, ...others));
      if (others.length > 0) expect(absentCount).toBeLessThanOrEqual(entries.at(-1)!.count);
    }),
  );
});

test('kll has the ranks of the numbers, and guesses how many rows are in a range', () => {
  for (const testColumn of exampleColumns) {
    const index = built(kll, testColumn);
    const told = index?.sketch?.() ?? null;
    if (told?.kind !== 'quantiles') continue;
    const numbers = testColumn.cells
      .map((cell) => (cell === null ? Number.NaN : Number(cell)))
      .filter((each) => !Number.isNaN(each))
      .sort((a, b) => a - b);
    const { sketch } = told;
    expect([sketch.n, sketch.min + 0]).toEqual([numbers.length, numbers[0]! + 0]);
    for (const fraction of [0.1, 0.5, 0.9]) {
      const value = numbers[Math.floor(fraction * numbers.length)]!;
      const truth = numbers.filter((each) => each <= value).length;
      const range = { lower: null, upper: value, lowerStrict: false, upperStrict: false };
      const guess = index!.guess!({ kind: 'numbers', ranges: [range], points: [] })!;
      expect(Math.abs(guess - truth)).toBeLessThan(0.03 * numbers.length);
      const equal = numbers.filter((each) => each === value).length;
      const point = index!.guess!({ kind: 'numbers', ranges: [], points: [value] })!;
      expect(Math.abs(point - equal)).toBeLessThan(0.03 * numbers.length);
    }
  }
});
