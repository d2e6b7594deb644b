import type { Aggregator, RowCursor, State } from '../../model/index.js';
import { writeLong } from '../words.js';
import { type MutableColumn, positionOf, type RowOrder } from './column.js';
import { RollupTable } from './rollup-table.js';

/** Words of `__time` in a key. */
const TIME_WORDS = 2;

/** How the rows of one batch fall onto open rows. */
export interface RollupBatch {
  /** By row of the batch: the open row it belongs to, counted from `firstRow`. */
  readonly targets: Uint32Array;
  /** Rows of the batch that begin a new open row, in order, and their times. */
  readonly newRows: Uint32Array;
  readonly newTimes: Float64Array;
}

/** Rows of a rollup segment that no snapshot has shown yet: their keys and metric states. */
export class OpenRows {
  readonly #table: RollupTable;
  readonly #states: State[][];

  constructor(
    /** The row of the segment that open row 0 is. */
    readonly firstRow: number,
    private readonly dimensions: readonly MutableColumn[],
    private readonly aggregators: readonly Aggregator[],
  ) {
    const words = dimensions.reduce((sum, column) => sum + column.keyWords, TIME_WORDS);
    this.#table = new RollupTable(words);
    this.#states = aggregators.map(() => []);
  }

  get count(): number {
    return this.#table.size;
  }

  get sizeBytes(): number {
    return this.#table.sizeBytes;
  }

  states(metric: number): readonly State[] {
    return this.#states[metric]!;
  }

  /** Finds or makes the open row of every row of a batch, which the dimensions have staged; metrics are untouched. */
  match(times: Float64Array): RollupBatch {
    const table = this.#table;
    const stride = table.width;
    const count = times.length;
    const keys = this.#keysOf(times);
    const targets = new Uint32Array(count);
    const newRows = new Uint32Array(count);
    const newTimes = new Float64Array(count);
    let newCount = 0;
    for (let i = 0; i < count; i++) {
      const known = table.size;
      const target = table.numberOf(keys, i * stride);
      targets[i] = target;
      if (target < known) continue;
      newRows[newCount] = i;
      newTimes[newCount++] = times[i]!;
    }
    return {
      targets,
      newRows: newRows.subarray(0, newCount),
      newTimes: newTimes.subarray(0, newCount),
    };
  }

  /** Undoes `match` for a batch that will not be folded. */
  forget({ newTimes }: RollupBatch): void {
    this.#table.truncate(this.#table.size - newTimes.length);
  }

  /** Folds every row of a batch into the metrics of its open row. */
  fold(rows: RowCursor, order: RowOrder, { targets }: RollupBatch): void {
    for (const [m, aggregator] of this.aggregators.entries()) {
      const states = this.#states[m]!;
      while (states.length < this.#table.size) states.push(aggregator.initial());
      const accumulator = aggregator.accumulator(rows);
      for (let i = 0; i < targets.length; i++) {
        rows.row = positionOf(order, i);
        const target = targets[i]!;
        states[target] = accumulator.fold(states[target]!);
      }
    }
  }

  #keysOf(times: Float64Array): Uint32Array {
    const stride = this.#table.width;
    const keys = new Uint32Array(times.length * stride);
    for (let i = 0; i < times.length; i++) writeLong(keys, i * stride, times[i]!);
    let at = TIME_WORDS;
    for (const column of this.dimensions) {
      column.writeKeys(keys, stride, at);
      at += column.keyWords;
    }
    return keys;
  }
}
