import { invariant, type Random } from '../../core/index.js';
import { levelCapacity, MAX_LEVELS, totalCapacity } from './capacity.js';
import { coin, raise, sortItems } from './halve.js';
import type { KllState } from './kll-image.js';

/** Levels of two sketches side by side: level h has the items from `starts[h]` to `starts[h + 1]`. */
interface Work {
  readonly items: Float64Array;
  readonly starts: number[];
}

/**
 * The levels of `into`, and those of `from` above the lowest, in one sketch of the k of `into`. One pass from the lowest
 * level up: a level that has more than its share is compacted as long as there are too many items in all. The caller sees
 * to counts and range.
 */
export function mergedState(into: KllState, from: KllState, random: Random | null): KllState {
  const work = joined(into, from);
  const { starts, items } = compacted(work, into, random);
  const capacity = totalCapacity(into.k, starts.length - 1);
  const free = capacity - starts.at(-1)!;
  invariant(free >= 0, 'a merged KLL is over its capacity');
  const packed = new Float64Array(capacity);
  packed.set(items.subarray(0, starts.at(-1)), free);
  return { ...into, levels: starts.map((start) => start + free), items: packed };
}

/** Level by level, each sorted but the lowest. */
function joined(into: KllState, from: KllState): Work {
  const levelCount = Math.max(into.levels.length, from.levels.length) - 1;
  const sizeOf = ({ levels }: KllState, level: number) =>
    level + 1 < levels.length ? levels[level + 1]! - levels[level]! : 0;
  const starts = [0];
  for (let level = 0; level < levelCount; level++) {
    const other = level === 0 ? 0 : sizeOf(from, level);
    starts.push(starts[level]! + sizeOf(into, level) + other);
  }
  const items = new Float64Array(starts[levelCount]!);
  for (let level = 0; level < levelCount; level++) {
    let at = starts[level]!;
    for (const source of level === 0 ? [into] : [into, from]) {
      const size = sizeOf(source, level);
      const first = source.levels[level] ?? 0;
      items.set(source.items.subarray(first, first + size), at);
      at += size;
    }
    if (level > 0) sortItems(items, starts[level]!, starts[level + 1]!);
  }
  return { items, starts };
}

function compacted({ items, starts }: Work, { k, count }: KllState, random: Random | null): Work {
  let levelCount = starts.length - 1;
  let held = starts[levelCount]!;
  let wanted = totalCapacity(k, levelCount);
  const out = [0];
  for (let level = 0; level < levelCount; level++) {
    const isTop = level === levelCount - 1;
    // Above the top there is an empty level, in case that something goes up.
    if (isTop) starts[level + 2] = starts[level + 1]!;
    const start = starts[level]!;
    const end = starts[level + 1]!;
    const size = end - start;
    if (held < wanted || size < levelCapacity(k, levelCount, level)) {
      items.copyWithin(out[level]!, start, end);
      out.push(out[level]! + size);
      continue;
    }
    const odd = size & 1;
    if (level === 0) sortItems(items, start + odd, end);
    if (odd === 1) items[out[level]!] = items[start]!;
    out.push(out[level]! + odd);
    const above = starts[level + 2]! - end;
    const turn = MAX_LEVELS * count + level;
    raise(
      items,
      start + odd,
      size - odd,
      above,
      coin(random, items, start + odd, size - odd, turn),
    );
    const freed = (size - odd) / 2;
    held -= freed;
    starts[level + 1]! -= freed;
    if (!isTop) continue;
    levelCount++;
    wanted += levelCapacity(k, levelCount, 0);
  }
  return { items, starts: out };
}
