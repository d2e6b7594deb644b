import { describe, expect, test } from 'vitest';
import { Arena } from './arena.js';
import { ArenaPool, type ArenaRange } from './arena-pool.js';
import { InternalError, ResourceLimitError } from './errors.js';

const KIB = 1024;

test('an arena gives zeroed bytes, also where others have written', () => {
  const arena = Arena.create(100_000);
  expect(arena.sizeBytes).toBe(131_072);
  expect(arena.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
  const first = arena.allocate(1000)!;
  const second = arena.allocate(1000)!;
  new Uint8Array(arena.memory.buffer).fill(255, first, first + 1000);
  new Uint8Array(arena.memory.buffer).fill(255, second, second + 1000);
  arena.free(first);
  arena.free(second);
  const again = arena.allocate(3000)!;
  expect(again).toBe(first);
  expect(new Uint8Array(arena.memory.buffer, again, 3000).every((byte) => byte === 0)).toBe(true);
});

test('an arena without room answers null, and one beyond 4 GiB is refused', () => {
  const arena = Arena.create(1);
  expect(arena.allocate(65_536)).toBeNull();
  expect(arena.allocate(65_536 - 64)).toBe(0);
  expect(() => Arena.create(2 ** 32 + 1)).toThrow(ResourceLimitError);
});

test('the pool opens arenas on demand and drops empty ones but one', () => {
  const pool = new ArenaPool({ arenaBytes: 64 * KIB, maxBytes: 1024 * KIB });
  const ranges = [0, 1, 2].map(() => pool.allocate(40 * KIB));
  expect(new Set(ranges.map((range) => range.arena)).size).toBe(3);
  expect(pool.reservedBytes).toBe(3 * 64 * KIB);
  expect(pool.usedBytes).toBe(3 * (40 * KIB + 64));
  for (const range of ranges) pool.free(range);
  expect(pool.usedBytes).toBe(0);
  expect(pool.reservedBytes).toBe(64 * KIB);
});

test('a range larger than an arena gets its own, which goes when it is empty', () => {
  const pool = new ArenaPool({ arenaBytes: 64 * KIB, maxBytes: 1024 * KIB });
  const large = pool.allocate(500 * KIB);
  const small = pool.allocate(100);
  expect(small.arena).toBe(large.arena);
  expect(pool.reservedBytes).toBe(512 * KIB);
  pool.free(large);
  expect(pool.reservedBytes).toBe(512 * KIB);
  pool.free(small);
  expect(pool.reservedBytes).toBe(0);
});

test('the budget bounds used bytes and names limit and amount', () => {
  const pool = new ArenaPool({ arenaBytes: 64 * KIB, maxBytes: 100 * KIB });
  const first = pool.allocate(60 * KIB);
  const refused = () => pool.allocate(60 * KIB);
  expect(refused).toThrow(ResourceLimitError);
  expect(refused).toThrow(/limited to 102400 bytes, 61504 are in use and 61504 more are needed/);
  pool.free(first);
  expect(pool.allocate(60 * KIB).sizeBytes).toBe(60 * KIB);
});

test('a range is freed once, and to the pool it came from', () => {
  const options = { arenaBytes: 64 * KIB, maxBytes: 100 * KIB };
  const pool = new ArenaPool(options);
  const range = pool.allocate(10);
  expect(() => new ArenaPool(options).free(range)).toThrow(InternalError);
  pool.free(range);
  expect(() => pool.free(range)).toThrow(InternalError);
});

test('scratch room lies behind the ranges, as much as a memory still holds', () => {
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 30, scratchBytes: 100_000 });
  const { arena } = pool.allocate(1000);
  expect(arena.sizeBytes).toBe(1 << 20);
  expect(arena.scratch).toEqual({ offset: 1 << 20, sizeBytes: 131_072 });
  expect(arena.memory.buffer.byteLength).toBe((1 << 20) + 131_072);
  expect(
    new ArenaPool({ arenaBytes: 1 << 16, maxBytes: 1 << 20 }).allocate(1).arena.scratch,
  ).toBeNull();
});

describe('ranges together', () => {
  const sizes = [10 * KIB, 0, 5 * KIB];

  test('lie in one arena, the one that was named or the roomiest', () => {
    const pool = new ArenaPool({ arenaBytes: 64 * KIB, maxBytes: 128 * KIB });
    const first = pool.allocateTogether(sizes, null)!;
    expect(new Set(first.map(({ arena }) => arena)).size).toBe(1);
    expect(first.map(({ sizeBytes }) => sizeBytes)).toEqual(sizes);
    const { arena } = first[0]!;
    const beside = pool.allocateTogether([40 * KIB], arena)!;
    expect(beside[0]!.arena).toBe(arena);
    expect(pool.allocateTogether([10 * KIB], null)![0]!.arena).not.toBe(arena);
  });

  test('until arenas span the budget, one that would be half full is left alone', () => {
    const pool = new ArenaPool({ arenaBytes: 64 * KIB, maxBytes: 128 * KIB });
    const [a, b, c] = [20, 20, 20].map((kib) => pool.allocateTogether([kib * KIB], null)![0]!);
    expect(b!.arena).not.toBe(a!.arena);
    expect([a!.arena, b!.arena]).toContain(c!.arena);
    expect(pool.reservedBytes).toBe(128 * KIB);
  });

  test('are all there, or none', () => {
    const pool = new ArenaPool({ arenaBytes: 64 * KIB, maxBytes: 128 * KIB });
    const [{ arena }] = pool.allocateTogether([1000], null) as [ArenaRange];
    const used = pool.usedBytes;
    expect(pool.allocateTogether([30 * KIB, 40 * KIB], arena)).toBeNull();
    expect(pool.usedBytes).toBe(used);
    expect(() => pool.allocateTogether([100 * KIB, 40 * KIB], null)).toThrow(ResourceLimitError);
    expect(pool.usedBytes).toBe(used);
  });
});
