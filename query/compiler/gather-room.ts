import type { State } from '../../model/index.js';
import { VISITS_PER_CHECK } from '../interpreter/target.js';
import type { Aggregate } from './aggregates.js';
import type { Gather } from './gathered.js';
import type { Layout } from './layout.js';
import type { Parameters } from './parameters.js';
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

/** Some fit into the caches beside the states. */
const ROOM_BYTES = 2 ** 18;
const ROWS_PER_BLOCK = 64;

export class GatherRoom {
  readonly #start: number;
  readonly #limit: number;
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
    const gathers = aggregates.filter(({ gather }) => gather !== null).length;
    // A single group is looked after at every block, others at every row.
    const rows = strategy === 'single' ? ROWS_PER_BLOCK : 1;
    const needed = rows * groupsPerRow * gathers * GATHERED_BYTES;
    const bytes = Math.max(2 * needed, Math.min(ROOM_BYTES, scratch.freeBytes / 8));
    if (bytes > scratch.freeBytes / 2) throw new NoRoomError();
    this.#start = scratch.take(bytes);
    this.#limit = this.#start + Math.floor(bytes) - needed;
    const { buffer } = scratch.memory;
    const count = Math.ceil(bytes / GATHERED_BYTES);
    this.#payloads = new Float64Array(buffer, this.#start, 2 * count);
    this.#words = new Uint32Array(buffer, this.#start, 4 * count);
    parameters.set('gatherNext', this.#start);
    parameters.set('gatherLimit', this.#limit);
    parameters.set('gatherStates', 0);
  }

  /** Folds what there is; true where it was as much as there is room for. A fold may take long: `checkCancelled` throws where it is for nothing. */
  fold(checkCancelled: () => void): boolean {
    const next = this.parameters.get('gatherNext');
    const count = (next - this.#start) / GATHERED_BYTES;
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
    this.parameters.set('gatherNext', this.#start);
    return next > this.#limit;
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
