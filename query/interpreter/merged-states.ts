import type { Aggregator, AggregatorForm, State, Value, WireState } from '../../model/index.js';
import { HyperLogLogUnion } from '../../sketches/index.js';
import { type StateColumn, stateReader } from './state-column.js';

/** Whether states are sketches whose bytes are left as they are when they are decoded and combined. */
export function mergesLate({ form }: { readonly form?: AggregatorForm | undefined }): boolean {
  const kind = innerKind(form);
  return kind === 'sketch' || kind === 'coupons';
}

const innerKind = (form: AggregatorForm | undefined): AggregatorForm['kind'] | undefined =>
  form?.kind === 'filtered' ? innerKind(form.aggregator.form) : form?.kind;

/**
 * The states of one aggregator out of several columns, merged when they are asked for: of many groups few may be, and what
 * is made of a sketch is forgotten before the next one is.
 */
export class MergedStates {
  readonly #wires: ((i: number) => WireState)[] = [];
  /** Per column: how many pieces came before. */
  readonly #starts: number[] = [];
  /** Per group: its last piece + 1; 0 where there is none. */
  readonly #last: Uint32Array;
  /** Per piece: its column, and the piece + 1 of the same group that came before. */
  readonly #columns: Uint32Array;
  readonly #before: Uint32Array;
  #pieces = 0;
  /** The group that was asked for last, and its state: some ask again. */
  #known = -1;
  #state: State = null;
  /** The columns, where states are HyperLogLogs that can be united as they lie; null where not. */
  #sketches: SketchWords[] | null;
  readonly #union = new HyperLogLogUnion();

  /** Of so many pieces in all columns: of groups 0, 1, …, each of which has one at least. */
  constructor(
    private readonly aggregator: Aggregator,
    pieces: number,
  ) {
    this.#last = new Uint32Array(pieces);
    this.#sketches = innerKind(aggregator.form) === 'sketch' ? [] : null;
    this.#columns = new Uint32Array(pieces);
    this.#before = new Uint32Array(pieces);
  }

  /** Adds a column of which the i-th state is for `groups[i]`. */
  add(column: StateColumn, groups: Uint32Array): void {
    const number = this.#wires.push(stateReader(column)) - 1;
    const words = wordsOf(column);
    if (words === null) this.#sketches = null;
    else this.#sketches?.push(words);
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

  /** Whether no state is made for what the aggregator makes of it. */
  get makesNoStates(): boolean {
    return this.#sketches !== null;
  }

  /** What the aggregator makes of the state. */
  finalised(group: number): Value {
    if (this.#sketches === null) return this.aggregator.finalise(this.state(group));
    this.#union.clear();
    for (let at = this.#last[group]!; at !== 0; at = this.#before[at - 1]!) {
      const column = this.#columns[at - 1]!;
      const { words, ends } = this.#sketches[column]!;
      const i = at - 1 - this.#starts[column]!;
      this.#union.add(words, i === 0 ? 0 : ends[i - 1]! / 4, ends[i]! / 4);
    }
    return this.aggregator.finalise(this.#union);
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

/** States that lie in words: the i-th ends before byte `ends[i]`. */
interface SketchWords {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly ends: Uint32Array;
}

/** Null where they do not. */
function wordsOf(column: StateColumn): SketchWords | null {
  if (!('ends' in column)) return null;
  const { bytes, ends } = column;
  let low = bytes.byteOffset | bytes.length;
  for (let i = 0; i < ends.length; i++) low |= ends[i]!;
  if (low % 4 !== 0) return null;
  return { words: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), ends };
}
