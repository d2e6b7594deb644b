import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ARENA_ALIGNMENT, ARENA_PADDING, ArenaAllocator } from './arena-allocator.js';
import { InternalError } from './errors.js';

interface Range {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** The largest request that some gap between the live ranges could hold, found by looking at every gap. */
function largestFit(live: readonly Range[], arenaBytes: number): number {
  const ends = (range: Range) =>
    range.offset + Math.ceil((range.sizeBytes + ARENA_PADDING) / ARENA_ALIGNMENT) * ARENA_ALIGNMENT;
  const sorted = [...live].sort((a, b) => a.offset - b.offset);
  let gap = 0;
  let at = 0;
  for (const range of sorted) {
    gap = Math.max(gap, range.offset - at);
    at = ends(range);
  }
  return Math.max(gap, arenaBytes - at) - ARENA_PADDING;
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ allocate: fc.nat(5000) }) },
  { weight: 2, arbitrary: fc.record({ free: fc.nat(100) }) },
);

test('ranges are aligned, padded, apart, within the arena, and found whenever a gap holds them', () => {
  const arenaBytes = 65_536;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const allocator = new ArenaAllocator(arenaBytes);
      const live: Range[] = [];
      for (const each of steps) {
        if ('allocate' in each) {
          const fits = largestFit(live, arenaBytes) >= each.allocate;
          const offset = allocator.allocate(each.allocate);
          expect(offset !== null).toBe(fits);
          if (offset !== null) live.push({ offset, sizeBytes: each.allocate });
        } else if (live.length > 0) {
          const [range] = live.splice(each.free % live.length, 1);
          allocator.free(range!.offset);
        }
        checkLayout(live, arenaBytes, allocator.usedBytes);
      }
      for (const range of live) allocator.free(range.offset);
      expect(allocator.usedBytes).toBe(0);
      expect(allocator.allocate(arenaBytes - ARENA_PADDING)).toBe(0);
    }),
  );
});

function checkLayout(live: readonly Range[], arenaBytes: number, usedBytes: number): void {
  const sorted = [...live].sort((a, b) => a.offset - b.offset);
  let minimum = 0;
  for (const [i, range] of sorted.entries()) {
    const limit = sorted[i + 1]?.offset ?? arenaBytes;
    expect(range.offset % ARENA_ALIGNMENT).toBe(0);
    expect(range.offset + range.sizeBytes + ARENA_PADDING).toBeLessThanOrEqual(limit);
    minimum += range.sizeBytes + ARENA_PADDING;
  }
  expect(usedBytes).toBeGreaterThanOrEqual(minimum);
  expect(usedBytes).toBeLessThan(minimum + ARENA_ALIGNMENT * live.length + 1);
}

test('freeing twice, or what was never allocated, is refused', () => {
  const allocator = new ArenaAllocator(1024);
  const offset = allocator.allocate(10)!;
  allocator.free(offset);
  expect(() => allocator.free(offset)).toThrow(InternalError);
  expect(() => allocator.free(64)).toThrow(InternalError);
});
