import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArenaPool, ResourceLimitError, VirtualDisk } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { attachSegment } from '../handle.js';
import { type LoadJob, performLoad } from '../immutable/load.js';
import { partBytes, partsOf } from '../immutable/parts.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealSegments } from '../seal/seal-segments.js';
import { rowsOf, schemaOf, testPool } from '../testing.js';
import { type PinnedSegment, SegmentCache } from './segment-cache.js';

const FILES = 4;
const ROWS = 700;
const COLUMNS = ['a', 'b', 'c'] as const;
const SCHEMA = schemaOf({ a: 'STRING', b: 'LONG', c: 'LONG' });

/** Column b takes 8 bytes a row, c takes 2. */
const cellAt = (column: string, file: number, row: number): Value => {
  if (column === 'a') return `v${(row * (file + 3)) % 40}`;
  if (column === 'c') return (row * (file + 7)) % 60_000;
  return BigInt.asIntN(64, BigInt(row + 1) * BigInt(file + 1) * 0x9e3779b97f4a7c15n);
};

const DISK = new VirtualDisk();
for (let file = 0; file < FILES; file++) {
  const segment = new MutableSegment(SCHEMA, testPool());
  const rows = Array.from({ length: ROWS }, (_, row) => ({
    __time: row,
    ...Object.fromEntries(COLUMNS.map((column) => [column, cellAt(column, file, row)])),
  }));
  segment.append(rowsOf(rows, { __time: 'LONG', a: 'STRING', b: 'LONG', c: 'LONG' }));
  const options = { maxRowsPerSegment: ROWS };
  sealSegments(DISK, '/s', () => String(file), [segment.snapshot()], SCHEMA, options);
}

const columnsOf = (columns: readonly string[]): string[] => ['__time', ...columns];

const sizeOf = (file: number, column: string): number => {
  const parts = partsOf(readSegmentDirectory(DISK, `/s/${file}`), { columns: [column] });
  return partBytes(parts.find((part) => part.column === column)!);
};
const SIZES = Array.from(
  { length: FILES },
  (_, file) => new Map(columnsOf(COLUMNS).map((column) => [column, sizeOf(file, column)])),
);

/** What is in memory, told by a list: one entry a column, least recently pinned first. */
class Model {
  parts: { readonly file: number; readonly column: string }[] = [];
  readonly pins = new Array<number>(FILES).fill(0);
  loads = 0;
  evictions = 0;

  constructor(readonly maxBytes: number) {}

  get usedBytes(): number {
    return this.parts.reduce((sum, { file, column }) => sum + SIZES[file]!.get(column)!, 0);
  }

  /** False where there is no room. */
  pin(file: number, columns: readonly string[]): boolean {
    const isThere = (column: string) =>
      this.parts.some((part) => part.file === file && part.column === column);
    const missing = columnsOf(columns).filter((column) => !isThere(column));
    const wanted = missing.reduce((sum, column) => sum + SIZES[file]!.get(column)!, 0);
    this.pins[file]!++;
    while (this.usedBytes + wanted > this.maxBytes) {
      const at = this.parts.findIndex((part) => this.pins[part.file] === 0);
      if (at < 0) {
        this.pins[file]!--;
        return false;
      }
      this.parts.splice(at, 1);
      this.evictions++;
    }
    this.loads += missing.length;
    for (const column of COLUMN_ORDER.filter((each) => columnsOf(columns).includes(each))) {
      this.parts = this.parts.filter((part) => part.file !== file || part.column !== column);
      this.parts.push({ file, column });
    }
    return true;
  }
}

/** As they lie in the file. */
const COLUMN_ORDER = columnsOf(COLUMNS);

type Step =
  | { readonly do: 'pin'; readonly file: number; readonly columns: readonly string[] }
  | { readonly do: 'release'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('pin' as const),
    file: fc.nat(FILES - 1),
    columns: fc.subarray([...COLUMNS]),
  }),
  fc.record({ do: fc.constant('release' as const), which: fc.nat(9) }),
);

interface Held {
  readonly file: number;
  readonly columns: readonly string[];
  readonly pinned: PinnedSegment;
}

function expectReadable({ file, columns, pinned }: Held): void {
  const cursor = attachSegment(pinned.handle).cursor();
  const readers = columns.map((column) => cursor.column(column));
  for (const row of [0, 1, ROWS >> 1, ROWS - 1]) {
    cursor.row = row;
    expect(cursor.timeMs()).toBe(row);
    expect(readers.map((reader) => reader.get())).toEqual(
      columns.map((column) => cellAt(column, file, row)),
    );
  }
}

const total = SIZES.reduce((sum, sizes) => sum + [...sizes.values()].reduce((a, b) => a + b), 0);

function cacheOver(pool: ArenaPool, maxBytes: number): SegmentCache {
  const load = async (job: LoadJob) => {
    await Promise.resolve();
    performLoad(DISK, job);
  };
  return new SegmentCache({ pool, disk: DISK, load, maxBytes });
}

test('any pins and releases: what is pinned is right, and room is made as by a list', async () => {
  const run = fc.record({
    maxBytes: fc.integer({ min: 3000, max: total }),
    steps: fc.array(step, { maxLength: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ maxBytes, steps }) => {
      const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 24 });
      const cache = cacheOver(pool, maxBytes);
      const model = new Model(maxBytes);
      const held: Held[] = [];
      for (const each of steps) {
        if (each.do === 'pin') {
          const { file, columns } = each;
          const pin = cache.pin(`/s/${file}`, { columns });
          if (model.pin(file, columns)) held.push({ file, columns, pinned: await pin });
          else await expect(pin).rejects.toThrow(ResourceLimitError);
        } else if (held.length > 0) {
          const [released] = held.splice(each.which % held.length, 1);
          released!.pinned.release();
          model.pins[released!.file]!--;
        }
        held.forEach(expectReadable);
        const { misses, evictions } = cache.counts;
        expect({ used: cache.usedBytes, parts: cache.partCount, misses, evictions }).toEqual({
          used: model.usedBytes,
          parts: model.parts.length,
          misses: model.loads,
          evictions: model.evictions,
        });
      }
      for (const { pinned } of held) pinned.release();
      for (let file = 0; file < FILES; file++) cache.drop(`/s/${file}`);
      expect([cache.usedBytes, pool.usedBytes]).toEqual([0, 0]);
    }),
  );
});

test('pins at the same moment, in arenas too small for all: what is pinned is right, and all memory comes back', async () => {
  const burst = fc.array(step, { maxLength: 6 });
  const run = fc.record({
    bursts: fc.array(burst, { maxLength: 10 }),
    dropped: fc.array(fc.nat(FILES - 1), { maxLength: 10 }),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ bursts, dropped }) => {
      // An arena is a page at least: what others hold leaves room for one file and a half.
      const pool = new ArenaPool({ arenaBytes: 1 << 16, maxBytes: 1 << 24 });
      const filler = Math.floor((1 << 16) - (1.5 * total) / FILES);
      const fillers = Array.from({ length: 4 }, () => pool.allocate(filler));
      const cache = cacheOver(pool, 4 * total);
      const held: Held[] = [];
      for (const [i, steps] of bursts.entries()) {
        const pins: Promise<Held>[] = [];
        for (const each of steps) {
          if (each.do === 'pin') {
            const { file, columns } = each;
            const pin = cache.pin(`/s/${file}`, { columns });
            pins.push(pin.then((pinned) => ({ file, columns, pinned })));
          } else if (held.length > 0) {
            held.splice(each.which % held.length, 1)[0]!.pinned.release();
          }
        }
        if (i in dropped) cache.drop(`/s/${dropped[i]}`);
        held.push(...(await Promise.all(pins)));
        held.forEach(expectReadable);
      }
      for (const { pinned } of held) pinned.release();
      for (let file = 0; file < FILES; file++) cache.drop(`/s/${file}`);
      for (const range of fillers) pool.free(range);
      expect([cache.usedBytes, cache.partCount, pool.usedBytes]).toEqual([0, 0, 0]);
    }),
  );
});
