import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ArenaPool,
  CorruptSegmentError,
  failOperation,
  LONG_MAX,
  LONG_MIN,
  toLong,
  VirtualDisk,
  writeFileAtomically,
} from '../../core/index.js';
import { draws, expectSame } from '../../core/testing.js';
import { JSON_TYPE, Json, parseGranularity } from '../../model/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { openSegment } from '../immutable/load.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import type { DimensionSchema, SegmentSchema } from '../schema.js';
import { sealSegments } from '../seal/seal-segments.js';
import type { SealedSegment } from '../seal/write-segment.js';
import { inputTypes, type PlainRow, rowsOf, schemaOf } from '../testing.js';
import { isMergeable } from './is-mergeable.js';
import { mergeSegments } from './merge-segments.js';

const pool = new ArenaPool({ arenaBytes: 8 << 20, maxBytes: 1 << 30, scratchBytes: 1 });

const METRICS = [
  { type: 'count', name: 'n' },
  { type: 'longSum', name: 'sum', fieldName: 'x' },
  { type: 'doubleSum', name: 'dsum', fieldName: 'y' },
  { type: 'floatMax', name: 'fmax', fieldName: 'y' },
  { type: 'longMin', name: 'lmin', fieldName: 'l' },
  { type: 'hyperUnique', name: 'users', fieldName: 'user' },
  { type: 'thetaSketch', name: 'theta', fieldName: 'user', size: 16 },
  { type: 'HLLSketchBuild', name: 'hll', fieldName: 'user', lgK: 4 },
  { type: 'quantilesDoublesSketch', name: 'quantiles', fieldName: 'y' },
  {
    type: 'fixedBucketsHistogram',
    name: 'buckets',
    fieldName: 'y',
    lowerLimit: 0,
    upperLimit: 10,
    outlierHandlingMode: 'overflow',
  },
  {
    type: 'arrayOfDoublesSketch',
    name: 'tuple',
    fieldName: 'user',
    metricColumns: ['x'],
    nominalEntries: 16,
  },
  { type: 'topKSketch', name: 'top', fieldName: 'user', k: 2, capacity: 3 },
  { type: 'countMinSketch', name: 'counts', fieldName: 'user', width: 4, depth: 2 },
  { type: 'countMinSketch', name: 'many', fieldName: 'user', width: 64, conservative: true },
  { type: 'reservoirSample', name: 'sample', fieldName: 'user', maxNumSamples: 2 },
  { type: 'lossyCountingSketch', name: 'lossy', fieldName: 'user', share: 0.5, error: 0.4 },
  { type: 'countMinHeavyHitters', name: 'heavy', fieldName: 'user', share: 0.4, width: 2 },
  { type: 'KllFloatsSketch', name: 'kll', fieldName: 'y', k: 8 },
  { type: 'stringLast', name: 'last', fieldName: 'user' },
];
const ALL: Record<string, DimensionSchema['type']> = {
  s: 'STRING',
  l: 'LONG',
  d: 'DOUBLE',
  tags: 'STRING',
  f: 'FLOAT',
  list: 'ARRAY<LONG>',
  t: 'STRING',
  doc: JSON_TYPE,
};

const text = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', ''),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const doc = fc
  .record({ a: fc.oneof(text, fc.nat(2), fc.constant(null)), b: fc.array(fc.nat(2)) })
  .map((value) => Json.of(value));
const anyRow: fc.Arbitrary<PlainRow> = fc.record({
  __time: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 40, 2 ** 33)),
  s: fc.option(text),
  t: fc.option(fc.nat(300).map(String)),
  l: fc.option(fc.oneof(fc.nat(2), fc.bigInt({ min: LONG_MIN, max: LONG_MAX }).map(toLong))),
  d: fc.option(fc.oneof(fc.constantFrom(0, -0, Number.NaN), fc.double())),
  f: fc.option(fc.oneof(fc.constant(1), fc.float())),
  tags: fc.oneof(text, fc.constant(null), fc.array(fc.option(text), { maxLength: 3 })),
  list: fc.option(fc.array(fc.option(fc.nat(3)), { maxLength: 3 })),
  doc: fc.option(doc),
  x: fc.option(fc.integer()),
  y: fc.option(fc.integer({ min: -50, max: 50 }).map((n) => n / 10)),
  user: fc.option(fc.constantFrom('ann', 'bob', 'eve')),
});

/** A batch has some of the dimensions. */
const batch = fc.record({
  rows: fc.array(anyRow, { minLength: 1, maxLength: 20 }),
  dimensions: fc.subarray(Object.keys(ALL), { minLength: 1 }),
  hasMetrics: fc.constantFrom(true, true, false),
});

const typesOf = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, ALL[name]!]));

function schemaFor(names: readonly string[], rollup: boolean, hasMetrics = true): SegmentSchema {
  const queryGranularity = parseGranularity(rollup ? 'second' : 'none', '');
  return schemaOf(typesOf(names), hasMetrics ? METRICS : METRICS.slice(0, 2), {
    rollup,
    queryGranularity,
  });
}

let files = 0;

/** Writes rows into a sorted file. */
function inputFile(disk: VirtualDisk, schema: SegmentSchema, rows: readonly PlainRow[]): string {
  const segment = new MutableSegment(schema, pool);
  const types = inputTypes(schema, { x: 'LONG', y: 'DOUBLE', l: 'LONG', user: 'STRING' });
  segment.append(rowsOf(rows, types));
  const name = `${files++}`;
  const options = { maxRowsPerSegment: rows.length };
  sealSegments(disk, '/in', () => name, [segment.snapshot()], schema, options);
  segment.close();
  return `/in/${name}`;
}

function sealInMemory(
  disk: VirtualDisk,
  paths: readonly string[],
  schema: SegmentSchema,
  maxRowsPerSegment: number,
): SealedSegment[] {
  const opened = paths.map((path) => openSegment(disk, path, pool));
  try {
    const options = { maxRowsPerSegment };
    return sealSegments(disk, '/expected', String, opened, schema, options);
  } finally {
    for (const segment of opened) segment.close();
  }
}

const mergeOptions = (maxRowsPerSegment: number, memoryBytes: number) => ({
  maxRowsPerSegment,
  memoryBytes,
  temporaryDir: '/tmp/merge',
});

const withoutPath = ({ path: _, ...sealed }: SealedSegment) => sealed;

/** Deterministic rows of which many differ. */
const manyRows = (file: number, count: number): PlainRow[] =>
  Array.from({ length: count }, (_, i) => ({
    __time: (i * 7919) % 997,
    s: `page ${(i * 31 + file) % 50_021}`,
    l: (i * file) % 1000,
    t: i % 3 === 0 ? null : `${i % 17}`,
    x: i,
    user: `u${i % 100}`,
  }));

describe('merging files as a stream', () => {
  test('gives the bytes that sealing them in memory gives', () => {
    fc.assert(
      fc.property(
        fc.array(batch, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(40_000, 1 << 20),
        (batches, rollup, maxRows, memoryBytes) => {
          const disk = new VirtualDisk();
          const schema = schemaFor(Object.keys(ALL), rollup);
          const paths = batches.map(({ rows, dimensions, hasMetrics }) =>
            inputFile(disk, schemaFor(dimensions, rollup, hasMetrics), rows),
          );
          const directories = paths.map((path) => readSegmentDirectory(disk, path));
          expect(isMergeable(directories, schema)).toBe(true);
          const expected = sealInMemory(disk, paths, schema, maxRows);
          const options = mergeOptions(maxRows, memoryBytes);
          const merged = mergeSegments(disk, '/merged', String, paths, schema, options);
          const directoriesOf = (sealed: readonly SealedSegment[]) =>
            sealed.map(({ path }) => readSegmentDirectory(disk, path));
          expectSame(directoriesOf(merged), directoriesOf(expected));
          expectSame(merged.map(withoutPath), expected.map(withoutPath));
          for (const [i, { path }] of merged.entries()) {
            const wanted = disk.readFile(expected[i]!.path);
            expect(Buffer.compare(disk.readFile(path), wanted)).toBe(0);
          }
          expect(disk.list('/tmp')).toEqual([]);
        },
      ),
      { numRuns: draws(15) },
    );
  }, 120_000);

  test('dictionaries that do not fit into memory are read in turns', () => {
    const disk = new VirtualDisk();
    const schema = schemaFor(['s', 'l', 't'], true, false);
    const paths = Array.from({ length: 10 }, (_, file) =>
      inputFile(disk, schema, manyRows(file, 700)),
    );
    const expected = sealInMemory(disk, paths, schema, 1000);
    // Ranks of one column take 28,000 bytes; those that fit into a quarter of the memory stay.
    for (const memoryBytes of [1 << 16, 1 << 20]) {
      const options = mergeOptions(1000, memoryBytes);
      const merged = mergeSegments(disk, '/merged', String, paths, schema, options);
      expectSame(merged.map(withoutPath), expected.map(withoutPath));
    }
  });

  test('sketches longer than the memory for a step are read in parts', () => {
    const disk = new VirtualDisk();
    const schema = schemaFor(['s'], true);
    const crowd = (file: number): PlainRow[] =>
      Array.from({ length: 6000 }, (_, i) => ({
        __time: 0,
        s: `${i % 30}`,
        user: `${file} ${i}`,
      }));
    const paths = [0, 1, 2].map((file) => inputFile(disk, schema, crowd(file)));
    const expected = sealInMemory(disk, paths, schema, 100);
    const options = mergeOptions(100, 60_000);
    const merged = mergeSegments(disk, '/merged', String, paths, schema, options);
    expectSame(merged.map(withoutPath), expected.map(withoutPath));
  });

  test('a disk that fails at any call leaves no file behind', () => {
    const disk = new VirtualDisk();
    const granularity = { rollup: true, queryGranularity: parseGranularity('second', '') };
    const schema = schemaOf({ s: 'STRING', t: 'STRING' }, METRICS.slice(0, 8), granularity);
    const paths = [1, 2, 3].map((file) => inputFile(disk, schema, manyRows(file, 20)));
    const merge = () =>
      mergeSegments(disk, '/merged', String, paths, schema, mergeOptions(25, 1 << 20));
    let failures = 0;
    for (let isDone = false; !isDone; ) {
      disk.setFaults(failOperation(disk.operationCount + failures));
      try {
        merge();
        isDone = true;
      } catch {
        failures++;
        disk.setFaults(null);
        expect(disk.list('/merged')).toEqual([]);
      }
    }
    expect(failures).toBeGreaterThan(100);
  });

  test('a damaged file is an error that names it, and nothing is written', () => {
    const disk = new VirtualDisk();
    const schema = schemaFor(['s', 't'], true);
    const paths = [1, 2].map((file) => inputFile(disk, schema, manyRows(file, 20)));
    const { columns } = readSegmentDirectory(disk, paths[1]!);
    for (const { name, blocks } of columns) {
      for (const { offset, length } of blocks) {
        if (length === 0) continue;
        const sound = disk.readFile(paths[1]!);
        const damaged = sound.slice();
        damaged[offset + length - 1]! ^= 4;
        writeFileAtomically(disk, paths[1]!, damaged);
        const merge = () =>
          mergeSegments(disk, '/merged', String, paths, schema, mergeOptions(25, 1 << 20));
        expect(merge).toThrow(CorruptSegmentError);
        expect(merge).toThrow(name);
        expect(disk.list('/merged')).toEqual([]);
        writeFileAtomically(disk, paths[1]!, sound);
      }
    }
  });

  test('no rows make no file', () => {
    const options = mergeOptions(10, 1 << 20);
    const schema = schemaFor(['s'], false);
    expect(mergeSegments(new VirtualDisk(), '/merged', String, [], schema, options)).toEqual([]);
  });
});

test('what cannot be merged as it is: another order or type, rows that are not combined', () => {
  const disk = new VirtualDisk();
  const directoryOf = (schema: SegmentSchema) =>
    readSegmentDirectory(disk, inputFile(disk, schema, manyRows(1, 3)));
  const st = directoryOf(schemaFor(['s', 't'], false));
  expect(isMergeable([st], schemaFor(['s', 't'], false))).toBe(true);
  expect(isMergeable([st], schemaFor(['s', 'l', 't'], false))).toBe(true);
  expect(isMergeable([st], schemaFor(['l'], false))).toBe(true);
  expect(isMergeable([st], schemaFor(['t', 's'], false))).toBe(false);
  expect(isMergeable([st], schemaFor(['t'], false))).toBe(false);
  expect(isMergeable([st], schemaFor(['s', 't'], true))).toBe(false);
  const rolled = directoryOf(schemaFor(['s', 't'], true));
  expect(isMergeable([rolled], schemaFor(['s', 't'], true))).toBe(true);
  expect(isMergeable([rolled], schemaFor(['s', 't'], false))).toBe(true);
  expect(isMergeable([st], schemaOf({ s: 'LONG', t: 'STRING' }, METRICS))).toBe(false);
  expect(isMergeable([st], schemaOf({ s: 'STRING' }, [{ type: 'count', name: 't' }]))).toBe(false);
});
