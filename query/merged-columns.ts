import { mergedType, type TypedColumn } from '../model/index.js';
import type { ColumnSchema } from './engines/engine.js';

/** A column as one place, such as a segment, has it, or several have it together. */
export interface ColumnSource extends ColumnSchema, TypedColumn {
  readonly variants?: readonly TypedColumn[];
}

/** A column of several places. */
export interface MergedColumn extends ColumnSchema {
  /** What it is there, each once, the newest first. */
  readonly variants: readonly TypedColumn[];
}

const RANK = { time: 0, dimension: 1, metric: 2 };

/**
 * The columns of several lists, the newest first: `__time`, dimensions, then metrics, in the order of the newest list that
 * has them, each of the type that the values of all fit (`mergedType`); multi-value when it is in any. Merging what is
 * merged already gives the same.
 */
export function mergedColumns(
  newestFirst: readonly (readonly ColumnSource[])[],
): readonly MergedColumn[] {
  const merged = new Map<string, MergedColumn>();
  for (const columns of newestFirst) {
    for (const column of columns) {
      const known = merged.get(column.name);
      const both = known === undefined ? first(column) : together(known, column);
      if (both !== known) merged.set(column.name, both);
    }
  }
  return [...merged.values()].sort((a, b) => RANK[a.role] - RANK[b.role]);
}

const variantsOf = ({ type, auto, variants }: ColumnSource): readonly TypedColumn[] =>
  variants ?? [{ type, auto }];

function first(column: ColumnSource): MergedColumn {
  const { name, multiValue, role } = column;
  const variants = variantsOf(column);
  const { type } = variants.length === 1 ? variants[0]! : mergedType(variants);
  return { name, type, multiValue, role, variants };
}

function together(known: MergedColumn, column: ColumnSource): MergedColumn {
  const more = variantsOf(column).filter(
    ({ type, auto }) => !known.variants.some((each) => each.type === type && each.auto === auto),
  );
  const multiValue = known.multiValue || column.multiValue;
  if (more.length === 0 && multiValue === known.multiValue) return known;
  const variants = [...known.variants, ...more];
  return { ...known, type: mergedType(variants).type, multiValue, variants };
}
