import type { KllState } from './kll-image.js';

/** The items of a sketch in order, and how many values these and those before stand for. Answers in logarithmic time. */
export class WeightedItems {
  readonly #items: Float64Array;
  /** Parallel: of this item and all before. */
  readonly #weights: Float64Array;

  constructor({ levels, items }: Pick<KllState, 'levels' | 'items'>) {
    const first = levels[0]!;
    const places = new Uint32Array(items.length - first);
    const weightAt = new Float64Array(items.length);
    for (let level = 0; level + 1 < levels.length; level++) {
      weightAt.fill(2 ** level, levels[level]!, levels[level + 1]!);
    }
    for (let i = 0; i < places.length; i++) places[i] = first + i;
    places.sort((a, b) => items[a]! - items[b]! || a - b);
    this.#items = Float64Array.from(places, (place) => items[place]!);
    this.#weights = Float64Array.from(places, (place) => weightAt[place]!);
    for (let i = 1; i < places.length; i++) this.#weights[i]! += this.#weights[i - 1]!;
  }

  /** Which part of the values is smaller than `value`, or is not larger where `inclusive`. */
  rank(value: number, inclusive: boolean): number {
    const below = (item: number) => (inclusive ? item <= value : item < value);
    const end = firstNot(this.#items, below);
    return end === 0 ? 0 : this.#weights[end - 1]! / this.#total;
  }

  /** The first item of which the inclusive rank is `fraction` or more; where not `inclusive`, more. */
  quantile(fraction: number, inclusive: boolean): number {
    const wanted = inclusive
      ? Math.ceil(fraction * this.#total)
      : Math.floor(fraction * this.#total);
    const below = (weight: number) => (inclusive ? weight < wanted : weight <= wanted);
    const at = firstNot(this.#weights, below);
    return this.#items[Math.min(at, this.#items.length - 1)]!;
  }

  get #total(): number {
    return this.#weights.at(-1)!;
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
