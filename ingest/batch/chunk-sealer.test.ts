import { expect, test } from 'vitest';
import { ArenaPool, UserError, VirtualDisk } from '../../core/index.js';
import { ETERNITY, type Value } from '../../model/index.js';
import {
  MutableSegment,
  openSegment,
  type Partitioning,
  type SealedSegment,
  sealChunks,
  sealSegments,
} from '../../segments/index.js';
import { cellsOf, inputTypes, type PlainRow, rowsOf, schemaOf } from '../../segments/testing.js';
import type { ChunkSegment } from '../publisher.js';
import { ChunkSealer, type Piece } from './chunk-sealer.js';

const METRICS = [{ type: 'longSum', name: 'sum', fieldName: 'x' }];
const DIMENSIONS = { page: 'STRING', n: 'LONG', tags: 'STRING' } as const;

const newPool = () => new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 26, scratchBytes: 1 });

const schemaWith = (rollup: boolean) => ({
  ...schemaOf(DIMENSIONS, METRICS, { rollup }),
  chunkOf: () => ({ ...ETERNITY, chunk: ETERNITY }),
});

const PIECES = 6;
const ROWS = 1200;

/** Rows of which pieces have many in common. */
const rowsOfPiece = (piece: number): PlainRow[] =>
  Array.from({ length: ROWS }, (_, i) => ({
    __time: i % 7,
    page: i % 10 === 0 ? null : `page ${(i * 13 + piece * 5) % 400}`,
    n: i % 3,
    tags: i % 50 === 0 ? ['a', 'b'] : 'a',
    x: i + piece,
  }));

function pieceFiles(disk: VirtualDisk, rollup: boolean): Piece[] {
  const schema = schemaWith(rollup);
  return Array.from({ length: PIECES }, (_, piece) => {
    const segment = new MutableSegment(schema, newPool());
    segment.append(rowsOf(rowsOfPiece(piece), inputTypes(schema, { x: 'LONG' })));
    const options = { maxRowsPerSegment: ROWS };
    const inputs = [segment.snapshot()];
    const [sealed] = sealSegments(disk, '/tmp', () => `${piece}.piece`, inputs, schema, options);
    segment.close();
    return sealed!;
  });
}

const seal = (partitioning: Partitioning | null, rollup: boolean, memoryBytes: number) =>
  sealFiles(pieceFiles, schemaWith(rollup), partitioning, rollup, memoryBytes);

function sealFiles(
  write: (disk: VirtualDisk, rollup: boolean) => Piece[],
  schema: ReturnType<typeof schemaWith>,
  partitioning: Partitioning | null,
  rollup: boolean,
  memoryBytes: number,
): { readonly disk: VirtualDisk; readonly segments: readonly ChunkSegment[] } {
  const disk = new VirtualDisk();
  const pieces = write(disk, rollup);
  let files = 0;
  const sealer = new ChunkSealer({
    disk,
    directory: '/out',
    temporaryDir: '/tmp',
    name: () => `${files++}`,
    pool: newPool(),
    memoryBytes,
    schema,
    tuning: { maxRowsPerSegment: 1000, partitioning },
  });
  const steps = sealer.seal(ETERNITY, pieces);
  for (;;) {
    const { done, value } = steps.next();
    if (!done) continue;
    expect(disk.list('/tmp').filter((name) => disk.list(`/tmp/${name}`).length > 0)).toEqual([]);
    expect(disk.list('/out').length).toBe(value.length);
    return { disk, segments: value };
  }
}

const contents = (segments: readonly ChunkSegment[]) =>
  segments.map(({ bucket, sealed: { path: _, ...sealed } }) => ({ bucket, sealed }));

function rowsIn(disk: VirtualDisk, { path }: SealedSegment): Value[][] {
  const segment = openSegment(disk, path, newPool());
  const rows = cellsOf(segment);
  segment.close();
  return rows;
}

/** In the order of the files. */
function rowsByBucket({ disk, segments }: ReturnType<typeof seal>): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const { bucket, sealed } of segments) {
    const key = JSON.stringify(bucket ?? null);
    rows.set(key, [...(rows.get(key) ?? []), ...rowsIn(disk, sealed).map(String)]);
  }
  return rows;
}

/** Less than the pieces, and less than one bucket of them, which then is written in several files. */
const TIGHT = [200_000, 60_000];
const AMPLE = 1 << 25;

const PARTITIONINGS: readonly (Partitioning | null)[] = [
  null,
  { type: 'hashed', dimensions: ['page'], numShards: 3, targetRows: 1 },
  { type: 'hashed', dimensions: [], numShards: 2, targetRows: 1 },
];

test.each(
  PARTITIONINGS.flatMap((partitioning) =>
    [true, false].map((rollup) => ({ partitioning, rollup })),
  ),
)('the segments do not depend on memory: $partitioning, rollup $rollup', (test) => {
  const { partitioning, rollup } = test;
  const ample = seal(partitioning, rollup, AMPLE);
  for (const memoryBytes of TIGHT) {
    const tight = seal(partitioning, rollup, memoryBytes);
    expect(rowsByBucket(tight)).toEqual(rowsByBucket(ample));
    if (tight.segments.length > ample.segments.length) continue;
    expect(contents(tight.segments)).toEqual(contents(ample.segments));
  }
});

/** A file for each type that the values of an `auto` dimension have. */
function autoFiles(disk: VirtualDisk): Piece[] {
  return (['LONG', 'STRING', 'DOUBLE'] as const).map((type, piece) => {
    const schema = autoSchema(type);
    const segment = new MutableSegment(schema, newPool());
    const cellAt = (i: number) => (type === 'STRING' ? `v${i % 90}` : (i % 90) / (piece + 1));
    const rows = Array.from({ length: 9 * ROWS }, (_, i) => ({ __time: i % 7, v: cellAt(i) }));
    segment.append(rowsOf(rows, { __time: 'LONG', v: type }));
    const options = { maxRowsPerSegment: 9 * ROWS };
    const inputs = [segment.snapshot()];
    const [sealed] = sealSegments(disk, '/tmp', () => `${piece}.piece`, inputs, schema, options);
    segment.close();
    return sealed!;
  });
}

function autoSchema(type: 'LONG' | 'STRING' | 'DOUBLE') {
  const [dimension] = schemaOf({ v: type }).dimensions;
  return { ...schemaWith(false), dimensions: [{ ...dimension!, auto: type }], metrics: [] };
}

test.each([null, PARTITIONINGS[2]!])(
  'pieces that found other types become one type in tight memory too: %j',
  (partitioning) => {
    const sealed = (memoryBytes: number) =>
      sealFiles(autoFiles, autoSchema('LONG'), partitioning, false, memoryBytes);
    const ample = sealed(AMPLE);
    const tight = sealed(TIGHT[1]!);
    expect(tight.segments.map(({ sealed }) => sealed.columns[1]?.type)).toContain('COMPLEX<json>');
    const sortedRows = (from: typeof ample) => [...rowsByBucket(from).values()].flat().sort();
    expect(sortedRows(tight)).toEqual(sortedRows(ample));
  },
);

const RANGE: Partitioning = {
  type: 'range',
  dimensions: ['n', 'page'],
  boundaries: null,
  targetRows: 1500,
  maxRows: 2250,
};

test('ranges without rollup are the same in tight memory', () => {
  const expected = rowsByBucket(seal(RANGE, false, AMPLE));
  expect(expected.size).toBe(5);
  for (const memoryBytes of TIGHT) {
    expect(rowsByBucket(seal(RANGE, false, memoryBytes))).toEqual(expected);
  }
});

test('with rollup every row is there once, and ranges do not overlap', () => {
  const { disk, segments } = seal(RANGE, true, TIGHT[0]!);
  const rows = segments.flatMap(({ sealed }) => rowsIn(disk, sealed));
  const keys = rows.map(([time, page, n, tags]) => JSON.stringify([time, page, n, tags]));
  expect(new Set(keys).size).toBe(keys.length);
  const whole = seal(null, true, AMPLE);
  const expected = whole.segments.flatMap(({ sealed }) => rowsIn(whole.disk, sealed));
  expect(rows.map(String).sort()).toEqual(expected.map(String).sort());
  const places = [...rowsByBucket({ disk, segments }).values()].map((inside) =>
    inside.map((row) => row.split(',')).map(([, page, n]) => `${n} ${page}`),
  );
  for (let i = 1; i < places.length; i++) {
    const highest = places[i - 1]!.sort().at(-1)!;
    expect(places[i]!.every((place) => place > highest)).toBe(true);
  }
});

test('a list in a dimension that ranges go by is refused, in tight memory too', () => {
  for (const memoryBytes of [AMPLE, ...TIGHT]) {
    const tags = () => seal({ ...RANGE, dimensions: ['tags'] }, true, memoryBytes);
    expect(tags).toThrow(UserError);
    expect(tags).toThrow(/multi-value dimension "tags"/);
  }
});

test('in ample memory the pieces are sealed as they are', () => {
  const disk = new VirtualDisk();
  const schema = schemaWith(true);
  const opened = pieceFiles(disk, true).map(({ path }) => openSegment(disk, path, newPool()));
  const options = { maxRowsPerSegment: 1000 };
  const expected = sealChunks(disk, '/whole', String, opened, schema, options);
  expect(contents(seal(null, true, AMPLE).segments)).toEqual(contents(expected));
});
