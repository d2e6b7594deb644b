import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Decode, utf8Encode } from '../../core/index.js';
import { batchesOf, type LineFormat } from './batches.js';

async function cut(text: string, format: LineFormat, maxRows: number, chunkBytes: number) {
  const bytes = utf8Encode(text);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    chunks.push(bytes.subarray(at, at + chunkBytes));
  }
  const batches: string[] = [];
  for await (const batch of batchesOf(chunks, format, { maxRows, maxBytes: 1 << 20 })) {
    batches.push(utf8Decode(batch));
  }
  return batches;
}

test('batches hold whole lines, in order, however they come', async () => {
  const lines = fc.array(fc.stringMatching(/^[a-zé"{}]{0,8}$/), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      lines,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (list, maxRows, chunkBytes, ends) => {
        const text = list.join('\n') + (ends && list.length > 0 ? '\n' : '');
        const batches = await cut(text, 'ndjson', maxRows, chunkBytes);
        expect(batches.join('')).toBe(text);
        for (const batch of batches.slice(0, -1)) {
          expect(batch.endsWith('\n')).toBe(true);
          expect(batch.split('\n').length - 1).toBe(maxRows);
        }
      },
    ),
  );
});

test('every batch of CSV has the header, and quoted lines are not cut', async () => {
  const text = 'a,b\n1,"x\ny"\n2,"he said ""no""\n"\n3,z';
  expect(await cut(text, 'csv', 1, 3)).toEqual([
    'a,b\n1,"x\ny"\n',
    'a,b\n2,"he said ""no""\n"\n',
    'a,b\n3,z',
  ]);
});

test('nothing but a header is no batch', async () => {
  expect(await cut('a,b\n', 'csv', 1, 3)).toEqual([]);
  expect(await cut('', 'csv', 1, 3)).toEqual([]);
});

test('bytes end a batch as well', async () => {
  const batches: Uint8Array[] = [];
  const limits = { maxRows: 100, maxBytes: 4 };
  for await (const batch of batchesOf([utf8Encode('a\nb\nc\nd\ne\n')], 'ndjson', limits)) {
    batches.push(batch);
  }
  expect(batches.map(({ length }) => length)).toEqual([4, 4, 2]);
});
