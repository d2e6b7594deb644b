import {
  type Aggregator,
  NULL_READER,
  type RowSource,
  type State,
  type Value,
} from '../../model/index.js';
import { doubleOfWords, longOfWords } from '../interpreter/word-ordinals.js';
import type { Aggregate } from './aggregates.js';
import type { Scratch } from './scratch.js';

/**
 * An entry of the table of pairs, 16 bytes: which group and aggregator, and a number that occurred there.
 *
 *     offset  field
 *     0       1 + number of the group × aggregators + aggregator, u32; 0 where free
 *     4       hash u32
 *     8       the number's 64 bits
 */
export const PAIR_BYTES = 16;
const PAIR_WORDS = PAIR_BYTES / 4;

const FIRST_CAPACITY = 1024;
const FULLEST = 0.6;

/** The distinct numbers of every group, each once, until they are folded into states. */
export class PairTable {
  readonly address: number;
  readonly #maxCapacity: number;
  #capacity = 0;
  /** By position among the distinct aggregators, then by number of the group. */
  readonly #states: State[][];
  readonly #folds: readonly ((state: State, low: number, high: number) => State)[];

  constructor(
    private readonly scratch: Scratch,
    sizeBytes: number,
    private readonly aggregators: readonly DistinctNumbers[],
  ) {
    this.#maxCapacity = 2 ** Math.floor(Math.log2(sizeBytes / PAIR_BYTES));
    this.address = scratch.take(this.#maxCapacity * PAIR_BYTES);
    this.#states = aggregators.map(() => []);
    this.#folds = aggregators.map(folding);
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** How many pairs there may be for `more` others to find room; negative where there is none. */
  limit(more: number): number {
    return Math.floor(this.#capacity * FULLEST) - more;
  }

  /** Room for `least` pairs at any rate, as far as there is any. */
  clear(least = 0): void {
    const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, (2 * least) / FULLEST)));
    this.#capacity = Math.min(this.#maxCapacity, Math.max(FIRST_CAPACITY, wanted, this.#capacity));
    this.scratch.bytes.fill(0, this.address, this.address + this.#capacity * PAIR_BYTES);
  }

  /** Makes the table larger; false when it cannot grow: fold it then. */
  grow(): boolean {
    if (this.#capacity >= this.#maxCapacity) return false;
    const old = this.#words().slice();
    this.#capacity = Math.min(this.#maxCapacity, this.#capacity * 4);
    this.clear();
    const table = this.#words();
    const mask = this.#capacity - 1;
    for (let at = 0; at < old.length; at += PAIR_WORDS) {
      if (old[at] === 0) continue;
      let slot = (old[at + 1]! & mask) >>> 0;
      while (table[slot * PAIR_WORDS] !== 0) slot = (slot + 1) & mask;
      for (let i = 0; i < PAIR_WORDS; i++) table[slot * PAIR_WORDS + i] = old[at + i]!;
    }
    return true;
  }

  /** Folds all pairs into the states of their groups. The table is to be cleared then. */
  fold(): void {
    const words = this.#words();
    const count = this.aggregators.length;
    for (let at = 0; at < words.length; at += PAIR_WORDS) {
      const key = words[at]! - 1;
      if (key < 0) continue;
      const which = key % count;
      const group = (key - which) / count;
      const states = this.#states[which]!;
      const before = states[group] ?? this.aggregators[which]!.aggregator.initial();
      states[group] = this.#folds[which]!(before, words[at + 2]!, words[at + 3]!);
    }
  }

  /** The state of a group, as far as pairs were folded. */
  state(which: number, group: number): State {
    return this.#states[which]![group] ?? this.aggregators[which]!.aggregator.initial();
  }

  /** Groups are numbered anew. */
  forget(): void {
    for (const states of this.#states) states.length = 0;
  }

  #words(): Uint32Array {
    const { memory } = this.scratch;
    return new Uint32Array(memory.buffer, this.address, this.#capacity * PAIR_WORDS);
  }
}

/** An aggregator of which only the set of input numbers matters. */
export interface DistinctNumbers {
  readonly aggregator: Aggregator;
  readonly numbers: NonNullable<Aggregate['numbers']>;
}

/** Folds one number, by its bits. */
function folding({ aggregator, numbers }: DistinctNumbers) {
  let current: Value = null;
  const { column, type, num } = numbers;
  const source: RowSource = {
    column: (name) =>
      name === column ? { type, multiValue: false, exists: true, get: () => current } : NULL_READER,
  };
  const accumulator = aggregator.accumulator(source);
  const valueIn = num.type === 'LONG' ? longOfWords : doubleOfWords;
  return (state: State, low: number, high: number): State => {
    current = valueIn(low, high);
    return accumulator.fold(state);
  };
}
