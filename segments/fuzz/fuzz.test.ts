import { expect, test, vi } from 'vitest';
import {
  InternalError,
  RealDisk,
  SeededRandom,
  VarveError,
  VirtualDisk,
} from '../../core/index.js';
import { SEED } from '../../core/testing.js';
import { inspectSegment } from '../inspect/inspect-segment.js';
import { packSegment } from '../packed/pack.js';
import { verifyPacked } from '../packed/unpack.js';
import { testPool } from '../testing.js';
import { withLimit } from './allocations-testing.js';
import {
  assemblePacked,
  dissectPacked,
  type Loose,
  withOtherBlock,
  withOtherDirectory,
} from './anatomy-testing.js';
import { FUZZ_SECONDS, seeds } from './budget-testing.js';
import { below, mutateBytes, mutateJson, pick } from './mutate-testing.js';
import { diskWith, put, readFile } from './read-all-testing.js';
import { goldenPath, smallSample, treeSample, zonedSample } from './sample-testing.js';

// Only against hanging.
vi.setConfig({ testTimeout: 60_000 + 10_000 * FUZZ_SECONDS });

const SAMPLES = [smallSample(), zonedSample(), treeSample()];
/** One of them in the codec that only newer Nodes write. */
const PACKED = [
  ...SAMPLES.map(packed),
  new RealDisk().readFile(goldenPath('packed-v1-zstd.varvepack')),
];
const pool = testPool();

function packed(sample: Uint8Array): Uint8Array {
  const disk = new VirtualDisk();
  put(disk, '/s', sample);
  packSegment(disk, '/s', '/packed', { durable: false, codec: 'brotli' });
  return disk.readFile('/packed');
}

/** What readers may make of a file: the pages of a packed one may hold much more than they take. */
const allowedBytes = (bytes: Uint8Array, factor: number): number =>
  (2 << 20) + factor * bytes.length;

/** Does something with a file that may hold anything: an answer, or a typed error, and no more memory than the file is worth. */
function attempt(bytes: Uint8Array, factor: number, work: () => void): 'read' | 'refused' {
  try {
    withLimit(allowedBytes(bytes, factor), work);
    return 'read';
  } catch (error) {
    if (!(error instanceof VarveError) || error instanceof InternalError) throw error;
    return 'refused';
  } finally {
    expect(pool.usedBytes).toBe(0);
  }
}

interface Case {
  readonly bytes: Uint8Array;
  readonly factor: number;
  readonly work: () => void;
}

/** Runs cases by seed; one that fails tells its seed. */
function fuzz(make: (random: SeededRandom) => Case, least = 50): void {
  const seen = { read: 0, refused: 0 };
  for (const seed of seeds(least)) {
    const { bytes, factor, work } = make(new SeededRandom(seed));
    try {
      seen[attempt(bytes, factor, work)]++;
    } catch (error) {
      throw new Error(`VARVE_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  expect(seen.refused).toBeGreaterThan(0);
}

const reading = (bytes: Uint8Array): Case => ({
  bytes,
  factor: 100,
  work: () => {
    readFile(bytes, pool);
  },
});

test(`a directory that says something else, seed ${SEED}`, () => {
  fuzz((random) => reading(withOtherDirectory(pick(random, SAMPLES), random)));
});

test(`blocks that hold something else, their checksums good, seed ${SEED}`, () => {
  fuzz((random) => reading(withOtherBlock(pick(random, SAMPLES), random)));
});

test(`files that were cut, or are longer, or any bytes, seed ${SEED}`, () => {
  fuzz((random) => reading(mutateBytes(pick(random, SAMPLES), random)));
});

test(`segment files of such directories and blocks are packed, and unpacked, seed ${SEED}`, () => {
  fuzz((random) => {
    const sample = pick(random, SAMPLES);
    const bytes =
      below(random, 3) > 0 ? withOtherBlock(sample, random) : withOtherDirectory(sample, random);
    return { bytes, factor: 2000, work: () => verifyPacked(diskWith(packed(bytes)), '/s') };
  }, 10);
});

const unpacking = (bytes: Uint8Array): Case => ({
  bytes,
  // A page of 256 KiB that is all alike takes some 34 bytes.
  factor: 20_000,
  work: () => {
    const disk = diskWith(bytes);
    inspectSegment(disk, '/s', { verify: false, measurePacked: false });
    verifyPacked(disk, '/s');
  },
});

test(`a packed file whose directory says something else, seed ${SEED}`, () => {
  fuzz((random) => {
    const anatomy = dissectPacked(pick(random, PACKED));
    for (let count = 1 + below(random, 2); count > 0; count--) {
      mutateJson(anatomy.directory, random);
    }
    return unpacking(assemblePacked(anatomy));
  });
});

test(`pages that hold something else, their checksums good, seed ${SEED}`, () => {
  fuzz((random) => {
    const anatomy = dissectPacked(pick(random, PACKED));
    const at = below(random, anatomy.pages.length);
    const page = mutateBytes(anatomy.pages[at]!, random);
    tellLength(anatomy.directory, page.length - anatomy.pages[at]!.length, at);
    anatomy.pages[at] = page;
    return unpacking(assemblePacked(anatomy));
  });
});

/** Each block of the samples has one page; the last one is that of the directory. */
function tellLength(directory: Loose, more: number, page: number): void {
  const sizes = directory as { blocks: (number | null)[]; directory: number };
  const block = sizes.blocks.flatMap((size, i) => (size ? [i] : []))[page];
  if (block === undefined) sizes.directory += more;
  else sizes.blocks[block]! += more;
}
