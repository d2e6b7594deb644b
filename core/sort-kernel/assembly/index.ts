/**
 * Sorts doubles without a branch that depends on them: what a processor cannot foresee costs it more than the work. None is NaN.
 * The host writes them to `items` and reads them where it is told.
 */

/** As the host has it. */
const MOST: usize = 4096;

/** Has room for them and as many more. */
export const items: usize = memory.data(2 * 4096 * 8, 16);

/** Sorts `count` of them, a power of 2 from 16 to 4096. Where they are then; 0 where one of them is -0, which comes before 0. */
export function sort(count: i32): usize {
  const bytes = (<usize>count) << 3;
  let from = items;
  let to = items + bytes;
  if (sortEights(from, to, bytes)) return 0;
  for (let half: usize = 64; half < bytes; half <<= 1) {
    const sorted = to;
    for (let at: usize = 0; at < bytes; at += 2 * half) mergeHalves(sorted + at, half, from + at);
    to = from;
    from = sorted;
  }
  return to;
}

/** Merges two ascending runs of `count` each, one behind the other. Where they are then; equal ones as they were. */
export function merge(count: i32): usize {
  const to = items + MOST * 8;
  mergeHalves(items, (<usize>count) << 3, to);
  return to;
}

/** Leaves ascending runs of 8. Whether there is a -0. */
function sortEights(from: usize, to: usize, bytes: usize): bool {
  const end = from + bytes;
  const minusZero = i64x2.splat(i64.MIN_VALUE);
  let found = i64x2.splat(0);
  for (; from < end; from += 128, to += 128) {
    for (let at: usize = 0; at < 128; at += 16) {
      found = v128.or(found, i64x2.eq(v128.load(from + at), minusZero));
    }
    sortRows(from);
    for (let at: usize = 0; at < 64; at += 16) {
      const even = v128.load(from + 2 * at);
      const odd = v128.load(from + 2 * at, 16);
      v128.store(to + at, v128.shuffle<f64>(even, odd, 0, 2));
      v128.store(to + at, v128.shuffle<f64>(even, odd, 1, 3), 64);
    }
  }
  return v128.any_true(found);
}

/** Sorts both columns of 8 rows of 2, by the shortest network there is. */
function sortRows(at: usize): void {
  exchange(at, 0, 1);
  exchange(at, 2, 3);
  exchange(at, 4, 5);
  exchange(at, 6, 7);
  exchange(at, 0, 2);
  exchange(at, 1, 3);
  exchange(at, 4, 6);
  exchange(at, 5, 7);
  exchange(at, 1, 2);
  exchange(at, 5, 6);
  exchange(at, 0, 4);
  exchange(at, 3, 7);
  exchange(at, 1, 5);
  exchange(at, 2, 6);
  exchange(at, 1, 4);
  exchange(at, 3, 6);
  exchange(at, 2, 4);
  exchange(at, 3, 5);
  exchange(at, 3, 4);
}

function exchange(at: usize, i: usize, j: usize): void {
  const a = v128.load(at + (i << 4));
  const b = v128.load(at + (j << 4));
  v128.store(at + (i << 4), f64x2.pmin(a, b));
  // Of two equal ones each stays where it is.
  v128.store(at + (j << 4), f64x2.pmax(b, a));
}

/**
 * Merges two ascending runs, each of so many bytes. From the front as many are taken as a run has, and as many from the back: so
 * none of both ends before, and two chains of loads wait at the same time.
 */
function mergeHalves(from: usize, bytes: usize, to: usize): void {
  let a = from;
  let b = from + bytes;
  let lastA = b - 8;
  let lastB = b + bytes - 8;
  let last = to + 2 * bytes - 8;
  const end = to + bytes;
  for (; to < end; to += 8, last -= 8) {
    const isA = load<f64>(a) <= load<f64>(b);
    store<f64>(to, load<f64>(select<usize>(a, b, isA)));
    a += (<usize>isA) << 3;
    b += 8 - ((<usize>isA) << 3);
    const isLastA = load<f64>(lastA) > load<f64>(lastB);
    store<f64>(last, load<f64>(select<usize>(lastA, lastB, isLastA)));
    lastA -= (<usize>isLastA) << 3;
    lastB -= 8 - ((<usize>isLastA) << 3);
  }
}
