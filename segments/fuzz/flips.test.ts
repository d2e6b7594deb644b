import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { CorruptSegmentError, RealDisk, VirtualDisk } from '../../core/index.js';
import { SEED } from '../../core/testing.js';
import { indexKinds } from '../../indexes/index.js';
import { ENCODINGS } from '../encodings/registry.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { loadJob, performLoad } from '../immutable/load.js';
import { partBase, partBytes, partsOf } from '../immutable/parts.js';
import { packSegment } from '../packed/pack.js';
import { verifyPacked } from '../packed/unpack.js';
import { testPool } from '../testing.js';
import { FUZZ_SECONDS } from './budget-testing.js';
import { diskWith, put, readFile } from './read-all-testing.js';
import { goldenPath, smallSample, treeSample, zonedSample } from './sample-testing.js';

/** Every so many bits are flipped, others in every run. */
const STRIDE = FUZZ_SECONDS >= 30 ? 3 : 509;

// Only against hanging.
vi.setConfig({ testTimeout: 3_600_000 });

const pool = testPool();
const SAMPLES = { small: smallSample(), zoned: zonedSample(), trees: treeSample() };

test('the samples have every encoding and every kind of index', () => {
  const columns = Object.values(SAMPLES).flatMap(
    (bytes) => readSegmentDirectory(diskWith(bytes), '/s').columns,
  );
  const encodings = new Set(columns.map(({ encoding }) => encoding));
  expect([...encodings].sort()).toEqual(ENCODINGS.map(({ name }) => name).sort());
  const kinds = new Set(columns.flatMap(({ indexes }) => indexes.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual(
    indexKinds()
      .map(({ name }) => name)
      .sort(),
  );
});

test('the sample of star-trees has both of them', () => {
  const { trees, rowCount } = readSegmentDirectory(diskWith(SAMPLES.trees), '/s');
  expect(trees.map(({ dimensions }) => dimensions.length)).toEqual([3, 2]);
  for (const tree of trees) expect(tree.rowCount).toBeLessThan(rowCount);
});

/** Counts what becomes of a file with one bit flipped. `isSame` reads what a byte may change, and compares it. */
function flipBits(bytes: Uint8Array, isSame: (bytes: Uint8Array, at: number) => boolean) {
  const seen = { error: 0, equal: 0 };
  for (let bit = SEED % STRIDE; bit < 8 * bytes.length; bit += STRIDE) {
    const at = bit >>> 3;
    bytes[at]! ^= 1 << (bit & 7);
    try {
      if (!isSame(bytes, at)) throw new Error(`bit ${bit} changes the answer`);
      seen.equal++;
    } catch (error) {
      if (!(error instanceof CorruptSegmentError)) throw error;
      seen.error++;
    } finally {
      bytes[at]! ^= 1 << (bit & 7);
    }
  }
  return seen;
}

/** Of bytes that nobody reads, every so many are flipped all the same. */
const UNREAD_STRIDE = 16;

/** What is in a block is read with its column or index alone; other bytes that are read may change all. */
function fileReader(sample: Uint8Array): (bytes: Uint8Array, at: number) => boolean {
  const directory = readSegmentDirectory(diskWith(sample), '/s');
  const isRead = new Uint8Array(sample.length);
  const expected = readFile(sample, pool, (from, to) => isRead.fill(1, from, to));
  const everything = { columns: 'all', indexes: 'all' } as const;
  const parts = [undefined, ...directory.trees.keys()].flatMap((tree) =>
    partsOf(directory, tree === undefined ? everything : { ...everything, tree }),
  );
  const ownerAt = (at: number) =>
    parts.find(({ blocks }) =>
      blocks.some(({ offset, length }) => offset <= at && at < offset + length),
    );
  return (bytes, at) => {
    if (isRead[at] === 0 && at % UNREAD_STRIDE !== 0) return true;
    const owner = ownerAt(at);
    // Vitest's comparison takes far longer.
    if (owner === undefined) return isDeepStrictEqual(readFile(bytes, pool), expected);
    const range = pool.allocate(partBytes(owner));
    try {
      const placed = { ...owner, base: partBase(owner, range.offset) };
      performLoad(diskWith(bytes), loadJob('/s', directory, range.arena.memory, [placed]));
      return false;
    } finally {
      pool.free(range);
    }
  };
}

describe.each(Object.entries(SAMPLES))(`one flipped bit, %s, seed ${SEED}`, (_, sample) => {
  test('of a segment file is an error, or in the padding', () => {
    const { error, equal } = flipBits(sample.slice(), fileReader(sample));
    expect(error).toBeGreaterThan(equal);
    expect(pool.usedBytes).toBe(0);
  });

  test('of its deep-storage form is an error', () => {
    const disk = new VirtualDisk();
    put(disk, '/s', sample);
    packSegment(disk, '/s', '/packed', { durable: false });
    const isSame = (bytes: Uint8Array) => {
      verifyPacked(diskWith(bytes), '/packed');
      return false;
    };
    flipBits(disk.readFile('/packed'), isSame);
  });
});

/** `VARVE_WRITE_GOLDEN=1 npx vitest run segments/fuzz` writes them. Read by `test/segment-reader.test.ts`, too. */
describe('golden files of every encoding and kind of index, and of star-trees', () => {
  const disk = new RealDisk();
  const files = [
    { name: 'encodings', sample: SAMPLES.small },
    { name: 'trees', sample: SAMPLES.trees },
  ];
  for (const { name, sample } of files) {
    if (process.env.VARVE_WRITE_GOLDEN !== '1') continue;
    put(disk, goldenPath(`v2-${name}.varve`), sample);
    packSegment(disk, goldenPath(`v2-${name}.varve`), goldenPath(`packed-v1-${name}.varvepack`));
  }

  test.each(files)('$name: they are still read', ({ name, sample }) => {
    const { cells } = readFile(disk.readFile(goldenPath(`v2-${name}.varve`)), pool);
    expect(cells).toEqual(readFile(sample, pool).cells);
  });
});
