import { compareValues, type Value } from '../../../model/index.js';
import type { SortKey } from '../algebra/rel.js';
import { nativeType, type SqlType } from '../algebra/types.js';

/** A key to sort rows by: the place of its value in a row, and its type. */
export type RowSortKey = SortKey<{ readonly index: number; readonly type: SqlType }>;

/** The rows in order, stable, cut to `limit` behind `offset`. */
export function orderRows(
  rows: readonly (readonly Value[])[],
  keys: readonly RowSortKey[],
  limit: number | null,
  offset: number,
): readonly (readonly Value[])[] {
  const comparators = keys.map(comparatorOf);
  const sorted = [...rows].sort((a, b) => {
    for (const compare of comparators) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  });
  return sorted.slice(offset, limit === null ? undefined : offset + limit);
}

type RowComparator = (a: readonly Value[], b: readonly Value[]) => number;

function comparatorOf({ key: { index, type }, descending, nullsFirst }: RowSortKey): RowComparator {
  const compare = compareValues(nativeType(type));
  return (rowA, rowB) => {
    const a = rowA[index] ?? null;
    const b = rowB[index] ?? null;
    if (a === null || b === null) {
      if (a === b) return 0;
      return (a === null) === nullsFirst ? -1 : 1;
    }
    return descending ? compare(b, a) : compare(a, b);
  };
}
