import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestBlocks } from '../testing.js';
import { checkRowLists, type KeyRows, RowLists, writeRowLists } from './row-lists.js';
import { rowsIn } from './row-set.js';

function keyRows(lists: readonly (readonly number[])[]): KeyRows {
  const starts = new Uint32Array(lists.length + 1);
  for (const [i, list] of lists.entries()) starts[i + 1] = starts[i]! + list.length;
  return { starts, rows: Uint32Array.from(lists.flat()) };
}

function write(lists: readonly (readonly number[])[]): TestBlocks {
  const blocks = new TestBlocks();
  writeRowLists(keyRows(lists), blocks);
  return blocks;
}

/** One key's rows: none, few, or so many that they may be a bitmap, thick or thin. */
const list = fc
  .record({
    count: fc.oneof(
      { weight: 8, arbitrary: fc.nat(5) },
      { weight: 2, arbitrary: fc.nat(400) },
      { weight: 1, arbitrary: fc.integer({ min: 8180, max: 20_000 }) },
    ),
    first: fc.nat(300_000),
    step: fc.constantFrom(1, 2, 7, 9, 200),
  })
  .map(({ count, first, step }) => Array.from({ length: count }, (_, i) => first + i * step));

test('lists are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(list, { maxLength: 30 }), (lists) => {
      const rowCount = Math.max(0, ...lists.flatMap((each) => each.slice(-1))) + 1;
      const blocks = write(lists);
      expect(checkRowLists(blocks.written(), lists.length)).toBe(null);
      const read = new RowLists(blocks.loaded(rowCount));
      expect(read.keyCount).toBe(lists.length);
      for (const [key, rows] of lists.entries()) {
        expect(read.count(key)).toBe(rows.length);
        expect([...rowsIn(read.rows(key), 0, rowCount)]).toEqual(rows);
        const bits = new Uint32Array(Math.ceil(rowCount / 32));
        read.addTo(key, bits);
        expect([...rowsIn({ kind: 'bits', bits }, 0, rowCount)]).toEqual(rows);
      }
    }),
    { numRuns: 60 },
  );
});

test('thick lists take a bit a row, thin ones a byte or two', () => {
  const thick = Array.from({ length: 60_000 }, (_, i) => i + (i % 3));
  const rows = [...new Set(thick)];
  expect(write([rows]).contents.get('lists.bytes')!.length).toBeLessThan(8300);
  const thin = Array.from({ length: 10_000 }, (_, i) => 300 * i);
  expect(write([thin]).contents.get('lists.bytes')!.length).toBeLessThan(20_010);
});

test.each([
  { name: 'block "lists.bytes" is missing', blocks: [] },
  {
    name: 'block "lists.offsets" is missing or too short',
    blocks: [
      { name: 'lists.bytes', length: 9 },
      { name: 'lists.offsets', length: 8 },
    ],
  },
])('a directory is refused: $name', ({ name, blocks }) => {
  expect(checkRowLists({ parameters: {}, blocks }, 2)).toBe(name);
});

test('damaged bytes make other rows, all below the row count', () => {
  const lists = [[1, 2, 90], [], Array.from({ length: 9000 }, (_, i) => i), [200_000]];
  const rowCount = 200_001;
  const damage = fc.array(fc.tuple(fc.boolean(), fc.nat(), fc.nat(255)), { maxLength: 5 });
  fc.assert(
    fc.property(damage, (changes) => {
      const blocks = write(lists);
      for (const [inOffsets, at, byte] of changes) {
        const content = blocks.contents.get(inOffsets ? 'lists.offsets' : 'lists.bytes')!;
        content[at % content.length] = byte;
      }
      const read = new RowLists(blocks.loaded(rowCount));
      for (let key = 0; key < lists.length; key++) {
        const rows = rowsIn(read.rows(key), 0, 2 ** 32 - 1);
        expect(rows.every((row, i) => row < rowCount && (i === 0 || rows[i - 1]! < row))).toBe(
          true,
        );
        expect(read.count(key)).toBeLessThanOrEqual(rowCount);
      }
    }),
  );
});
