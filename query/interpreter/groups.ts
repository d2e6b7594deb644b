import type { State, Value } from '../../model/index.js';
import type { ScanColumn, ScanMemory } from '../../segments/index.js';

/** Groups by number, each of which is there once: their keys and their running states. */
export interface Groups {
  readonly groupCount: number;
  /** The start of the bucket of all groups; null where they may be of several. */
  readonly onlyBucket: number | null;
  /** The start of its time bucket. */
  bucket(group: number): number;
  value(dimension: number, group: number): Value;
  state(aggregator: number, group: number): State;
  /** What its aggregator makes of the state. */
  finalised(aggregator: number, group: number): Value;
  /** The natural order of a dimension, by groups, where it is seen without making values. */
  order(dimension: number): ((a: number, b: number) => number) | null;
  /** A dimension's values by number, where they have some. */
  ids(dimension: number): GroupIds | null;
  /** The groups as columns in memory; null where they are not to be had. */
  columns(): GroupColumns | null;
}

/** What the partials of a query come to. */
export interface MergedTable extends Groups {
  statesOf(group: number): GroupStates;
}

/** The states of one group, by aggregator. */
export interface GroupStates {
  state(aggregator: number): State;
  finalised(aggregator: number): Value;
}

/** Ids are 0 … size-1, one for each value. */
export interface GroupIds {
  readonly size: number;
  id(group: number): number;
  value(id: number): Value;
}

/** Columns of groups for kernels to scan: null for those that have no layout there. */
export interface GroupColumns {
  readonly memory: ScanMemory;
  dimension(dimension: number): ScanColumn | null;
  aggregator(aggregator: number): ScanColumn | null;
}
