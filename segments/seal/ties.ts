import { sortRun } from './sort-run.js';

/** Part of an order whose items are equal as far as they have been compared. */
interface Run {
  readonly start: number;
  readonly length: number;
}

/**
 * Sorts by one word after the other, and looks only at what the words before left undecided: runs of two or more
 * items that are equal so far. Stable. Needs no comparator: whoever sorts gives the words of `items`.
 *
 * Memory: about 24 bytes per item of the runs at the beginning, and 12 per run.
 */
export class Ties {
  /** The items of all runs, run by run. */
  #items: Uint32Array;
  /** Where runs begin in `#items`, and behind the last one where it ends. */
  #starts: readonly number[];
  /** Where runs begin in the order. */
  #homes: readonly number[];
  /** What whoever sorts knows of each run; the runs that one falls into inherit it. */
  #notes: number[];
  readonly #spareKeys: Uint32Array;
  readonly #spareItems: Uint32Array;

  /**
   * `runs` are those of `order`, ascending. In `joined`, which has an entry per position of the order, 1 is set where an
   * item is equal to the one before it once they were compared for the last time.
   */
  constructor(
    private readonly order: Uint32Array,
    runs: readonly Run[],
    private readonly joined: Uint8Array | null = null,
  ) {
    const starts = [0];
    let itemCount = 0;
    let longest = 0;
    for (const { length } of runs) {
      itemCount += length;
      starts.push(itemCount);
      if (length > longest) longest = length;
    }
    this.#starts = starts;
    this.#homes = runs.map(({ start }) => start);
    this.#notes = runs.map(() => 0);
    this.#items = new Uint32Array(itemCount);
    for (const [r, { start, length }] of runs.entries()) {
      this.#items.set(order.subarray(start, start + length), starts[r]!);
    }
    this.#spareKeys = new Uint32Array(longest);
    this.#spareItems = new Uint32Array(longest);
  }

  /** The items that are still undecided; words are given in their order. */
  get items(): Uint32Array {
    return this.#items;
  }

  /** Changes the note of every run, 0 at first, whose items are `items` [from, to). */
  note(next: (note: number, from: number, to: number) => number): void {
    const notes = this.#notes;
    for (let r = 0; r < notes.length; r++) {
      notes[r] = next(notes[r]!, this.#starts[r]!, this.#starts[r + 1]!);
    }
  }

  /**
   * Sorts every run by `words`, which are entry by entry those of `items` and are used up. Equal items stay undecided
   * where `goesOn` says so of their word; others are equal for good.
   */
  refine(words: Uint32Array, goesOn: (word: number) => boolean = always): void {
    const items = this.#items;
    const undecided = new Undecided(items);
    for (let r = 0; r < this.#homes.length; r++) {
      const from = this.#starts[r]!;
      const to = this.#starts[r + 1]!;
      const home = this.#homes[r]! - from;
      sortRun(words, items, from, to, this.#spareKeys, this.#spareItems);
      for (let i = from; i < to; i++) this.order[home + i] = items[i]!;
      for (let i = from; i < to; ) {
        const word = words[i]!;
        let end = i + 1;
        while (end < to && words[end] === word) end++;
        if (end - i > 1) {
          if (goesOn(word)) undecided.add(i, end, home + i, this.#notes[r]!);
          else this.#join(home + i, home + end);
        }
        i = end;
      }
    }
    this.#keep(undecided);
  }

  /**
   * Decides all runs of at most `most` items, each by itself: of few items the words of their next steps would cost more
   * than to look at them at once. `compare` is told the note of their run.
   */
  sortShort(most: number, compare: (a: number, b: number, note: number) => number): void {
    const items = this.#items;
    const undecided = new Undecided(items);
    for (let r = 0; r < this.#homes.length; r++) {
      const from = this.#starts[r]!;
      const to = this.#starts[r + 1]!;
      const home = this.#homes[r]!;
      const note = this.#notes[r]!;
      if (to - from <= most) this.#sortRun(from, to, home, note, compare);
      else undecided.add(from, to, home, note);
    }
    this.#keep(undecided);
  }

  /** By insertion. */
  #sortRun(
    from: number,
    to: number,
    home: number,
    note: number,
    compare: (a: number, b: number, note: number) => number,
  ): void {
    const items = this.#items;
    for (let i = from + 1; i < to; i++) {
      const item = items[i]!;
      let at = i;
      for (; at > from && compare(items[at - 1]!, item, note) > 0; at--) items[at] = items[at - 1]!;
      items[at] = item;
    }
    for (let i = from; i < to; i++) this.order[home + i - from] = items[i]!;
    if (this.joined === null) return;
    for (let i = from + 1; i < to; i++) {
      if (compare(items[i - 1]!, items[i]!, note) === 0) this.joined[home + i - from] = 1;
    }
  }

  /** Whatever is undecided is equal for good. */
  settle(): void {
    for (let r = 0; r < this.#homes.length; r++) {
      const length = this.#starts[r + 1]! - this.#starts[r]!;
      this.#join(this.#homes[r]!, this.#homes[r]! + length);
    }
    this.#keep(new Undecided(this.#items));
  }

  #join(start: number, end: number): void {
    this.joined?.fill(1, start + 1, end);
  }

  #keep({ starts, homes, notes, itemCount }: Undecided): void {
    starts.push(itemCount);
    this.#starts = starts;
    this.#homes = homes;
    this.#notes = notes;
    this.#items = this.#items.subarray(0, itemCount);
  }
}

/** Runs that stay, collected in order while those before them are read: their items move to the front. */
class Undecided {
  readonly starts: number[] = [];
  readonly homes: number[] = [];
  readonly notes: number[] = [];
  itemCount = 0;

  constructor(private readonly items: Uint32Array) {}

  add(from: number, to: number, home: number, note: number): void {
    this.starts.push(this.itemCount);
    this.homes.push(home);
    this.notes.push(note);
    this.items.copyWithin(this.itemCount, from, to);
    this.itemCount += to - from;
  }
}

const always = (): boolean => true;
