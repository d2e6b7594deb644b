import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArenaPool,
  CorruptSegmentError,
  NotFoundError,
  ResourceLimitError,
  VirtualDisk,
} from '../../core/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { attachSegment } from '../handle.js';
import { type LoadJob, performLoad } from '../immutable/load.js';
import { partBytes, partsOf } from '../immutable/parts.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealSegments } from '../seal/seal-segments.js';
import { cellsOf, rowsOf, schemaOf, testPool } from '../testing.js';
import { SegmentCache } from './segment-cache.js';

const SCHEMA = schemaOf({ a: 'STRING', b: 'LONG' });
const TYPES = { __time: 'LONG', a: 'STRING', b: 'LONG' } as const;

let disk: VirtualDisk;
let pool: ArenaPool;
let jobs: LoadJob[];
let gate: Promise<void>;

/** Files /s/0 … /s/4 of equal size. */
beforeEach(() => {
  disk = new VirtualDisk();
  pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 24 });
  jobs = [];
  gate = Promise.resolve();
  const rows = Array.from({ length: 50 }, (_, i) => ({ __time: i, a: `v${i % 10}`, b: i % 10 }));
  const segment = new MutableSegment(SCHEMA, testPool());
  segment.append(rowsOf(rows, TYPES));
  sealSegments(disk, '/s', String, [segment.snapshot()], SCHEMA, { maxRowsPerSegment: 10 });
});

/** Bytes of columns in memory; all files are alike. */
function bytesOf(columns: readonly string[] | 'all'): number {
  const parts = partsOf(readSegmentDirectory(disk, '/s/0'), { columns });
  return parts.reduce((sum, part) => sum + partBytes(part), 0);
}

/** A cache that holds so many segments, `__time` alone unless told otherwise. */
function cacheOf(segmentCount: number, columns: readonly string[] | 'all' = []): SegmentCache {
  const load = async (job: LoadJob) => {
    jobs.push(job);
    await gate;
    performLoad(disk, job);
  };
  return new SegmentCache({ pool, disk, load, maxBytes: segmentCount * bytesOf(columns) });
}

const loadedColumns = () => jobs.map(({ parts }) => parts.map(({ column }) => column));

function damage(path: string, at: number): void {
  const bytes = disk.readFile(path);
  bytes[at]! ^= 1;
  const file = disk.create(path);
  file.write(bytes);
  file.close();
}

test('columns are loaded when first pinned, __time with them, and once', async () => {
  const cache = cacheOf(3, 'all');
  const first = await cache.pin('/s/0', { columns: ['b', 'no such column'] });
  const second = await cache.pin('/s/0', { columns: ['b'] });
  expect(loadedColumns()).toEqual([['__time', 'b']]);
  const segment = attachSegment(second.handle);
  const cursor = segment.cursor();
  cursor.row = 3;
  expect([cursor.timeMs(), cursor.column('b').get()]).toEqual([3, 3]);
  expect(() => cursor.column('a')).toThrow(/was not pinned/);
  const all = await cache.pin('/s/0', { columns: 'all' });
  expect(loadedColumns()).toEqual([['__time', 'b'], ['a']]);
  expect(cellsOf(attachSegment(all.handle))[3]).toEqual([3, 'v3', 3]);
  for (const pin of [first, second, all]) pin.release();
});

test('an index is loaded without any column', async () => {
  const cache = cacheOf(3, 'all');
  const wanted = { columns: 'none', indexes: [{ column: 'a', kind: 'inverted' }] } as const;
  const first = await cache.pin('/s/0', wanted);
  expect(jobs.map(({ parts }) => parts.map(({ key }) => key))).toEqual([['inverted:a']]);
  const segment = attachSegment(first.handle);
  expect(segment.index('a', 'inverted')).not.toBeNull();
  expect(() => segment.cursor().timeMs()).toThrow(/was not pinned/);
  const second = cache.pinLoaded('/s/0', wanted)!;
  expect(second.handle).toBe(first.handle);
  for (const pin of [first, second]) pin.release();
});

test('what is in memory is pinned at once, and handles of the same parts are one object', async () => {
  const cache = cacheOf(3, 'all');
  expect(cache.pinLoaded('/s/0', { columns: [] })).toBeNull();
  const first = await cache.pin('/s/0', { columns: ['b'] });
  const second = cache.pinLoaded('/s/0', { columns: ['b'] })!;
  expect(second.handle).toBe(first.handle);
  expect(cache.pinLoaded('/s/0', { columns: ['a'] })).toBeNull();
  const third = await cache.pin('/s/0', { columns: ['a'] });
  expect(third.handle).not.toBe(first.handle);
  for (const pin of [first, second, third]) pin.release();
  cache.drop('/s/0');
  expect(cache.usedBytes).toBe(0);
});

test('pins at the same moment share one load', async () => {
  const cache = cacheOf(3, 'all');
  const pins = await Promise.all(
    [['a'], ['a', 'b'], ['b']].map((columns) => cache.pin('/s/0', { columns })),
  );
  expect(loadedColumns()).toEqual([['__time', 'a'], ['b']]);
  expect(cellsOf(attachSegment(pins[1]!.handle)).length).toBe(10);
});

test('the least recently used segment without pins makes room', async () => {
  const cache = cacheOf(2);
  const held = await cache.pin('/s/0', { columns: [] });
  (await cache.pin('/s/1', { columns: [] })).release();
  (await cache.pin('/s/2', { columns: [] })).release();
  expect(cache.segmentCount).toBe(2);
  (await cache.pin('/s/0', { columns: [] })).release();
  expect(jobs.length).toBe(3);
  held.release();
  held.release();
  (await cache.pin('/s/2', { columns: [] })).release();
  (await cache.pin('/s/1', { columns: [] })).release();
  expect(jobs.map(({ path }) => path)).toEqual(['/s/0', '/s/1', '/s/2', '/s/1']);
  (await cache.pin('/s/0', { columns: [] })).release();
  expect(jobs.length).toBe(5);
  expect(cache.usedBytes).toBe(2 * bytesOf([]));
  expect(cache.counts).toEqual({
    hits: 2,
    misses: 5,
    loadedBytes: 5 * bytesOf([]),
    evictions: 3,
    evictedBytes: 3 * bytesOf([]),
  });
});

test('columns make room one by one: those of a segment that were not asked for go before others', async () => {
  const cache = cacheOf(2, ['b']);
  (await cache.pin('/s/0', { columns: ['b'] })).release();
  (await cache.pin('/s/1', { columns: ['b'] })).release();
  (await cache.pin('/s/0', { columns: [] })).release();
  // The oldest is now the column b of /s/0.
  (await cache.pin('/s/2', { columns: [] })).release();
  expect([cache.segmentCount, cache.counts.evictions]).toEqual([3, 1]);
  (await cache.pin('/s/1', { columns: ['b'] })).release();
  expect(jobs.length).toBe(3);
  (await cache.pin('/s/0', { columns: ['b'] })).release();
  expect(loadedColumns().slice(3)).toEqual([['b']]);
});

test('a segment whose arena is full is loaded anew in another, and stays where it is for who holds it', async () => {
  disk = new VirtualDisk();
  pool = new ArenaPool({ arenaBytes: 1 << 16, maxBytes: 1 << 24 });
  const wide = schemaOf({ b: 'LONG', c: 'LONG', d: 'LONG' });
  const value = (i: number) => BigInt.asIntN(64, BigInt(i + 1) * 0x9e3779b97f4a7c15n);
  const rows = Array.from({ length: 3000 }, (_, i) => ({
    __time: i,
    b: value(i),
    c: value(2 * i),
    d: value(3 * i),
  }));
  const segment = new MutableSegment(wide, testPool());
  segment.append(rowsOf(rows, { __time: 'LONG', b: 'LONG', c: 'LONG', d: 'LONG' }));
  sealSegments(disk, '/s', String, [segment.snapshot()], wide, { maxRowsPerSegment: 1e6 });
  const cache = cacheOf(3, 'all');
  const first = await cache.pin('/s/0', { columns: ['b', 'c'] });
  const second = await cache.pin('/s/0', { columns: 'all' });
  expect(cache.segmentCount).toBe(1);
  expect(cache.usedBytes).toBe(bytesOf('all') + bytesOf(['b', 'c']));
  expect(cache.counts).toMatchObject({ evictions: 0, misses: 3 + 4 });
  const memories = [first, second].map(({ handle }) => handle.memory);
  expect(new Set(memories).size).toBe(2);
  const cursor = attachSegment(first.handle).cursor();
  cursor.row = 2999;
  expect([cursor.column('b').get(), cursor.column('c').get()]).toEqual([value(2999), value(5998)]);
  expect(cellsOf(attachSegment(second.handle))[7]).toEqual([7, value(7), value(14), value(21)]);
  first.release();
  expect(cache.usedBytes).toBe(bytesOf('all'));
  second.release();
  expect(cache.usedBytes).toBe(bytesOf('all'));
});

test('what is pinned is never dropped: a full cache refuses, and recovers', async () => {
  const cache = cacheOf(2, 'all');
  const pins = await Promise.all(
    ['/s/0', '/s/1'].map((path) => cache.pin(path, { columns: 'all' })),
  );
  await expect(cache.pin('/s/2', { columns: [] })).rejects.toThrow(ResourceLimitError);
  for (const { handle } of pins) expect(cellsOf(attachSegment(handle)).length).toBe(10);
  pins[0]!.release();
  (await cache.pin('/s/2', { columns: [] })).release();
});

test('room is also made when others have used up the pool', async () => {
  const cache = cacheOf(4);
  (await cache.pin('/s/0', { columns: [] })).release();
  // Alignment and padding take bytes too.
  pool.allocate((1 << 24) - pool.usedBytes - 128);
  (await cache.pin('/s/1', { columns: [] })).release();
  expect(cache.segmentCount).toBe(1);
});

describe('damage', () => {
  test('in a block is reported to every pin, not kept, and the memory comes back', async () => {
    const cache = cacheOf(2, 'all');
    const column = readSegmentDirectory(disk, '/s/0').columns.find(({ name }) => name === 'a')!;
    const at = column.blocks[0]!.offset;
    damage('/s/0', at);
    const pins = [cache.pin('/s/0', { columns: ['a'] }), cache.pin('/s/0', { columns: 'all' })];
    for (const pin of await Promise.allSettled(pins)) {
      const reason: unknown = pin.status === 'rejected' ? pin.reason : null;
      expect(reason).toBeInstanceOf(CorruptSegmentError);
      expect(reason).toMatchObject({ path: '/s/0', offset: at, column: 'a' });
    }
    expect([cache.segmentCount, cache.usedBytes, pool.usedBytes]).toEqual([0, 0, 0]);
    damage('/s/0', at);
    expect(
      cellsOf(attachSegment((await cache.pin('/s/0', { columns: 'all' })).handle)).length,
    ).toBe(10);
  });

  test('does not touch pins that are held', async () => {
    const cache = cacheOf(2, 'all');
    const held = await cache.pin('/s/0', { columns: ['b'] });
    const column = readSegmentDirectory(disk, '/s/0').columns.find(({ name }) => name === 'a')!;
    damage('/s/0', column.blocks[0]!.offset);
    await expect(cache.pin('/s/0', { columns: ['a'] })).rejects.toThrow(CorruptSegmentError);
    const cursor = attachSegment(held.handle).cursor();
    cursor.row = 9;
    expect(cursor.column('b').get()).toBe(9);
    expect(pool.usedBytes).toBeGreaterThan(0);
    held.release();
    expect(pool.usedBytes).toBe(0);
  });

  test('in the directory is reported; a missing file is not found', async () => {
    const cache = cacheOf(2, 'all');
    damage('/s/0', disk.readFile('/s/0').length - 40);
    await expect(cache.pin('/s/0', { columns: [] })).rejects.toThrow(CorruptSegmentError);
    await expect(cache.pin('/s/none', { columns: [] })).rejects.toThrow(NotFoundError);
    expect(cache.segmentCount).toBe(0);
  });
});

test('memory that is being filled is not freed when another load of the segment fails', async () => {
  const cache = cacheOf(2, 'all');
  const column = readSegmentDirectory(disk, '/s/0').columns.find(({ name }) => name === 'a')!;
  damage('/s/0', column.blocks[0]!.offset);
  const bad = cache.pin('/s/0', { columns: ['a'] });
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const both = cache.pin('/s/0', { columns: ['a', 'b'] });
  await expect(bad).rejects.toThrow(CorruptSegmentError);
  expect(pool.usedBytes).toBeGreaterThan(0);
  open();
  await expect(both).rejects.toThrow(CorruptSegmentError);
  expect(pool.usedBytes).toBe(0);
});

test('a dropped file is forgotten at once and freed with its last pin', async () => {
  const cache = cacheOf(2, 'all');
  const pin = await cache.pin('/s/0', { columns: 'all' });
  cache.drop('/s/0');
  cache.drop('/s/0');
  expect(cache.segmentCount).toBe(0);
  expect(cellsOf(attachSegment(pin.handle)).length).toBe(10);
  pin.release();
  expect(pool.usedBytes).toBe(0);
});
