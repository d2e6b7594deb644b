import { MOST, sortKernel } from './sort-kernel/sort-kernel.js';

/**
 * Two ascending runs of one length in one, until the next call of this or of `sortDoubles`, to which it may be given; of equal
 * ones those of `a` come first. None is NaN.
 */
export function mergeDoubles(a: Float64Array, b: Float64Array): Float64Array {
  const { length } = a;
  if (2 * length > MOST) return mergedByHand(a, b);
  const { items, merged } = sortKernel();
  items.set(a);
  items.set(b, length);
  return merged(length);
}

function mergedByHand(a: Float64Array, b: Float64Array): Float64Array {
  const all = new Float64Array(a.length + b.length);
  let [i, j] = [0, 0];
  for (let at = 0; at < all.length; at++) {
    const isLeft = j === b.length || (i < a.length && a[i]! <= b[j]!);
    all[at] = isLeft ? a[i++]! : b[j++]!;
  }
  return all;
}
