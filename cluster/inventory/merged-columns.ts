import type { ColumnSchema } from '../../query/index.js';

const RANK = { time: 0, dimension: 1, metric: 2 };

/**
 * The columns of several lists, the newest first: `__time`, dimensions, then metrics, in the order of
 * the newest list that has them, each with its newest type; multi-value when it is in any. Merging
 * what is merged already gives the same.
 */
export function mergedColumns(newestFirst: readonly (readonly ColumnSchema[])[]): ColumnSchema[] {
  const merged = new Map<string, ColumnSchema>();
  for (const columns of newestFirst) {
    for (const { name, type, multiValue, role } of columns) {
      const known = merged.get(name);
      if (known === undefined) merged.set(name, { name, type, multiValue, role });
      else if (multiValue && !known.multiValue) merged.set(name, { ...known, multiValue });
    }
  }
  return [...merged.values()].sort((a, b) => RANK[a.role] - RANK[b.role]);
}
