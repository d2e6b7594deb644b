import { inPieces, type Turns } from '../../core/index.js';
import type { Aggregator, Value } from '../../model/index.js';
import type { Groups } from '../interpreter/groups.js';
import type { GroupView } from './group-view.js';
import { firstNumbers, numbersBelow } from './top-of.js';
import { type Places, placesOf, sortedByPlaces } from './value-places.js';

/** An order of groups. `ranks`, where there are any, ascend with it: equal ones are for `compare` to tell apart. */
export interface GroupOrder {
  readonly compare: Compare;
  readonly ranks: Float64Array | null;
  /** Puts what groups have in order once: for whoever orders all groups. Null where, or when it gives null, that does not help. */
  readonly places: (() => Turns<Places | null>) | null;
}

type Compare = (a: number, b: number) => number;

export const timeOrder = (groups: Groups): GroupOrder => ({
  compare: (a, b) => groups.bucket(a) - groups.bucket(b),
  ranks: null,
  places: null,
});

export function dimensionOrder(
  groups: Groups,
  dimension: number,
  compare: (a: Value, b: Value) => number,
  isNatural: boolean,
): GroupOrder {
  const known = isNatural ? groups.order(dimension) : null;
  if (known !== null) return { compare: known, ranks: null, places: null };
  return {
    compare: (a, b) => compare(groups.value(dimension, a), groups.value(dimension, b)),
    ranks: null,
    *places() {
      const ids = groups.ids(dimension);
      return ids && (yield* placesOf(ids, groups.groupCount, compare));
    },
  };
}

export const reversed = ({ compare, ranks, places }: GroupOrder): GroupOrder => ({
  compare: (a, b) => compare(b, a),
  ranks: ranks?.map((rank) => -rank) ?? null,
  places: places && (() => reversedPlaces(places())),
});

function* reversedPlaces(finding: Turns<Places | null>): Turns<Places | null> {
  const found = yield* finding;
  return found && { of: found.of.map((place) => found.size - 1 - place), size: found.size };
}

/** By an aggregator, or, where there is none, by a post-aggregator. */
export function* fieldOrder(
  groups: Groups,
  view: GroupView,
  name: string,
  aggregator: Aggregator | undefined,
  compare: (a: Value, b: Value) => number,
): Turns<GroupOrder> {
  const field = view.reader(name);
  const read = (group: number): Value => {
    view.group = group;
    return field();
  };
  return aggregator !== undefined && isNumeric(aggregator)
    ? yield* rankedOrder(groups, read, compare)
    : yield* valueOrder(groups, read, compare);
}

function* valueOrder(
  groups: Groups,
  read: (group: number) => Value,
  compare: (a: Value, b: Value) => number,
): Turns<GroupOrder> {
  const values = new Array<Value>(groups.groupCount);
  yield* inPieces(values.length, (from, to) => {
    for (let group = from; group < to; group++) values[group] = read(group);
  });
  return { compare: (a, b) => compare(values[a]!, values[b]!), ranks: null, places: null };
}

/** Of numbers, whose order is that of their ranks but for rounding. */
function* rankedOrder(
  groups: Groups,
  read: (group: number) => Value,
  compare: (a: Value, b: Value) => number,
): Turns<GroupOrder> {
  const ranks = new Float64Array(groups.groupCount);
  yield* inPieces(ranks.length, (from, to) => {
    for (let group = from; group < to; group++) {
      const value = read(group);
      // Nulls come first. A LONG may be rounded: no two change places by that.
      ranks[group] = value === null ? Number.NEGATIVE_INFINITY : Number(value);
    }
  });
  return {
    compare: (a, b) =>
      ranks[a]! < ranks[b]! ? -1 : ranks[a]! > ranks[b]! ? 1 : compare(read(a), read(b)),
    ranks,
    places: null,
  };
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

/** By the first; where two are equal in it by the next, and so on. */
export const chain = <T>(orders: readonly ((a: T, b: T) => number)[]): ((a: T, b: T) => number) =>
  orders.length === 0
    ? () => 0
    : orders.reduceRight((later, first) => (a, b) => first(a, b) || later(a, b));

/** All groups; equal ones ascend. */
export function* sortedGroups(groupCount: number, orders: readonly GroupOrder[]): Turns<number[]> {
  const places: (Places | null)[] = [];
  for (const order of orders) places.push(order.places && (yield* order.places()));
  if (places.includes(null)) {
    const each = places.map((found, i) => (found ? placeOrder(found) : orders[i]!.compare));
    return yield* firstNumbers(groupCount, groupCount, chain(each));
  }
  let groups = numbersBelow(groupCount);
  for (const found of (places as Places[]).reverse()) {
    yield;
    groups = sortedByPlaces(groups, found);
  }
  return groups;
}

const placeOrder =
  ({ of }: Places): Compare =>
  (a, b) =>
    of[a]! - of[b]!;
