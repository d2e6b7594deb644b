import { type Comparator, compareBy, compareValues, type ValueType } from '../../model/index.js';
import type { ScanOrder } from '../native/query.js';

/**
 * One comparator per key. `types` are the types that a key has in the segments that have it:
 * several only where segments differ, then numbers come before texts before lists.
 */
export const keyComparators = (
  orderBy: readonly ScanOrder[],
  types: readonly (readonly ValueType[])[],
): Comparator[] => orderBy.map((key, i) => comparatorOf(key, types[i] ?? []));

function comparatorOf(key: ScanOrder, types: readonly ValueType[]): Comparator {
  const { descending, nullsFirst } = key;
  const [type, ...others] = new Set(types);
  const isOfOneType = type !== undefined && others.length === 0;
  const compare = isOfOneType ? compareValues(type) : compareBy('natural');
  const nullFirst = nullsFirst ? -1 : 1;
  return (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? nullFirst : -nullFirst;
    return descending ? compare(b, a) : compare(a, b);
  };
}
