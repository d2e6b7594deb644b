import type { JsonObject } from '../../core/index.js';
import { type Aggregator, isArrayType, JSON_TYPE } from '../../model/index.js';
import type { DimensionSchema } from '../../segments/index.js';

/** Columns by name and type, in Druid's form. */
export function columnsOf(
  dimensions: readonly DimensionSchema[],
  metrics: readonly Aggregator[],
): JsonObject[] {
  return [
    { name: '__time', type: 'LONG' },
    ...dimensions.map(({ name, type }) => ({ name, type })),
    ...metrics.map(({ name, storedType }) => ({ name, type: storedType })),
  ];
}

/** Dimensions as a `dimensionsSpec` lists them. */
export const dimensionsOf = (dimensions: readonly DimensionSchema[]): JsonObject[] =>
  dimensions.map((dimension) => ({
    type: typeName(dimension),
    name: dimension.name,
    multiValueHandling: dimension.multiValueHandling,
    createBitmapIndex: dimension.type === 'STRING' && dimension.indexes?.bitmap !== false,
  }));

/** Lists of one type are found by themselves. */
function typeName({ type, auto }: DimensionSchema): string {
  if (auto !== undefined || isArrayType(type)) return 'auto';
  return type === JSON_TYPE ? 'json' : type.toLowerCase();
}
