import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CorruptSegmentError,
  type Disk,
  LONG_MAX,
  LONG_MIN,
  NotFoundError,
  RealDisk,
  VirtualDisk,
} from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { type CodeSet, rowsIn } from '../../indexes/index.js';
import type { Value } from '../../model/index.js';
import { openSegment } from '../immutable/load.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealSegments } from '../seal/seal-segments.js';
import { cellsOf, inputTypes, rowsOf, schemaOf, testPool } from '../testing.js';
import type { Segment } from '../types.js';
import { decodeFooter, encodeFooter, FOOTER_BYTES, SEGMENT_FRAME } from './frame.js';
import { readSegmentDirectory } from './read-directory.js';

const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), '..', 'golden');
const pool = testPool();

/** Every encoding, nulls in most columns, hostile text. Never change it: golden files hold it. */
const schema = schemaOf(
  {
    text: 'STRING',
    lists: 'STRING',
    constant: 'LONG',
    narrow: 'LONG',
    wide: 'LONG',
    double: 'DOUBLE',
    same: 'DOUBLE',
    float: 'FLOAT',
    sameFloat: 'FLOAT',
  },
  [
    { type: 'count', name: 'n' },
    { type: 'hyperUnique', name: 'users', fieldName: 'user' },
  ],
);
const ROWS = [
  {
    text: 'ä',
    lists: ['b', null, 'b'],
    narrow: 1,
    wide: LONG_MAX,
    double: 0.1,
    float: 0.5,
    user: 'u',
  },
  { text: null, lists: null, narrow: 200, wide: LONG_MIN, double: null, float: null, user: null },
  { text: '', lists: 'b', narrow: null, wide: 0, double: -0, float: -1, user: 'v' },
  {
    text: '\u{1F600}\u0000',
    lists: ['b', 'a'],
    narrow: 7,
    wide: null,
    double: Number.NaN,
    float: 3,
    user: 'u',
  },
].map((row, i) => ({
  __time: 1_700_000_000_000 + 1000 * i,
  constant: 42,
  same: 2.5,
  sameFloat: i === 1 ? null : Math.fround(0.1),
  ...row,
}));

const EXPECTED: Value[][] = ROWS.map((row) => [
  row.__time,
  row.text,
  row.lists,
  row.constant,
  row.narrow,
  row.wide,
  row.double,
  row.same,
  row.float,
  row.sameFloat,
  1,
  row.user === null ? 0 : 1,
]);

const ENCODINGS_IN_FILE = [
  'long.delta',
  'string.dictionary',
  'string.list',
  'long.constant',
  'long.delta',
  'long.raw',
  'double.raw',
  'double.constant',
  'float.raw',
  'float.constant',
  'long.constant',
  'complex.bytes',
];

function writeSample(disk: Disk, directory: string, name: string): void {
  const segment = new MutableSegment(schema, pool);
  const types = inputTypes(schema, { user: 'STRING' });
  segment.append(rowsOf(ROWS, types));
  const options = { maxRowsPerSegment: 100 };
  sealSegments(disk, directory, () => name, [segment.snapshot()], schema, options);
  segment.close();
}

/** Cells and what the segment says of itself; sketches by their estimate. */
function answerOf(segment: Segment): unknown {
  const { columns, rowCount, minTimeMs, maxTimeMs, rollup, queryGranularity } = segment;
  const aggregators = { ...segment.aggregators };
  const cells = cellsOf(segment).map((row) =>
    row.map((cell) =>
      cell !== null && typeof cell === 'object' && 'estimate' in cell
        ? Math.round((cell as { estimate(): number }).estimate())
        : cell,
    ),
  );
  const indexed = columns.flatMap(({ name }) => rowsByIndex(segment, name));
  const head = { columns, rowCount, minTimeMs, maxTimeMs, rollup, queryGranularity };
  return { ...head, aggregators, cells, indexed };
}

/** What the inverted index of a column tells, code by code. */
function rowsByIndex(segment: Segment, name: string): [string, number, number[]][] {
  const index = segment.index(name, 'inverted');
  if (index === null) return [];
  return [0, 1, 2, 3].map((code) => {
    const codes: CodeSet = { kind: 'ranges', ranges: [{ from: code, to: code + 1 }] };
    return [name, code, [...rowsIn(index.rows({ kind: 'codes', codes })!.rows, 0, 99)]];
  });
}

function readAnswer(disk: Disk, path: string): unknown {
  const segment = openSegment(disk, path, pool, 'all');
  try {
    return answerOf(segment);
  } finally {
    segment.close();
  }
}

function sampleBytes(): Uint8Array {
  const disk = new VirtualDisk();
  writeSample(disk, '/d', 'sample');
  return disk.readFile('/d/sample');
}

/** A disk that holds one file. */
function diskOf(bytes: Uint8Array): Disk {
  const openRead: Disk['openRead'] = () => ({
    sizeBytes: bytes.length,
    readInto: (target, offset) => target.set(bytes.subarray(offset, offset + target.length)),
    close: () => undefined,
  });
  return Object.assign(new VirtualDisk(), { openRead });
}

/** Reads a damaged file: a typed error that names it, or the right answer. */
function expectDamageIsSeen(bytes: Uint8Array, expected: unknown): 'error' | 'equal' {
  try {
    expectSame(readAnswer(diskOf(bytes), '/d/damaged'), expected);
    return 'equal';
  } catch (error) {
    if (!(error instanceof CorruptSegmentError)) throw error;
    expectSame(error.path, '/d/damaged');
    return 'error';
  }
}

describe('a segment file', () => {
  const bytes = sampleBytes();
  const expected = readAnswer(diskOf(bytes), '/d/sample');

  test('holds every encoding and reads back', () => {
    expect(expected).toMatchObject({ cells: EXPECTED, rowCount: ROWS.length });
    const directory = readSegmentDirectory(diskOf(bytes), '/d/sample');
    expect(directory.columns.map(({ encoding }) => encoding)).toEqual(ENCODINGS_IN_FILE);
    expect(directory.fileSizeBytes).toBe(bytes.length);
    for (const block of directory.columns.flatMap(({ blocks }) => blocks)) {
      expect(block.offset % 64).toBe(0);
      const padding = bytes.subarray(block.offset + block.length, block.offset + block.length + 16);
      expect([...padding]).toEqual(Array(16).fill(0));
    }
  });

  test('is the same bytes each time', () => {
    expect(sampleBytes()).toEqual(bytes);
  });

  /** Of each byte one bit or two, all eight in turns; a long run of `segments/fuzz` flips each bit of its files. */
  test('any single flipped bit is an error or changes nothing', { timeout: 180_000 }, () => {
    const seen = { error: 0, equal: 0 };
    for (let bit = 0; bit < 8 * bytes.length; bit += 7) {
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      seen[expectDamageIsSeen(bytes, expected)]++;
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
    }
    // What changes nothing is padding between blocks.
    expect(seen.error).toBeGreaterThan(seen.equal);
  });

  test('cut at any length it is an error', () => {
    for (let length = 0; length < bytes.length; length++) {
      expectSame(expectDamageIsSeen(bytes.subarray(0, length), expected), 'error');
    }
  });

  test('random runs of other bytes are an error or change nothing', () => {
    const run = fc.record({
      at: fc.nat(bytes.length - 1),
      content: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    });
    fc.assert(
      fc.property(run, ({ at, content }) => {
        const damaged = bytes.slice();
        damaged.set(content.subarray(0, bytes.length - at), at);
        expectDamageIsSeen(damaged, expected);
      }),
    );
  });

  test('an error names file, offset and column', () => {
    const directory = readSegmentDirectory(diskOf(bytes), '/d/sample');
    const { offset } = directory.columns.find(({ name }) => name === 'wide')!.blocks[0]!;
    const damaged = bytes.slice();
    damaged[offset + 3]! ^= 1;
    expect(() => openSegment(diskOf(damaged), '/d/sample', pool)).toThrow(
      `segment file /d/sample is damaged at byte ${offset}, column "wide": checksum of block "values"`,
    );
    expect(pool.usedBytes).toBe(0);
  });

  test('that is not there is not found', () => {
    expect(() => openSegment(new VirtualDisk(), '/nowhere', pool)).toThrow(NotFoundError);
  });
});

test.each([
  { offset: 0, length: 968 },
  { offset: 64, length: 903 },
  { offset: 2 ** 40, length: 904 },
])('a footer with a good checksum that points elsewhere: $offset', ({ offset, length }) => {
  const footer = encodeFooter(SEGMENT_FRAME, offset, new Uint8Array(length));
  expect(footer.length).toBe(FOOTER_BYTES);
  expect(() => decodeFooter(SEGMENT_FRAME, footer, 1000, '/d')).toThrow(
    /does not end at the footer/,
  );
});

/** `VARVE_WRITE_GOLDEN=1 npx vitest run segments/format` writes the file of the current version. */
describe('golden files', () => {
  const disk = new RealDisk();
  if (process.env.VARVE_WRITE_GOLDEN === '1') writeSample(disk, GOLDEN, 'v2-indexed.varve');

  test.each(['v1.varve', 'v2.varve', 'v2-indexed.varve'])('%s is still read', (name) => {
    expect(readAnswer(disk, join(GOLDEN, name))).toMatchObject({
      cells: EXPECTED,
      rowCount: 4,
      minTimeMs: 1_700_000_000_000,
      maxTimeMs: 1_700_000_003_000,
      queryGranularity: 'none',
      aggregators: { n: { type: 'count', name: 'n' } },
    });
  });
});
