import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ResourceLimitError, UserError } from '../../../core/index.js';
import { crc32 } from './checksums.js';
import { archiveEntries } from './packing.js';

interface File {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly how?: 'stored' | 'deflated' | 'streamed' | 'long';
}

const fields = (...values: readonly (readonly [size: 2 | 4 | 8, value: number])[]): Buffer =>
  Buffer.concat(
    values.map(([size, value]) => {
      const bytes = Buffer.alloc(size);
      if (size === 8) bytes.writeBigUInt64LE(BigInt(value));
      else bytes.writeUIntLE(value, 0, size);
      return bytes;
    }),
  );

/** An archive without its directory, but for a first record of it. */
function zipOf(files: readonly File[]): Buffer {
  const entries = files.map(({ name, bytes, how = 'deflated' }) => {
    const body = how === 'stored' ? Buffer.from(bytes) : deflateRawSync(bytes);
    const sum = crc32(bytes);
    const isStreamed = how === 'streamed';
    const isLong = how === 'long';
    const size = (value: number): [4, number] => [4, isStreamed ? 0 : isLong ? 0xffffffff : value];
    const extra = isLong
      ? fields([2, 1], [2, 16], [8, bytes.length], [8, body.length])
      : Buffer.alloc(0);
    const header = fields(
      [4, 0x04034b50],
      [2, 20],
      [2, isStreamed ? 8 : 0],
      [2, how === 'stored' ? 0 : 8],
      [4, 0],
      [4, isStreamed ? 0 : sum],
      size(body.length),
      size(bytes.length),
      [2, Buffer.byteLength(name)],
      [2, extra.length],
    );
    const behind = isStreamed
      ? fields([4, 0x08074b50], [4, sum], [4, body.length], [4, bytes.length])
      : Buffer.alloc(0);
    return Buffer.concat([header, Buffer.from(name), extra, body, behind]);
  });
  return Buffer.concat([
    ...entries,
    fields([4, files.length === 0 ? 0x06054b50 : 0x02014b50]),
    Buffer.alloc(30),
  ]);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function entries(
  zip: Uint8Array,
  size = 100,
  maxBytes = 2 ** 30,
): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const { name, chunks } of archiveEntries(pieces(zip, size), 'x.zip', maxBytes)) {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk.slice());
    found.push([name, Buffer.concat(parts).toString('hex')]);
  }
  return found;
}

const file = fc.record({
  name: fc.constantFrom('a.json', 'dir/é.csv', 'x'),
  bytes: fc.uint8Array({ maxLength: 300 }),
  how: fc.constantFrom('stored', 'deflated', 'streamed', 'long'),
});

test('all entries, however they are written and however they come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { maxLength: 5 }),
      fc.integer({ min: 1, max: 400 }),
      async (files, size) => {
        const expected = files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString('hex')]);
        expect(await entries(zipOf(files as File[]), size)).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test('an entry that is not read is passed over', async () => {
  const files = [1, 2, 3].map((n) => ({ name: `${n}`, bytes: new Uint8Array(200_000).fill(n) }));
  const names: string[] = [];
  for await (const { name } of archiveEntries(pieces(zipOf(files), 77), 'x', 2 ** 30))
    names.push(name);
  expect(names).toEqual(['1', '2', '3']);
});

test('directories, and what macOS adds, are no files', async () => {
  const bytes = new Uint8Array(0);
  const zip = zipOf([
    { name: 'd/', bytes, how: 'stored' },
    { name: '__MACOSX/._a', bytes },
    { name: 'd/a', bytes },
  ]);
  expect(await entries(zip)).toEqual([['d/a', '']]);
});

test('an archive cut off anywhere is an error', async () => {
  const zip = zipOf([
    { name: 'a', bytes: Buffer.from('some text '.repeat(5)), how: 'streamed' },
  ]).subarray(0, -32);
  for (let length = 1; length < zip.length; length++) {
    await expect(entries(zip.subarray(0, length))).rejects.toThrow(UserError);
  }
});

test('a wrong checksum, a lying size and unknown methods are errors', async () => {
  const zip = zipOf([{ name: 'a', bytes: Buffer.from('some text') }]);
  for (const [at, what] of [
    [14, 'does not hold'],
    [22, 'does not hold'],
    [8, 'method'],
    [6, 'encrypted'],
    [0, 'go on'],
  ] as const) {
    const damaged = Buffer.from(zip);
    damaged[at]! ^= 1;
    await expect(entries(damaged)).rejects.toThrow(what);
  }
});

test('bombs are stopped, also of many entries', async () => {
  const one = { name: 'a', bytes: new Uint8Array(400_000) };
  await expect(entries(zipOf(Array.from({ length: 50 }, () => one)))).resolves.toHaveLength(50);
  const large = [{ name: 'a', bytes: new Uint8Array(2 ** 25) }];
  await expect(entries(zipOf(large), 1000)).rejects.toThrow(ResourceLimitError);
  await expect(entries(zipOf([one, one]), 1000, 500_000)).rejects.toThrow('more than 500000');
});
