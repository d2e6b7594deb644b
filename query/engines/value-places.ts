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
export function placesOf(
  { size, id, value }: GroupIds,
  groupCount: number,
  compare: (a: Value, b: Value) => number,
): Places | null {
  if (size > Math.max(FEW_IDS, 2 * groupCount)) return null;
  const of = new Uint32Array(groupCount);
  const isThere = new Uint8Array(size);
  for (let group = 0; group < groupCount; group++) {
    of[group] = id(group);
    isThere[of[group]!] = 1;
  }
  const places = placesOfIds(isThere, value, compare);
  for (let group = 0; group < groupCount; group++) of[group] = places[of[group]!]!;
  return { of, size };
}

/** By id. */
function placesOfIds(
  isThere: Uint8Array,
  value: (id: number) => Value,
  compare: (a: Value, b: Value) => number,
): Uint32Array {
  const values: Value[] = [];
  const ids: number[] = [];
  for (let id = 0; id < isThere.length; id++) {
    if (isThere[id] === 0) continue;
    values[id] = value(id);
    ids.push(id);
  }
  const places = new Uint32Array(isThere.length);
  const order = (a: number, b: number) => compare(values[a]!, values[b]!);
  // Ids mostly are in the order of a dictionary.
  if (!place(ids, order, places)) place(ids.sort(order), order, places);
  return places;
}

/** False where ids are not in order. */
function place(
  ids: readonly number[],
  order: (a: number, b: number) => number,
  into: Uint32Array,
): boolean {
  let last = 0;
  for (let i = 1; i < ids.length; i++) {
    const sign = order(ids[i - 1]!, ids[i]!);
    if (sign > 0) return false;
    if (sign < 0) last = i;
    into[ids[i]!] = last;
  }
  return true;
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
