import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowGroups } from './row-groups.js';

const columns = fc
  .record({ rowCount: fc.integer({ min: 1, max: 3000 }), seed: fc.nat() })
  .chain(({ rowCount, seed }) =>
    // Sizes on both sides of what has a place for each pair.
    fc.array(fc.constantFrom(1, 2, 9, 300, 65_536), { minLength: 1, maxLength: 5 }).map((sizes) => {
      let state = seed | 1;
      const next = (size: number): number => {
        state = (Math.imul(state, 0x19660d) + 0x3c6ef35f) | 0;
        return Math.floor((size * (state >>> 8)) / 2 ** 24);
      };
      const codes = sizes.map((size) => Int32Array.from({ length: rowCount }, () => next(size)));
      return { rowCount, sizes, codes };
    }),
  );

test('rows are of one group where all of their codes are equal', () => {
  fc.assert(
    fc.property(columns, fc.integer({ min: 1, max: 3000 }), ({ rowCount, sizes, codes }, most) => {
      const groups = new RowGroups(rowCount);
      const taken: Int32Array[] = [];
      const keysBy = (by: readonly Int32Array[]): string[] =>
        Array.from({ length: rowCount }, (_, row) => by.map((column) => column[row]).join());
      for (const [i, column] of codes.entries()) {
        const count = new Set(keysBy([...taken, column])).size;
        expect(groups.split(column, sizes[i]!, most)).toBe(count <= most);
        if (count <= most) taken.push(column);
      }
      const keys = keysBy(taken);
      expect(groups.count).toBe(new Set(keys).size);
      const { codes: found, rows, ends } = groups.grouped();
      expect(found.length).toBe(taken.length);
      expect([...rows].sort((a, b) => a - b)).toEqual(keys.map((_, row) => row));
      for (let group = 0; group < groups.count; group++) {
        const own = [...rows.subarray(ends[group - 1] ?? 0, ends[group])];
        expect(own).toEqual([...own].sort((a, b) => a - b));
        const key = found.map((list) => list[group]).join();
        expect(own.every((row) => keys[row] === key)).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test('groups without a dimension are those that the others alone would have made', () => {
  fc.assert(
    fc.property(columns, fc.nat(4), ({ rowCount, sizes, codes }, at) => {
      const dropped = at % codes.length;
      const [all, others] = [new RowGroups(rowCount), new RowGroups(rowCount)];
      for (const [i, column] of codes.entries()) {
        all.split(column, sizes[i]!, rowCount);
        if (i !== dropped) others.split(column, sizes[i]!, rowCount);
      }
      const sizesLeft = sizes.filter((_, i) => i !== dropped);
      expect(all.countWithout(dropped, sizes)).toBe(others.count);
      expect(all.without(dropped, sizes).count).toBe(others.count);
      const [got, want] = [all.without(dropped, sizes).grouped(), others.grouped()];
      expect(sizesLeft.length).toBe(got.codes.length);
      const shown = ({ codes: lists, rows, ends }: typeof got) =>
        Array.from(ends, (end, group) => [
          lists.map((list) => list[group]).join(),
          rows.subarray(ends[group - 1] ?? 0, end).join(),
        ]).sort(([a], [b]) => (a! < b! ? -1 : 1));
      expect(shown(got)).toEqual(shown(want));
    }),
    { numRuns: 50 },
  );
});
