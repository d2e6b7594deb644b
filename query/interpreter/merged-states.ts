import type { Aggregator, AggregatorForm, State, WireState } from '../../model/index.js';
import { type StateColumn, stateReader } from './state-column.js';

/** Whether states are sketches whose bytes are left as they are when they are decoded and combined. */
export function mergesLate({ form }: { readonly form?: AggregatorForm | undefined }): boolean {
  if (form?.kind === 'filtered') return mergesLate(form.aggregator);
  return form?.kind === 'sketch' || form?.kind === 'coupons';
}

/**
 * The states of one aggregator out of several columns, merged when they are asked for: of many groups few may be, and what
 * is made of a sketch is forgotten before the next one is.
 */
export class MergedStates {
  readonly #wires: ((i: number) => WireState)[] = [];
  /** Per column: how many pieces came before. */
  readonly #starts: number[] = [];
  /** Per group: its last piece + 1; 0 where there is none. */
  #last: Uint32Array;
  /** Per piece: its column, and the piece + 1 of the same group that came before. */
  readonly #columns: Uint32Array;
  readonly #before: Uint32Array;
  #pieces = 0;
  /** The group that was asked for last, and its state: some ask again. */
  #known = -1;
  #state: State = null;

  /** Of so many pieces in all columns. */
  constructor(
    private readonly aggregator: Aggregator,
    pieces: number,
  ) {
    this.#last = new Uint32Array(pieces);
    this.#columns = new Uint32Array(pieces);
    this.#before = new Uint32Array(pieces);
  }

  /** Adds a column of which the i-th state is for `groups[i]`. */
  add(column: StateColumn, groups: Uint32Array): void {
    const number = this.#wires.push(stateReader(column)) - 1;
    this.#starts.push(this.#pieces);
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i]!;
      this.#columns[this.#pieces] = number;
      this.#before[this.#pieces] = this.#last[group]!;
      this.#last[group] = ++this.#pieces;
    }
  }

  state(group: number): State {
    if (group !== this.#known) {
      this.#state = this.#merged(group);
      this.#known = group;
    }
    return this.#state;
  }

  /** The pieces of a group, combined as they came. */
  #merged(group: number): State {
    const pieces: number[] = [];
    for (let at = this.#last[group]!; at !== 0; at = this.#before[at - 1]!) pieces.push(at - 1);
    let state = this.#piece(pieces.pop()!);
    while (pieces.length > 0) state = this.aggregator.combine(state, this.#piece(pieces.pop()!));
    return state;
  }

  #piece(piece: number): State {
    const column = this.#columns[piece]!;
    return this.aggregator.decode(this.#wires[column]!(piece - this.#starts[column]!));
  }
}
