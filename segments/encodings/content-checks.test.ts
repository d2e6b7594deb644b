import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ColumnEntry } from '../format/directory.js';
import { paddedLength } from '../format/frame.js';
import { unsignedArray, type Width } from './checks.js';
import { checkMost, checkOffsets } from './content-checks.js';
import { LoadedColumn } from './loaded-column.js';

/** A column with one block of such entries, zeros behind it. */
function columnOf(width: Width, entries: readonly number[]): LoadedColumn {
  const array = unsignedArray(width, entries.length);
  array.set(entries);
  const length = array.byteLength;
  const memory = new SharedArrayBuffer(paddedLength(length));
  new Uint8Array(memory).set(new Uint8Array(array.buffer));
  const blocks = [{ name: 'ids', offset: 0, length, crc32c: 0 }];
  return new LoadedColumn({ blocks } as unknown as ColumnEntry, entries.length, memory, 0);
}

test('an entry above the most is found, wherever it is', () => {
  const column = fc.constantFrom<Width>(1, 2, 4).chain((width) => {
    const end = 2 ** (8 * width) - 1;
    const entry = fc.oneof(fc.nat(3), fc.constantFrom(end, end - 1, end >>> 1, (end >>> 1) + 1));
    const most = fc.oneof(entry, fc.integer({ min: -1, max: end }));
    return fc.tuple(fc.constant(width), fc.array(entry, { maxLength: 40 }), most);
  });
  fc.assert(
    fc.property(column, ([width, entries, most]) => {
      const isAbove = entries.some((entry) => entry > most);
      expect(checkMost(columnOf(width, entries), 'ids', width, most) !== null).toBe(isAbove);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  { offsets: [0], entries: 0, fault: null },
  { offsets: [0, 0, 3, 3], entries: 3, fault: null },
  { offsets: [0, 2, 1, 3], entries: 3, fault: /offset 2 of block "o" is 1, after 2/ },
  { offsets: [0, 2], entries: 3, fault: /tells of 2 entries, there are 3/ },
  { offsets: [1, 3], entries: 3, fault: /tells of 3 entries/ },
])('offsets $offsets of $entries entries', ({ offsets, entries, fault }) => {
  const found = checkOffsets(Uint32Array.from(offsets), entries, 'o');
  if (fault === null) expect(found).toBeNull();
  else expect(found).toMatch(fault);
});
