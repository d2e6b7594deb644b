import type { Aggregator, Value } from '../../model/index.js';
import type { Groups } from '../interpreter/groups.js';
import type { GroupView } from './group-view.js';

/** An order of groups. `ranks`, where there are any, ascend with it: equal ones are for `compare` to tell apart. */
export interface GroupOrder {
  readonly compare: (a: number, b: number) => number;
  readonly ranks: Float64Array | null;
}

export const timeOrder = (groups: Groups): GroupOrder => ({
  compare: (a, b) => groups.bucket(a) - groups.bucket(b),
  ranks: null,
});

export function dimensionOrder(
  groups: Groups,
  dimension: number,
  compare: (a: Value, b: Value) => number,
  isNatural: boolean,
): GroupOrder {
  const known = isNatural ? groups.order(dimension) : null;
  const byValue = (a: number, b: number) =>
    compare(groups.value(dimension, a), groups.value(dimension, b));
  return { compare: known ?? byValue, ranks: null };
}

export const reversed = ({ compare, ranks }: GroupOrder): GroupOrder => ({
  compare: (a, b) => compare(b, a),
  ranks: ranks?.map((rank) => -rank) ?? null,
});

/** By an aggregator, or, where there is none, by a post-aggregator. */
export function fieldOrder(
  groups: Groups,
  view: GroupView,
  name: string,
  aggregator: Aggregator | undefined,
  compare: (a: Value, b: Value) => number,
): GroupOrder {
  const field = view.reader(name);
  const read = (group: number): Value => {
    view.group = group;
    return field();
  };
  return aggregator !== undefined && isNumeric(aggregator)
    ? rankedOrder(groups, read, compare)
    : valueOrder(groups, read, compare);
}

function valueOrder(
  groups: Groups,
  read: (group: number) => Value,
  compare: (a: Value, b: Value) => number,
): GroupOrder {
  const values = Array.from({ length: groups.groupCount }, (_, group) => read(group));
  return { compare: (a, b) => compare(values[a]!, values[b]!), ranks: null };
}

/** Of numbers, whose order is that of their ranks but for rounding. */
function rankedOrder(
  groups: Groups,
  read: (group: number) => Value,
  compare: (a: Value, b: Value) => number,
): GroupOrder {
  const ranks = new Float64Array(groups.groupCount);
  for (let group = 0; group < ranks.length; group++) {
    const value = read(group);
    // Nulls come first. A LONG may be rounded: no two change places by that.
    ranks[group] = value === null ? Number.NEGATIVE_INFINITY : Number(value);
  }
  return { compare: (a, b) => compare(read(a), read(b)), ranks };
}

/** Whether values are numbers, in the order of numbers. */
function isNumeric({ form }: Aggregator): boolean {
  if (
    form === undefined ||
    form.kind === 'sketch' ||
    form.kind === 'coupons' ||
    form.kind === 'folds' ||
    form.kind === 'row'
  )
    return false;
  return form.kind !== 'filtered' || isNumeric(form.aggregator);
}

export function chain(orders: readonly GroupOrder['compare'][]): GroupOrder['compare'] {
  return (a, b) => {
    for (const order of orders) {
      const sign = order(a, b);
      if (sign !== 0) return sign;
    }
    return 0;
  };
}
