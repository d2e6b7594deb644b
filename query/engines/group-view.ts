import {
  isGrouping,
  type ResultRow,
  type ResultTypes,
  type State,
  shownState,
  type Value,
} from '../../model/index.js';
import type { Groups } from '../interpreter/groups.js';
import type { AggregationQuery } from '../native/query.js';
import type { OutputDimension, OutputRows } from './output-rows.js';

/** The group at hand as having filters and post-aggregators see it: no row is made. Without subtotals. */
export class GroupView implements ResultRow {
  group = 0;
  readonly types: ResultTypes;
  readonly #values = new Map<string, () => Value>();
  readonly #states = new Map<string, () => State>();

  constructor(
    { aggregations, postAggregations }: AggregationQuery,
    dimensions: readonly OutputDimension[],
    output: OutputRows,
    groups: Groups,
    timeOf: (bucketMs: number) => number,
  ) {
    this.types = output.types;
    this.#values.set('__time', () => timeOf(groups.bucket(this.group)));
    for (const [i, { outputName }] of dimensions.entries()) {
      this.#values.set(outputName, () => groups.value(i, this.group));
    }
    for (const [i, aggregator] of aggregations.entries()) {
      const state = () => groups.state(i, this.group);
      this.#values.set(aggregator.name, () => groups.finalised(i, this.group));
      if (!isGrouping(aggregator)) {
        this.#states.set(aggregator.name, () => shownState(aggregator, state()));
      }
    }
    for (const [i, { name }] of postAggregations.entries()) {
      this.#values.set(name, () => output.posts[i]!(this));
      this.#states.delete(name);
    }
  }

  /** Reads a field of the group at hand. */
  reader(name: string): () => Value {
    return this.#values.get(name) ?? (() => null);
  }

  value(name: string): Value {
    return this.#values.get(name)?.() ?? null;
  }

  state(name: string): State {
    const read = this.#states.get(name);
    return read === undefined ? this.value(name) : read();
  }
}
