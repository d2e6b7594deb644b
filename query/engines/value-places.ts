import { inOrder, inPieces, type Turns } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import type { GroupIds } from '../interpreter/groups.js';

/** By group, where its value stands among all that groups have, which are fewer than `size`; equal values stand in one place. */
export interface Places {
  readonly of: Uint32Array;
  readonly size: number;
}

/** More ids than these, and twice as many as there are groups, are mostly those of no group. */
const FEW_IDS = 1024;

/** Puts the values of groups in order, each once; null where most ids are those of no group. */
export function* placesOf(
  { size, id, value }: GroupIds,
  groupCount: number,
  compare: (a: Value, b: Value) => number,
): Turns<Places | null> {
  if (size > Math.max(FEW_IDS, 2 * groupCount)) return null;
  const of = new Uint32Array(groupCount);
  const isThere = new Uint8Array(size);
  for (let group = 0; group < groupCount; group++) {
    of[group] = id(group);
    isThere[of[group]!] = 1;
  }
  const places = yield* placesOfIds(isThere, value, compare);
  for (let group = 0; group < groupCount; group++) of[group] = places[of[group]!]!;
  return { of, size };
}

/** By id. */
function* placesOfIds(
  isThere: Uint8Array,
  value: (id: number) => Value,
  compare: (a: Value, b: Value) => number,
): Turns<Uint32Array> {
  const values: Value[] = [];
  const ids: number[] = [];
  yield* inPieces(isThere.length, (from, to) => {
    for (let id = from; id < to; id++) {
      if (isThere[id] === 0) continue;
      values[id] = value(id);
      ids.push(id);
    }
  });
  const order = (a: number, b: number) => compare(values[a]!, values[b]!);
  // Ids mostly are in the order of a dictionary.
  const sorted = yield* inOrder(Uint32Array.from(ids), order);
  const places = new Uint32Array(isThere.length);
  let last = 0;
  yield* inPieces(sorted.length, (from, to) => {
    for (let i = Math.max(1, from); i < to; i++) {
      if (order(sorted[i - 1]!, sorted[i]!) < 0) last = i;
      places[sorted[i]!] = last;
    }
  });
  return places;
}

/** Groups in the order of their places, those of one place as they were. */
export function sortedByPlaces(groups: readonly number[], { of, size }: Places): number[] {
  const ends = new Uint32Array(size);
  for (let i = 0; i < groups.length; i++) ends[of[groups[i]!]!]!++;
  for (let place = 1; place < size; place++) ends[place]! += ends[place - 1]!;
  const sorted = new Array<number>(groups.length);
  for (let i = groups.length - 1; i >= 0; i--) {
    const group = groups[i]!;
    ends[of[group]!]!--;
    sorted[ends[of[group]!]!] = group;
  }
  return sorted;
}
