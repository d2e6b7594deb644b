import { sortDoubles } from '../../core/index.js';
import type { KllState } from './kll-image.js';

/** The items of a sketch in order, and how many values these and those before stand for. Answers in logarithmic time. */
export class WeightedItems {
  readonly #items: Float64Array;
  /** Parallel: of this item and all before; null where each stands for itself. */
  readonly #weights: Float64Array | null;

  /** Items of level i stand for 2^i values each; those of level 0 may be in any order, others ascend. */
  constructor({ levels, items }: Pick<KllState, 'levels' | 'items'>) {
    let all: Weighted = { items: sortDoubles(items.slice(levels[0], levels[1])), weights: null };
    for (let level = 1; level + 1 < levels.length; level++) {
      const run = items.subarray(levels[level], levels[level + 1]);
      if (run.length > 0) all = merged(all, run, 2 ** level);
    }
    this.#items = all.items;
    this.#weights = all.weights;
    if (all.weights === null) return;
    for (let i = 1; i < all.weights.length; i++) all.weights[i]! += all.weights[i - 1]!;
  }

  /** Which part of the values is smaller than `value`, or is not larger where `inclusive`. */
  rank(value: number, inclusive: boolean): number {
    const below = (item: number) => (inclusive ? item <= value : item < value);
    const end = firstNot(this.#items, below);
    return end === 0 ? 0 : this.#upTo(end - 1) / this.#total;
  }

  /** The first item of which the inclusive rank is `fraction` or more; where not `inclusive`, more. */
  quantile(fraction: number, inclusive: boolean): number {
    const wanted = inclusive
      ? Math.ceil(fraction * this.#total)
      : Math.floor(fraction * this.#total);
    const below = (weight: number) => (inclusive ? weight < wanted : weight <= wanted);
    const first = inclusive ? wanted - 1 : wanted;
    const at = this.#weights === null ? Math.max(0, first) : firstNot(this.#weights, below);
    return this.#items[Math.min(at, this.#items.length - 1)]!;
  }

  /** How many values this item and those before stand for. */
  #upTo(i: number): number {
    return this.#weights === null ? i + 1 : this.#weights[i]!;
  }

  get #total(): number {
    return this.#upTo(this.#items.length - 1);
  }
}

/** The place of the first number for which `test` fails, which it does for all behind it. */
function firstNot(numbers: Float64Array, test: (number: number) => boolean): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(numbers[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Weighted {
  readonly items: Float64Array;
  /** Null where all are 1. */
  readonly weights: Float64Array | null;
}

/** Ascending items together with others of one weight. */
function merged({ items, weights }: Weighted, others: Float64Array, weight: number): Weighted {
  const count = items.length + others.length;
  const all = { items: new Float64Array(count), weights: new Float64Array(count) };
  let [i, j] = [0, 0];
  for (let at = 0; at < count; at++) {
    if (j === others.length || (i < items.length && items[i]! <= others[j]!)) {
      all.weights[at] = weights === null ? 1 : weights[i]!;
      all.items[at] = items[i++]!;
    } else {
      all.weights[at] = weight;
      all.items[at] = others[j++]!;
    }
  }
  return all;
}
