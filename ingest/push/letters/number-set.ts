/** Beyond this many runs the two lowest become one. */
const MAX_RUNS = 100_000;

/** Floor, then start and end of each run as differences. */
export type PackedNumbers = readonly [number, readonly number[]];

/**
 * A set of numbers from 0, kept as half-open runs. It is bounded: when there are too many runs the
 * gap between the two lowest is closed, and of numbers below `floor` nothing is known any more.
 */
export class NumberSet {
  /** Start and end of each run, ascending; runs do not touch. */
  readonly #bounds: number[] = [];
  #floor = 0;

  get floor(): number {
    return this.#floor;
  }

  has(number: number): boolean {
    return this.#placeOf(number) % 2 === 1;
  }

  add(number: number): void {
    const place = this.#placeOf(number);
    if (place % 2 === 1) return;
    const touchesBefore = place > 0 && this.#bounds[place - 1] === number;
    const touchesNext = this.#bounds[place] === number + 1;
    if (touchesBefore && touchesNext) this.#bounds.splice(place - 1, 2);
    else if (touchesBefore) this.#bounds[place - 1] = number + 1;
    else if (touchesNext) this.#bounds[place] = number;
    else this.#bounds.splice(place, 0, number, number + 1);
    if (this.#bounds.length <= 2 * MAX_RUNS) return;
    this.#bounds.splice(1, 2);
    this.#floor = this.#bounds[1]!;
  }

  pack(): PackedNumbers {
    return [this.#floor, this.#bounds.map((bound, i) => bound - (this.#bounds[i - 1] ?? 0))];
  }

  static unpack([floor, steps]: PackedNumbers): NumberSet {
    const set = new NumberSet();
    set.#floor = floor;
    let bound = 0;
    for (const step of steps) {
      bound += step;
      set.#bounds.push(bound);
    }
    return set;
  }

  /** How many bounds are at or below the number: odd inside of a run. */
  #placeOf(number: number): number {
    let [low, high] = [0, this.#bounds.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bounds[middle]! <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
