import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptSpillError, VirtualDisk } from '../../core/index.js';
import type { GroupBlock } from '../compiler/group-blocks.js';
import { blockReader, intoFile } from './spill-block.js';
import { readPieces, SpillFile } from './spill-file.js';
import type { SharedCounter, SpilledPieces } from './spilled.js';

const PATH = '/spill/0';

const counter = (limitBytes: number): SharedCounter => ({
  count: new BigInt64Array(new SharedArrayBuffer(8)),
  limitBytes,
  name: 'query.maxSpillBytes',
});

function diskWithSpill(): VirtualDisk {
  const disk = new VirtualDisk();
  disk.makeDirectory('/spill');
  return disk;
}

const endsOf = (pieces: readonly Uint8Array[]): Float64Array<ArrayBuffer> => {
  let size = 0;
  return Float64Array.from(pieces, ({ length }) => {
    size += length;
    return size;
  });
};

const concat = (pieces: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(pieces.flatMap((each) => [...each]));

test('pieces are read as they were written, any that follow each other', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 4 }), fc.nat(), fc.nat(), (writes, a, b) => {
      const disk = diskWithSpill();
      const file = new SpillFile(disk, PATH, []);
      const written = writes.map((each) => file.write(concat(each), endsOf(each)));
      file.close();
      for (const [i, each] of writes.entries()) {
        const [from, to] = [a % (each.length + 1), b % (each.length + 1)].sort((x, y) => x - y);
        const found = readPieces(disk, written[i]!, from!, to!);
        expect([...found]).toEqual([...concat(each.slice(from, to))]);
      }
    }),
  );
});

test('every byte that is not what was written is noticed, and so is a file that ends early', () => {
  const disk = diskWithSpill();
  const file = new SpillFile(disk, PATH, []);
  const pieces = [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(250, 0, 7, 9)];
  const written = file.write(concat(pieces), endsOf(pieces));
  file.close();
  const bytes = disk.readFile(PATH);
  const put = (changed: Uint8Array): void => {
    const writer = disk.create(PATH);
    writer.write(changed);
    writer.close();
  };
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << bit;
      put(changed);
      const read = () => readPieces(disk, written, 0, 3);
      expect(read).toThrow(CorruptSpillError);
      expect(read).toThrow(`${PATH} are damaged at byte ${at < 3 ? 0 : 3}`);
    }
  }
  put(bytes.subarray(0, 6));
  expect(() => readPieces(disk, written, 0, 3)).toThrow('ends at byte 6');
  disk.remove(PATH);
  expect(() => readPieces(disk, written, 0, 3)).toThrow('no such file');
});

test('what is written counts until one limit is reached, and what is beyond is not written', () => {
  const disk = diskWithSpill();
  const [own, all] = [counter(100), counter(50)];
  const file = new SpillFile(disk, PATH, [own, all]);
  const write = (size: number): SpilledPieces =>
    file.write(new Uint8Array(size), Float64Array.of(size));
  write(30);
  expect(() => write(21)).toThrow('more than 50 bytes of groups to disk (query.maxSpillBytes)');
  write(20);
  file.close();
  expect([own.count[0], all.count[0], disk.readFile(PATH).length]).toEqual([50n, 50n, 50]);
});

test('no file is made where nothing is written', () => {
  const disk = diskWithSpill();
  new SpillFile(disk, PATH, []).close();
  expect(disk.list('/spill')).toEqual([]);
});

test('entries of a block come back, those of any partitions', () => {
  const disk = diskWithSpill();
  const file = new SpillFile(disk, PATH, []);
  const ends = Uint32Array.from({ length: 64 }, (_, p) => Math.ceil((p + 1) / 3));
  const words = Int32Array.from({ length: 4 * ends.at(-1)! }, (_, i) => i * 1_000_003);
  const block: GroupBlock = intoFile(file)(words, ends);
  file.close();
  const { words: found, first } = blockReader(disk)(block, 7, 31);
  expect(first).toBe(0);
  expect([...found]).toEqual([...words.subarray(4 * ends[6]!, 4 * ends[30]!)]);
});
