import { inPieces, type Turns } from '../../core/index.js';
import { compareBy, compareValues, type Value } from '../../model/index.js';
import type { Groups } from '../interpreter/groups.js';
import type { GroupByQuery, OrderByColumn } from '../native/query.js';
import {
  chain,
  dimensionOrder,
  fieldOrder,
  type GroupOrder,
  reversed,
  sortedGroups,
  timeOrder,
} from './group-order.js';
import type { GroupView } from './group-view.js';
import { firstNumbers, topOf } from './top-of.js';

/** The groups in the query's order that its having filter and its limit leave, before its offset. Without subtotals. */
export function* firstGroups(
  query: GroupByQuery,
  groups: Groups,
  view: GroupView,
): Turns<number[]> {
  const { limit, offset } = query.limitSpec;
  const orders = yield* ordersOf(query, groups, view);
  const accepted = yield* acceptedGroups(query, groups, view);
  const most = limit === null ? Number.POSITIVE_INFINITY : offset + limit;
  if (accepted === null && most >= groups.groupCount)
    return yield* sortedGroups(groups.groupCount, orders);
  const compare = chain(orders.map((order) => order.compare));
  if (accepted !== null) return yield* topOf(accepted, Math.min(accepted.length, most), compare);
  return yield* firstNumbers(groups.groupCount, most, compare, orders[0]?.ranks ?? null);
}

/** Null where all are. */
function* acceptedGroups(
  query: GroupByQuery,
  groups: Groups,
  view: GroupView,
): Turns<number[] | null> {
  if (query.having === null) return null;
  const accepts = query.having.compile(view.types);
  const accepted: number[] = [];
  yield* inPieces(groups.groupCount, (from, to) => {
    for (let group = from; group < to; group++) {
      view.group = group;
      if (accepts(view)) accepted.push(group);
    }
  });
  return accepted;
}

function* ordersOf(query: GroupByQuery, groups: Groups, view: GroupView): Turns<GroupOrder[]> {
  const given: GroupOrder[] = [];
  for (const column of query.limitSpec.columns) {
    given.push(yield* columnOrder(query, groups, view, column));
  }
  const byTime = query.granularity.kind === 'all' ? [] : [timeOrder(groups)];
  const byDimensions = query.dimensions.map(({ outputType }, dimension) =>
    dimensionOrder(groups, dimension, compareValues(outputType), true),
  );
  if (!query.context.sortByDimsFirst) return [...byTime, ...given, ...byDimensions];
  return given.length === 0 ? [...byDimensions, ...byTime] : [...given, ...byTime, ...byDimensions];
}

function* columnOrder(
  query: GroupByQuery,
  groups: Groups,
  view: GroupView,
  column: OrderByColumn,
): Turns<GroupOrder> {
  const order = yield* ascendingOrder(query, groups, view, column);
  return column.descending ? reversed(order) : order;
}

function* ascendingOrder(
  query: GroupByQuery,
  groups: Groups,
  view: GroupView,
  column: OrderByColumn,
): Turns<GroupOrder> {
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
  return yield* fieldOrder(groups, view, column.name, aggregator, compare);
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
