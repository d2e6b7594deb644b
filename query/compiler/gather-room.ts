import type { State } from '../../model/index.js';
import { VISITS_PER_CHECK } from '../interpreter/target.js';
import type { Aggregate } from './aggregates.js';
import type { Gather } from './gathered.js';
import type { Layout } from './layout.js';
import type { Parameters } from './parameters.js';
import { RowsByState } from './rows-by-state.js';
import { NoRoomError, type Scratch } from './scratch.js';

/**
 * Where a kernel puts down what is to be folded in JavaScript, little-endian:
 *
 *     offset  size  field
 *     0       8     payload    f64: a number, or that of a row
 *     8       4     number     u32, of the state, from 1 on
 *     12      4     aggregate  u32, its position in the plan
 */
export const GATHERED_BYTES = 16;

/** So many rows fit into the caches beside the states; more are left to lie where a state has few of them. */
const FIRST_BYTES = 2 ** 18;
const MOST_BYTES = 2 ** 23;
const FEW_ROWS = 64;
const ROWS_PER_BLOCK = 64;
const STATES_PER_CHECK = 1024;

export class GatherRoom {
  readonly #start: number;
  /** Kernels stop when more than this is taken; and when more than the last one is, there is no room. */
  #limit: number;
  readonly #lastLimit: number;
  /** All aggregates take rows of one state together. */
  readonly #takesMany: boolean;
  readonly #ordered = new RowsByState();
  readonly #payloads: Float64Array;
  readonly #words: Uint32Array;
  /** By number. */
  #states: State[] = [];

  /** Throws NoRoomError where there is not enough for a kernel to get on. */
  constructor(
    scratch: Scratch,
    private readonly aggregates: readonly Aggregate[],
    private readonly parameters: Parameters,
    { strategy, groupsPerRow }: Layout,
  ) {
    const all = aggregates.flatMap(({ gather }) => gather ?? []);
    const gathers = all.length;
    this.#takesMany = all.every(({ foldMany }) => foldMany !== null);
    // A single group is looked after at every block, others at every row.
    const rows = strategy === 'single' ? ROWS_PER_BLOCK : 1;
    const needed = rows * groupsPerRow * gathers * GATHERED_BYTES;
    const bytes = Math.max(2 * needed, Math.min(MOST_BYTES, scratch.freeBytes / 8));
    if (bytes > scratch.freeBytes / 2) throw new NoRoomError();
    this.#start = scratch.take(bytes);
    this.#lastLimit = this.#start + Math.floor(bytes) - needed;
    this.#limit = Math.min(this.#lastLimit, this.#start + Math.max(needed, FIRST_BYTES));
    const { buffer } = scratch.memory;
    const count = Math.ceil(bytes / GATHERED_BYTES);
    this.#payloads = new Float64Array(buffer, this.#start, 2 * count);
    this.#words = new Uint32Array(buffer, this.#start, 4 * count);
    parameters.set('gatherNext', this.#start);
    parameters.set('gatherLimit', this.#limit);
    parameters.set('gatherStates', 0);
  }

  /**
   * Folds what there is where it is as much as there is room for, and tells whether it was. A fold may take long: `checkCancelled`
   * throws where it is for nothing.
   */
  foldFull(checkCancelled: () => void): boolean {
    const isFull = this.parameters.get('gatherNext') > this.#limit;
    // Rows that are read again are best read soon.
    if (isFull || !this.#takesMany) this.fold(checkCancelled);
    return isFull;
  }

  /** Folds what there is. */
  fold(checkCancelled: () => void): void {
    const count = (this.parameters.get('gatherNext') - this.#start) / GATHERED_BYTES;
    if (count === 0) return;
    if (this.#takesMany) this.#foldStates(count, checkCancelled);
    else this.#foldRows(count, checkCancelled);
    this.parameters.set('gatherNext', this.#start);
  }

  #foldStates(count: number, checkCancelled: () => void): void {
    const ordered = this.#ordered;
    const states = this.parameters.get('gatherStates') + 1;
    ordered.order(this.#payloads, this.#words, count, states);
    const { payloads } = ordered;
    let from = 0;
    for (let number = 1; number < states; number++) {
      if (number % STATES_PER_CHECK === 0) checkCancelled();
      const to = ordered.end(number);
      if (to === from) continue;
      const gather = this.aggregates[ordered.owner(number)]!.gather!;
      const state = this.#states[number];
      const before = state === undefined ? gather.initial() : state;
      this.#states[number] = gather.foldMany!(before, payloads, from, to);
      from = to;
    }
    if (count < FEW_ROWS * states) this.#raiseLimit();
  }

  #raiseLimit(): void {
    this.#limit = Math.min(this.#lastLimit, 2 * this.#limit - this.#start);
    this.parameters.set('gatherLimit', this.#limit);
  }

  #foldRows(count: number, checkCancelled: () => void): void {
    const words = this.#words;
    const payloads = this.#payloads;
    const states = this.#states;
    let last = -1;
    let gather: Gather | null = null;
    for (let i = 0; i < count; i++) {
      if (i % VISITS_PER_CHECK === 0) checkCancelled();
      const number = words[4 * i + 2]!;
      const aggregate = words[4 * i + 3]!;
      if (aggregate !== last) {
        last = aggregate;
        gather = this.aggregates[aggregate]!.gather;
      }
      const state = states[number];
      const before = state === undefined ? gather!.initial() : state;
      states[number] = gather!.fold(before, payloads[2 * i]!);
    }
  }

  /** The state of a number that is not 0. */
  state(number: number): State {
    return this.#states[number]!;
  }

  /** Forgets all states: the groups went elsewhere. */
  clear(): void {
    this.#states = [];
    this.parameters.set('gatherStates', 0);
  }
}
