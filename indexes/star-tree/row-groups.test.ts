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
      const found = groups.codes();
      expect(found.length).toBe(taken.length);
      const keyOf = (row: number) => found.map((list) => list[groups.groupOf[row]!]).join();
      expect(keys.every((key, row) => key === keyOf(row))).toBe(true);
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
      expect(all.countWithout(dropped, sizes)).toBe(others.count);
      expect(all.without(dropped, sizes).count).toBe(others.count);
      const without = all.without(dropped, sizes);
      const lists = without.codes();
      const kept = codes.filter((_, i) => i !== dropped);
      expect(lists.length).toBe(kept.length);
      const isSame = Array.from(without.groupOf).every((group, row) =>
        kept.every((column, i) => column[row] === lists[i]![group]),
      );
      expect(isSame).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('what a split makes is told by some rows, about', () => {
  let state = 7;
  const next = (size: number): number => {
    state = (Math.imul(state, 0x19660d) + 0x3c6ef35f) | 0;
    return Math.floor((size * (state >>> 8)) / 2 ** 24);
  };
  const rowCount = 400_000;
  const groups = new RowGroups(rowCount);
  groups.split(
    Int32Array.from({ length: rowCount }, () => next(10)),
    10,
    rowCount,
  );
  for (const size of [3, 100, 1000, 10_000]) {
    const codes = Int32Array.from({ length: rowCount }, () => next(size));
    const estimate = groups.estimate(codes);
    expect(estimate).toBeGreaterThan(0.7 * Math.min(10 * size, 60_000));
    expect(estimate).toBeLessThan(1.1 * 10 * size);
  }
});

test('groups tell codes where the rows of each have one', () => {
  fc.assert(
    fc.property(columns, ({ rowCount, sizes, codes: [own, ...others] }) => {
      const groups = new RowGroups(rowCount);
      groups.split(own!, sizes[0]!, rowCount);
      for (const column of [own!, ...others]) {
        const pairs = new Set(Array.from(own!, (code, row) => `${code},${column[row]}`));
        expect(groups.tell(column)).toBe(pairs.size === groups.count);
      }
    }),
    { numRuns: 50 },
  );
});
