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

/** The columns that a spec lists, `__time` first: the table has them before rows do. */
export const declaredColumns = (table: string, json: JsonObject): DeclaredColumn[] =>
  columnsOfSpec(parseTableSpec(table, json));

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
