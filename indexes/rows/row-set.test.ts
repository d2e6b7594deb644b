import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clearTail, countBits, setBits } from './bits.js';
import {
  addRows,
  complementRows,
  countRows,
  intersectRows,
  NO_ROWS,
  type RowSet,
  rowsIn,
  uniteRows,
} from './row-set.js';
import { rowSetForms } from './row-sets-testing.js';

const ROW_COUNT = 131;

const FORMS = rowSetForms(ROW_COUNT);

/** Row numbers, often in runs, with a set of them in one of its forms. */
const member = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(ROW_COUNT - 1), fc.oneof(fc.constant(1), fc.nat(70))), {
      maxLength: 8,
    }),
    fc.nat(FORMS.length - 1),
  )
  .map(([runs, form]) => {
    const rows = Array.from({ length: ROW_COUNT }, (_, row) => row).filter((row) =>
      runs.some(([from, length]) => row >= from && row < from + length),
    );
    return { rows, set: FORMS[form]!(rows) };
  });

const all = (set: RowSet): number[] => [...rowsIn(set, 0, ROW_COUNT)];

test('a set has its rows, whatever its form', () => {
  fc.assert(
    fc.property(member, fc.nat(ROW_COUNT), fc.nat(ROW_COUNT), ({ rows, set }, from, to) => {
      expect(all(set)).toEqual(rows);
      expect(countRows(set)).toBe(rows.length);
      expect([...rowsIn(set, from, to)]).toEqual(rows.filter((row) => row >= from && row < to));
    }),
  );
});

test('sets are united, intersected and turned round as lists of rows are', () => {
  fc.assert(
    fc.property(fc.array(member, { minLength: 2, maxLength: 3 }), (members) => {
      const [a, b] = members as [(typeof members)[0], (typeof members)[0]];
      const united = new Set(members.flatMap(({ rows }) => rows));
      expect(
        new Set(
          all(
            uniteRows(
              members.map(({ set }) => set),
              ROW_COUNT,
            ),
          ),
        ),
      ).toEqual(united);
      const common = a.rows.filter((row) => b.rows.includes(row));
      expect(all(intersectRows(a.set, b.set, ROW_COUNT))).toEqual(common);
      const others = Array.from({ length: ROW_COUNT }, (_, row) => row);
      expect(all(complementRows(a.set, ROW_COUNT))).toEqual(
        others.filter((row) => !a.rows.includes(row)),
      );
      const bits = new Uint32Array(Math.ceil(ROW_COUNT / 32));
      addRows(a.set, bits);
      addRows(b.set, bits);
      expect(all({ kind: 'bits', bits })).toEqual(
        [...new Set([...a.rows, ...b.rows])].sort((x, y) => x - y),
      );
    }),
  );
});

test('far fewer rows than the other side has are looked for one by one', () => {
  const few: RowSet = { kind: 'rows', rows: Uint32Array.of(3, 64, 130) };
  const many: RowSet = { kind: 'rows', rows: Uint32Array.from({ length: 130 }, (_, row) => row) };
  expect(all(intersectRows(few, many, ROW_COUNT))).toEqual([3, 64]);
  expect(all(uniteRows([], ROW_COUNT))).toEqual([]);
  expect(uniteRows([few], ROW_COUNT)).toBe(few);
  expect(countRows(NO_ROWS)).toBe(0);
});

describe('bits', () => {
  test('of a range are set, and no others, also where words are too few', () => {
    fc.assert(
      fc.property(fc.nat(140), fc.nat(140), (from, to) => {
        const bits = new Uint32Array(4);
        setBits(bits, from, to);
        const set = Array.from({ length: 128 }, (_, i) => (bits[i >>> 5]! >>> (i & 31)) & 1);
        expect(set).toEqual(set.map((_, i) => (i >= from && i < to ? 1 : 0)));
        expect(countBits(bits)).toBe(set.filter((bit) => bit === 1).length);
      }),
    );
  });

  test.each([0, 1, 31, 32, 33, 64])('behind %i rows are cleared', (rowCount) => {
    const bits = new Uint32Array(Math.ceil(rowCount / 32)).fill(0xffffffff);
    clearTail(bits, rowCount);
    expect(countBits(bits)).toBe(rowCount);
  });
});
