import type { Aggregator, Value } from '../../model/index.js';
import type { GroupPartial, KeyColumn } from '../interpreter/group-partial.js';
import type { Groups } from '../interpreter/groups.js';
import { stateColumn } from '../interpreter/state-column.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';

/** Merged groups as a partial that can cross a thread: the chosen ones, or, where that is null, all. `rowsScanned` counts those that there were. */
export function partialOfGroups(
  groups: Groups,
  dimensionCount: number,
  aggregations: readonly Aggregator[],
  chosen: readonly number[] | null,
): GroupPartial {
  const numbers = chosen ?? Array.from({ length: groups.groupCount }, (_, group) => group);
  return {
    kind: 'groups',
    groupCount: numbers.length,
    buckets: Float64Array.from(numbers, (group) => groups.bucket(group)),
    keys: Array.from({ length: dimensionCount }, (_, i) => keysOf(groups, i, numbers)),
    states: aggregations.map((aggregator, i) =>
      stateColumn(numbers.map((group) => aggregator.encode(groups.state(i, group)))),
    ),
    visible: noVisibleTimes(0),
    rowsScanned: groups.groupCount,
    compiled: null,
  };
}

/** Each value once, where groups tell which are equal. */
function keysOf(groups: Groups, dimension: number, numbers: readonly number[]): KeyColumn {
  const ids = groups.ids(dimension);
  const ordinals = new Uint32Array(numbers.length);
  const values: Value[] = [];
  const known = new Map<number, number>();
  for (let i = 0; i < ordinals.length; i++) {
    const group = numbers[i]!;
    const id = ids === null ? i : ids.id(group);
    let ordinal = known.get(id);
    if (ordinal === undefined) {
      ordinal = values.push(groups.value(dimension, group)) - 1;
      known.set(id, ordinal);
    }
    ordinals[i] = ordinal;
  }
  return { kind: 'values', ordinals, values };
}
