import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Encode } from '../../core/index.js';
import type { ColumnReader, RowCursor, VectorDictionary } from '../../model/index.js';
import { wellFormed } from '../cells.js';
import { cellsOf, schemaOf, testPool } from '../testing.js';
import { MutableSegment } from './mutable-segment.js';

const pool = testPool();

/** A dictionary in runs of up to three texts; id 0 is null. */
function dictionaryOf(texts: readonly string[], asBytes: boolean): VectorDictionary {
  const cells = [null, ...texts];
  const runOf = (id: number) => {
    const firstId = 1 + 3 * Math.floor((id - 1) / 3);
    const encoded = texts.slice(firstId - 1, firstId + 2).map((text) => utf8Encode(text));
    const starts = new Uint32Array(encoded.length + 1).fill(100);
    for (const [i, { length }] of encoded.entries()) starts[i + 1] = starts[i]! + length;
    return { firstId, bytes: Uint8Array.from(encoded.flatMap((each) => [...each])), starts };
  };
  return {
    size: cells.length,
    value: (id) => cells[id]!,
    ...(asBytes ? { runOf } : {}),
  };
}

function batchOf(ids: readonly number[], dictionary: VectorDictionary): RowCursor {
  const vector = { kind: 'ids', ids: Uint32Array.from(ids), dictionary } as const;
  const rows: RowCursor = {
    row: 0,
    rowCount: ids.length,
    column: (name): ColumnReader =>
      name === '__time'
        ? { type: 'LONG', multiValue: false, exists: true, get: () => rows.row }
        : {
            type: 'STRING',
            multiValue: false,
            exists: true,
            get: () => dictionary.value(ids[rows.row]!),
            vector,
          },
  };
  return rows;
}

function batchOfLists(lists: readonly (readonly string[])[]): RowCursor {
  const rows: RowCursor = {
    row: 0,
    rowCount: lists.length,
    column: (name): ColumnReader => ({
      type: name === '__time' ? 'LONG' : 'STRING',
      multiValue: true,
      exists: true,
      get: () => (name === '__time' ? rows.row : lists[rows.row]!),
    }),
  };
  return rows;
}

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }), fc.constantFrom('', 'a', 'b'));
const texts = fc.array(text.map(wellFormed), { maxLength: 8 });

test('texts of dictionaries are the same cells as strings and as bytes, with and without lists among them', () => {
  const batch = fc.tuple(texts, fc.array(fc.nat(20), { minLength: 1 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 5 }), fc.option(fc.nat(4)), (batches, listAfter) => {
      const segment = new MutableSegment(schemaOf({ s: 'STRING' }), pool);
      const expected: unknown[] = [];
      for (const [i, [some, picks, asBytes]] of batches.entries()) {
        const dictionary = dictionaryOf(some, asBytes);
        const ids = picks.map((pick) => pick % dictionary.size);
        segment.append(batchOf(ids, dictionary));
        expected.push(...ids.map((id) => dictionary.value(id)));
        if (i !== listAfter) continue;
        segment.append(batchOfLists([['a', 'x'], ['a']]));
        expected.push(['a', 'x'], 'a');
      }
      expect(cellsOf(segment.snapshot()).map(([, cell]) => cell)).toEqual(expected);
      segment.close();
    }),
  );
});
