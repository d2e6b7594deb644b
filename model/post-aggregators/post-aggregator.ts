import type { State } from '../aggregators/aggregator.js';
import type { Value, ValueType } from '../types.js';

/** The fields of one result row that a post-aggregator may read. */
export interface ResultRow {
  /** The finalised value of a dimension, aggregator or earlier post-aggregator; null when there is none of this name. */
  value(name: string): Value;
  /** The unfinalised state of an aggregator; for any other name the same as `value`. */
  state(name: string): State;
}

/** The types of the fields of a result row. */
export type ResultTypes = ReadonlyMap<string, ValueType>;

/** Computes a field of a result row from the others. */
export interface PostAggregator {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Names of the fields it reads. */
  readonly inputs: readonly string[];
  /** `stateTypes` are those of `ResultRow.state`; absent where no field has a state of another type. */
  resultType(types: ResultTypes, stateTypes?: ResultTypes): ValueType;
  compile(types: ResultTypes): (row: ResultRow) => Value;
  /** Order of its values for sorting, nulls first. */
  compare(a: Value, b: Value): number;
}
