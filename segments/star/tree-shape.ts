import { RowGroups } from '../../indexes/index.js';
import type { TreeDimensionDefinition } from '../schema.js';
import type { StoredRows } from './stored-rows.js';
import {
  type DimensionValues,
  type TreeDimension,
  timeDimension,
  treeDimension,
} from './tree-dimension.js';

export interface ShapeDimension extends DimensionValues {
  readonly definition: TreeDimensionDefinition;
}

/** Some dimensions, and rows in groups by them. */
export class TreeShape {
  private constructor(
    readonly groups: RowGroups,
    readonly dimensions: readonly ShapeDimension[],
  ) {}

  /** By dimensions as far as columns have codes and groups are not more than `most`: by the first ones rather than by later ones. */
  static of(
    rows: StoredRows,
    definitions: readonly TreeDimensionDefinition[],
    most: number,
  ): TreeShape {
    return new TreeShape(new RowGroups(rows.rowCount), []).extended(rows, definitions, most);
  }

  /** With more dimensions, likewise. This one is not to be used any more. */
  extended(
    rows: StoredRows,
    definitions: readonly TreeDimensionDefinition[],
    most: number,
  ): TreeShape {
    const { groups } = this;
    const dimensions = [...this.dimensions];
    for (const definition of definitions) {
      const dimension = codedDimension(rows, definition);
      if (dimension === null) continue;
      const { type, values, codes } = dimension;
      if (groups.estimate(codes) > most) continue;
      if (groups.split(codes, values.length, most)) dimensions.push({ definition, type, values });
    }
    return new TreeShape(groups, dimensions);
  }

  /** The same without one dimension: the one without which groups are fewest, and the last of several. Null where none would be left. */
  smaller(): TreeShape | null {
    const { groups, dimensions } = this;
    if (dimensions.length < 2) return null;
    const sizes = dimensions.map(({ values }) => values.length);
    const counts = sizes.map((_, i) => groups.countWithout(i, sizes));
    const dropped = counts.lastIndexOf(Math.min(...counts));
    return new TreeShape(
      groups.without(dropped, sizes),
      dimensions.filter((_, i) => i !== dropped),
    );
  }
}

/** The codes of rows in a dimension; null where its column has none. */
export function codedDimension(
  rows: StoredRows,
  { name, granularity }: TreeDimensionDefinition,
): TreeDimension | null {
  const column = rows.stored(name);
  if (column === null) return null;
  return granularity === undefined
    ? treeDimension(rows, column)
    : timeDimension(rows, column, granularity);
}
