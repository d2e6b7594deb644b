import type { Pace, Turns } from '../../core/index.js';
import {
  type Aggregator,
  isArrayType,
  isComplexType,
  type State,
  type Value,
} from '../../model/index.js';
import type { Bounds } from './frame.js';
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
export function* foldFrames(
  aggregator: Aggregator,
  rows: WindowRows,
  bounds: Bounds,
  pace: Pace,
): Turns<WindowColumn> {
  const values = rows.newValues();
  const folding: Folding = { fold: new RowFold(aggregator, rows), bounds, values, pace };
  for (let part = 0; part < rows.partitionCount; part++) {
    const partition = { from: rows.starts[part]!, to: rows.starts[part + 1]! };
    const { from, to } = partition;
    if (bounds.lower[to - 1] === from) yield* foldRunning(folding, partition);
    else if (isNarrow(bounds, partition)) yield* foldAnew(folding, partition);
    else yield* foldSliding(folding, partition);
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

function* foldRunning({ fold, bounds, values, pace }: Folding, partition: Partition): Turns<void> {
  let state = fold.initial();
  let value: Value = null;
  let next = partition.from;
  for (let at = partition.from; at < partition.to; at++) {
    if (!isRepeated(bounds, partition, at)) {
      for (; next < bounds.upper[at]!; next++) {
        state = fold.add(state, next);
        if (pace.isDue(fold.cost)) yield;
      }
      value = fold.valueOf(state);
      if (pace.isDue(fold.cost)) yield;
    }
    values[fold.idAt(at)] = value;
  }
}

function* foldAnew({ fold, bounds, values, pace }: Folding, partition: Partition): Turns<void> {
  let value: Value = null;
  for (let at = partition.from; at < partition.to; at++) {
    if (!isRepeated(bounds, partition, at)) {
      const [lower, upper] = [bounds.lower[at]!, bounds.upper[at]!];
      value = fold.aggregator.finalise(fold.between(lower, upper));
      if (pace.isDue(fold.cost * (upper - lower + 1))) yield;
    }
    values[fold.idAt(at)] = value;
  }
}

function* foldSliding({ fold, bounds, values, pace }: Folding, partition: Partition): Turns<void> {
  const sliding = new SlidingFold(fold, partition.from);
  let value: Value = null;
  for (let at = partition.from; at < partition.to; at++) {
    if (!isRepeated(bounds, partition, at)) {
      const [lower, upper] = [bounds.lower[at]!, bounds.upper[at]!];
      if (lower < sliding.middle) sliding.moveTo(lower, upper);
      else yield* sliding.renew(lower, upper, pace);
      value = fold.aggregator.finalise(sliding.state());
      if (pace.isDue(fold.cost * (sliding.stride + 1))) yield;
    }
    values[fold.idAt(at)] = value;
  }
}

/** Folds rows by their positions. */
class RowFold {
  /** States are numbers or texts, and no longer than that. */
  readonly isSmall: boolean;
  /** How many other rows it counts for to fold a row, or to make a value of a state. */
  readonly cost: number;
  readonly #add: (state: State, id: number) => State;

  constructor(
    readonly aggregator: Aggregator,
    private readonly rows: WindowRows,
  ) {
    const { storedType } = aggregator;
    this.isSmall = !isComplexType(storedType) && !isArrayType(storedType);
    this.cost = this.isSmall ? 1 : COST_OF_OBJECTS;
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

  /** The state of the rows from one position to before another. */
  between(from: number, to: number): State {
    let state = this.initial();
    for (let at = from; at < to; at++) state = this.add(state, at);
    return state;
  }

  /** The final value, which stays as it is when the state goes on. */
  valueOf(state: State): Value {
    const { aggregator } = this;
    const value = aggregator.finalise(state);
    if (typeof value !== 'object' || value === null) return value;
    const wire = aggregator.encode(state);
    // Bytes may lie in a larger buffer, which a structured clone would be of.
    const own = wire instanceof Uint8Array ? wire.slice() : structuredClone(wire);
    return aggregator.finalise(aggregator.decode(own));
  }
}

const COST_OF_OBJECTS = 32;

/**
 * The state of a frame whose ends only ever move on. Its rows are a front, of which there are states of the rows from some
 * positions up to `middle`, and what came in since then, which is one state:
 *
 *     lower         middle         upper
 *       │ ┆    ┆    ┆ │ back         │        ┆ a state of all rows from there to `middle`
 *
 * When the front is used up, what came in becomes the front: so each row is folded once into either. States that may be large
 * are kept of `FRONT_STATES` positions, and the rows before the nearest of them are folded each time.
 */
class SlidingFold {
  middle: number;
  /** Rows from one position with a state to the next. */
  stride = 1;
  #lower: number;
  #upper: number;
  #back: State;
  /** Of the rows from `middle - (i + 1) * stride` on. */
  #front: State[] = [];

  constructor(
    private readonly fold: RowFold,
    from: number,
  ) {
    this.middle = from;
    this.#lower = from;
    this.#upper = from;
    this.#back = fold.initial();
  }

  /** To a frame that begins before `middle`. */
  moveTo(lower: number, upper: number): void {
    this.#lower = lower;
    for (; this.#upper < upper; this.#upper++) {
      this.#back = this.fold.add(this.#back, this.#upper);
    }
  }

  /** To any other frame: all of its rows are the front. */
  *renew(lower: number, upper: number, pace: Pace): Turns<void> {
    const { fold } = this;
    this.#lower = lower;
    this.#upper = upper;
    this.middle = upper;
    this.stride = fold.isSmall ? 1 : Math.max(1, Math.ceil((upper - lower) / FRONT_STATES));
    this.#back = fold.initial();
    this.#front = [];
    let behind = fold.initial();
    for (let at = upper - this.stride; at >= lower; at -= this.stride) {
      behind = fold.aggregator.combine(fold.between(at, at + this.stride), behind);
      this.#front.push(behind);
      if (pace.isDue(fold.cost * this.stride)) yield;
    }
  }

  /** A state of its own: combining changes nothing of what comes second. */
  state(): State {
    const { fold, middle, stride } = this;
    const { aggregator } = fold;
    const known = Math.floor((middle - this.#lower) / stride);
    const head = fold.between(this.#lower, middle - known * stride);
    const whole = known === 0 ? head : aggregator.combine(head, this.#front[known - 1]!);
    return aggregator.combine(whole, this.#back);
  }
}

const FRONT_STATES = 512;
