import { type Aggregator, compareBy, compareValues, type Value } from '../../model/index.js';
import type { Groups } from '../interpreter/groups.js';
import type { GroupByQuery, OrderByColumn } from '../native/query.js';
import { firstNumbers } from './top-of.js';

/** An order of groups. `ranks`, where there are any, ascend with it: equal ones are for `compare` to tell apart. */
interface GroupOrder {
  readonly compare: (a: number, b: number) => number;
  readonly ranks: Float64Array | null;
}

/**
 * The groups that a limit leaves, without making rows of the others; null where what decides is seen in rows
 * only.
 */
export function firstGroups(query: GroupByQuery, groups: Groups): number[] | null {
  const { limit, offset, columns } = query.limitSpec;
  if (limit === null || query.having !== null || query.subtotals !== null) return null;
  const given: GroupOrder[] = [];
  for (const column of columns) {
    const order = columnOrder(query, groups, column);
    if (order === null) return null;
    given.push(order);
  }
  const byTime = query.granularity.kind === 'all' ? [] : [timeOrder(groups)];
  const byDimensions = query.dimensions.map(({ outputType }, dimension) =>
    dimensionOrder(groups, dimension, compareValues(outputType), true),
  );
  const { sortByDimsFirst } = query.context;
  const orders =
    sortByDimsFirst && given.length === 0
      ? [...byDimensions, ...byTime]
      : sortByDimsFirst
        ? [...given, ...byTime, ...byDimensions]
        : [...byTime, ...given, ...byDimensions];
  const wanted = Math.min(groups.groupCount, offset + limit);
  const compare = chain(orders.map((order) => order.compare));
  return firstNumbers(groups.groupCount, wanted, compare, orders[0]?.ranks ?? null);
}

const timeOrder = (groups: Groups): GroupOrder => ({
  compare: (a, b) => groups.bucket(a) - groups.bucket(b),
  ranks: null,
});

function dimensionOrder(
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

/** Null for a post-aggregator. */
function columnOrder(
  query: GroupByQuery,
  groups: Groups,
  column: OrderByColumn,
): GroupOrder | null {
  const order = ascendingOrder(query, groups, column);
  if (order === null || !column.descending) return order;
  const { compare, ranks } = order;
  return { compare: (a, b) => compare(b, a), ranks: ranks?.map((rank) => -rank) ?? null };
}

function ascendingOrder(
  query: GroupByQuery,
  groups: Groups,
  column: OrderByColumn,
): GroupOrder | null {
  const compare = comparatorOf(query, column);
  if (column.name === '__time') return timeOrder(groups);
  const dimension = query.dimensions.findIndex(({ outputName }) => outputName === column.name);
  if (dimension >= 0) {
    const { outputType } = query.dimensions[dimension]!;
    const isNatural = [outputType === 'STRING' ? 'lexicographic' : 'numeric', 'natural'].includes(
      column.ordering,
    );
    return dimensionOrder(groups, dimension, compare, isNatural);
  }
  const index = query.aggregations.findIndex(({ name }) => name === column.name);
  return index < 0 ? null : aggregatorOrder(groups, index, query.aggregations[index]!, compare);
}

function aggregatorOrder(
  groups: Groups,
  index: number,
  aggregator: Aggregator,
  compare: (a: Value, b: Value) => number,
): GroupOrder {
  const value = (group: number): Value => aggregator.finalise(groups.state(index, group));
  if (isNumeric(aggregator)) {
    const ranks = new Float64Array(groups.groupCount);
    for (let group = 0; group < ranks.length; group++) {
      const shown = value(group);
      // Nulls come first. A LONG may be rounded: no two change places by that.
      ranks[group] = shown === null ? Number.NEGATIVE_INFINITY : Number(shown);
    }
    return { compare: (a, b) => compare(value(a), value(b)), ranks };
  }
  const values = Array.from({ length: groups.groupCount }, (_, group) => value(group));
  return { compare: (a, b) => compare(values[a]!, values[b]!), ranks: null };
}

/** Whether values are numbers, in the order of numbers. */
function isNumeric({ form }: Aggregator): boolean {
  if (form === undefined || form.kind === 'sketch') return false;
  return form.kind !== 'filtered' || isNumeric(form.aggregator);
}

function chain(orders: readonly GroupOrder['compare'][]): GroupOrder['compare'] {
  return (a, b) => {
    for (const order of orders) {
      const sign = order(a, b);
      if (sign !== 0) return sign;
    }
    return 0;
  };
}

/** A dimension by its `dimensionOrder`, an aggregator or post-aggregator by its own order. */
export function comparatorOf(
  query: GroupByQuery,
  column: OrderByColumn,
): (a: Value, b: Value) => number {
  if (column.name === '__time') return compareValues('LONG');
  const dimension = query.dimensions.find(({ outputName }) => outputName === column.name);
  if (dimension !== undefined) return compareBy(column.ordering, dimension.outputType);
  const output = [...query.aggregations, ...query.postAggregations].find(
    ({ name }) => name === column.name,
  )!;
  return (a, b) => output.compare(a, b);
}
