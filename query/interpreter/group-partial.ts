import type { Aggregator, Value, WireState } from '../../model/index.js';
import { GroupTable } from './group-table.js';
import { mergeVisibleTimes, noVisibleTimes, type VisibleTimes } from './visible-times.js';

/** The groups that one job found, in columns of plain values: it can cross a thread or a network. */
export interface GroupPartial {
  readonly kind: 'groups';
  /** Per group: the start of its bucket. */
  readonly buckets: readonly number[];
  /** Per dimension, per group: where in `values` its value is. */
  readonly ordinals: readonly (readonly number[])[];
  /** Per dimension: its distinct values. */
  readonly values: readonly (readonly Value[])[];
  /** Per aggregator, per group. */
  readonly states: readonly (readonly WireState[])[];
  readonly visible: VisibleTimes;
  readonly rowsScanned: number;
  /** Whether a compiled kernel scanned the rows; null when none were. */
  readonly compiled: boolean | null;
}

export function encodeGroups(
  table: GroupTable,
  aggregations: readonly Aggregator[],
  visible: VisibleTimes,
  rowsScanned: number,
): GroupPartial {
  return {
    kind: 'groups',
    buckets: table.buckets,
    ordinals: table.ordinals,
    values: table.values,
    states: aggregations.map((aggregator, i) =>
      table.states[i]!.map((state) => aggregator.encode(state)),
    ),
    visible,
    rowsScanned,
    compiled: false,
  };
}

/** A job's answer when it is known that no row passes the filter. */
export function noGroups(
  dimensionCount: number,
  aggregatorCount: number,
  visible: VisibleTimes,
): GroupPartial {
  return {
    kind: 'groups',
    buckets: [],
    ordinals: Array.from({ length: dimensionCount }, () => []),
    values: Array.from({ length: dimensionCount }, () => []),
    states: Array.from({ length: aggregatorCount }, () => []),
    visible,
    rowsScanned: 0,
    compiled: null,
  };
}

/** The partials of a query in one table. */
export interface MergedGroups {
  readonly table: GroupTable;
  readonly visible: VisibleTimes;
}

/**
 * Merges partials in the given order. Sums of doubles depend on the order, so the caller gives
 * partials by (segment, row range), never by time of arrival.
 */
export function mergeGroups(
  partials: Iterable<GroupPartial>,
  dimensionCount: number,
  aggregations: readonly Aggregator[],
  intervalCount: number,
  maxGroups: number,
): MergedGroups {
  const table = new GroupTable(dimensionCount, aggregations, maxGroups);
  const visible = noVisibleTimes(intervalCount);
  for (const partial of partials) {
    mergeVisibleTimes(visible, partial.visible);
    addPartial(table, partial, aggregations);
  }
  return { table, visible };
}

function addPartial(
  table: GroupTable,
  partial: GroupPartial,
  aggregations: readonly Aggregator[],
): void {
  const ordinalOf = partial.values.map((values, dimension) =>
    values.map((value) => table.ordinal(dimension, value)),
  );
  const ordinals = new Array<number>(partial.values.length).fill(0);
  for (let i = 0; i < partial.buckets.length; i++) {
    for (let d = 0; d < ordinals.length; d++) {
      ordinals[d] = ordinalOf[d]![partial.ordinals[d]![i]!]!;
    }
    const group = table.group(partial.buckets[i]!, ordinals);
    for (let a = 0; a < aggregations.length; a++) {
      const aggregator = aggregations[a]!;
      const states = table.states[a]!;
      states[group] = aggregator.combine(states[group]!, aggregator.decode(partial.states[a]![i]!));
    }
  }
}
