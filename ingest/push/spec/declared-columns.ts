import type { JsonObject } from '../../../core/index.js';
import type { AutoType, ValueType } from '../../../model/index.js';
import type { DimensionSchema } from '../../../segments/index.js';
import { arrivalDimension, parseTableSpec, type TableSpec } from './table-spec.js';

export interface DeclaredColumn {
  readonly name: string;
  readonly type: ValueType;
  readonly auto?: AutoType | undefined;
  readonly multiValue: boolean;
  readonly role: 'time' | 'dimension' | 'metric';
}

/** What a spec says of a table that others than those who push rows have to know. */
export interface DeclaredTable extends Pick<TableSpec, 'starTrees'> {
  /** Those that it lists, `__time` first: the table has them before rows do. */
  readonly columns: readonly DeclaredColumn[];
}

/** Throws UserError for a spec that is wrong. */
export function declaredTable(table: string, json: JsonObject): DeclaredTable {
  const spec = parseTableSpec(table, json);
  return { columns: columnsOfSpec(spec), starTrees: spec.starTrees };
}

function columnsOfSpec(spec: TableSpec): DeclaredColumn[] {
  const dimensions = [...spec.dimensions.listed, ...arrivalDimension(spec)];
  return [
    TIME_COLUMN,
    ...dimensions.map(declaredDimension),
    ...spec.metrics.map(({ name, storedType }) => ({
      name,
      type: storedType,
      multiValue: false,
      role: 'metric' as const,
    })),
  ];
}

export const TIME_COLUMN: DeclaredColumn = {
  name: '__time',
  type: 'LONG',
  multiValue: false,
  role: 'time',
};

export const declaredDimension = ({ name, type, auto }: DimensionSchema): DeclaredColumn => ({
  name,
  type,
  auto,
  multiValue: false,
  role: 'dimension',
});
