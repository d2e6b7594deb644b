import { type Aggregator, compareBy, compareValues, type Value } from '../../model/index.js';
import type { Groups } from '../interpreter/groups.js';
import type { GroupByQuery, OrderByColumn } from '../native/query.js';
import type { GroupView } from './group-view.js';
import { firstNumbers, topOf } from './top-of.js';

/** An order of groups. `ranks`, where there are any, ascend with it: equal ones are for `compare` to tell apart. */
interface GroupOrder {
  readonly compare: (a: number, b: number) => number;
  readonly ranks: Float64Array | null;
}

/** The groups in the query's order that its having filter and its limit leave, before its offset. Without subtotals. */
export function firstGroups(query: GroupByQuery, groups: Groups, view: GroupView): number[] {
  const { limit, offset } = query.limitSpec;
  const orders = ordersOf(query, groups, view);
  const compare = chain(orders.map((order) => order.compare));
  const accepted = acceptedGroups(query, groups, view);
  const most = limit === null ? Number.POSITIVE_INFINITY : offset + limit;
  if (accepted !== null) return topOf(accepted, Math.min(accepted.length, most), compare);
  const wanted = Math.min(groups.groupCount, most);
  return firstNumbers(groups.groupCount, wanted, compare, orders[0]?.ranks ?? null);
}

/** Null where all are. */
function acceptedGroups(query: GroupByQuery, groups: Groups, view: GroupView): number[] | null {
  if (query.having === null) return null;
  const accepts = query.having.compile(view.types);
  const accepted: number[] = [];
  for (let group = 0; group < groups.groupCount; group++) {
    view.group = group;
    if (accepts(view)) accepted.push(group);
  }
  return accepted;
}

function ordersOf(query: GroupByQuery, groups: Groups, view: GroupView): GroupOrder[] {
  const given = query.limitSpec.columns.map((column) => columnOrder(query, groups, view, column));
  const byTime = query.granularity.kind === 'all' ? [] : [timeOrder(groups)];
  const byDimensions = query.dimensions.map(({ outputType }, dimension) =>
    dimensionOrder(groups, dimension, compareValues(outputType), true),
  );
  if (!query.context.sortByDimsFirst) return [...byTime, ...given, ...byDimensions];
  return given.length === 0 ? [...byDimensions, ...byTime] : [...given, ...byTime, ...byDimensions];
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

function columnOrder(
  query: GroupByQuery,
  groups: Groups,
  view: GroupView,
  column: OrderByColumn,
): GroupOrder {
  const order = ascendingOrder(query, groups, view, column);
  if (!column.descending) return order;
  const { compare, ranks } = order;
  return { compare: (a, b) => compare(b, a), ranks: ranks?.map((rank) => -rank) ?? null };
}

function ascendingOrder(
  query: GroupByQuery,
  groups: Groups,
  view: GroupView,
  column: OrderByColumn,
): GroupOrder {
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
  const aggregator = query.aggregations.find(({ name }) => name === column.name);
  const read = (group: number): Value => {
    view.group = group;
    return view.value(column.name);
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
  if (form === undefined || form.kind === 'sketch' || form.kind === 'row') return false;
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
