import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CorruptSegmentError,
  type Disk,
  NotFoundError,
  PREFERRED_CODEC,
  RealDisk,
  sha256Hex,
  VirtualDisk,
} from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { indexKindNamed, indexKinds, STAR_NODES } from '../../indexes/index.js';
import { parseAggregator, type Value } from '../../model/index.js';
import { vectorOf, vectorsOf } from '../encodings/testing.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { blocksOf } from '../format/segment-bytes.js';
import { SegmentWriter } from '../format/segment-writer.js';
import { treeSample } from '../fuzz/sample-testing.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealSegments } from '../seal/seal-segments.js';
import { inputTypes, rowsOf, schemaOf, testPool } from '../testing.js';
import { packSegment } from './pack.js';
import { readPackedDirectory } from './packed-directory.js';
import { PAGE_BYTES } from './page.js';
import { unpackSegment } from './unpack.js';

const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), '..', 'golden');
const golden = (name: string) => new RealDisk().readFile(join(GOLDEN, name));

const KINDS = ['LONG', 'DOUBLE', 'FLOAT', 'STRING', 'ARRAY<STRING>', 'ARRAY<LONG>'] as const;
type Kind = (typeof KINDS)[number];
type Columns = readonly { readonly kind: Kind; readonly values: Value[] }[];

function writeColumns(disk: Disk, path: string, rowCount: number, columns: Columns): void {
  const writer = new SegmentWriter(disk, path, false);
  const times = Array.from({ length: rowCount }, (_, row) => 1_700_000_000_000 + 250 * row);
  writer.column('__time', 'time', vectorOf('LONG', times));
  for (const [i, { kind, values }] of columns.entries()) {
    const choice = { bitmap: true, kinds: indexKinds().map(({ name }) => name) };
    // In the narrowest layout, as sealing gives it.
    writer.column(`c${i}`, 'dimension', vectorsOf(kind, values).at(-1)!, { indexes: choice });
  }
  const [minTimeMs, maxTimeMs] = [times[0] ?? null, times.at(-1) ?? null];
  writer.finish({ rowCount, minTimeMs, maxTimeMs, rollup: false, queryGranularity: 'none' });
}

function put(disk: Disk, path: string, bytes: Uint8Array): void {
  const file = disk.create(path);
  file.write(bytes);
  file.close();
}

/** Packs and unpacks /s, which must come back; the packed file's size. */
function roundTrip(disk: Disk): number {
  const before = disk.readFile('/s');
  const packed = packSegment(disk, '/s', '/packed');
  const bytes = disk.readFile('/packed');
  expect(packed).toEqual({ sizeBytes: bytes.length, sha256: sha256Hex(bytes) });
  const unpacked = unpackSegment(disk, '/packed', '/back');
  const whole = { sizeBytes: before.length, sha256: sha256Hex(before) };
  expect(unpacked).toEqual(whole);
  expect(sha256Hex(disk.readFile('/back'))).toBe(whole.sha256);
  expectIndexesLeftOut(disk);
  return bytes.length;
}

/** Whatever is not to be packed has come out the same when it was built again. */
function expectIndexesLeftOut(disk: Disk): void {
  const file = disk.openRead('/packed');
  const { directory, ranges } = readPackedDirectory(file, '/packed');
  file.close();
  for (const { block, index } of blocksOf(directory)) {
    const isPacked = index === null || indexKindNamed(index.kind)?.isPacked !== false;
    expect(ranges.get(block) === null).toBe(!isPacked);
  }
}

const cell = fc.oneof(
  fc.constantFrom<Value>(null, 'a', 'ab', 'abc'),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom('x', 'xy', null), { minLength: 2, maxLength: 3 }),
);
const VALUES: Record<Kind, fc.Arbitrary<Value>> = {
  LONG: fc.oneof(fc.integer(), fc.bigInt({ min: 2n ** 60n, max: 2n ** 62n }), fc.constant(null)),
  DOUBLE: fc.option(
    fc.oneof(
      fc.double(),
      fc.integer().map((cents) => cents / 100),
    ),
  ),
  FLOAT: fc.option(fc.float()),
  STRING: cell,
  'ARRAY<STRING>': fc.option(fc.array(fc.constantFrom('x', 'xy', null), { maxLength: 3 })),
  'ARRAY<LONG>': fc.option(fc.array(fc.option(fc.integer()), { maxLength: 3 })),
};

/** Any values, and few of them many times over. */
const someOf = (kind: Kind, rowCount: number): fc.Arbitrary<Value[]> => {
  const length = { minLength: rowCount, maxLength: rowCount };
  return fc.oneof(
    fc.array(VALUES[kind], length),
    fc
      .array(VALUES[kind], { minLength: 1, maxLength: 3 })
      .chain((few) => fc.array(fc.constantFrom(...few), length)),
  );
};

test('any segment comes back byte for byte', () => {
  const kinds = fc.array(fc.constantFrom(...KINDS), { maxLength: 4 });
  const segment = fc
    .tuple(fc.nat(90), kinds)
    .chain(([rowCount, some]) =>
      fc.tuple(
        fc.constant(rowCount),
        fc.tuple(...some.map((kind) => someOf(kind, rowCount).map((values) => ({ kind, values })))),
      ),
    );
  fc.assert(
    fc.property(segment, ([rowCount, columns]) => {
      const disk = new VirtualDisk();
      writeColumns(disk, '/s', rowCount, columns);
      roundTrip(disk);
    }),
  );
});

/** A disk that tells the most bytes that were read or written in one call. */
function watched(disk: Disk): { disk: Disk; most: () => number } {
  let most = 0;
  const note = (bytes: Uint8Array) => {
    most = Math.max(most, bytes.length);
  };
  const openRead: Disk['openRead'] = (path) => {
    const file = disk.openRead(path);
    const readInto = (target: Uint8Array, offset: number) => {
      note(target);
      file.readInto(target, offset);
    };
    return { sizeBytes: file.sizeBytes, readInto, close: () => file.close() };
  };
  const create: Disk['create'] = (path) => {
    const file = disk.create(path);
    const write = (bytes: Uint8Array) => {
      note(bytes);
      file.write(bytes);
    };
    return { write, sync: () => file.sync(), close: () => file.close() };
  };
  const names = ['rename', 'remove', 'syncDirectory', 'readFile'] as const;
  const others = Object.fromEntries(
    names.map((name) => [name, (disk[name] as () => unknown).bind(disk)]),
  );
  return { disk: { ...others, openRead, create } as unknown as Disk, most: () => most };
}

describe('a segment of many pages', () => {
  const rowCount = 100_000;
  const virtual = new VirtualDisk();
  const of = (value: (row: number) => Value) =>
    Array.from({ length: rowCount }, (_, i) => value(i));
  writeColumns(virtual, '/s', rowCount, [
    { kind: 'STRING', values: of((row) => `https://example.org/page/${(row * 7919) % 40_000}`) },
    { kind: 'STRING', values: of((row) => (row % 3 === 0 ? 'x'.repeat(1 + (row % 7)) : null)) },
    { kind: 'DOUBLE', values: of((row) => ((row * 31) % 100_000) / 100) },
    { kind: 'LONG', values: of((row) => BigInt(row) * 2n ** 40n) },
  ]);
  // A text longer than a page among others.
  const long = new VirtualDisk();
  const texts = ['a', 'b'.repeat(3 * PAGE_BYTES), 'bb', 'bbb', 'c'];
  writeColumns(long, '/s', 5, [{ kind: 'STRING', values: texts }]);

  test('comes back, in a fraction of the bytes, a page at a time', () => {
    const { disk, most } = watched(virtual);
    const { fileSizeBytes } = readSegmentDirectory(virtual, '/s');
    expect(fileSizeBytes).toBeGreaterThan(10 * PAGE_BYTES);
    expect(roundTrip(disk)).toBeLessThan(fileSizeBytes / 4);
    expect(most()).toBeLessThanOrEqual(PAGE_BYTES);
  });

  test('texts may be longer than pages', () => {
    expect(roundTrip(long)).toBeLessThan(4096);
  });
});

/** Many enough that columns of records would have zone maps if they were of rows. */
function manyRecords(): Uint8Array {
  const dimensions = ['a', 'b'].map((name) => ({ name, skipStar: false }));
  const metrics = [parseAggregator({ type: 'count', name: 'count' }, '')];
  const starTrees = [{ dimensions, metrics, maxLeafRecords: 10 }];
  const schema = schemaOf({ a: 'STRING', b: 'LONG' }, [], { starTrees });
  const open = new MutableSegment(schema, testPool());
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    __time: i,
    a: `a${i % 79}`,
    b: i % 97,
  }));
  open.append(rowsOf(rows, inputTypes(schema)));
  const disk = new VirtualDisk();
  sealSegments(disk, '/d', () => 's', [open.snapshot()], schema, { maxRowsPerSegment: 1e6 });
  open.close();
  expect(readSegmentDirectory(disk, '/d/s').trees[0]!.rowCount).toBeGreaterThan(4096);
  return disk.readFile('/d/s');
}

test.each([
  { name: 'small', sample: treeSample() },
  { name: 'large', sample: manyRecords() },
])(
  '$name star-trees come back too, their records and nodes in a third of the bytes',
  ({ sample }) => {
    const disk = new VirtualDisk();
    put(disk, '/s', sample);
    roundTrip(disk);
    const file = disk.openRead('/packed');
    const { directory, ranges } = readPackedDirectory(file, '/packed');
    file.close();
    const ofTrees = blocksOf(directory).filter(({ tree }) => tree !== null);
    for (const placed of [ofTrees, ofTrees.filter(({ index }) => index?.kind === STAR_NODES)]) {
      const packedBytes = placed.reduce((sum, { block }) => sum + ranges.get(block)!.length, 0);
      const plainBytes = placed.reduce((sum, { block }) => sum + block.length, 0);
      expect(packedBytes).toBeLessThan(plainBytes / 3);
    }
  },
);

describe('damage', () => {
  const segment = golden('v2.varve');
  const disk = new VirtualDisk();
  put(disk, '/s', segment);
  packSegment(disk, '/s', '/packed', { codec: 'brotli' });
  const packed = disk.readFile('/packed');

  function expectSeen(bytes: Uint8Array): 'error' | 'equal' {
    const damaged = new VirtualDisk();
    put(damaged, '/packed', bytes);
    try {
      unpackSegment(damaged, '/packed', '/back');
    } catch (error) {
      if (!(error instanceof CorruptSegmentError)) throw error;
      expectSame(error.path, '/packed');
      expectSame(damaged.list('/'), ['packed']);
      return 'error';
    }
    expect(damaged.readFile('/back')).toEqual(segment);
    return 'equal';
  }

  /** Of each byte one bit or two, all eight in turns; a long run of `segments/fuzz` flips each bit of its files. */
  test('any single flipped bit is an error', () => {
    const seen = { error: 0, equal: 0 };
    for (let bit = 0; bit < 8 * packed.length; bit += 7) {
      packed[bit >>> 3]! ^= 1 << (bit & 7);
      seen[expectSeen(packed)]++;
      packed[bit >>> 3]! ^= 1 << (bit & 7);
    }
    expect(seen).toEqual({ error: Math.ceil((8 * packed.length) / 7), equal: 0 });
  });

  test('cut at any length it is an error', () => {
    for (let length = 0; length < packed.length; length++) {
      expectSame(expectSeen(packed.subarray(0, length)), 'error');
    }
  });

  test('of the segment file is seen when it is packed, and leaves nothing behind', () => {
    const { blocks } = readSegmentDirectory(disk, '/s').columns[1]!;
    const bytes = segment.slice();
    bytes[blocks[0]!.offset]! ^= 1;
    const damaged = new VirtualDisk();
    put(damaged, '/s', bytes);
    const { offset } = blocks[0]!;
    expect(() => packSegment(damaged, '/s', '/packed')).toThrow(
      `byte ${offset}, column "text": checksum of block "dictionary.bytes"`,
    );
    expect(damaged.list('/')).toEqual(['s']);
    expect(() => unpackSegment(damaged, '/s', '/back')).toThrow(/want magic "VARVEPAK"/);
    expect(() => packSegment(damaged, '/none', '/packed')).toThrow(NotFoundError);
  });

  test('of padding heals', () => {
    const bytes = segment.slice();
    const [first] = readSegmentDirectory(disk, '/s').columns[0]!.blocks;
    bytes[first!.offset + first!.length]! ^= 1;
    const damaged = new VirtualDisk();
    put(damaged, '/s', bytes);
    packSegment(damaged, '/s', '/packed');
    unpackSegment(damaged, '/packed', '/back');
    expect(damaged.readFile('/back')).toEqual(segment);
  });
});

/** `VARVE_WRITE_GOLDEN=1 npx vitest run segments/packed` writes those of the codec that Node prefers; zstd's are of a newer Node. */
describe('golden files', () => {
  const disk = new RealDisk();
  const files = [
    { packed: 'packed-v1-brotli', codec: 'brotli', segment: 'v1' },
    { packed: 'packed-v1-zstd', codec: 'zstd', segment: 'v1' },
    // Indexes that are left out must come out the same for ever.
    { packed: 'packed-v1-indexes', codec: 'brotli', segment: 'v2-indexes' },
  ] as const;
  for (const { packed, codec, segment } of files) {
    if (process.env.VARVE_WRITE_GOLDEN !== '1' || codec !== PREFERRED_CODEC) continue;
    packSegment(disk, join(GOLDEN, `${segment}.varve`), join(GOLDEN, `${packed}.varvepack`));
  }

  test.each(files)('$packed is still unpacked', ({ packed, segment }) => {
    const virtual = new VirtualDisk();
    put(virtual, '/packed', golden(`${packed}.varvepack`));
    const { sha256 } = unpackSegment(virtual, '/packed', '/back');
    expect(sha256).toBe(sha256Hex(golden(`${segment}.varve`)));
    expectIndexesLeftOut(virtual);
  });
});
