import {
  type Aggregator,
  isArrayType,
  isComplexType,
  type State,
  type Value,
} from '../../model/index.js';
import type { Bounds } from './frame.js';
import type { Pace } from './pace.js';
import type { WindowColumn, WindowRows } from './window-rows.js';

/**
 * An aggregator over the frame of each row, finalised.
 *
 *   frames that all begin where the partition does   rows are folded once, as they come in; a frame that is the whole
 *                                                    partition is one of these
 *   frames of few rows                               each is folded anew: sums of doubles are added up in order
 *   others                                           `SlidingFold`: each row is folded about twice, whatever the width
 *
 * Frames never move back, and neighbours whose frames are the same share a value.
 */
export async function foldFrames(
  aggregator: Aggregator,
  rows: WindowRows,
  bounds: Bounds,
  pace: Pace,
): Promise<WindowColumn> {
  const values = rows.newValues();
  const folding: Folding = { fold: new RowFold(aggregator, rows), bounds, values, pace };
  for (let part = 0; part < rows.partitionCount; part++) {
    const partition = { from: rows.starts[part]!, to: rows.starts[part + 1]! };
    const { from, to } = partition;
    if (bounds.lower[to - 1] === from) await foldRunning(folding, partition);
    else if (isNarrow(bounds, partition)) await foldAnew(folding, partition);
    else await foldSliding(folding, partition);
  }
  return { name: aggregator.name, type: aggregator.resultType, values };
}

interface Folding {
  readonly fold: RowFold;
  readonly bounds: Bounds;
  readonly values: Value[];
  readonly pace: Pace;
}

interface Partition {
  readonly from: number;
  readonly to: number;
}

/** Rows of frames that are folded anew, on average of a partition. */
const NARROW = 16;

function isNarrow({ lower, upper }: Bounds, { from, to }: Partition): boolean {
  let width = 0;
  for (let at = from; at < to; at++) width += upper[at]! - lower[at]!;
  return width <= NARROW * (to - from);
}

/** Whether a row has the frame of the one before it in its partition. */
const isRepeated = ({ lower, upper }: Bounds, { from }: Partition, at: number): boolean =>
  at > from && lower[at] === lower[at - 1] && upper[at] === upper[at - 1];

async function foldRunning(
  { fold, bounds, values, pace }: Folding,
  partition: Partition,
): Promise<void> {
  let state = fold.initial();
  let value: Value = null;
  let next = partition.from;
  for (let at = partition.from; at < partition.to; at++) {
    if (!isRepeated(bounds, partition, at)) {
      for (; next < bounds.upper[at]!; next++) {
        state = fold.add(state, next);
        if (pace.isDue(1)) await pace.turn();
      }
      value = fold.valueOf(state);
    }
    values[fold.idAt(at)] = value;
    if (pace.isDue(1)) await pace.turn();
  }
}

async function foldAnew(
  { fold, bounds, values, pace }: Folding,
  partition: Partition,
): Promise<void> {
  let value: Value = null;
  for (let at = partition.from; at < partition.to; at++) {
    if (!isRepeated(bounds, partition, at)) {
      let state = fold.initial();
      for (let row = bounds.lower[at]!; row < bounds.upper[at]!; row++) {
        state = fold.add(state, row);
        if (pace.isDue(1)) await pace.turn();
      }
      value = fold.valueOf(state);
    }
    values[fold.idAt(at)] = value;
    if (pace.isDue(1)) await pace.turn();
  }
}

async function foldSliding(
  { fold, bounds, values, pace }: Folding,
  partition: Partition,
): Promise<void> {
  const sliding = new SlidingFold(fold, partition.from, pace);
  let value: Value = null;
  for (let at = partition.from; at < partition.to; at++) {
    if (!isRepeated(bounds, partition, at)) {
      await sliding.moveTo(bounds.lower[at]!, bounds.upper[at]!);
      value = fold.valueOf(await sliding.state());
    }
    values[fold.idAt(at)] = value;
    if (pace.isDue(1)) await pace.turn();
  }
}

/** Folds rows by their positions. */
class RowFold {
  readonly #add: (state: State, id: number) => State;

  constructor(
    readonly aggregator: Aggregator,
    private readonly rows: WindowRows,
  ) {
    const cursor = rows.cursor();
    const accumulator = aggregator.accumulator(cursor);
    this.#add = (state, id) => {
      cursor.row = id;
      return accumulator.fold(state);
    };
  }

  initial(): State {
    return this.aggregator.initial();
  }

  idAt(position: number): number {
    return this.rows.order[position]!;
  }

  add(state: State, position: number): State {
    return this.#add(state, this.idAt(position));
  }

  /** The final value, of which nothing changes when the state goes on. */
  valueOf(state: State): Value {
    const value = this.aggregator.finalise(state);
    return isObject(value) ? this.aggregator.finalise(this.copyOf(state)) : value;
  }

  copyOf(state: State): State {
    if (!isObject(state)) return state;
    const wire = this.aggregator.encode(state);
    // Bytes may lie in a larger buffer, which a structured clone would be of.
    const own = wire instanceof Uint8Array ? wire.slice() : structuredClone(wire);
    return this.aggregator.decode(own);
  }
}

const isObject = (value: State): boolean => typeof value === 'object' && value !== null;

/**
 * The state of a frame whose ends only ever move on. Its rows are a front, of which there are states of the rows from some
 * positions up to `#middle`, and what came in since then, which is one state:
 *
 *     lower        #middle        upper
 *       │ ┆    ┆    ┆ │ #back        │        ┆ a state of all rows from there to #middle
 *
 * When the front is used up, what came in becomes the front: so each row is folded once into either. States that may be large
 * are kept of `FRONT_STATES` positions, and the rows before the nearest of them are folded each time.
 */
class SlidingFold {
  #lower: number;
  #upper: number;
  #middle: number;
  #back: State;
  /** Of the rows from `#middle - (i + 1) * #stride` on. */
  #front: State[] = [];
  #stride = 1;
  readonly #isSmall: boolean;

  constructor(
    private readonly fold: RowFold,
    from: number,
    private readonly pace: Pace,
  ) {
    const { storedType } = fold.aggregator;
    this.#isSmall = !isComplexType(storedType) && !isArrayType(storedType);
    this.#lower = from;
    this.#upper = from;
    this.#middle = from;
    this.#back = fold.initial();
  }

  async moveTo(lower: number, upper: number): Promise<void> {
    this.#lower = lower;
    if (lower >= this.#middle) return this.#renew(upper);
    for (; this.#upper < upper; this.#upper++) {
      this.#back = this.fold.add(this.#back, this.#upper);
      if (this.pace.isDue(1)) await this.pace.turn();
    }
  }

  async state(): Promise<State> {
    const { aggregator } = this.fold;
    const known = Math.floor((this.#middle - this.#lower) / this.#stride);
    const head = await this.#folded(this.#lower, this.#middle - known * this.#stride);
    const front = known === 0 ? this.fold.initial() : this.fold.copyOf(this.#front[known - 1]!);
    return aggregator.combine(aggregator.combine(head, front), this.#back);
  }

  /** Makes a front of all rows of the frame. */
  async #renew(upper: number): Promise<void> {
    const width = upper - this.#lower;
    this.#upper = upper;
    this.#middle = upper;
    this.#back = this.fold.initial();
    this.#stride = this.#isSmall ? 1 : Math.max(1, Math.ceil(width / FRONT_STATES));
    this.#front = [];
    let behind = this.fold.initial();
    for (let at = upper - this.#stride; at >= this.#lower; at -= this.#stride) {
      const own = await this.#folded(at, at + this.#stride);
      behind = this.fold.aggregator.combine(own, behind);
      this.#front.push(behind);
    }
  }

  async #folded(from: number, to: number): Promise<State> {
    let state = this.fold.initial();
    for (let at = from; at < to; at++) {
      state = this.fold.add(state, at);
      if (this.pace.isDue(1)) await this.pace.turn();
    }
    return state;
  }
}

const FRONT_STATES = 512;
