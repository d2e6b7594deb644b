import type { State, Value } from '../../model/index.js';

/** Groups by number, each of which is there once: their keys and their running states. */
export interface Groups {
  readonly groupCount: number;
  /** The start of its time bucket. */
  bucket(group: number): number;
  value(dimension: number, group: number): Value;
  state(aggregator: number, group: number): State;
  /** The natural order of a dimension, by groups, where it is seen without making values. */
  order(dimension: number): ((a: number, b: number) => number) | null;
}
