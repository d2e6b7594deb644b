import type { JsonObject } from '../../../core/index.js';
import type { ValueType } from '../../../model/index.js';
import { arrivalDimension, parseTableSpec } from './table-spec.js';

/** The columns that a spec lists, `__time` first: those of a table without rows. */
export function declaredColumns(
  table: string,
  json: JsonObject,
): { readonly name: string; readonly type: ValueType }[] {
  const spec = parseTableSpec(table, json);
  const dimensions = [...spec.dimensions.listed, ...arrivalDimension(spec)];
  return [
    { name: '__time', type: 'LONG' },
    ...dimensions.map(({ name, type }) => ({ name, type })),
    ...spec.metrics.map(({ name, storedType }) => ({ name, type: storedType })),
  ];
}
