import type { JsonObject } from '../../core/index.js';
import type { Aggregator } from '../../model/index.js';
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
  dimensions.map(({ name, type, multiValueHandling }) => ({
    type: typeName(type),
    name,
    multiValueHandling,
    createBitmapIndex: type === 'STRING',
  }));

/** Lists of one type, and nested values, are found by themselves. */
function typeName(type: DimensionSchema['type']): string {
  const isPlain = type === 'STRING' || type === 'LONG' || type === 'DOUBLE' || type === 'FLOAT';
  return isPlain ? type.toLowerCase() : 'auto';
}
