import { mapInPieces, type Turns } from '../../core/index.js';
import {
  type Aggregator,
  type Dimension,
  groupingId,
  isGrouping,
  type PostAggregator,
  type ResultRow,
  type ResultTypes,
  shownState,
  type Value,
  type ValueType,
} from '../../model/index.js';
import type { GroupStates } from '../interpreter/groups.js';
import type { AggregationQuery } from '../native/query.js';
import type { ResultField } from '../result.js';
import type { ShowsState } from './engine.js';

/** One row of an aggregation's answer: finalised values, and the states behind them. */
export interface OutputRow {
  /** Parallel to `OutputRows.names`: `__time`, dimensions, aggregators, post-aggregators. */
  readonly values: Value[];
  readonly states: GroupStates;
}

export type OutputDimension = Pick<Dimension, 'outputName' | 'outputType'>;

/** Makes output rows of an aggregation query: finalises states and computes post-aggregators. */
export class OutputRows {
  /** `__time`, dimensions, aggregators, post-aggregators. */
  readonly names: readonly string[];
  readonly types: ResultTypes;
  readonly #aggregations: readonly Aggregator[];
  readonly #firstAggregator: number;
  readonly #firstPost: number;
  readonly #index: ReadonlyMap<string, number>;
  /** Compute each post-aggregator of a row. */
  readonly posts: readonly ((row: ResultRow) => Value)[];

  constructor(query: AggregationQuery, dimensions: readonly OutputDimension[]) {
    const { aggregations, postAggregations } = query;
    const types = new Map<string, ValueType>([['__time', 'LONG']]);
    for (const dimension of dimensions) types.set(dimension.outputName, dimension.outputType);
    for (const aggregator of aggregations) types.set(aggregator.name, aggregator.resultType);
    const stateTypes = new Map(aggregations.map((one) => [one.name, one.storedType]));
    this.posts = postAggregations.map((post) => compilePost(post, types, stateTypes));
    this.types = types;
    this.names = [...types.keys()];
    this.#index = new Map(this.names.map((name, i) => [name, i]));
    this.#aggregations = aggregations;
    this.#firstAggregator = 1 + dimensions.length;
    this.#firstPost = this.#firstAggregator + aggregations.length;
  }

  indexOf(name: string): number {
    return this.#index.get(name) ?? -1;
  }

  /**
   * `kept` names the dimensions that a subtotal groups by, for the `grouping` aggregator; leave it
   * out without subtotals.
   */
  make(
    timeMs: number | null,
    dimensions: readonly Value[],
    states: GroupStates,
    kept?: ReadonlySet<string>,
  ): OutputRow {
    // Of its length from the start: arrays that grow take several times the room.
    const values = new Array<Value>(this.#firstPost + this.posts.length);
    values[0] = timeMs;
    for (let i = 0; i < dimensions.length; i++) values[1 + i] = dimensions[i]!;
    for (let i = 0; i < this.#aggregations.length; i++) {
      const aggregator = this.#aggregations[i]!;
      const isSubtotal = kept !== undefined && isGrouping(aggregator);
      values[this.#firstAggregator + i] = isSubtotal
        ? groupingId(aggregator, kept)
        : states.finalised(i);
    }
    return this.#withPosts({ values, states });
  }

  /** A row of nulls: the total over no rows. */
  makeNull(): OutputRow {
    const values = new Array<Value>(this.#firstPost + this.posts.length).fill(null);
    return this.#withPosts({ values, states: NO_STATES });
  }

  /** The row as post-aggregators and having see it. */
  view(row: OutputRow): ResultRow {
    return {
      value: (name) => row.values[this.indexOf(name)] ?? null,
      state: (name) => {
        const index = this.indexOf(name);
        const aggregator = index - this.#firstAggregator;
        const isState = aggregator >= 0 && index < this.#firstPost;
        // A grouping has no state of its own: its value was set from the subtotal.
        if (!isState || isGrouping(this.#aggregations[aggregator]!)) {
          return row.values[index] ?? null;
        }
        return shownState(this.#aggregations[aggregator]!, row.states.state(aggregator));
      },
    };
  }

  #withPosts(row: OutputRow): OutputRow {
    if (this.posts.length === 0) return row;
    const view = this.view(row);
    for (const [i, post] of this.posts.entries()) row.values[this.#firstPost + i] = post(view);
    return row;
  }

  /** Fields of the result; aggregators that show their state have the type of their state. */
  fields(showsState: ShowsState): ResultField[] {
    return this.names.map((name, i) => {
      const aggregator = this.#shownState(i, showsState);
      return { name, type: aggregator?.storedType ?? this.types.get(name)! };
    });
  }

  /** Rows as the result shows them. */
  *shown(rows: readonly OutputRow[], showsState: ShowsState): Turns<(readonly Value[])[]> {
    const shows = this.#aggregations.some(showsState);
    return yield* mapInPieces(rows, (row) =>
      shows ? this.#withStates(row, showsState) : row.values,
    );
  }

  #withStates(row: OutputRow, showsState: ShowsState): readonly Value[] {
    return row.values.map((value, i) => {
      const aggregator = this.#shownState(i, showsState);
      if (aggregator === null) return value;
      return shownState(aggregator, row.states.state(i - this.#firstAggregator));
    });
  }

  #shownState(index: number, showsState: ShowsState): Aggregator | null {
    const aggregator = this.#aggregations[index - this.#firstAggregator];
    if (aggregator === undefined || isGrouping(aggregator)) return null;
    return showsState(aggregator) ? aggregator : null;
  }
}

/** Of a row that stands for no rows at all. */
const NO_STATES: GroupStates = { state: () => null, finalised: () => null };

/** Compiles against the fields before it, then adds its own to them. */
function compilePost(
  post: PostAggregator,
  types: Map<string, ValueType>,
  stateTypes: ResultTypes,
): (row: ResultRow) => Value {
  const known: ResultTypes = new Map(types);
  const compute = post.compile(known);
  types.set(post.name, post.resultType(known, new Map([...known, ...stateTypes])));
  return compute;
}
